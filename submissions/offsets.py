"""Offsets found on out-of-fold rows: what to add to each genre's log probability before the largest is taken."""

import numpy as np

from competition.scoring.boards import LabelsMetric

_POWERS = np.arange(16) / 10
_MOVES = np.arange(-30, 31) / 10
_COST = 0.01
"""Of a move of 1, in score; a move of 2 costs four times as much. Without it offsets follow single songs of rare
genres."""
_MOST_SWEEPS = 10


def best_offsets(targets: np.ndarray, probabilities: np.ndarray, metric: LabelsMetric) -> np.ndarray:
    """Return offsets of genres' log probabilities that give labels with a better score.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (rows, genres)
        Above 0.
    metric : LabelsMetric

    Returns
    -------
    ndarray of float64, shape (genres,)
        Adding up to about 0. The score of `targets` is at least that without offsets.

    Notes
    -----
    Where every genre counts the same, a song of a rare one counts more. So the search begins with the shares: the best
    multiple, from 0 to -1.5, of the genres' log shares. From there each genre's offset in turn is moved to where the
    score, less a cost of moving, is best (coordinate ascent), until none moves.
    """
    logarithms, start = np.log(probabilities), _from_shares(targets, np.log(probabilities), metric)
    moves = np.zeros_like(start)
    for _ in range(_MOST_SWEEPS):
        before = moves.copy()
        for genre in range(len(moves)):
            moves[genre] = _best_move(targets, logarithms + start, moves, genre, metric)
        if np.array_equal(moves, before):
            break
    offsets = start + moves
    return (offsets - offsets.mean()).round(4)


def _from_shares(targets: np.ndarray, logarithms: np.ndarray, metric: LabelsMetric) -> np.ndarray:
    """Return the best multiple of the genres' log shares, float64, (genres,); of equally good ones the smallest."""
    genres = logarithms.shape[1]
    songs = np.bincount(targets, minlength=genres)
    shares = np.log((songs + 1) / (songs.sum() + genres))  # one song more of each: a genre may have none
    tried = -_POWERS[:, None] * (shares - shares.mean())
    labels = [(logarithms + one).argmax(axis=1) for one in tried]
    given = np.array([np.bincount(one, minlength=genres) for one in labels])
    hits = np.array([np.bincount(one[one == targets], minlength=genres) for one in labels])
    return tried[metric.of_counts(songs, given, hits).argmax()]


def _best_move(
    targets: np.ndarray, logarithms: np.ndarray, moves: np.ndarray, genre: int, metric: LabelsMetric
) -> float:
    """Return the best move of one genre's offset, the others' given."""
    songs = np.bincount(targets, minlength=len(moves))
    scores = metric.of_counts(songs, *_counts(targets, logarithms, moves, genre))
    return float(_MOVES[(scores - _COST * _MOVES**2).argmax()])


def _counts(
    targets: np.ndarray, logarithms: np.ndarray, moves: np.ndarray, genre: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many rows are given each genre, and rightly, for every move of one; both int (moves tried, genres)."""
    others = logarithms + moves
    others[:, genre] = -np.inf
    rivals = others.argmax(axis=1)
    needed = others.max(axis=1) - logarithms[:, genre]  # a row goes from its rival to the genre by a move above this
    steps = np.searchsorted(_MOVES, needed, side="right")
    shape, all_rows = (len(_MOVES) + 1, len(moves)), np.ones(len(targets), np.int64)
    given, hits = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    tables = ((given, all_rows, all_rows), (hits, all_rows * (targets == rivals), all_rows * (targets == genre)))
    for table, leaving, coming in tables:
        np.add.at(table, (0, rivals), leaving)
        np.add.at(table, (steps, rivals), -leaving)
        np.add.at(table, (steps, genre), coming)
    return given.cumsum(axis=0)[:-1], hits.cumsum(axis=0)[:-1]
