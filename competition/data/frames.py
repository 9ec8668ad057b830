"""Frames of songs: bands over time beside the columns, in a file that is mapped rather than read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from competition.errors import DataError
from competition.storage.arrays import read_array

_TYPES = ("float16", "float32")
_BATCH = 2**12


@dataclass(frozen=True, eq=False)
class Frames:
    """The frames of some rows.

    Attributes
    ----------
    stored : ndarray of float16 or float32, shape (stored rows, steps, bands)
        Of a file, of which only what is taken is read.
    rows : ndarray of int64, shape (rows,)
        Which of the stored rows these are.
    """

    stored: np.ndarray
    rows: np.ndarray

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @property
    def steps(self) -> int:
        """How many frames a row has."""
        return int(self.stored.shape[1])

    @property
    def bands(self) -> int:
        """How many numbers a frame has."""
        return int(self.stored.shape[2])

    def only(self, places: np.ndarray) -> "Frames":
        """Return the frames of some of the rows; nothing is read."""
        return Frames(self.stored, self.rows[places])

    def taken(self, places: np.ndarray) -> np.ndarray:
        """Return the numbers of some of the rows; float32, shape (places, steps, bands)."""
        return np.asarray(self.stored[self.rows[places]], np.float32)


def read_frames(path: Path, rows: int) -> Frames:
    """Map a file of frames.

    Parameters
    ----------
    path : Path
        In numpy's own format (``.npy``).
    rows : int
        Of the table beside it.

    Raises
    ------
    DataError
        When there is no such file, it is no array of frames, is cut short, or has another number of rows; when a number
        is not finite.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file; expected frames, which `extract` writes.")
    try:
        stored = read_array(path, mapped=True)
    except ValueError as problem:
        raise DataError(f"{path}: is no array, or is cut short ({problem}); extract it again.") from None
    if not isinstance(stored, np.ndarray) or stored.ndim != 3 or stored.dtype.name not in _TYPES:
        found = f"{stored.dtype} of shape {stored.shape}" if isinstance(stored, np.ndarray) else "an archive"
        raise DataError(f"{path}: holds {found}; expected float16 or float32, rows x steps x bands.")
    if len(stored) != rows:
        raise DataError(f"{path}: frames of {len(stored)} rows, and {rows} rows in the table; expected equal.")
    _check_finite(path, stored)
    return Frames(stored, np.arange(rows))


def _check_finite(path: Path, stored: np.ndarray) -> None:
    for first in range(0, len(stored), _BATCH):
        wrong = ~np.isfinite(stored[first : first + _BATCH]).all(axis=(1, 2))
        if wrong.any():
            row = first + int(np.argmax(wrong)) + 1
            raise DataError(f"{path}: a number in row {row} of {len(stored)} is not finite; extract it again.")
