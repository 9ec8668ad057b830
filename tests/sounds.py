"""Made-up music for tests: chords, a beat and noise, different for every seed."""

from pathlib import Path

import numpy as np
import pytest

RATE = 22050
soundfile = pytest.importorskip("soundfile", reason="reading sound needs requirements-audio.txt")
pytest.importorskip("soxr", reason="reading sound needs requirements-audio.txt")


def music(seed: int, seconds: float = 2.0, rate: int = RATE, *, beat: float = 2.0) -> np.ndarray:
    """Return a made-up tune; float32, shape (samples,), within -0.9 and 0.9."""
    random = np.random.default_rng(seed)
    times = np.arange(round(seconds * rate)) / rate
    notes = 110 * 2 ** (random.integers(0, 36, size=1 + int(seconds * 4)) / 12)
    pitch = notes[(times * 4).astype(int)]
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    tone = sum(np.sin(phase * overtone) / overtone for overtone in (1, 2, 3, 4))
    drum = random.normal(size=len(times)) * np.exp(-((times * beat) % 1) * 8)
    mixed = tone + drum * random.uniform(0.2, 1.0)
    return (0.9 * mixed / np.abs(mixed).max()).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate: int = RATE, **more: str) -> Path:
    """Write samples, shape (samples,) or (samples, channels), as the file's suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, **more)
    return path


def library(folder: Path, genres: int = 2, songs: int = 3, seconds: float = 2.0) -> Path:
    """Write folders of songs named by genre; genres differ in their beat."""
    for genre in range(genres):
        for song in range(songs):
            path = folder / f"genre{genre}" / f"song{song}.wav"
            write(path, music(10 * genre + song, seconds, beat=1.0 + 3 * genre))
    return folder
