"""Several models' probabilities made one, by a weighted sum of their logarithms."""

import numpy as np

from competition.runtime.parts import parts
from competition.scoring.probabilities import bounded


def pooled(probabilities: np.ndarray, weights: np.ndarray, biases: np.ndarray | float = 0.0) -> np.ndarray:
    """Pool models' probabilities: a weighted sum of their logarithms, normalized so that each row sums to 1.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (models, rows, genres)
        Above 0.
    weights : ndarray of float64, shape (models,)
    biases : ndarray of float64, shape (genres,), or float
        Added to the sum of logarithms.

    Returns
    -------
    ndarray of float64, shape (rows, genres)
        As `bounded` returns them.

    Notes
    -----
    A logarithmic opinion pool (Genest and Zidek, Combining probability distributions, 1986). The weights need not sum
    to 1: their sum makes the result sharper or flatter, so a single model's weight is the inverse of a temperature.

    Examples
    --------
    >>> pooled(np.array([[[0.8, 0.2]]]), np.array([0.5])).round(4)
    array([[0.6667, 0.3333]])
    >>> pooled(np.array([[[0.5, 0.5]]]), np.array([1.0]), np.log([3.0, 1.0])).round(4)
    array([[0.75, 0.25]])
    """
    return np.concatenate(
        [_pooled_part(probabilities[:, part], weights, biases) for part in parts(probabilities.shape[1])]
    )


def _pooled_part(probabilities: np.ndarray, weights: np.ndarray, biases: np.ndarray | float) -> np.ndarray:
    logits = np.tensordot(weights, np.log(probabilities), 1) + biases
    return bounded(np.exp(logits - logits.max(axis=1, keepdims=True)))


def flattened(probabilities: np.ndarray, factor: float) -> np.ndarray:
    """Return probabilities (rows, genres), their logarithms times a factor, with rows that sum to 1 again."""
    return probabilities if factor == 1 else pooled(probabilities[None], np.array([factor]))
