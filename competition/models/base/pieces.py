"""Predicting many rows a piece at a time."""

from collections.abc import Callable

import numpy as np

_ROWS = 512


def in_pieces(predict: Callable[[np.ndarray], np.ndarray], features: np.ndarray) -> np.ndarray:
    """Return what `predict` makes of features (rows, columns), by pieces that bound its memory.

    All pieces are of one size, the last one filled up with rows of zeros: matrix products of other sizes round
    differently, and what a row is given should not depend on how many rows come with it.

    Parameters
    ----------
    predict : callable
        From features (rows, columns) to an array whose first axis has the same rows.
    features : ndarray, shape (rows, columns)
        At least one row.
    """
    results = []
    for start in range(0, len(features), _ROWS):
        piece = features[start : start + _ROWS]
        filled = np.concatenate([piece, np.zeros((_ROWS - len(piece), features.shape[1]), features.dtype)])
        results.append(predict(filled)[: len(piece)])
    return np.concatenate(results)
