"""Predicting many rows in pieces of one size.

That bounds the memory of a prediction, and makes a row's result independent of the number of rows predicted with it:
matrix products of other sizes round differently.
"""

from collections.abc import Callable, Iterator

import numpy as np

PIECE = 512
"""Rows of a piece."""


def filled_up(array: np.ndarray, rows: int) -> np.ndarray:
    """Return an array padded with zeros to `rows` along its first axis.

    Parameters
    ----------
    array : ndarray, shape (at most `rows`, ...)
    rows : int

    Returns
    -------
    ndarray, shape (`rows`, ...)
        Of the same dtype.

    Examples
    --------
    >>> filled_up(np.array([1, 2]), 3)
    array([1, 2, 0])
    """
    return np.concatenate([array, np.zeros((rows - len(array), *array.shape[1:]), array.dtype)])


def pieces(features: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Yield pieces of features, each padded with zeros to `PIECE` rows.

    Parameters
    ----------
    features : ndarray, shape (rows, columns)

    Yields
    ------
    piece : ndarray, shape (`PIECE`, columns)
    rows : int
        Its number of rows without the padding.
    """
    for start in range(0, len(features), PIECE):
        piece = features[start : start + PIECE]
        yield filled_up(piece, PIECE), len(piece)


def in_pieces(predict: Callable[[np.ndarray], np.ndarray], features: np.ndarray) -> np.ndarray:
    """Return what `predict` returns for features, computed piece by piece.

    Parameters
    ----------
    predict : callable
        From features (rows, columns) to an array whose first axis has the same rows.
    features : ndarray, shape (rows, columns)
        At least one row.
    """
    return np.concatenate([predict(piece)[:rows] for piece, rows in pieces(features)])
