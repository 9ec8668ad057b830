"""Chroma: how strong each of the twelve pitch classes is, whatever the octave."""

from functools import lru_cache

import numpy as np

from competition.audio.signal.excerpt import FRAME, Excerpt
from competition.audio.signal.spectra import frequencies
from competition.audio.signal.summaries import Moments, moments

BANDS = 12
"""C, C sharp, ..., B."""
_A440 = 440.0
_CENTRE_OCTAVE, _OCTAVES_WIDTH = 5.0, 2.0  # filters fade away from octave 5 as a Gaussian of 2 octaves
_LOWEST, _HIGHEST = 150.0, 4000.0  # where pitches are looked for, in Hz
_PEAK_SHARE = 0.1  # of a frame's strongest frequency, what a peak must have
_STEPS = 100  # tuning is found in hundredths of a semitone


@lru_cache(maxsize=256)
def chroma_filters(rate: int, tuning: float) -> np.ndarray:
    """Return how much of each frequency of spectra of 2048 samples each pitch class gets; float32, shape (12, 1025).

    Ellis, "Chroma feature analysis and synthesis", 2007: every frequency goes to the pitch classes near it, as a
    Gaussian one semitone wide or as wide as the resolution allows; each frequency's weights have length 1.

    Parameters
    ----------
    rate : int
        In Hz.
    tuning : float
        How far the recording is above A at 440 Hz, in semitones, from -0.5 to 0.5.
    """
    hertz = np.arange(1, FRAME) * (rate / FRAME)
    octaves = np.log2(hertz / (_A440 * 2 ** (tuning / BANDS) / 16))
    places = BANDS * np.concatenate([[octaves[0] - 1.5], octaves])
    widths = np.concatenate([np.maximum(np.diff(places), 1.0), [1.0]])
    offsets = places[:, None] - np.arange(BANDS)
    nearest = (offsets + BANDS / 2 + 10 * BANDS) % BANDS - BANDS / 2
    weights = np.exp(-0.5 * (2 * nearest / widths[:, None]) ** 2)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    weights *= np.exp(-0.5 * ((places / BANDS - _CENTRE_OCTAVE) / _OCTAVES_WIDTH) ** 2)[:, None]
    return np.roll(weights.T, -3, axis=0)[:, : FRAME // 2 + 1].astype(np.float32)  # from A to C


def tuning_of(power: np.ndarray, rate: int) -> float:
    """Return how far a recording's pitches are from the keys of a piano tuned to 440 Hz, in semitones.

    Parameters
    ----------
    power : ndarray of float32, shape (frames, 1025)
        Power spectra of frames of 2048 samples.
    rate : int
        In Hz.

    Returns
    -------
    float
        From -0.5 to 0.49: the commonest distance among the stronger half of all peaks; 0 where there are none.
    """
    pitches, strengths = _peaks(power, rate)
    if not len(pitches):
        return 0.0
    strong = pitches[strengths >= np.median(strengths)]
    distances = np.mod(BANDS * np.log2(strong / _A440), 1.0)
    distances[distances >= 0.5] -= 1.0
    counts, edges = np.histogram(distances, np.linspace(-0.5, 0.5, _STEPS + 1))
    return float(edges[np.argmax(counts)])


def _peaks(power: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the frequency in Hz and the strength of every peak of every frame, both by parabolic interpolation."""
    hertz = frequencies(FRAME, rate)
    first, stop = np.searchsorted(hertz, [_LOWEST, _HIGHEST])
    left, middle, right = (power[:, first + shift : stop + shift].T for shift in (-1, 0, 1))
    is_peak = (middle > _PEAK_SHARE * power.max(axis=1)) & (middle > left) & (middle >= right)
    places = np.divmod(np.flatnonzero(is_peak), len(power))
    before, there, after = left[places], middle[places], right[places]
    slope, bend = (after - before) / 2, before + after - 2 * there
    shift = np.where(np.abs(slope) < np.abs(bend), -slope / np.where(bend == 0, 1, bend), 0)
    return (places[0] + first + shift) * (rate / FRAME), there + slope * shift / 2


def chroma(excerpt: Excerpt) -> np.ndarray:
    """Return the strength of each pitch class in each frame, the strongest 1; float32, shape (frames, 12).

    Silent frames are 0.
    """
    filters = chroma_filters(excerpt.rate, tuning_of(excerpt.power, excerpt.rate))
    return strongest_as_one((filters @ excerpt.power.T).T)


def strongest_as_one(bands: np.ndarray) -> np.ndarray:
    """Return frames divided by their largest value; frames of zeros stay as they are.

    Parameters
    ----------
    bands : ndarray of float32, shape (frames, bands)

    Examples
    --------
    >>> strongest_as_one(np.array([[1.0, 4.0], [0.0, 0.0]], np.float32)).tolist()
    [[0.25, 1.0], [0.0, 0.0]]
    """
    largest = bands.max(axis=1, keepdims=True)
    return bands / np.where(largest < np.finfo(np.float32).tiny, np.float32(1), largest)


def measure(excerpt: Excerpt) -> Moments:
    """Return the moments of the pitch classes over the frames."""
    return moments(chroma(excerpt))
