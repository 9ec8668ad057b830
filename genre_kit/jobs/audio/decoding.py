"""The beginning of a sound file, as samples."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from competition.audio.signal.excerpt import Excerpt
from competition.errors import DataError, KitError

RATE = 22050
"""The rate, in Hz, that features are computed at."""
SHORTEST_SECONDS = 1.0
SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc", ".au", ".snd", ".w64", ".caf")
"""What sound files that can be read are called."""


@dataclass(frozen=True, eq=False)
class Beginning:
    """The beginning of a sound file.

    Attributes
    ----------
    excerpt : Excerpt
        At 22,050 Hz, channels averaged.
    rate, channels : int
        Of the file; the rate in Hz.
    seconds : float
        How long the whole file is.
    """

    excerpt: Excerpt
    rate: int
    channels: int
    seconds: float


def read_beginning(path: Path, seconds: float) -> Beginning:
    """Read the first seconds of a sound file, or all of a shorter one.

    Raises
    ------
    DataError
        When the file holds no sound that can be read, or less than a second of it.
    KitError
        When a package for reading sound is not installed.
    """
    soundfile, soxr = _library("soundfile"), _library("soxr")
    with path.open("rb") as opened:
        if not opened.peek(1):
            raise DataError(f"{path}: is empty; expected a sound file, such as {', '.join(SUFFIXES[:3])}.")
        try:
            file: Any = soundfile.SoundFile(opened)
            rate, channels, frames = file.samplerate, file.channels, file.frames
            block = file.read(round(seconds * rate), dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, TypeError, ValueError) as problem:
            raise _unreadable(path, problem) from None
    _check(path, block, rate)
    mono = block.mean(axis=1)
    samples = mono if rate == RATE else soxr.resample(mono, rate, RATE)
    whole = max(frames, len(block)) if len(block) >= round(seconds * rate) else len(block)
    return Beginning(Excerpt(np.ascontiguousarray(samples, np.float32), RATE), rate, channels, whole / rate)


def _library(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (ImportError, OSError):  # OSError: soundfile without libsndfile
        raise KitError(
            f"reading sound needs the package {name}, which is not installed here: "
            "python -m pip install -r requirements-audio.txt (or make audio)."
        ) from None


def _unreadable(path: Path, problem: Exception) -> DataError:
    reason = str(getattr(problem, "error_string", "")).strip().rstrip(".").removeprefix("Error : ") or "unknown format"
    return DataError(
        f"{path}: holds no sound that can be read ({reason}); expected {', '.join(SUFFIXES[:4])} or the like. "
        "If it is sound, convert it to one of these."
    )


def _check(path: Path, block: np.ndarray, rate: int) -> None:
    if len(block) < SHORTEST_SECONDS * rate:
        raise DataError(f"{path}: holds {len(block) / rate:.2f} s of sound; expected at least {SHORTEST_SECONDS:g} s.")
    if not np.isfinite(block).all():
        raise DataError(
            f"{path}: holds samples that are no finite numbers. Write the file anew, best as .wav or .flac."
        )
