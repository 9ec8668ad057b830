"""The JSON of numbers in which the field keeps its frames: ``mapping``, ``labels`` and ``mfcc``."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import json as arrow_json

from competition.audio.signal.summaries import MOMENTS, moments
from competition.data.edition import Block
from competition.errors import DataError, listed

KEYS = ("mapping", "labels", "mfcc")
_LARGEST = 2**31 - 2**20


@dataclass(frozen=True, eq=False)
class JsonFrames:
    """What such a file holds.

    Attributes
    ----------
    genres : tuple of str
    targets : ndarray of int64, shape (rows,)
        0-based genre numbers.
    frames : ndarray of float32, shape (rows, steps, bands)
    """

    genres: tuple[str, ...]
    targets: np.ndarray
    frames: np.ndarray

    @property
    def columns(self) -> np.ndarray:
        """The moments of every band over a row's steps; float64, shape (rows, 4 * bands), statistic by statistic."""
        return np.stack([moments(row).values().ravel() for row in self.frames])

    @property
    def block(self) -> Block:
        """The block that the columns make."""
        return Block("mfcc", 0, self.frames.shape[2], MOMENTS)

    def songs(self, segments: int) -> np.ndarray:
        """Return the song that each row is a part of, where so many rows in turn are one; a genre begins a new one.

        Parameters
        ----------
        segments : int
            At least 1.

        Returns
        -------
        ndarray of int64, shape (rows,)

        Examples
        --------
        >>> few = JsonFrames(("a", "b"), np.array([0, 0, 0, 1, 1]), np.zeros((5, 1, 1)))
        >>> few.songs(2)
        array([0, 0, 1, 2, 2])
        """
        begins = np.flatnonzero(np.diff(self.targets, prepend=-1))
        place = np.arange(len(self.targets)) - np.repeat(begins, np.diff(begins, append=len(self.targets)))
        return np.cumsum(place % segments == 0) - 1


def read_json_frames(path: Path) -> JsonFrames:
    """Read a file of frames.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When it cannot be read, lacks a key, or rows are of different lengths.
    """
    record = _record(path)
    missing = [key for key in KEYS if key not in record]
    if missing:
        raise DataError(
            f'{path}: there is no "{missing[0]}" in it; expected {", ".join(KEYS)}, as the field writes them.'
        )
    genres = tuple(PurePosixPath(str(name).replace("\\", "/")).name for name in record["mapping"].as_py() or ())
    targets = _numbers(record["labels"], path, "labels", 1).astype(np.int64)
    frames = _numbers(record["mfcc"], path, "mfcc", 3).astype(np.float32)
    if len(frames) != len(targets):
        raise DataError(f"{path}: {len(frames)} rows of mfcc and {len(targets)} labels; expected equal.")
    if len(genres) < 2 or len(set(genres)) < len(genres):
        raise DataError(f"{path}: its mapping is {listed(genres)}; expected two genres or more, each once.")
    least, largest = targets.min(initial=0), targets.max(initial=0)
    if not len(targets) or least < 0 or largest >= len(genres):
        raise DataError(f"{path}: labels from {least} to {largest}; expected places in mapping, from 0.")
    if not np.isfinite(frames).all():
        raise DataError(f"{path}: a number of mfcc is not finite.")
    return JsonFrames(genres, targets, frames)


def _record(path: Path) -> dict[str, pa.Scalar]:
    """Return a file's only object, its lists as Arrow's."""
    size = path.stat().st_size
    if size > _LARGEST:
        raise DataError(f"{path}: {size:,} bytes; expected at most {_LARGEST:,}: extract the songs themselves instead.")
    try:
        table = arrow_json.read_json(
            path,
            read_options=arrow_json.ReadOptions(block_size=max(size + 1, 2**16), use_threads=False),
            parse_options=arrow_json.ParseOptions(newlines_in_values=True),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
        raise DataError(f"{path}: is no JSON that can be read ({str(problem).splitlines()[0]}).") from None
    if table.num_rows != 1:
        raise DataError(f"{path}: holds {table.num_rows} objects; expected one, with {', '.join(KEYS)}.")
    return {name: table[name][0] for name in table.column_names}


def _numbers(scalar: Any, path: Path, key: str, depth: int) -> np.ndarray:
    """Return nested lists as an array of `depth` axes."""
    values, shape = pa.array([scalar]), []
    for level in range(depth):
        if not pa.types.is_list(values.type) or values.null_count:
            raise DataError(f"{path}: {key} is no list of numbers, {depth} deep.")
        lengths = np.unique(np.diff(values.offsets.to_numpy()))
        if len(lengths) != 1:
            sizes = f"{lengths[0]} to {lengths[-1]}" if len(lengths) else "no"
            raise DataError(
                f"{path}: {key} has lists of {sizes} entries, {level + 1} deep; expected equal lengths: leave rows of "
                "other lengths out."
            )
        shape.append(int(lengths[0]))
        values = values.flatten()
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)) or values.null_count:
        raise DataError(f"{path}: {key} holds something else than numbers.")
    return values.to_numpy(zero_copy_only=False).reshape(shape)
