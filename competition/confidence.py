"""How far a model's confidence can be trusted: how often it is right when it is how sure, and what a threshold does."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

_BINS = 15
_STEPS = 100


@dataclass(frozen=True)
class Reliability:
    """Rows by their largest probability, in bins of equal width from 0 to 1.

    Attributes
    ----------
    confidence : ndarray of float64, shape (bins,)
        The mean largest probability of each bin's rows; nan where it has none.
    accuracy : ndarray of float64, shape (bins,)
        The share of each bin's rows whose most probable genre is the true one; nan where it has none.
    counts : ndarray of int64, shape (bins,)
        Rows.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray

    @cached_property
    def filled(self) -> np.ndarray:
        """The bins that have rows, ascending."""
        return np.flatnonzero(self.counts)

    @property
    def error(self) -> float:
        """The expected calibration error: the mean distance between confidence and accuracy, weighted by rows."""
        distance = np.abs(self.confidence - self.accuracy)[self.filled]
        return float(np.average(distance, weights=self.counts[self.filled]))


def measure_reliability(targets: np.ndarray, probabilities: np.ndarray, bins: int = _BINS) -> Reliability:
    """Sort rows into bins by their largest probability, and hold it against how often it is right.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers, at least one.
    probabilities : ndarray, shape (rows, genres)
    bins : int

    Notes
    -----
    The reliability diagram and the expected calibration error of Guo et al., On calibration of modern neural networks
    (2017), with 15 bins as they have.

    Examples
    --------
    >>> measured = measure_reliability(np.array([0, 0, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2]]), bins=2)
    >>> measured.counts, measured.accuracy.round(4), round(measured.error, 4)
    (array([0, 3]), array([   nan, 0.6667]), 0.1667)
    """
    confidence = probabilities.max(axis=1)
    is_right = probabilities.argmax(axis=1) == targets
    # A bin holds its upper edge, not its lower one, as thresholds do.
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, weights=values, minlength=bins) for values in (confidence, is_right)]
    means = [np.divide(one, counts, out=np.full(bins, np.nan), where=counts > 0) for one in sums]
    return Reliability(means[0], means[1], counts)


@dataclass(frozen=True)
class Sweep:
    """What every threshold would do: rows whose largest probability does not exceed it get the fallback genre.

    Attributes
    ----------
    thresholds : ndarray of float64, shape (steps,)
        Ascending from 0, where no row falls back.
    accuracy : ndarray of float64, shape (steps,)
    standard_error : ndarray of float64, shape (steps,)
        Of the accuracy's difference from that without a threshold.
    fallbacks : ndarray of int64, shape (steps,)
        Rows given the fallback genre.
    """

    thresholds: np.ndarray
    accuracy: np.ndarray
    standard_error: np.ndarray
    fallbacks: np.ndarray


def sweep_thresholds(targets: np.ndarray, probabilities: np.ndarray, fallback: int) -> Sweep:
    """Try thresholds from 0 to 1 in steps of 0.01.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers, at least two.
    probabilities : ndarray, shape (rows, genres)
    fallback : int
        0-based number of the fallback genre.

    Examples
    --------
    >>> sweep = sweep_thresholds(np.array([0, 1]), np.array([[0.4, 0.6], [0.2, 0.8]]), fallback=0)
    >>> sweep.accuracy[[0, 60, 80]], sweep.fallbacks[[0, 60, 80]]
    (array([0.5, 1. , 0.5]), array([0, 1, 2]))
    """
    thresholds = np.linspace(0, 1, _STEPS + 1)
    falls_back = probabilities.max(axis=1) <= thresholds[:, None]  # (steps, rows)
    is_right = probabilities.argmax(axis=1) == targets
    gains = np.where(falls_back, (targets == fallback).astype(float) - is_right, 0.0)
    return Sweep(
        thresholds=thresholds,
        accuracy=is_right.mean() + gains.mean(axis=1),
        standard_error=gains.std(axis=1, ddof=1) / np.sqrt(len(targets)),
        fallbacks=np.count_nonzero(falls_back, axis=1),
    )
