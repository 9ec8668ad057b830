"""Bootstrap intervals: what a mean over rows might have been, had other rows been drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from competition.scoring.groups import group_sums, numbered_groups

DRAWS = 2000
LEVEL = 0.95
_SEED = 20181
_CELLS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Interval:
    """The range from `low` to `high`."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:.4f} to {self.high:.4f}"

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def bootstrap_means(values: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """Return the column means of `DRAWS` resamples of rows, or of groups of rows.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, columns)
    groups : ndarray of int, shape (rows,), or None
        Rows with the same number are drawn together, as one; None where every row is drawn alone.

    Returns
    -------
    ndarray of float64, shape (`DRAWS`, columns)
        One resample a row: the columns are drawn together, so that differences between them are paired.

    Notes
    -----
    The resamples depend on the number of rows or groups alone: the same rows give the same interval every time. A
    resample is stored as its count of each, which makes all means one matrix product. Of groups, both the sums and the
    numbers of their rows are drawn: a mean over rows is their ratio.
    """
    values, numbers = np.asarray(values, np.float64), numbered_groups(groups)
    if numbers is None:
        return _resampled_sums(values) / len(values)
    drawn = _resampled_sums(group_sums(np.column_stack([values, np.ones(len(values))]), numbers))
    return drawn[:, :-1] / drawn[:, -1:]


def _resampled_sums(values: np.ndarray) -> np.ndarray:
    """Return the column sums of each resample, float64, (`DRAWS`, columns)."""
    return np.concatenate([counts @ values for counts in _resampled_counts(len(values))])


def _resampled_counts(rows: int) -> Iterator[np.ndarray]:
    """Yield each resample's counts of rows, float64, (some draws, rows), until there are `DRAWS`."""
    generator = np.random.default_rng(_SEED)
    at_once = max(1, _CELLS_AT_ONCE // rows)
    for start in range(0, DRAWS, at_once):
        draws = min(at_once, DRAWS - start)
        picked = generator.integers(rows, size=(draws, rows)) + rows * np.arange(draws)[:, None]
        yield np.bincount(picked.ravel(), minlength=draws * rows).reshape(draws, rows).astype(np.float64)


def percentile_interval(draws: np.ndarray) -> Interval:
    """Return the interval that holds the middle 95 % of bootstrap draws.

    Parameters
    ----------
    draws : ndarray of float64, shape (draws,)
        One mean per resample.

    Notes
    -----
    The percentile interval (Efron and Tibshirani, An introduction to the bootstrap, 1993, chapter 13).

    Examples
    --------
    >>> print(percentile_interval(np.arange(101.0)))
    2.5000 to 97.5000
    """
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def t_interval(values: Sequence[float]) -> Interval | None:
    """Return the 95 % interval of the mean of a few values; None for less than two.

    Parameters
    ----------
    values : sequence of float
        Independent ones, about normally distributed.

    Notes
    -----
    Student, The probable error of a mean, Biometrika 6, 1908.

    Examples
    --------
    >>> print(t_interval([0.01, 0.02, 0.03]))
    -0.0048 to 0.0448
    """
    if len(values) < 2:
        return None
    half = stdtrit(len(values) - 1, (1 + LEVEL) / 2) * np.std(values, ddof=1) / np.sqrt(len(values))
    return Interval(float(np.mean(values) - half), float(np.mean(values) + half))
