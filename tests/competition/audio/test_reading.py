"""Any sound file becomes mono samples at one rate, or a reason why not."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sounds import RATE, music, write

from competition.audio import reading
from competition.audio.reading import Recording, pieces
from competition.errors import DataError, KitError


def read(path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    with Recording(path) as recording:
        samples = np.concatenate(list(recording.blocks()))
    return samples, recording.listened.notes


@pytest.mark.parametrize("name", ["a.wav", "a.au", "a.flac", "a.aiff", "пес,ня.wav"])
def test_what_is_stored_exactly_is_read_exactly(tmp_path: Path, name: str):
    samples = music(1)
    found, notes = read(write(tmp_path / name, samples))
    assert notes == ()
    assert np.abs(found - samples).max() <= 2**-15


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3"])
def test_lossy_formats_are_read(tmp_path: Path, name: str):
    samples = music(1)
    found, _ = read(write(tmp_path / name, samples))
    length = min(len(found), len(samples))
    assert abs(len(found) - len(samples)) < 0.1 * RATE
    assert np.corrcoef(found[:length], samples[:length])[0, 1] > 0.9


@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT", "DOUBLE", "ULAW"])
def test_all_kinds_of_samples_are_read(tmp_path: Path, subtype: str):
    samples = music(1)
    found, notes = read(write(tmp_path / "a.wav", samples, subtype=subtype))
    assert notes == ()
    assert np.abs(found - samples).max() < 0.05


def test_channels_are_averaged_and_rates_changed(tmp_path: Path):
    left, right = music(1, rate=44100), music(2, rate=44100)
    found, notes = read(write(tmp_path / "a.wav", np.stack([left, right], axis=1), 44100, subtype="FLOAT"))
    assert notes == ("2 channels averaged", "resampled from 44100 Hz")
    assert len(found) == len(left) // 2
    middle = ((left + right) / 2)[::2]
    assert np.corrcoef(found, middle)[0, 1] > 0.9


def test_long_files_are_resampled_as_if_in_one_piece(tmp_path: Path):
    soxr = pytest.importorskip("soxr")
    samples = music(3, seconds=25, rate=32000)
    found, _ = read(write(tmp_path / "a.wav", samples, 32000, subtype="FLOAT"))
    whole = soxr.resample(samples, 32000, RATE)
    assert len(found) == len(whole)
    assert np.abs(found - whole).max() < 1e-5


@pytest.mark.parametrize(
    ("samples", "note"),
    [
        (np.zeros(RATE), "silent"),
        (np.clip(3 * music(1), -1, 1), "clipped: "),
        (0.5 * music(1) + 0.3, "shifted by +0.3"),
    ],
)
def test_odd_sound_is_used_and_named(tmp_path: Path, samples: np.ndarray, note: str):
    found, notes = read(write(tmp_path / "a.wav", samples, subtype="FLOAT"))
    assert len(notes) == 1
    assert notes[0].startswith(note)
    assert np.isfinite(found).all()


def test_samples_that_are_no_numbers_become_silence(tmp_path: Path):
    samples = music(1)
    samples[[5, 9]] = [np.nan, np.inf]
    found, notes = read(write(tmp_path / "a.wav", samples, subtype="FLOAT"))
    assert notes == ("samples that are no numbers taken for 0: 2",)
    assert found[5] == found[9] == 0


def test_a_file_that_breaks_off_is_used_up_to_there(tmp_path: Path):
    path = write(tmp_path / "a.flac", music(1, seconds=4))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found, notes = read(path)
    assert notes[0].startswith("breaks off after ")
    assert 0.3 * 4 * RATE < len(found) < 0.7 * 4 * RATE


def test_a_header_that_promises_more_is_named(tmp_path: Path):
    path = write(tmp_path / "a.wav", music(1, seconds=4))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert read(path)[1] == ("shorter than its header says",)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.wav", b"", "empty file"),
        ("a.wav", b"RIFF", "no sound that can be read"),
        ("a.flac", b"\0" * 5000, "no sound that can be read"),
        ("a.m4a", b"ftypM4A", ".m4a cannot be read: convert it to .flac or .wav"),
    ],
)
def test_what_is_no_sound_is_refused_with_a_reason(tmp_path: Path, name: str, content: bytes, reason: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"^{reason}$"):
        read(path)


def test_without_the_package_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    def import_module(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(reading.importlib, "import_module", import_module)
    with pytest.raises(KitError, match="soxr, which is not installed here; install it with `make audio`"):
        reading.library("soxr")


@given(
    blocks=st.lists(st.integers(0, 7), max_size=8),
    length=st.integers(1, 9),
    hop=st.integers(1, 9),
    rest=st.none() | st.integers(1, 9),
)
def test_pieces_are_those_of_the_whole_stream(blocks: list[int], length: int, hop: int, rest: int | None):
    hop, rest = min(hop, length), None if rest is None else min(rest, length)
    stream = np.arange(sum(blocks), dtype=np.float32)
    parts = np.split(stream, np.cumsum(blocks)[:-1]) if blocks else [stream]
    found = list(pieces(iter(parts), length, hop if rest is None else length, rest))
    if rest is None:
        starts = range(0, len(stream) - length + 1, hop)
        wanted = [stream[start : start + length] for start in starts] or [stream]
        assert [one.tolist() for one in found] == [one.tolist() for one in wanted]
    else:
        assert np.array_equal(np.concatenate(found), stream)
        assert all(len(one) == length for one in found[:-1])
        assert len(found) == 1 or rest <= len(found[-1]) < length + rest
