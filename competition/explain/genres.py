"""What each genre lives on: the parts whose shuffling costs its songs clearly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from competition.explain.importance import CLEAR, Change, Importance
from competition.explain.parts import BAND, BLOCK, CLUSTER, COLUMN

_CLOSE = 0.5
"""Neighbours of the most important band belong to it where they are worth at least this share of it."""


@dataclass(frozen=True)
class LivesOn:
    """What one genre lives on.

    Attributes
    ----------
    genre : str
    what : str
        In words: "rhythm, bands 3 to 8".
    change : Change
        Of the most important part of that, over the genre's songs.
    """

    genre: str
    what: str
    change: Change


def lives_on(found: Sequence[Importance], genres: Sequence[str]) -> tuple[LivesOn, ...]:
    """Return what each genre lives on, where that is clear.

    Parameters
    ----------
    found : sequence of Importance
        Of all coarse parts.
    genres : sequence of str

    Notes
    -----
    The most important of many parts is in part a lucky one. So a part is named where it exceeds so many standard errors
    that among all parts of its kind one that does nothing would in one case of forty, and no fewer than 2 (Bonferroni's
    correction, one-sided).
    """
    named = (_of_genre(found, place, genre) for place, genre in enumerate(genres))
    return tuple(one for one in named if one is not None)


def _of_genre(found: Sequence[Importance], place: int, genre: str) -> LivesOn | None:
    fine = [one for one in found if one.part.kind in (BAND, CLUSTER, COLUMN)]
    blocks = [one for one in found if one.part.kind == BLOCK]
    best = _best(fine, place)
    block = _best(blocks, place) if len(blocks) > 1 else None
    if best is None and block is None:
        return None
    if best is None or (block is not None and best.part.block != block.part.block):
        assert block is not None
        return LivesOn(genre, block.part.title, block.by_genre[place])
    if best.part.kind != BAND:
        return LivesOn(genre, best.part.title, best.by_genre[place])
    return LivesOn(genre, _bands_around(best, fine, place), best.by_genre[place])


def _best(parts: Sequence[Importance], place: int) -> Importance | None:
    """Return the part that costs a genre most, where that is clear for the best of so many."""
    least = max(CLEAR, float(norm.isf(0.025 / max(len(parts), 1))))
    clear = [one for one in parts if one.by_genre[place].value > least * one.by_genre[place].standard_error]
    return max(clear, key=lambda one: one.by_genre[place].value, default=None)


def _bands_around(best: Importance, parts: Sequence[Importance], place: int) -> str:
    """Return the most important band and its neighbours that are worth about as much, in words."""
    bands = sorted((one for one in parts if one.part.block == best.part.block), key=lambda one: one.part.place)
    worth = np.array([one.by_genre[place].value for one in bands])
    is_in = [one.by_genre[place].is_clear for one in bands] & (worth >= _CLOSE * best.by_genre[place].value)
    middle = best.part.place[0]
    first = next((one + 1 for one in range(middle, -1, -1) if not is_in[one]), 0)
    last = next((one - 1 for one in range(middle, len(bands)) if not is_in[one]), len(bands) - 1)
    if first == last:
        return bands[first].part.title
    from_band, to_band = bands[first].part.name.split()[1], bands[last].part.name.split()[-1]
    return f"{best.part.block} bands {from_band} to {to_band}"
