"""The boards' metrics and related ones, each as a mean over rows with its standard error.

All are computed in float64. Targets are 0-based genre numbers, probabilities have one column a genre.
"""

from dataclasses import dataclass, replace

import numpy as np

from competition.scoring.groups import group_sums, numbered_groups
from competition.scoring.intervals import Interval, bootstrap_means, percentile_interval

BOARD_CLIP = 1e-15
"""The board clips probabilities to [`BOARD_CLIP`, 1 - `BOARD_CLIP`] before it takes their logarithm."""


@dataclass(frozen=True)
class Estimate:
    """A mean over rows, and how certain it is.

    Attributes
    ----------
    value, standard_error : float
        The error is nan for a single row, or for rows of a single group.
    interval : Interval or None
        Its 95 % bootstrap interval where computed.
    clustering : float
        By how much groups of rows multiply the variance; 1 where every row stands for itself.
    """

    value: float
    standard_error: float
    interval: Interval | None = None
    clustering: float = 1.0

    @property
    def bounds(self) -> Interval:
        """The interval; raises ValueError where none was computed."""
        if self.interval is None:
            raise ValueError("this estimate has no interval")
        return self.interval

    def __str__(self) -> str:
        return f"{self.value:.4f} ± {self.standard_error:.4f}"


def estimate(per_row: np.ndarray, groups: np.ndarray | None = None) -> Estimate:
    """Return the mean of one value per row, and its standard error.

    Parameters
    ----------
    per_row : ndarray of float, shape (rows,)
        At least one value.
    groups : ndarray of int, shape (rows,), or None
        Rows with the same number, such as parts of one song, are not independent; None where every row is.

    Notes
    -----
    With groups the standard error is cluster-robust (Liang and Zeger, Longitudinal data analysis using generalized
    linear models, 1986): the root of ``g / (g - 1)`` times the sum over the g groups of their squared summed deviations
    from the mean, divided by the number of rows. With a row in each group it is the usual one.

    Examples
    --------
    >>> print(estimate(np.array([0.0, 1.0, 1.0, 0.0])))
    0.5000 ± 0.2887
    >>> print(estimate(np.array([0.0, 1.0, 1.0, 0.0]), groups=np.array([0, 1, 1, 0])))
    0.5000 ± 0.5000
    """
    rows, mean, numbers = len(per_row), float(per_row.mean()), numbered_groups(groups)
    alone = float(per_row.std(ddof=1) / np.sqrt(rows) if rows > 1 else np.nan)
    if numbers is None:
        return Estimate(mean, alone)
    error = _clustered_error(per_row - mean, numbers)
    return Estimate(mean, error, clustering=(error / alone) ** 2 if alone > 0 else 1.0)


def _clustered_error(deviations: np.ndarray, numbers: np.ndarray) -> float:
    sums = group_sums(deviations, numbers)
    groups = len(sums)
    return float(np.sqrt(groups / (groups - 1) * (sums @ sums)) / len(deviations)) if groups > 1 else np.nan


def estimate_with_interval(per_row: np.ndarray, groups: np.ndarray | None = None) -> Estimate:
    """Return what `estimate` does, with the mean's 95 % bootstrap interval.

    Parameters
    ----------
    per_row : ndarray of float, shape (rows,)
        At least one value.
    groups : ndarray of int, shape (rows,), or None
        As for `estimate`.

    Examples
    --------
    >>> estimate_with_interval(np.array([0.0, 1.0, 1.0, 0.0])).interval
    Interval(low=0.0, high=1.0)
    """
    (found,) = paired_estimates(np.asarray(per_row)[:, None], groups)
    return found


def paired_estimates(per_row: np.ndarray, groups: np.ndarray | None = None) -> list[Estimate]:
    """Return each column's mean with its standard error and interval, of the same resamples.

    Parameters
    ----------
    per_row : ndarray of float, shape (rows, columns)
    groups : ndarray of int, shape (rows,), or None
        As for `estimate`.
    """
    draws = bootstrap_means(per_row, groups)
    return [
        replace(estimate(column, groups), interval=percentile_interval(drawn))
        for column, drawn in zip(per_row.T, draws.T, strict=True)
    ]


def row_accuracy(targets: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return 1.0 for each row whose predicted genre is its target, else 0.0; shape (rows,).

    Parameters
    ----------
    targets, predicted : ndarray of int, shape (rows,)

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.
    """
    _check_rows(targets, predicted)
    return (np.asarray(targets) == np.asarray(predicted)).astype(np.float64)


def row_top_accuracy(targets: np.ndarray, probabilities: np.ndarray, count: int = 2) -> np.ndarray:
    """Return 1.0 for each row whose target is among its `count` most probable genres, else 0.0; shape (rows,).

    Of equally probable genres the first ones count, as in argmax.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float, shape (rows, genres)
    count : int
        At least 1.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.

    Examples
    --------
    >>> row_top_accuracy(np.array([1, 2]), np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2]]))
    array([1., 0.])
    """
    _check_rows(targets, probabilities)
    best = np.argsort(-np.asarray(probabilities), axis=1, kind="stable")[:, :count]
    return (best == np.asarray(targets)[:, None]).any(axis=1).astype(np.float64)


def row_board_log_loss(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return each row's binary log loss averaged over the genres; shape (rows,).

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray, shape (rows, genres)
        Clipped to `BOARD_CLIP` as the board does.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.
    """
    _check_rows(targets, probabilities)
    probabilities = np.clip(np.asarray(probabilities, np.float64), BOARD_CLIP, 1 - BOARD_CLIP)
    is_genre = np.arange(probabilities.shape[1]) == np.asarray(targets)[:, None]  # (rows, genres)
    return -np.where(is_genre, np.log(probabilities), np.log1p(-probabilities)).mean(axis=1)


