"""Which pairs of genres cost most, of the loss and of the labels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from competition.scoring.boards import ProbabilitiesMetric
from competition.scoring.many_genres import those_shown
from competition.scoring.metrics import Estimate, estimate


@dataclass(frozen=True)
class PairCost:
    """What telling two genres apart costs.

    Attributes
    ----------
    first, second : int
        0-based genre numbers, the smaller first.
    cost : Estimate
        Of all songs' mean; those of all pairs add up to the whole.
    of_first : float
        The part that songs of the first genre cost; the rest is the second's.
    """

    first: int
    second: int
    cost: Estimate
    of_first: float


def loss_by_other(targets: np.ndarray, probabilities: np.ndarray, metric: ProbabilitiesMetric) -> np.ndarray:
    """Divide each song's loss among the genres that are not its own.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (rows, genres)
        Between 0 and 1.
    metric : ProbabilitiesMetric

    Returns
    -------
    ndarray of float64, shape (rows, genres)
        Its rows add up to the songs' losses; 0 for a song's own genre.

    Notes
    -----
    What the song's own genre lacks, minus the logarithm of its probability, is charged to the others in proportion to
    what they were given of it. A mean over all cells adds what each of the others was given, minus log(1 - p).

    Examples
    --------
    >>> from competition.scoring.boards import LOG_LOSS
    >>> loss_by_other(np.array([0]), np.array([[0.5, 0.3, 0.2]]), LOG_LOSS).round(3)
    array([[0.   , 0.416, 0.277]])
    """
    genres = probabilities.shape[1]
    is_own = np.arange(genres) == np.asarray(targets)[:, None]
    others = np.where(is_own, 0.0, probabilities)
    lacks = -np.log(probabilities[is_own])
    charged = lacks[:, None] * others / others.sum(axis=1, keepdims=True)
    if not metric.counts_cells:
        return charged
    return (charged - np.log1p(-others)) / genres


def costly_pairs_by_loss(
    targets: np.ndarray, probabilities: np.ndarray, metric: ProbabilitiesMetric, groups: np.ndarray | None = None
) -> tuple[PairCost, ...]:
    """Return the pairs of genres that cost most of the loss, the costliest first, at most 24.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (rows, genres)
    metric : ProbabilitiesMetric
    groups : ndarray of int, shape (rows,), or None
        As for `competition.scoring.metrics.estimate`.
    """
    by_other = loss_by_other(targets, probabilities, metric)
    sums = np.zeros((probabilities.shape[1],) * 2)
    np.add.at(sums, targets, by_other)
    return _costliest(sums, targets, lambda rows, other: by_other[rows, other], groups)


def costly_pairs_by_labels(
    targets: np.ndarray, labels: np.ndarray, genres: int, groups: np.ndarray | None = None
) -> tuple[PairCost, ...]:
    """Return the pairs of genres that cost most accuracy, the costliest first, at most 24.

    Parameters
    ----------
    targets, labels : ndarray of int, shape (rows,)
        0-based genre numbers: the true ones, and the predicted ones.
    genres : int
    groups : ndarray of int, shape (rows,), or None
        As for `competition.scoring.metrics.estimate`.
    """
    sums = np.zeros((genres, genres))
    wrong = targets != labels
    np.add.at(sums, (targets[wrong], labels[wrong]), 1.0)
    return _costliest(sums, targets, lambda rows, other: (labels[rows] == other).astype(np.float64), groups)


def _costliest(
    sums: np.ndarray,
    targets: np.ndarray,
    cost_of: Callable[[np.ndarray, int], np.ndarray],
    groups: np.ndarray | None,
) -> tuple[PairCost, ...]:
    """Return the costliest pairs.

    Parameters
    ----------
    sums : ndarray of float64, shape (genres, genres)
        What songs of the first axis's genre cost by the second's.
    targets : ndarray of int, shape (rows,)
    cost_of : callable
        From rows and a genre to what that costs each of them.
    groups : ndarray of int, shape (rows,), or None
    """
    firsts, seconds = np.triu_indices(len(sums), 1)
    both = sums[firsts, seconds] + sums[seconds, firsts]
    found = []
    for place in those_shown(both):
        if both[place] > 0:
            first, second = int(firsts[place]), int(seconds[place])
            per_row = np.zeros(len(targets))
            for own, other in ((first, second), (second, first)):
                rows = np.flatnonzero(targets == own)
                per_row[rows] = cost_of(rows, other)
            found.append(PairCost(first, second, estimate(per_row, groups), float(sums[first, second] / len(targets))))
    return tuple(found)
