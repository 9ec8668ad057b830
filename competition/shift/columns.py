"""Columns whose test songs lie elsewhere than the training songs: on another scale, or prepared otherwise."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import kstwobign

UNLIKELY = 0.01
"""A p-value below this is taken for more than chance."""
LEAST_DISTANCE = 0.1
"""Differences in distribution below this are left alone, however many songs show them."""


@dataclass(frozen=True)
class ColumnShift:
    """What the columns say of the two files.

    Attributes
    ----------
    distances : ndarray of float64, shape (columns,)
        How far each column's distribution in the test file is from that in the training file: the largest difference
        between their cumulative shares, from 0 to 1.
    chances : ndarray of float64, shape (columns,)
        The p-value of each.
    """

    distances: np.ndarray
    chances: np.ndarray

    def differing(self, least: float = LEAST_DISTANCE) -> np.ndarray:
        """Return the columns that differ by at least `least`, and by more than chance among so many; worst first."""
        worst = np.argsort(-self.distances, kind="stable")
        clear = (self.chances * len(self.chances) < UNLIKELY) & (self.distances >= least)
        return worst[clear[worst]]


def column_shift(training: np.ndarray, test: np.ndarray, weights: np.ndarray, clustering: float = 1.0) -> ColumnShift:
    """Compare each column's distribution in two sets of songs.

    Parameters
    ----------
    training : ndarray, shape (rows, columns)
    test : ndarray, shape (test rows, columns)
    weights : ndarray of float64, shape (rows,)
        How much each training song counts: 1 for all, or what makes genres as frequent as in the test file.
    clustering : float
        As how many songs one independent song counts: those of a known group are not independent.

    Notes
    -----
    The two-sample Kolmogorov-Smirnov statistic; weighted songs count as ``sum(w)^2 / sum(w^2)`` songs (Kish, Survey
    sampling, 1965). The p-value is that of its limiting distribution with Stephens' correction for small samples.

    Examples
    --------
    >>> songs = np.arange(100.0)[:, None]
    >>> column_shift(songs, songs + 50, np.ones(100)).distances
    array([0.5])
    """
    weights = weights / weights.sum()
    distances = np.array([_distance(*pair, weights) for pair in zip(training.T, test.T, strict=True)])
    songs = 1 / (1 / len(test) + (weights**2).sum()) / clustering
    chances = kstwobign.sf(distances * (np.sqrt(songs) + 0.12 + 0.11 / np.sqrt(songs)))
    return ColumnShift(distances, chances)


def _distance(training: np.ndarray, test: np.ndarray, weights: np.ndarray) -> float:
    order, test = np.argsort(training, kind="stable"), np.sort(test)
    known, below = training[order], np.concatenate([[0.0], np.cumsum(weights[order])])
    values = np.concatenate([known, test])
    shares = below[np.searchsorted(known, values, "right")], np.searchsorted(test, values, "right") / len(test)
    return float(np.abs(shares[0] - shares[1]).max())