def board_log_loss_and_gradient(is_genre: np.ndarray, shares: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the board log loss of a softmax's probabilities, and its gradient with respect to the logits.

    Parameters
    ----------
    is_genre : ndarray of bool, shape (rows, genres)
        True where the genre is the row's own.
    shares : ndarray of float64, shape (rows, genres)
        The probabilities.

    Returns
    -------
    loss : float
    by_logit : ndarray of float64, shape (rows, genres)
    """
    least = np.finfo(float).tiny
    complements = np.maximum(1 - shares, least)
    loss = -np.where(is_genre, np.log(np.maximum(shares, least)), np.log(complements)).mean()
    # d loss / d log share, then through the softmax.
    by_logit = np.where(is_genre, -1.0, shares / complements)
    by_logit = by_logit - shares * by_logit.sum(axis=1, keepdims=True)
    return loss, by_logit / is_genre.size


def multiclass_log_loss_and_gradient(is_genre: np.ndarray, shares: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the multiclass log loss of a softmax's probabilities, and its gradient with respect to the logits.

    Parameters
    ----------
    is_genre : ndarray of bool, shape (rows, genres)
        True where the genre is the row's own.
    shares : ndarray of float64, shape (rows, genres)
        The probabilities.

    Returns
    -------
    loss : float
    by_logit : ndarray of float64, shape (rows, genres)
    """
    loss = -np.log(np.maximum(shares[is_genre], np.finfo(float).tiny)).mean()
    return loss, (shares - is_genre) / len(is_genre)


def row_multiclass_log_loss(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return minus the logarithm of the probability of each row's own genre; shape (rows,).

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float, shape (rows, genres)
        Raised to at least `BOARD_CLIP`.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.
    """
    _check_rows(targets, probabilities)
    probabilities = np.asarray(probabilities, np.float64)
    own = probabilities[np.arange(len(probabilities)), np.asarray(targets)]
    return -np.log(np.clip(own, BOARD_CLIP, 1.0))


def accuracy(targets: np.ndarray, predicted: np.ndarray) -> float:
    """Return the share of rows whose predicted genre is their target: the accuracy board's score.

    Parameters
    ----------
    targets, predicted : ndarray of int, shape (rows,)

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.

    Examples
    --------
    >>> accuracy(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0]))
    0.75
    """
    return estimate(row_accuracy(targets, predicted)).value


def board_log_loss(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean binary log loss over all cells: the log-loss board's score.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float, shape (rows, genres)

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.

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

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float, shape (rows, genres)
        Raised to at least `BOARD_CLIP`.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.

    Examples
    --------
    >>> round(multiclass_log_loss(np.array([0, 1]), np.array([[0.8, 0.2], [0.5, 0.5]])), 4)
    0.4581
    """
    return estimate(row_multiclass_log_loss(targets, probabilities)).value


@dataclass(frozen=True)
class Reliability:
    """How often the most probable genre is the true one, by its probability.

    Attributes
    ----------
    rows : ndarray of int64, shape (bins,)
        How many rows are in each of the bins of the largest probability, of equal width from 0 to 1.
    confidence, accuracy : ndarray of float64, shape (bins,)
        Their mean largest probability, and the share of them whose most probable genre is right; nan in empty bins.
    """

    rows: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray

    @property
    def expected_error(self) -> float:
        """The mean over rows of the distance between accuracy and confidence in their bin; in [0, 1]."""
        filled = self.rows > 0
        return float(np.average(np.abs(self.accuracy - self.confidence)[filled], weights=self.rows[filled]))


def reliability(targets: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> Reliability:
    """Bin rows by their largest probability, and compare it with how often the most probable genre is right.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float, shape (rows, genres)
    bins : int
        At least 1.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.
    """
    _check_rows(targets, probabilities)
    largest = np.max(probabilities, axis=1)
    right = row_accuracy(targets, np.argmax(probabilities, axis=1))
    places = np.clip(np.ceil(largest * bins).astype(int) - 1, 0, bins - 1)
    rows = np.bincount(places, minlength=bins)
    sums = [np.bincount(places, values, minlength=bins) for values in (largest, right)]
    with np.errstate(invalid="ignore"):
        return Reliability(rows, sums[0] / rows, sums[1] / rows)


def expected_calibration_error(targets: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> float:
    """Return the mean distance between the largest probabilities and how often they are right; in [0, 1].

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float, shape (rows, genres)
    bins : int
        At least 1.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.

    Notes
    -----
    Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, 2017: 15 equally wide bins. It is never
    quite 0 for a finite number of rows, however good the probabilities.

    Examples
    --------
    >>> round(expected_calibration_error(np.array([0, 1]), np.array([[0.8, 0.2], [0.8, 0.2]])), 4)
    0.3
    """
    return reliability(targets, probabilities, bins).expected_error


def _check_rows(targets: np.ndarray, predictions: np.ndarray) -> None:
    if len(targets) != len(predictions) or not len(targets):
        raise ValueError(f"expected as many predictions as targets, at least one: {len(predictions)}, {len(targets)}")
