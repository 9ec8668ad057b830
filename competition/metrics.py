"""The boards' metrics and their relatives, each as a mean over rows with its standard error.

All are computed in float64. Targets are 0-based genre numbers, probabilities have one column a genre.
"""

from dataclasses import dataclass

import numpy as np

BOARD_CLIP = 1e-15
"""The board moves probabilities this far away from 0 and 1 before it takes their logarithm."""


@dataclass(frozen=True)
class Estimate:
    """A mean over rows and its standard error (nan for a single row)."""

    value: float
    standard_error: float

    def __str__(self) -> str:
        return f"{self.value:.4f} ± {self.standard_error:.4f}"


def estimate(per_row: np.ndarray) -> Estimate:
    """Return the mean of one value a row, and the standard error of that mean.

    Examples
    --------
    >>> print(estimate(np.array([0.0, 1.0, 1.0, 0.0])))
    0.5000 ± 0.2887
    """
    rows = len(per_row)
    error = per_row.std(ddof=1) / np.sqrt(rows) if rows > 1 else np.nan
    return Estimate(float(per_row.mean()), float(error))


def row_accuracy(targets: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return 1.0 for each row whose predicted genre is its target, else 0.0; shape (rows,)."""
    _check_rows(targets, predicted)
    return (np.asarray(targets) == np.asarray(predicted)).astype(np.float64)


def row_board_log_loss(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return each row's binary log loss averaged over the genres; shape (rows,).

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray, shape (rows, genres)
        Clipped to `BOARD_CLIP` as the board does.
    """
    _check_rows(targets, probabilities)
    probabilities = np.clip(np.asarray(probabilities, np.float64), BOARD_CLIP, 1 - BOARD_CLIP)
    is_genre = np.arange(probabilities.shape[1]) == np.asarray(targets)[:, None]  # (rows, genres)
    return -np.where(is_genre, np.log(probabilities), np.log1p(-probabilities)).mean(axis=1)


def row_multiclass_log_loss(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return minus the logarithm of the probability each row gives its own genre; shape (rows,)."""
    _check_rows(targets, probabilities)
    probabilities = np.asarray(probabilities, np.float64)
    own = probabilities[np.arange(len(probabilities)), np.asarray(targets)]
    return -np.log(np.clip(own, BOARD_CLIP, 1.0))


def accuracy(targets: np.ndarray, predicted: np.ndarray) -> float:
    """Return the share of rows whose predicted genre is their target: the accuracy board's score.

    Examples
    --------
    >>> accuracy(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0]))
    0.75
    """
    return estimate(row_accuracy(targets, predicted)).value


def board_log_loss(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean binary log loss over all cells: the log-loss board's score.

    Notes
    -----
    ``-mean(y log p + (1 - y) log(1 - p))`` over rows and genres, p clipped to `BOARD_CLIP`. It is not the
    multiclass log loss: every genre's probability counts, not only the true one's.

    Examples
    --------
    >>> round(board_log_loss(np.array([0, 1]), np.array([[0.8, 0.2], [0.5, 0.5]])), 4)
    0.4581
    """
    return estimate(row_board_log_loss(targets, probabilities)).value


def multiclass_log_loss(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean of minus the logarithm of the true genre's probability.

    Examples
    --------
    >>> round(multiclass_log_loss(np.array([0, 1]), np.array([[0.8, 0.2], [0.5, 0.5]])), 4)
    0.4581
    """
    return estimate(row_multiclass_log_loss(targets, probabilities)).value


def _check_rows(targets: np.ndarray, predictions: np.ndarray) -> None:
    if len(targets) != len(predictions) or not len(targets):
        raise ValueError(f"expected as many predictions as targets, at least one: {len(predictions)}, {len(targets)}")
