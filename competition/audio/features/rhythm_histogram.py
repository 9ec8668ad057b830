"""Rhythm histogram: how strongly loudness rises and falls at each of 60 speeds, all bands of hearing together."""

import numpy as np
import scipy.fft

from competition.audio.features.spectral_descriptors import sonogram
from competition.audio.signal.excerpt import Excerpt
from competition.audio.signal.summaries import Segments

BANDS = 60
"""From 0.168 to 10.09 Hz (10 to 606 beats a minute), in steps of 0.168 Hz."""
STATISTICS = ("median",)
_FRAMES = 512


def histogram(loudness: np.ndarray) -> np.ndarray:
    """Return how strong each speed of modulation is in each segment, summed over the bands of hearing.

    Lidy and Rauber, 2005 (`spectral_descriptors` names it): the Fourier transform of each band's loudness over a
    segment's frames.

    Parameters
    ----------
    loudness : ndarray of float32, shape (segments, frames, 24)
        In sone.

    Returns
    -------
    ndarray of float64, shape (segments, 1, 60)
        In sone: half of how far the loudness of a band swings, summed over bands. Shorter segments than 512 frames
        count as followed by their mean.
    """
    changes = loudness - loudness.mean(axis=1, keepdims=True)
    swings = np.abs(scipy.fft.rfft(changes, _FRAMES, axis=1)[:, 1 : BANDS + 1]) / loudness.shape[1]
    return swings.sum(axis=2, dtype=np.float64)[:, None]


def measure(excerpt: Excerpt) -> Segments:
    """Return the histogram of each segment of an excerpt; a recording's is their median; in sone."""
    return Segments(histogram(sonogram(excerpt)), excerpt.seconds, np.median)
