"""Large tables worked on in parts, one after the other: what is made on the way is never as large as they are."""

from collections.abc import Callable, Iterator

import numpy as np

PART = 16_384
"""Rows of a part: more than most competitions have, whose tables are one part."""


def parts(rows: int) -> Iterator[slice]:
    """Yield the slices of up to `PART` rows that make so many rows; of no rows one, which is empty.

    Examples
    --------
    >>> list(parts(20_000))
    [slice(0, 16384, None), slice(16384, 20000, None)]
    """
    for start in range(0, max(rows, 1), PART):
        yield slice(start, min(start + PART, rows))


def in_parts(work: Callable[[np.ndarray], np.ndarray], table: np.ndarray) -> np.ndarray:
    """Return what `work` returns for a table, computed part by part.

    Parameters
    ----------
    work : callable
        From some rows of `table` to an array whose first axis has the same rows.
    table : ndarray, shape (rows, ...)
    """
    return np.concatenate([work(table[part]) for part in parts(len(table))])
