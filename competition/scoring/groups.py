"""Rows of one group are not independent: groups, not rows, are what the uncertainty of a score counts."""

from dataclasses import dataclass

import numpy as np


def numbered_groups(groups: np.ndarray | None) -> np.ndarray | None:
    """Return each row's group, int64, shape (rows,); None where every row stands for itself.

    Groups are numbered from 0 in the order of their first rows, whatever they are called.

    Parameters
    ----------
    groups : ndarray of int, shape (rows,), or None
        Rows with the same number are of one group; None where none are known.

    Examples
    --------
    >>> numbered_groups(np.array([7, 3, 7]))
    array([0, 1, 0])
    >>> numbered_groups(np.array([7, 3, 5])) is None
    True
    """
    if groups is None:
        return None
    _, firsts, numbers = np.unique(groups, return_index=True, return_inverse=True)
    return None if len(firsts) == len(numbers) else firsts.argsort().argsort()[numbers]


def group_sums(values: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Add up the rows of each group.

    Parameters
    ----------
    values : ndarray of float, shape (rows, ...)
    numbers : ndarray of int, shape (rows,)
        As `numbered_groups` returns them.

    Returns
    -------
    ndarray of float64, shape (groups, ...)

    Examples
    --------
    >>> group_sums(np.array([1.0, 2.0, 4.0]), np.array([1, 0, 1]))
    array([2., 5.])
    """
    sums = np.zeros((int(numbers.max()) + 1, *np.shape(values)[1:]))
    np.add.at(sums, numbers, values)
    return sums


def running_squares(values: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """Return after each row the sum over groups of their squared sums so far; of `values`' dtype, shape (rows,).

    Parameters
    ----------
    values : ndarray, shape (rows,)
    groups : ndarray of int, shape (rows,), or None
        None where every row stands for itself.

    Examples
    --------
    >>> running_squares(np.array([1, 1, 1, -1]), np.array([0, 1, 0, 0]))
    array([1, 2, 5, 2])
    """
    numbers = numbered_groups(groups)
    if numbers is None:
        return np.square(values).cumsum()
    order = numbers.argsort(kind="stable")
    sums = values[order].cumsum()
    firsts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    before = (sums - values[order])[firsts]  # what other groups have added up to
    own = np.empty_like(sums)
    own[order] = sums - np.repeat(before, np.diff(firsts, append=len(sums)))
    return (np.square(own) - np.square(own - values)).cumsum()


@dataclass(frozen=True)
class Grouping:
    """How the rows are grouped that scores are of, and those of the board.

    Attributes
    ----------
    groups : int
        How many there are of the scored rows.
    rows_per_group : float
        How many rows a row's group has, itself included: the mean over the scored rows.
    test_rows_per_group : float or None
        The same of the test file's rows; None where their groups are not known, and taken to be alike.
    lines_are_groups : bool
        Whether the rows of one group make one line of the submission files, so that boards score groups.

    Examples
    --------
    >>> Grouping(20, rows_per_group=3.0, test_rows_per_group=5.0).on_board(clustering=2.0)
    3.0
    """

    groups: int
    rows_per_group: float
    test_rows_per_group: float | None = None
    lines_are_groups: bool = False

    def on_test_rows(self, clustering: float) -> float:
        """Return the factor by which groups multiply the variance of a mean over the test file's rows.

        Parameters
        ----------
        clustering : float
            The factor on that of the mean over the scored rows, as in `competition.scoring.metrics.Estimate`.

        Notes
        -----
        Where any two rows of a group are correlated alike, the factor is 1 plus the correlation times how many other
        rows a row's group has (Kish, Survey sampling, 1965).
        """
        if self.test_rows_per_group is None:
            return clustering
        correlation = (clustering - 1) / (self.rows_per_group - 1)
        return max(1 + correlation * (self.test_rows_per_group - 1), min(1.0, clustering))

    def on_board(self, clustering: float) -> float:
        """Return the factor by which groups multiply the variance of a board's score; `clustering` as above."""
        return 1.0 if self.lines_are_groups else self.on_test_rows(clustering)

    def widening(self, clustering: float) -> float:
        """Return how much larger the factor is for a board's score than the `clustering` of the local one."""
        return self.on_board(clustering) / clustering if clustering > 0 else 1.0


def grouping_of(
    groups: np.ndarray | None, test_groups: np.ndarray | None = None, *, lines_are_groups: bool = False
) -> Grouping | None:
    """Return how rows are grouped; None where every scored row stands for itself.

    Parameters
    ----------
    groups : ndarray of int, shape (rows,), or None
    test_groups : ndarray of int, shape (test rows,), or None
        None where they are not known.
    lines_are_groups : bool
        As in `Grouping`.

    Examples
    --------
    >>> grouping_of(np.array([0, 0, 0, 1]))
    Grouping(groups=2, rows_per_group=2.5, test_rows_per_group=None, lines_are_groups=False)
    """
    numbers = numbered_groups(groups)
    if numbers is None:
        return None
    test = None if test_groups is None else _rows_per_group(test_groups)
    return Grouping(int(numbers.max()) + 1, _rows_per_group(numbers), test, lines_are_groups)


def _rows_per_group(groups: np.ndarray) -> float:
    """Return how many rows a row's group has, in the mean over rows."""
    sizes = np.unique(groups, return_counts=True)[1]
    return float(np.square(sizes).sum() / sizes.sum())
