"""Recordings that are the same, or parts of the same, recognised by their sound.

Haitsma and Kalker, "A highly robust audio fingerprinting system", ISMIR 2002: for every frame a word of 32 bits, each
of which says whether the difference between two neighbouring bands has grown since the frame before. Words survive
changes of loudness, codecs and cuts; words of different recordings differ in half of their bits.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np

from competition.audio.reading import RATE
from competition.audio.signal.excerpt import FRAME, HOP, Excerpt
from competition.audio.signal.spectra import frequencies

_BITS = 32
_LOWEST, _HIGHEST = 300.0, 2000.0  # Hz, where telephones and codecs leave music alone
_SMOOTHED = 16  # frames, 0.37 s: neighbouring words are alike, so a shift by half a frame changes few bits
_COMMON = 64  # places in which a word of no use stands
_LEAST_HITS = 3
_LEAST_FRAMES = 130  # 3 s
_MOST_ERRORS = 0.25


@dataclass(frozen=True)
class Same:
    """Two recordings that have a part of at least 3 s in common.

    Attributes
    ----------
    first, second : int
        Their places, `first` below `second`.
    is_whole : bool
        Whether all their words are equal.
    later : float
        How many seconds into the first the second begins; negative where it begins before.
    """

    first: int
    second: int
    is_whole: bool
    later: float


@lru_cache
def _bands(rate: int) -> np.ndarray:
    """Return which frequencies make each of 33 bands, equally wide in octaves; float32, shape (1025, 33)."""
    edges = np.geomspace(_LOWEST, _HIGHEST, _BITS + 2)
    hertz, half = frequencies(FRAME, rate)[:, None], rate / FRAME / 2
    shared = np.minimum(hertz + half, edges[1:]) - np.maximum(hertz - half, edges[:-1])
    return (np.maximum(shared, 0) / (2 * half)).astype(np.float32)


def words(excerpt: Excerpt, frames: int | None = None) -> np.ndarray:
    """Return the fingerprint of an excerpt's first frames; uint32, shape (frames - 16,), empty for short ones.

    Parameters
    ----------
    excerpt : Excerpt
    frames : int or None
        None for all.
    """
    bands = _bands(excerpt.rate)
    used = np.flatnonzero(bands.any(axis=1))
    energy = excerpt.power[:frames, used[0] : used[-1] + 1] @ bands[used[0] : used[-1] + 1]
    sums = np.cumsum(energy, axis=0, dtype=np.float64)
    smooth = sums[_SMOOTHED:] - sums[:-_SMOOTHED]
    bits = np.diff(np.diff(smooth, axis=1), axis=0) > 0
    return np.packbits(bits, axis=1).view(">u4").ravel().astype(np.uint32)


def same_recordings(fingerprints: Sequence[np.ndarray]) -> list[Same]:
    """Return all pairs of recordings that have a part in common.

    Parameters
    ----------
    fingerprints : sequence of ndarray of uint32, shape (frames,)

    Returns
    -------
    list of Same
        In the order of their places.
    """
    found = []
    for (first, second), offsets in sorted(_candidates(fingerprints).items()):
        offset, hits = offsets.most_common(1)[0]
        if hits >= _LEAST_HITS and _agree(fingerprints[first], fingerprints[second], offset):
            whole = np.array_equal(fingerprints[first], fingerprints[second])
            found.append(Same(first, second, whole, offset * HOP / RATE))
    return found


def _candidates(fingerprints: Sequence[np.ndarray]) -> dict[tuple[int, int], Counter[int]]:
    """Return for pairs of recordings how often their words are equal at each offset, in frames."""
    pairs: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for places in _equal_words(fingerprints):
        for (first, there), (second, here) in combinations(places, 2):
            if first != second:
                pairs[first, second][there - here] += 1
    return pairs


def _equal_words(fingerprints: Sequence[np.ndarray]) -> Iterator[list[tuple[int, int]]]:
    """Yield where words stand that stand in several recordings: recordings and frames."""
    frames = [_telling(one) for one in fingerprints]
    owner = np.repeat(np.arange(len(frames)), [len(one) for one in frames])
    frame = np.concatenate([np.zeros(0, np.int64), *frames])
    word = np.concatenate([np.zeros(0, np.uint32), *map(np.take, fingerprints, frames)])
    order = np.lexsort((frame, owner, word))
    owner, frame, word = owner[order], frame[order], word[order]
    edges = [0, *(np.flatnonzero(np.diff(word)) + 1).tolist(), len(word)]
    for start, stop in pairwise(edges):
        if 1 < stop - start <= _COMMON and owner[start] != owner[stop - 1]:
            yield list(zip(owner[start:stop].tolist(), frame[start:stop].tolist(), strict=True))


def _telling(words: np.ndarray) -> np.ndarray:
    """Return the frames whose word is new, and not that of silence."""
    return np.flatnonzero((words != 0) & (np.diff(words, prepend=np.uint32(0)) != 0))


def _agree(first: np.ndarray, second: np.ndarray, offset: int) -> bool:
    """Return whether two fingerprints differ in few bits where they overlap, the second `offset` frames later."""
    first, second = first[max(offset, 0) :], second[max(-offset, 0) :]
    frames = min(len(first), len(second))
    least = min(_LEAST_FRAMES, frames) if offset == 0 else _LEAST_FRAMES
    if not least or frames < least:
        return False
    wrong = np.bitwise_count(first[:frames] ^ second[:frames]).sum()
    return bool(wrong <= _MOST_ERRORS * _BITS * frames)
