"""The JSON of numbers in which the field keeps its frames: ``mapping``, ``labels`` and ``mfcc``."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import json as arrow_json

from competition.audio.signal.summaries import MOMENTS, moments
from competition.data.edition import Block
from competition.errors import DataError, listed
from competition.storage.opening import open_file

KEYS = ("mapping", "labels", "mfcc")
_LARGEST = 2**31 - 2**20
_PIECE = 2**24
_BEGIN = re.compile(rb"(\xef\xbb\xbf)?\s*\{")
_STRING = re.compile(rb'"[^"]*"')
_OTHERS = bytes(set(range(256)) - set(b'[]{}"'))
_OPEN, _CLOSE = list(b"[{"), list(b"]}")
_DEEPEST = 100


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
    genres = tuple(PurePosixPath(name.replace("\\", "/")).name for name in _names(record["mapping"], path))
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
    _check_begin_and_depth(path)
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
    try:
        return {name: table[name][0] for name in table.column_names}
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8 text; expected {', '.join(KEYS)}, as the field writes them.") from None


def _check_begin_and_depth(path: Path) -> None:
    """Raise DataError where a file is no object, or lists stand in lists without end: Arrow would end the process."""
    brackets = bytearray()
    with open_file(path) as file:
        if not _BEGIN.match(file.read(_PIECE)):
            raise DataError(f"{path}: is no JSON object; expected one, with {', '.join(KEYS)}.")
        file.seek(0)
        kept = b""
        while piece := file.read(_PIECE):
            piece = kept + piece
            kept = piece[len(piece.rstrip(b"\\")) :]  # what they escape is in the next piece
            whole = piece[: len(piece) - len(kept)]
            brackets += whole.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _OTHERS)
    steps = np.frombuffer(_STRING.sub(b"", bytes(brackets)), np.uint8)
    depth = np.cumsum(np.isin(steps, _OPEN).astype(np.int32) - np.isin(steps, _CLOSE).astype(np.int32))
    if depth.max(initial=0) > _DEEPEST:
        raise DataError(f"{path}: lists are nested {depth.max()} deep; expected {', '.join(KEYS)}, 3 deep at most.")


def _names(scalar: Any, path: Path) -> list[str]:
    try:
        names = scalar.as_py()
    except UnicodeDecodeError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError(f"{path}: mapping is no list of names.")
    return names


def _numbers(scalar: Any, path: Path, key: str, depth: int) -> np.ndarray:
    """Return nested lists as an array of `depth` axes."""
    if not scalar.is_valid:
        raise DataError(f"{path}: {key} is null; expected lists of numbers, {depth} deep.")
    try:
        values, shape = pa.array([scalar]), []
    except (TypeError, pa.ArrowException):  # lists that are null among others
        raise DataError(f"{path}: {key} is no list of numbers, {depth} deep.") from None
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
