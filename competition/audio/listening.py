"""One sound file: its rows of features, and what was found about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np

from competition.audio import fingerprints
from competition.audio.features.table import FEATURES, measured
from competition.audio.frames import FrameSettings, frames_of
from competition.audio.reading import RATE, SHORTEST_SECONDS, Listened, Recording, pieces
from competition.audio.signal.excerpt import HOP, Excerpt
from competition.audio.signal.summaries import Summary
from competition.errors import DataError

_SEGMENT = 2**17
_LONGEST = 100 * _SEGMENT  # 9.9 minutes: longer songs are described piece by piece


@dataclass(frozen=True)
class Settings:
    """What is extracted from every song.

    Attributes
    ----------
    features : tuple of str
        Names in `FEATURES`.
    segment_seconds : float or None
        Of the parts of a song that get a row each; None for one row a song.
    overlap : float
        The share of a segment that the next one has as well, from 0 to below 1.
    frames : FrameSettings or None
        Which frames are kept beside the features; None for none. Only of segments, which are of one length.
    """

    features: tuple[str, ...]
    segment_seconds: float | None = None
    overlap: float = 0.0
    frames: FrameSettings | None = None

    @property
    def length(self) -> int:
        """The samples of a segment; of the longest piece, where songs are not cut into segments."""
        return _LONGEST if self.segment_seconds is None else round(self.segment_seconds * RATE)

    @property
    def hop(self) -> int:
        """From the start of one piece to the start of the next, in samples."""
        return max(1, round(self.length * (1 - self.overlap)))


@dataclass(frozen=True, eq=False)
class Song:
    """What was heard in a file.

    Attributes
    ----------
    rows : ndarray of float64, shape (rows, columns)
        In natural units; one row, or one a segment.
    words : ndarray of uint32, shape (frames,)
        Its fingerprint.
    frames : ndarray of float16, shape (rows, steps, bands), or None
        None where no frames are kept.
    seconds : float
    rate, channels : int
        Of the file.
    notes : tuple of str
        What was done to the sound, and what is odd about it.
    """

    rows: np.ndarray
    words: np.ndarray
    frames: np.ndarray | None
    seconds: float
    rate: int
    channels: int
    notes: tuple[str, ...]


def listen(path: Path, settings: Settings) -> Song:
    """Read a sound file and describe it.

    Parameters
    ----------
    path : Path
    settings : Settings

    Raises
    ------
    DataError
        When it is no sound that can be read, or shorter than a second; the message is a reason without the file's name.
    KitError
        When a package for reading sound is not installed.
    OSError
        When the file itself cannot be read.
    """
    with Recording(path) as recording:
        described = list(_described(recording, settings))
    heard = recording.listened
    rows = _whole(described) if settings.segment_seconds is None else _each(described)
    words = np.concatenate([piece.words for piece in described])
    frames = [piece.frames for piece in described if piece.frames is not None]
    return Song(
        rows, words, np.stack(frames) if frames else None, heard.seconds, heard.rate, heard.channels, heard.notes
    )


@dataclass(frozen=True, eq=False)
class _Piece:
    summaries: dict[str, Summary]
    words: np.ndarray
    frames: np.ndarray | None


def _described(recording: Recording, settings: Settings) -> Iterator[_Piece]:
    """Yield what is kept of one piece after the other."""
    rest = _SEGMENT if settings.segment_seconds is None else None
    for samples in pieces(recording.blocks(), settings.length, settings.hop, rest):
        _check_length(len(samples), recording.listened)
        excerpt = Excerpt(np.ascontiguousarray(samples), RATE)
        frames = None if settings.overlap == 0 else settings.hop // HOP
        kept = None if settings.frames is None else frames_of(excerpt, settings.frames, settings.length)
        yield _Piece(measured(excerpt, settings.features), fingerprints.words(excerpt, frames), kept)


def _check_length(samples: int, heard: Listened) -> None:
    if samples < SHORTEST_SECONDS * RATE:
        why = f" ({heard.problem})" if heard.problem else ""
        raise DataError(f"{samples / RATE:.2f} s of sound{why}, shorter than {SHORTEST_SECONDS:g} s")


def _whole(described: list[_Piece]) -> np.ndarray:
    """Return the one row of a song that was described piece by piece."""
    summaries = [piece.summaries for piece in described]
    joined = reduce(_joined, summaries[1:], summaries[0])
    return _row(joined)[None]


def _joined(first: dict[str, Summary], second: dict[str, Summary]) -> dict[str, Summary]:
    return {name: summary.joined(second[name]) for name, summary in first.items()}


def _each(described: list[_Piece]) -> np.ndarray:
    """Return a row for each segment."""
    return np.stack([_row(piece.summaries) for piece in described])


def _row(summaries: dict[str, Summary]) -> np.ndarray:
    """Return the columns of all features, statistic by statistic; float64, shape (columns,)."""
    return np.concatenate([summary.values().ravel() for summary in summaries.values()])


def columns_of(settings: Settings) -> int:
    """Return how many columns the features have."""
    return sum(FEATURES[name].bands * len(FEATURES[name].statistics) for name in settings.features)
