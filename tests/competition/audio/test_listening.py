"""A song's rows: one a song or one a segment, the same however it is stored or read."""

from pathlib import Path

import numpy as np
import pytest
from sounds import RATE, music, write

from competition.audio import listening
from competition.audio.features.table import CLASSIC, FEATURES, measured
from competition.audio.keeping import Kept, content_of
from competition.audio.listening import Settings, listen
from competition.audio.signal.excerpt import Excerpt
from competition.errors import DataError

ALL = Settings(tuple(FEATURES))
SHORT = Settings(("mfcc",))


def described(samples: np.ndarray, settings: Settings) -> np.ndarray:
    summaries = measured(Excerpt(samples, RATE), settings.features)
    return np.concatenate([summary.values().ravel() for summary in summaries.values()])


def test_a_song_is_one_row_of_all_features(tmp_path: Path):
    samples = music(1, 3.0)
    song = listen(write(tmp_path / "a.wav", samples, subtype="FLOAT"), ALL)
    assert song.rows.shape == (1, sum(one.bands * len(one.statistics) for one in FEATURES.values()))
    assert np.array_equal(song.rows[0], described(samples, ALL))
    assert (song.seconds, song.rate, song.channels, song.notes) == (3.0, RATE, 1, ())


def test_the_classic_features_have_264_columns(tmp_path: Path):
    assert listen(write(tmp_path / "a.wav", music(1)), Settings(CLASSIC)).rows.shape == (1, 264)


def test_segments_are_rows_of_their_own(tmp_path: Path):
    samples = music(1, 5.5)
    settings = Settings(("mfcc", "zcr"), segment_seconds=2.0)
    rows = listen(write(tmp_path / "a.wav", samples, subtype="FLOAT"), settings).rows
    wanted = [described(samples[start : start + 2 * RATE], settings) for start in (0, 2 * RATE)]
    assert np.array_equal(rows, wanted)


def test_segments_may_overlap_and_a_short_song_is_one(tmp_path: Path):
    half = Settings(("mfcc",), segment_seconds=2.0, overlap=0.5)
    assert len(listen(write(tmp_path / "a.wav", music(1, 5.0)), half).rows) == 4
    assert len(listen(write(tmp_path / "b.wav", music(1, 1.5)), half).rows) == 1


def test_overlap_does_not_change_the_fingerprint_much(tmp_path: Path):
    path = write(tmp_path / "a.wav", music(1, 8.0))
    plain = listen(path, Settings(("zcr",), segment_seconds=2.0)).words
    overlapping = listen(path, Settings(("zcr",), segment_seconds=2.0, overlap=0.5)).words
    assert abs(len(plain) - len(overlapping)) < 120


def test_a_long_song_is_described_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    samples = music(1, 30.0)
    path = write(tmp_path / "a.wav", samples, subtype="FLOAT")
    whole = listen(path, Settings(CLASSIC)).rows[0]
    monkeypatch.setattr(listening, "_LONGEST", 2 * 2**17)
    parts = listen(path, Settings(CLASSIC)).rows[0]
    assert np.allclose(parts[:168], whole[:168], rtol=1e-6)  # the segments are the same
    assert np.allclose(parts[168:180], whole[168:180], atol=0.05)


def test_less_than_a_second_is_too_short(tmp_path: Path):
    with pytest.raises(DataError, match=r"^0\.50 s of sound, shorter than 1 s$"):
        listen(write(tmp_path / "a.wav", music(1, 0.5)), SHORT)


def test_what_was_heard_is_kept_by_content_and_settings(tmp_path: Path):
    path = write(tmp_path / "a.wav", music(1))
    song, kept = listen(path, SHORT), Kept(tmp_path / "kept", SHORT)
    content = content_of(path)
    assert kept.find(content) is None
    kept.keep(content, song)
    found = kept.find(content)
    assert found is not None
    assert np.array_equal(found.rows, song.rows)
    assert np.array_equal(found.words, song.words)
    assert (found.seconds, found.rate, found.notes) == (song.seconds, song.rate, song.notes)
    assert kept.find(content_of(write(tmp_path / "b.wav", music(2)))) is None
    assert Kept(tmp_path / "kept", Settings(("zcr",))).find(content) is None


@pytest.mark.parametrize("size", [0, 1, 100, -1])
def test_a_kept_song_that_is_cut_short_is_none(tmp_path: Path, size: int):
    path = write(tmp_path / "a.wav", music(1))
    kept = Kept(tmp_path / "kept", SHORT)
    kept.keep("content", listen(path, SHORT))
    place = kept.place("content")
    place.write_bytes(place.read_bytes()[:size])
    assert kept.find("content") is None
