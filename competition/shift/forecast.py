"""What a board will say of test songs that are not like the training songs, from their own probabilities."""

from dataclasses import dataclass

import numpy as np

from competition.scoring.intervals import Interval
from competition.scoring.logarithmic_pool import flattened
from competition.scoring.metrics import BOARD_CLIP

REMAINING = 1.25
"""The thresholded confidence sees four fifths of the loss of accuracy: measured on pairs of files without a common
artist, docs/test-files.md."""
_ACCURACY_UNKNOWN = 0.045
_LOSS_UNKNOWN = 0.1
"""How far forecasts lie off, in accuracy and as a share of the log loss: one standard deviation."""
_NORMAL_95 = 1.959964
_LEAST_FACTOR = 0.02
_HALVINGS = 40


@dataclass(frozen=True)
class Forecast:
    """What boards are likely to say.

    Attributes
    ----------
    rows : int
        How many songs they score.
    accuracy, board_log_loss : float
    accuracy_interval, board_log_loss_interval : Interval
        95 % prediction intervals.
    """

    rows: int
    accuracy: float
    board_log_loss: float
    accuracy_interval: Interval
    board_log_loss_interval: Interval

    def of_so_many(self, rows: int) -> "Forecast":
        """Return the same for boards of another number of songs: chance shrinks with it, what is unknown does not."""
        if rows == self.rows:
            return self
        unknown = (_ACCURACY_UNKNOWN, _LOSS_UNKNOWN * self.board_log_loss)
        pairs = ((self.accuracy, self.accuracy_interval), (self.board_log_loss, self.board_log_loss_interval))
        accuracy, loss = (
            np.hypot(np.sqrt(self.rows / rows) * _less(_spread(*pair), one), one)
            for pair, one in zip(pairs, unknown, strict=True)
        )
        intervals = _around(self.accuracy, accuracy, 1.0), _around(self.board_log_loss, loss)
        return Forecast(rows, self.accuracy, self.board_log_loss, *intervals)


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """Return how undecided each row is.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (rows, genres)
        Above 0.

    Returns
    -------
    ndarray of float64, shape (rows,)
        In nats; 0 for a certain row.
    """
    return -(probabilities * np.log(probabilities)).sum(axis=1)


def thresholded_confidence(targets: np.ndarray, out_of_fold: np.ndarray, test: np.ndarray) -> float:
    """Estimate the accuracy on songs without labels.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    out_of_fold : ndarray of float64, shape (rows, genres)
    test : ndarray of float64, shape (test rows, genres)

    Returns
    -------
    float
        The share of test songs that are more decided than a threshold, which as many held-out songs exceed as are
        right.

    Notes
    -----
    Average thresholded confidence by entropy (Garg and others, Leveraging unlabeled data to predict out-of-distribution
    performance, ICLR 2022).
    """
    accuracy = (out_of_fold.argmax(axis=1) == targets).mean()
    threshold = np.quantile(entropy(out_of_fold), accuracy)
    return float((entropy(test) < threshold).mean())


def expected_accuracy(targets: np.ndarray, out_of_fold: np.ndarray, test: np.ndarray, clustering: float = 1.0) -> float:
    """Estimate the accuracy on songs that are not like the training songs.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    out_of_fold : ndarray of float64, shape (rows, genres)
    test : ndarray of float64, shape (test rows, genres)
    clustering : float
        By how much groups of test songs multiply the variance of their accuracy; 1 where each stands for itself.

    Returns
    -------
    float
        The held-out accuracy less `REMAINING` times the loss that `thresholded_confidence` sees, where that is more
        than its standard error; at least that of a guess, and at most the held-out accuracy.
    """
    accuracy = float((out_of_fold.argmax(axis=1) == targets).mean())
    lost = accuracy - thresholded_confidence(targets, out_of_fold, test)
    if lost < np.sqrt(clustering * accuracy * (1 - accuracy) / len(test)):
        return accuracy
    return max(accuracy - REMAINING * lost, min(accuracy, 1 / test.shape[1]))


def flattening(test: np.ndarray, accuracy: float) -> float:
    """Return the factor of the log probabilities with which songs are as confident as an accuracy deserves.

    Parameters
    ----------
    test : ndarray of float64, shape (test rows, genres)
    accuracy : float
        What the mean of the largest probabilities is to be.

    Returns
    -------
    float
        The inverse of a temperature, at most 1: nothing is made more confident.

    Examples
    --------
    >>> round(flattening(np.array([[0.9, 0.1], [0.2, 0.8]]), accuracy=0.7), 2)
    0.48
    """
    low, high = _LEAST_FACTOR, 1.0
    if test.max(axis=1).mean() <= accuracy:
        return high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_above = flattened(test, middle).max(axis=1).mean() > accuracy
        low, high = (low, middle) if is_above else (middle, high)
    return (low + high) / 2


def forecast(
    probabilities: np.ndarray, labels: np.ndarray, believed: np.ndarray, clustering: tuple[float, float] = (1.0, 1.0)
) -> Forecast:
    """Predict both boards' scores of what is handed in.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (rows, genres)
        As handed in.
    labels : ndarray of int, shape (rows,)
        0-based genre numbers, as handed in.
    believed : ndarray of float64, shape (rows, genres)
        The same songs' probabilities, as confident as they deserve; of flattened ones, these themselves.
    clustering : (float, float)
        By how much groups of songs multiply the variance of the accuracy, and that of the log loss.

    Notes
    -----
    Where the believed probabilities hold, the accuracy is the mean of those that the labels are given, and the log loss
    the mean cross-entropy. The intervals add, to the chance of drawing songs and genres by them, how far such forecasts
    were off on pairs of files without a common artist.
    """
    right = believed[np.arange(len(labels)), labels]
    accuracy, loss, chance = float(right.mean()), *_cross_entropy(probabilities, believed)
    drawn = np.sqrt((right * (1 - right)).sum()) / len(right)
    drawn, chance = drawn * np.sqrt(clustering[0]), chance * np.sqrt(clustering[1])
    spread = np.hypot(drawn, _ACCURACY_UNKNOWN)
    return Forecast(
        len(labels),
        accuracy,
        loss,
        _around(accuracy, spread, 1.0),
        _around(loss, np.hypot(chance, _LOSS_UNKNOWN * loss)),
    )


def _cross_entropy(probabilities: np.ndarray, believed: np.ndarray) -> tuple[float, float]:
    """Return the board log loss that believed probabilities (rows, genres) lead to, and its standard deviation."""
    clipped = np.clip(probabilities, BOARD_CLIP, 1 - BOARD_CLIP)
    wrong = -np.log1p(-clipped)
    if_genre = (wrong.sum(axis=1, keepdims=True) - wrong - np.log(clipped)) / wrong.shape[1]  # (rows, genre that it is)
    means = (believed * if_genre).sum(axis=1)
    variances = (believed * (if_genre - means[:, None]) ** 2).sum(axis=1)
    return float(means.mean()), float(np.sqrt(variances.sum()) / len(means))


def _spread(value: float, interval: Interval) -> float:
    """Return the standard deviation behind an interval, of which one side may be cut off."""
    return max(value - interval.low, interval.high - value) / _NORMAL_95


def _less(spread: float, part: float) -> float:
    """Return the standard deviation of the rest, without an independent part."""
    return float(np.sqrt(max(0.0, spread**2 - part**2)))


def _around(value: float, spread: float, most: float = np.inf) -> Interval:
    return Interval(float(max(0.0, value - _NORMAL_95 * spread)), float(min(most, value + _NORMAL_95 * spread)))
