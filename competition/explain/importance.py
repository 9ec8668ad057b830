"""Importance: how much held-out songs lose when columns are shuffled among them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from competition.explain.parts import Part
from competition.scoring.boards import Goals
from competition.scoring.metrics import estimate

CLEAR = 2.0
"""What exceeds so many standard errors is called clear."""
_ROWS_AT_ONCE = 4096
_LEAST_SONGS = 5
"""A genre of fewer songs has no standard error that could be believed."""

Predict = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From features, float32 (rows, columns), and which of the songs each row is, int (rows,), to probabilities, float64
(rows, genres), by models that have not seen the song."""
Advance = Callable[[int, int], None]
"""Called with the predictions that are done, and all of them."""


@dataclass(frozen=True)
class Change:
    """By how much a score gets worse, and how sure that is.

    Attributes
    ----------
    value : float
        Above 0 where it gets worse.
    standard_error : float
        Of both together; nan where there are too few songs.
    over_songs, over_repeats : float
        Its parts: other songs, and other shuffles, might have led elsewhere; the latter is 0 for a single shuffle.
    """

    value: float
    standard_error: float
    over_songs: float
    over_repeats: float

    @property
    def is_clear(self) -> bool:
        """Whether it is above 0 by more than `CLEAR` standard errors."""
        return self.value > CLEAR * self.standard_error

    def __str__(self) -> str:
        return f"{self.value:.4f} ± {self.standard_error:.4f}"


@dataclass(frozen=True)
class Importance:
    """What held-out songs lose by the shuffling of one part's columns.

    Attributes
    ----------
    part : Part
    loss, score : Change
        By how much the loss that the board of probabilities ranks by rises, and the score of the most probable genres
        that the board of labels ranks by falls.
    by_genre : tuple of Change
        Of the loss, over each genre's songs alone; nan where it has none.
    """

    part: Part
    loss: Change
    score: Change
    by_genre: tuple[Change, ...]


@dataclass(frozen=True, eq=False)
class Songs:
    """The held-out songs that columns are shuffled among.

    Attributes
    ----------
    features : ndarray of float32, shape (songs, columns)
        As in the files.
    targets : ndarray of int64, shape (songs,)
        0-based genre numbers.
    genres : int
        How many genres there are.
    groups : ndarray of int64, shape (songs,), or None
        Songs with the same number are not independent.
    """

    features: np.ndarray
    targets: np.ndarray
    genres: int
    groups: np.ndarray | None = None

    def first(self, songs: int) -> "Songs":
        """Return the first songs."""
        groups = None if self.groups is None else self.groups[:songs]
        return Songs(self.features[:songs], self.targets[:songs], self.genres, groups)


def sampled(targets: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Return rows drawn at random, of each genre about the same share; all of them where they are not more than `most`.

    Any number of the first of them has each genre in about its share, too.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    most : int
    seed : int

    Examples
    --------
    >>> np.bincount(np.repeat([0, 1], [60, 30])[sampled(np.repeat([0, 1], [60, 30]), 9, seed=0)])
    array([6, 3])
    """
    order = np.random.default_rng(seed).permutation(len(targets))
    place = np.empty(len(targets))
    for target in np.unique(targets):
        rows = order[targets[order] == target]
        place[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return np.argsort(place, kind="stable")[:most]


def importances(
    predict: Predict, songs: Songs, parts: Sequence[Part], goals: Goals, repeats: int, seed: int, advance: Advance
) -> tuple[Importance, ...]:
    """Return what the songs lose by the shuffling of each part.

    Parameters
    ----------
    predict : callable
        See `Predict`.
    songs : Songs
    parts : sequence of Part
    goals : Goals
        What boards rank by.
    repeats : int
        Shuffles of each part, at least 1; those of all parts are the same permutations of songs.
    seed : int
    advance : callable
        See `Advance`.

    Notes
    -----
    Permutation importance (Breiman, Random forests, 2001) of groups of columns: all columns of a part are taken from
    one other song, so that what they say together stays possible. The standard error over songs is that of the paired
    differences, averaged over the repeats; that over repeats is of their means. Both are added in squares, which counts
    a little twice: differences between songs come in part from what each was given.
    """
    everywhere = np.arange(len(songs.targets))
    before = _scores(predict(songs.features, everywhere), songs.targets, goals)
    orders = [np.random.default_rng([seed, repeat]).permutation(everywhere) for repeat in range(repeats)]
    shuffles = [(part, order) for part in range(len(parts)) for order in range(repeats)]
    rises = np.zeros((len(parts), repeats, 2, len(songs.targets)))
    at_once = max(1, _ROWS_AT_ONCE // len(everywhere))
    for first in range(0, len(shuffles), at_once):
        batch = shuffles[first : first + at_once]
        for (part, order), after in _predicted(predict, songs, parts, orders, batch, goals):
            rises[part, order] = after - before
        advance(min(first + at_once, len(shuffles)), len(shuffles))
    return tuple(_importance(part, rise, songs) for part, rise in zip(parts, rises, strict=True))


def _predicted(
    predict: Predict,
    songs: Songs,
    parts: Sequence[Part],
    orders: Sequence[np.ndarray],
    batch: Sequence[tuple[int, int]],
    goals: Goals,
) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """Yield the scores of each shuffle in a batch, which are predicted together; none of those that change no cell."""
    tables, count = {}, len(songs.targets)
    for part, order in batch:
        columns = list(parts[part].columns)
        taken = songs.features[orders[order]][:, columns]
        if not np.array_equal(taken, songs.features[:, columns], equal_nan=True):
            tables[part, order] = songs.features.copy()
            tables[part, order][:, columns] = taken
    if not tables:
        return
    probabilities = predict(np.concatenate(list(tables.values())), np.tile(np.arange(count), len(tables)))
    for place, shuffle in enumerate(tables):
        yield shuffle, _scores(probabilities[place * count : (place + 1) * count], songs.targets, goals)


def _scores(probabilities: np.ndarray, targets: np.ndarray, goals: Goals) -> np.ndarray:
    """Return each song's loss and minus its score; float64, (2, songs): both rise where predictions get worse."""
    loss = goals.probabilities.row_values(targets, probabilities)
    return np.stack([loss, -goals.labels.row_values(targets, probabilities.argmax(axis=1))])


def _importance(part: Part, rise: np.ndarray, songs: Songs) -> Importance:
    by_genre = (_change(rise[:, 0], songs, songs.targets == genre) for genre in range(songs.genres))
    everyone = np.ones(len(songs.targets), bool)
    return Importance(part, _change(rise[:, 0], songs, everyone), _change(rise[:, 1], songs, everyone), tuple(by_genre))


def _change(rise: np.ndarray, songs: Songs, chosen: np.ndarray) -> Change:
    """Return the mean of what rose, (repeats, songs), over some songs, with its errors."""
    if not chosen.any():
        return Change(np.nan, np.nan, np.nan, np.nan)
    groups = None if songs.groups is None else songs.groups[chosen]
    mean = estimate(rise[:, chosen].mean(axis=0), groups)
    over_songs = mean.standard_error if chosen.sum() >= _LEAST_SONGS else np.nan
    repeats = rise[:, chosen].mean(axis=1)
    over_repeats = float(repeats.std(ddof=1) / np.sqrt(len(repeats))) if len(repeats) > 1 else 0.0
    return Change(mean.value, float(np.hypot(over_songs, over_repeats)), over_songs, over_repeats)
