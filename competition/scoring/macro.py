"""Scores in which every genre counts the same, however rare: balanced accuracy and macro F1.

They are no means over rows. Each is written as one all the same: a row's contribution is the score, and what the score
would change by if the row counted more (its influence). The mean of the contributions is the score, the standard error
of that mean is the score's, by the infinitesimal jackknife (Efron, The jackknife, the bootstrap and other resampling
plans, 1982, chapter 6), and differences between predictions of the same rows are paired row by row.
"""

import numpy as np

from competition.scoring.metrics import row_accuracy


def linearized_recall(present: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return each row's contribution to the mean of the genres' recalls; float64, shape (rows,).

    Parameters
    ----------
    present : ndarray of bool, shape (rows, genres that occur)
        True where the genre is the row's own.
    right : ndarray of float64, shape (rows, genres that occur)
        How right the row is, in [0, 1], at its own genre; 0 elsewhere.
    """
    songs = present.sum(axis=0)
    recalls = right.sum(axis=0) / songs
    added = ((right - recalls) * present / songs).mean(axis=1) * len(present)
    return recalls.mean() + added


def row_balanced_accuracy(targets: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each row's contribution to the mean of the genres' recalls; float64, shape (rows,).

    Parameters
    ----------
    targets, labels : ndarray of int, shape (rows,)
        0-based genre numbers: the true ones, and the predicted ones. Genres without rows do not count.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.

    Examples
    --------
    >>> row_balanced_accuracy(np.array([0, 0, 1]), np.array([0, 1, 1])).mean()
    np.float64(0.75)
    """
    present = np.unique(targets) == np.asarray(targets)[:, None]
    return linearized_recall(present, row_accuracy(targets, labels)[:, None] * present)


def row_macro_f1(targets: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each row's contribution to the mean of the genres' F1; float64, shape (rows,).

    Parameters
    ----------
    targets, labels : ndarray of int, shape (rows,)
        0-based genre numbers: the true ones, and the predicted ones. Genres in neither do not count; those of rows that
        are never predicted count 0.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.

    Examples
    --------
    >>> row_macro_f1(np.array([0, 0, 1]), np.array([0, 1, 1])).mean().round(4)
    np.float64(0.6667)
    """
    right = row_accuracy(targets, labels)
    genres = np.union1d(targets, labels)
    is_own, is_given = (np.asarray(one)[:, None] == genres for one in (targets, labels))
    counted = is_own.astype(np.float64) + is_given
    hits, totals = right[:, None] * is_own, counted.sum(axis=0)
    f1 = 2 * hits.sum(axis=0) / totals
    added = ((2 * hits - f1 * counted) / totals).mean(axis=1) * len(right)
    return f1.mean() + added


def balanced_accuracy_of(songs: np.ndarray, given: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Return the balanced accuracy that counts lead to, as `competition.scoring.boards.LabelsMetric.of_counts`."""
    present = songs > 0
    return (hits[..., present] / songs[present]).mean(axis=-1)


def macro_f1_of(songs: np.ndarray, given: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Return the macro F1 that counts lead to, as `competition.scoring.boards.LabelsMetric.of_counts`."""
    totals = songs + given
    return (2 * hits / np.maximum(totals, 1)).sum(axis=-1) / (totals > 0).sum(axis=-1)
