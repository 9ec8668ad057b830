"""Confidence cutoffs found on out-of-fold rows: up to a cutoff, rows are better given the fallback genre."""

from dataclasses import dataclass

import numpy as np

from competition.scoring.groups import running_squares


@dataclass(frozen=True)
class OutOfFoldRows:
    """Out-of-fold rows as a search for cutoffs sees them.

    Attributes
    ----------
    targets, assignment : ndarray of int, shape (rows,)
        0-based genre numbers, and folds.
    groups : ndarray of int, shape (rows,)
        Rows with the same number are not independent.
    probabilities : ndarray of float64, shape (rows, genres)
    best : ndarray of int64, shape (rows,)
        The most probable genre.
    largest, lead : ndarray of float64, shape (rows,)
        Its probability, and by how much that exceeds the second largest.
    change : ndarray of int64, shape (rows,)
        What falling back changes: 1 where it makes the row right, -1 where it makes it wrong, else 0.
    """

    targets: np.ndarray
    assignment: np.ndarray
    groups: np.ndarray
    probabilities: np.ndarray
    best: np.ndarray
    largest: np.ndarray
    lead: np.ndarray
    change: np.ndarray

    def take(self, chosen: np.ndarray) -> "OutOfFoldRows":
        """Return some of the rows.

        Parameters
        ----------
        chosen : ndarray of bool, shape (rows,), or of int, shape (chosen rows,)
            A mask, or 0-based row numbers.
        """
        return OutOfFoldRows(*(values[chosen] for values in vars(self).values()))


def out_of_fold_rows(
    targets: np.ndarray,
    probabilities: np.ndarray,
    assignment: np.ndarray,
    fallback: int,
    groups: np.ndarray | None = None,
) -> OutOfFoldRows:
    """Return the rows with all that a search for cutoffs needs.

    Parameters
    ----------
    targets, assignment : ndarray of int, shape (rows,)
        0-based genre numbers, and folds.
    probabilities : ndarray of float64, shape (rows, genres)
    fallback : int
        0-based number of the fallback genre.
    groups : ndarray of int, shape (rows,), or None
        None where every row stands for itself.
    """
    best, largest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    change = (targets == fallback).astype(np.int64) - (targets == best)
    groups = np.arange(len(targets)) if groups is None else groups
    return OutOfFoldRows(targets, assignment, groups, probabilities, best, largest, lead(probabilities), change)


def lead(probabilities: np.ndarray) -> np.ndarray:
    """Return by how much each row's largest probability exceeds its second largest; float64, shape (rows,).

    Parameters
    ----------
    probabilities : ndarray of float64, shape (rows, genres)
        Of at least two genres.
    """
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    return first - second


def best_cutoff(confidence: np.ndarray, change: np.ndarray, groups: np.ndarray | None = None) -> float:
    """Return the confidence, in [0, 1], up to which rows should fall back; 0 where no cutoff pays.

    Parameters
    ----------
    confidence : ndarray of float64, shape (rows,)
    change : ndarray of int64, shape (rows,)
        As in `OutOfFoldRows`.
    groups : ndarray of int, shape (rows,), or None
        Rows with the same number are not independent; None where every row is.

    Notes
    -----
    The cutoff whose gain minus its standard error is largest is taken: the largest gain alone would be that of the
    luckiest cutoff.
    """
    order = confidence.argsort(kind="stable")
    sorted_confidence = np.append(confidence[order], np.inf)
    squares = running_squares(change[order], None if groups is None else groups[order])
    surely = change[order].cumsum() - np.sqrt(squares)
    surely[sorted_confidence[:-1] == sorted_confidence[1:]] = 0  # a cutoff cannot separate equal confidences
    if not surely.size or surely.max() <= 0:
        return 0.0
    place = surely.argmax()
    return float(min(sorted_confidence[place : place + 2].mean(), 1.0))
