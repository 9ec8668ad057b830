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


def spread(probabilities: np.ndarray, places: np.ndarray, genres: int) -> np.ndarray:
    """Return probabilities of some genres as those of all: `FLOOR` for each of the others, every row summing to 1.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (rows, some genres)
        Every row sums to 1.
    places : ndarray of int, shape (some genres,)
        Their 0-based numbers among all.
    genres : int
        How many there are in all.

    Returns
    -------
    ndarray of float64, shape (rows, genres)
        The probabilities themselves where these are all genres.

    Examples
    --------
    >>> spread(np.array([[0.25, 0.75]]), np.array([0, 2]), 3).round(6)
    array([[0.25, 0.  , 0.75]])
    """
    if len(places) == genres:
        return probabilities
    everything = np.full((len(probabilities), genres), FLOOR)
    everything[:, places] = probabilities * (1 - FLOOR * (genres - len(places)))
    return everything


def narrowed(probabilities: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the probabilities of some genres, among themselves: what `spread` was given.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (rows, genres)
        Above 0.
    places : ndarray of int, shape (some genres,)
        0-based numbers of the genres.

    Examples
    --------
    >>> narrowed(np.array([[0.1, 0.6, 0.3]]), np.array([0, 2]))
    array([[0.25, 0.75]])
    """
    if len(places) == probabilities.shape[1]:
        return probabilities
    chosen = probabilities[:, places]
    return chosen / chosen.sum(axis=1, keepdims=True)
