"""Missing cells of a table, and what stands in for them."""

import numpy as np

from competition.runtime.parts import parts


def column_medians(table: np.ndarray) -> np.ndarray:
    """Return the median of each column's values, nan left out; 0 for a column without any; shape (columns,).

    Parameters
    ----------
    table : ndarray of float, shape (rows, columns)

    Examples
    --------
    >>> column_medians(np.array([[1.0, np.nan], [np.nan, np.nan], [4.0, np.nan]]))
    array([2.5, 0. ])
    """
    known = [column[~np.isnan(column)] for column in table.T]
    return np.array([np.median(column) if column.size else 0.0 for column in known])


def with_medians(table: np.ndarray, medians: np.ndarray) -> np.ndarray:
    """Return a copy of a table with its columns' medians in place of nan.

    Parameters
    ----------
    table : ndarray of float, shape (rows, columns)
    medians : ndarray of float, shape (columns,)

    Returns
    -------
    ndarray
        Of the table's shape and dtype.
    """
    return np.where(np.isnan(table), medians.astype(table.dtype), table)


def with_equal_gaps(table: np.ndarray) -> np.ndarray:
    """Return a table whose every nan has the same bytes: a nan has a sign and bits of its own, which say nothing."""
    return np.where(np.isnan(table), table.dtype.type(np.nan), table) if has_gaps(table) else table


def has_gaps(table: np.ndarray) -> bool:
    """Return whether a table has a missing cell anywhere."""
    return any(np.isnan(table[part]).any() for part in parts(len(table)))
