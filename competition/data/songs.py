"""What songs are called, which lines are handed in for them, and which were left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

_NAMED = 3


@dataclass(frozen=True, eq=False)
class Entries:
    """The lines of the submission files, and which of them each test song belongs to.

    Attributes
    ----------
    ids : tuple of str
        In the order of the lines.
    places : ndarray of int64, shape (test rows,)
        The number of each test song's line, from 0; several may share one.

    Examples
    --------
    >>> entries = Entries(("b", "a"), np.array([1, 0, 1]))
    >>> entries.gathered(np.array([[0.2, 0.8], [0.7, 0.3], [0.5, 0.5]])).round(4)
    array([[0.7   , 0.3   ],
           [0.3333, 0.6667]])
    """

    ids: tuple[str, ...]
    places: np.ndarray

    def gathered(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the probabilities of each line: those of its test songs, averaged; float64, shape (lines, genres).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (test rows, genres)
            Above 0.

        Notes
        -----
        Logarithms are averaged, and the result is brought to a sum of 1: the geometric mean, as of a pool's models. It
        is surer than the arithmetic one where a song's parts agree, and scores better (docs/experiments.md).
        """
        counts = np.bincount(self.places, minlength=len(self.ids))
        if (counts == 1).all():
            return probabilities[np.argsort(self.places)]
        sums = np.zeros((len(self.ids), probabilities.shape[1]))
        np.add.at(sums, self.places, np.log(probabilities))
        means = np.exp(sums / counts[:, None])
        return means / means.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class SongNames:
    """What the songs of a file are called in messages: their ids, or else their rows in it.

    Attributes
    ----------
    ids : tuple of str or None
        One a song; None where songs have none, or several rows share one.
    numbers : tuple of int or None
        Each song's row in its file, from 1, a header not counted; None where the songs are all rows in their order.

    Examples
    --------
    >>> SongNames(numbers=(3, 7, 9)).words([0, 2]), SongNames(("a.wav", "b.wav")).words([1])
    ('row 3, 9', 'b.wav')
    """

    ids: tuple[str, ...] | None = None
    numbers: tuple[int, ...] | None = None

    def name(self, place: int) -> str:
        """Return a song's id, or its row's number; `place` is counted from 0."""
        return str(self.row(place)) if self.ids is None else self.ids[place]

    def row(self, place: int) -> int:
        """Return a song's row in its file, from 1; `place` is counted from 0."""
        return int(place) + 1 if self.numbers is None else self.numbers[place]

    def words(self, places: Iterable[int]) -> str:
        """Return some songs in words, the first ones of many."""
        return ("" if self.ids is not None else "row ") + shortened([self.name(place) for place in places])


COUNTED = SongNames()
"""What songs are called that are all rows of a file and have no ids."""


def shortened(names: Sequence[str]) -> str:
    """Return the first of some names, or all of them as a range where they are consecutive numbers.

    Examples
    --------
    >>> shortened(["7", "8", "9", "10"]), shortened(["a", "b", "c", "d"])
    ('7 to 10', 'a, b, c and 1 more')
    """
    if len(names) > 1 and all(map(str.isdecimal, names)):
        numbers = list(map(int, names))
        if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            return f"{numbers[0]} to {numbers[-1]}"
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def numbered(rows: int) -> Entries:
    """Return the entries of test songs that have no ids: they are counted from 1."""
    return Entries(tuple(map(str, range(1, rows + 1))), np.arange(rows))


@dataclass(frozen=True, eq=False)
class LeftOut:
    """The training songs of genres that are left out.

    Attributes
    ----------
    songs : int
        How many are left out.
    file_rows : int
        How many training songs there are in the file.
    training_sha256 : str
        Of all training songs in the file, in hexadecimal.
    in_test : bool
        Whether the test songs may be of genres that are left out, too.
    """

    songs: int
    file_rows: int
    training_sha256: str
    in_test: bool = True
