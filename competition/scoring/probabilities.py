"""Probabilities as both boards take them: never 0, never 1, every row summing to 1."""

import numpy as np

FLOOR = 1e-7
"""Lowest probability submitted: a genre thought impossible costs at most -log(FLOOR) = 16 when it is the true one."""

GUESSING = "guessing"
"""The name of giving every song the genre shares, and the label of the commonest genre."""


def bounded(probabilities: np.ndarray) -> np.ndarray:
    """Return probabilities of at least about `FLOOR`, every row summing to 1.

    What is scored locally and what is written into a file both go through here, so they are the same numbers.

    Parameters
    ----------
    probabilities : ndarray of float, shape (rows, genres)
        Rows may have any sum above 0.

    Returns
    -------
    ndarray of float64, shape (rows, genres)

    Examples
    --------
    >>> bounded(np.array([[0.0, 1.0], [0.3, 0.1]])).round(6)
    array([[0.  , 1.  ],
           [0.75, 0.25]])
    """
    raised = np.maximum(np.asarray(probabilities, np.float64), FLOOR)
    return raised / raised.sum(axis=1, keepdims=True)
