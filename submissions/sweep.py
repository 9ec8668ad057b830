"""What other thresholds would have scored."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sweep:
    """What each threshold would have scored.

    Attributes
    ----------
    thresholds : ndarray of float64, shape (steps,)
        Ascending, from 0, where nothing falls back, to 1, where everything does.
    accuracy : ndarray of float64, shape (steps,)
    fallbacks : ndarray of int64, shape (steps,)
        How many rows fall back.
    """

    thresholds: np.ndarray
    accuracy: np.ndarray
    fallbacks: np.ndarray


def sweep_thresholds(targets: np.ndarray, probabilities: np.ndarray, fallback: int, steps: int = 201) -> Sweep:
    """Score `Threshold` at evenly spaced thresholds from 0 to 1.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    probabilities : ndarray of float64, shape (rows, genres)
    fallback : int
        0-based number of the fallback genre.
    steps : int
        At least 2.

    Examples
    --------
    >>> sweep = sweep_thresholds(np.array([0, 1]), np.array([[0.4, 0.6], [0.2, 0.8]]), fallback=0, steps=11)
    >>> sweep.fallbacks
    array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2])
    >>> sweep.accuracy
    array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1. , 1. , 0.5, 0.5, 0.5])
    """
    thresholds = np.linspace(0.0, 1.0, steps)
    largest = probabilities.max(axis=1)
    order = largest.argsort(kind="stable")
    right = (probabilities.argmax(axis=1) == targets)[order]
    right_when_back = (np.asarray(targets) == fallback)[order]
    fallbacks = largest[order].searchsorted(thresholds, side="right")
    change = np.concatenate([[0], np.cumsum(right_when_back.astype(int) - right.astype(int))])
    return Sweep(thresholds, (right.sum() + change[fallbacks]) / len(order), fallbacks)
