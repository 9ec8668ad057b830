"""Many genres: from how many on pictures, tables and sentences do not show each, and which they show."""

from collections.abc import Sequence

import numpy as np

from competition.errors import listed

MOST_SHOWN = 24
"""Up to so many genres, or songs of genres, are shown one by one; more are not readable on one page."""
_MOST_NAMED = 12


def are_many(genres: Sequence[object]) -> bool:
    """Return whether there are too many genres to show each."""
    return len(genres) > MOST_SHOWN


def those_shown(sizes: np.ndarray) -> np.ndarray:
    """Return which of many genres are shown: those of the largest sizes, the largest first; int64, at most 24.

    Parameters
    ----------
    sizes : ndarray, shape (genres,)

    Examples
    --------
    >>> those_shown(np.array([3, 1, 3, 5])).tolist()
    [3, 0, 2, 1]
    """
    return np.argsort(-np.asarray(sizes), kind="stable")[:MOST_SHOWN]


def named(genres: Sequence[object]) -> str:
    """Return genres, or what is said of each, for a sentence: all, or of many the first and how many more there are.

    Examples
    --------
    >>> named(["Rock", "Jazz"]), named([f"Genre {label}" for label in range(1, 115)])[-31:]
    ('Rock, Jazz', 'Genre 11, Genre 12 and 102 more')
    """
    return listed(genres, _MOST_NAMED if are_many(genres) else MOST_SHOWN)
