"""MFCC: the shape of the spectrum on the mel scale, in twelve numbers."""

from functools import lru_cache

import numpy as np
from scipy.fft import dct

from competition.audio.signal.excerpt import MEL_BANDS, Excerpt
from competition.audio.signal.summaries import Moments, moments

COEFFICIENTS = 12


@lru_cache
def _cosines(coefficients: int) -> np.ndarray:
    """Return the first rows of the orthonormal discrete cosine transform; float32, shape (coefficients, mel bands)."""
    return dct(np.eye(MEL_BANDS), axis=0, norm="ortho")[:coefficients].astype(np.float32)


def cepstrum(excerpt: Excerpt, coefficients: int = COEFFICIENTS) -> np.ndarray:
    """Return mel-frequency cepstral coefficients, the zeroth included; float32, shape (frames, coefficients).

    Davis and Mermelstein, 1980: the discrete cosine transform of 128 mel bands in decibel.
    """
    return np.asarray((_cosines(coefficients) @ excerpt.mel_decibel.T).T)


def measure(excerpt: Excerpt) -> Moments:
    """Return the moments of the coefficients over the frames; in decibel."""
    return moments(cepstrum(excerpt))
