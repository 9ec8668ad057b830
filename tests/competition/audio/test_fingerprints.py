"""The same recording is recognised, whatever was done to it; others are not taken for it."""

from pathlib import Path

import numpy as np
import pytest
from sounds import RATE, music, soundfile, write

from competition.audio.fingerprints import Same, same_recordings, words
from competition.audio.signal.excerpt import Excerpt

SECONDS = 10.0


@pytest.fixture(scope="module")
def tune() -> np.ndarray:
    return music(1, SECONDS)


def fingerprint(samples: np.ndarray) -> np.ndarray:
    return words(Excerpt(samples.astype(np.float32), RATE))


def through(path: Path, samples: np.ndarray) -> np.ndarray:
    """Return samples as a codec gives them back."""
    return soundfile.read(write(path, samples), dtype="float32")[0]


def test_copies_are_equal_whatever_their_loudness(tune: np.ndarray):
    found = same_recordings([fingerprint(tune), fingerprint(music(2, SECONDS)), fingerprint(0.25 * tune)])
    assert found == [Same(0, 2, True, 0.0)]


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg"])
def test_codecs_do_not_hide_a_recording(tmp_path: Path, tune: np.ndarray, name: str):
    (same,) = same_recordings([fingerprint(tune), fingerprint(through(tmp_path / name, tune))])
    assert (same.first, same.second) == (0, 1)
    assert abs(same.later) < 0.1


@pytest.mark.parametrize("seconds", [0.7, 2.503, 5.0])
def test_a_part_is_recognised_and_placed(tune: np.ndarray, seconds: float):
    part = tune[round(seconds * RATE) :]
    (same,) = same_recordings([fingerprint(tune), fingerprint(part)])
    assert not same.is_whole
    assert same.later == pytest.approx(seconds, abs=0.05)
    (turned,) = same_recordings([fingerprint(part), fingerprint(tune)])
    assert turned.later == pytest.approx(-seconds, abs=0.05)


def test_different_songs_are_different():
    assert same_recordings([fingerprint(music(seed, SECONDS)) for seed in range(12)]) == []


def test_silence_and_short_sounds_are_like_nothing():
    silence = np.zeros(3 * RATE)
    assert same_recordings([fingerprint(silence), fingerprint(silence), fingerprint(np.zeros(100))]) == []
    assert same_recordings([]) == []


def test_words_of_different_recordings_differ_in_half_of_their_bits():
    first, second = fingerprint(music(1, SECONDS)), fingerprint(music(2, SECONDS))
    assert np.bitwise_count(first ^ second).mean() == pytest.approx(16, abs=3)
