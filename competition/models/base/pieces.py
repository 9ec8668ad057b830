"""Many rows a piece at a time, all pieces of one size.

That bounds the memory that a prediction takes; and what a row is given does not depend on how many rows come with it,
as matrix products of other sizes round differently.
"""

from collections.abc import Callable, Iterator

import numpy as np

PIECE = 512
"""Rows of a piece."""


def filled_up(array: np.ndarray, rows: int) -> np.ndarray:
    """Return an array with zeros behind its first axis up to `rows`.

    Examples
    --------
    >>> filled_up(np.array([1, 2]), 3)
    array([1, 2, 0])
    """
    return np.concatenate([array, np.zeros((rows - len(array), *array.shape[1:]), array.dtype)])


def pieces(features: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Yield pieces of features (rows, columns), each filled up to `PIECE` rows, with its number of rows before that."""
    for start in range(0, len(features), PIECE):
        piece = features[start : start + PIECE]
        yield filled_up(piece, PIECE), len(piece)


def in_pieces(predict: Callable[[np.ndarray], np.ndarray], features: np.ndarray) -> np.ndarray:
    """Return what `predict` makes of features, piece by piece.

    Parameters
    ----------
    predict : callable
        From features (rows, columns) to an array whose first axis has the same rows.
    features : ndarray, shape (rows, columns)
        At least one row.
    """
    return np.concatenate([predict(piece)[:rows] for piece, rows in pieces(features)])
