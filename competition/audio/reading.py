"""Sound files as mono samples at one rate, in pieces, whatever they are."""

import importlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from competition.errors import DataError, KitError

RATE = 22050
"""The samples a second, in Hz, that all features are computed from."""
SHORTEST_SECONDS = 1.0
SUFFIXES = (".wav", ".au", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc", ".snd", ".w64", ".caf")
"""What libsndfile reads."""
UNREADABLE = (".m4a", ".aac", ".mp4", ".wma", ".webm", ".ape", ".wv", ".amr", ".mpc")
"""Sound as well, that it does not."""
_BLOCK_SECONDS = 10
_UNKNOWN = 2**60  # samples of a stream whose header does not say
_WHOLE = np.float32(2.0**-15)
_FULL_SCALE = 0.9999
_CLIPPED_SHARE, _SHIFT, _SILENCE = 0.001, 0.02, 2.0**-15


def library(name: str) -> ModuleType:
    """Return one of the optional packages that files are read with.

    Raises
    ------
    KitError
        When it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(name)
    except (ImportError, OSError):  # OSError: soundfile without libsndfile
        raise KitError(
            f"reading sound needs the package {name}, which is not installed here; install it with "
            "`make audio`, or `python -m pip install soundfile soxr`."
        ) from None


@dataclass
class Listened:
    """What is known of a file once its samples have been read.

    Attributes
    ----------
    rate, channels : int
        Of the file.
    expected : int
        How many samples there should be.
    is_short : bool
        Whether the file's header says that there should be more.
    samples : int
        Read so far.
    total, peak : float
        The sum of all samples, and the largest size.
    full, odd : int
        How many samples are at full scale or beyond, and how many are no numbers.
    problem : str
        Why reading ended early; empty where it did not.
    """

    rate: int
    channels: int
    expected: int
    is_short: bool = False
    samples: int = 0
    total: float = 0.0
    peak: float = 0.0
    full: int = 0
    odd: int = 0
    problem: str = ""

    @property
    def seconds(self) -> float:
        """How long the file was found to be."""
        return self.samples / self.rate

    def hear(self, block: np.ndarray) -> np.ndarray:
        """Take account of a block, shape (samples, channels), and return it as one channel of finite numbers."""
        wrong = ~np.isfinite(block)
        if wrong.any():
            self.odd += int(wrong.any(axis=1).sum())
            block = np.where(wrong, np.float32(0), block)
        mono = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
        self.samples += len(mono)
        sizes = np.abs(mono) if block.shape[1] == 1 else np.abs(block).max(axis=1)
        self.total += float(mono.sum(dtype=np.float64))
        self.peak = max(self.peak, float(sizes.max(initial=0)))
        self.full += int(np.count_nonzero(sizes >= _FULL_SCALE))
        return mono

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the sound, and what is odd about it, in words."""
        said = {
            f"{self.channels} channels averaged": self.channels > 1,
            f"resampled from {self.rate} Hz": self.rate != RATE,
            f"breaks off after {self.seconds:.1f} s": bool(self.problem) or self.samples < self.expected,
            "shorter than its header says": self.is_short,
            f"samples that are no numbers taken for 0: {self.odd}": self.odd > 0,
            "silent": self.peak < _SILENCE,
            f"clipped: {self.full / max(self.samples, 1):.1%} of samples at full scale": (
                self.full > _CLIPPED_SHARE * self.samples
            ),
            f"shifted by {self.total / max(self.samples, 1):+.2f}": abs(self.total) > _SHIFT * self.samples,
        }
        return tuple(words for words, is_so in said.items() if is_so)


class Recording:
    """A sound file that is read block by block.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    listened : Listened
        Complete once all pieces have been taken.

    Raises
    ------
    DataError
        When it is not sound that can be read; the message is a reason without the file's name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._soundfile, self._soxr = library("soundfile"), library("soxr")
        if path.stat().st_size == 0:
            raise DataError("empty file")
        if path.suffix.lower() in UNREADABLE:
            raise DataError(f"{path.suffix} cannot be read: convert it to .flac or .wav")
        try:
            self._file: Any = self._open()
        except (self._soundfile.LibsndfileError, TypeError, ValueError):  # TypeError: headerless files
            raise DataError("no sound that can be read") from None
        frames, said = self._file.frames, self._file.extra_info
        known = frames if frames < _UNKNOWN else 0
        self.listened = Listened(self._file.samplerate, self._file.channels, known, "should be" in said)

    def __enter__(self) -> "Recording":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def _open(self) -> Any:
        # As bytes: a name need not be text where files are named by bytes.
        return self._soundfile.SoundFile(os.fsencode(self._path) if os.name == "posix" else str(self._path))

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the samples at 22,050 Hz, channels averaged; float32, of any lengths.

        A file that breaks off is read up to there.
        """
        change = self._change()
        for block in self._raw():
            yield change(self.listened.hear(block), False)
        yield change(np.zeros(0, np.float32), True)

    def _raw(self) -> Iterator[np.ndarray]:
        try:
            yield from self._read(_BLOCK_SECONDS)
        except self._soundfile.LibsndfileError as problem:
            self.listened.problem = _reason(problem)
            yield from self._last()

    def _read(self, seconds: float) -> Iterator[np.ndarray]:
        length = round(seconds * self.listened.rate)
        if self._file.subtype != "PCM_16":
            while len(block := self._file.read(length, dtype="float32", always_2d=True)):
                yield block
            return
        # The same numbers five times as fast: libsndfile brings single samples to floats one by one.
        while len(whole := self._file.read(length, dtype="int16", always_2d=True)):
            yield whole * _WHOLE

    def _last(self) -> Iterator[np.ndarray]:
        """Yield what is still good of a block that breaks off: the rest of it is lost with the error."""
        self._file.close()
        with suppress(self._soundfile.LibsndfileError):
            self._file = self._open()
            self._file.seek(self.listened.samples)
            yield from self._read(_BLOCK_SECONDS / 100)

    def _change(self) -> Any:
        """Return what brings one block after the other to the common rate; the last one is told so."""
        if self.listened.rate == RATE:
            return lambda block, is_last: block
        stream = self._soxr.ResampleStream(self.listened.rate, RATE, 1, dtype="float32")
        return lambda block, is_last: stream.resample_chunk(block, last=is_last)


def _reason(problem: Exception) -> str:
    return str(getattr(problem, "error_string", problem)).strip().rstrip(".").removeprefix("Error : ")


def pieces(blocks: Iterator[np.ndarray], length: int, hop: int, rest: int | None) -> Iterator[np.ndarray]:
    """Yield pieces of a stream of samples; a stream that is shorter than a piece is one.

    Parameters
    ----------
    blocks : iterator of ndarray of float32
    length, hop : int
        Of a piece, and from the start of one to the start of the next; `hop` is at most `length`.
    rest : int or None
        What is left at the end is a piece of its own where it has this many samples, and the end of the last piece
        where it has fewer; None leaves it out.

    Examples
    --------
    >>> def cut(length, hop, rest):
    ...     stream = iter([np.arange(4.0), np.arange(4.0, 7.0)])
    ...     return [piece.astype(int).tolist() for piece in pieces(stream, length, hop, rest)]
    >>> cut(3, 3, None)
    [[0, 1, 2], [3, 4, 5]]
    >>> cut(3, 3, 2)
    [[0, 1, 2], [3, 4, 5, 6]]
    >>> cut(4, 2, None)
    [[0, 1, 2, 3], [2, 3, 4, 5]]
    >>> cut(9, 9, None)
    [[0, 1, 2, 3, 4, 5, 6]]
    """
    held, count, is_first = [], 0, True
    for block in blocks:
        held.append(block)
        count += len(block)
        if count < length + (rest or 0):
            continue
        samples = np.concatenate(held)
        while len(samples) >= length + (rest or 0):
            yield samples[:length]
            samples, is_first = samples[hop:], False
        held, count = [samples], len(samples)
    if is_first or rest is not None:
        yield np.concatenate(held)
