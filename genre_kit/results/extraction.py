"""What `extract` returns."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from competition.audio.listening import Settings
from competition.audio.tables import Songs
from competition.data.edition import Edition


@dataclass(frozen=True, eq=False)
class Extraction:
    """A competition that was made from sound.

    Attributes
    ----------
    folder : Path
    files : tuple of str
        What was written into it.
    songs : Songs
    settings : Settings
    notes : tuple of str
        What was left out, in sentences.
    kept : int
        How many songs had been listened to before.
    """

    folder: Path
    files: tuple[str, ...]
    songs: Songs
    settings: Settings
    notes: tuple[str, ...]
    kept: int


@dataclass(frozen=True, eq=False)
class Brought:
    """A competition that was made from a JSON of frames.

    Attributes
    ----------
    folder : Path
    files : tuple of str
    edition : Edition
    counts : ndarray of int64, shape (genres,)
        Rows of each genre.
    songs : int
    shape : (int, int)
        Steps and bands of a row.
    """

    folder: Path
    files: tuple[str, ...]
    edition: Edition
    counts: np.ndarray
    songs: int
    shape: tuple[int, int]
