"""Tempogram: how much the onsets of the last seconds repeat at each tempo."""

import numpy as np
import scipy.fft

from competition.audio.signal.excerpt import FRAME, HOP, Excerpt
from competition.audio.signal.spectra import hann_window
from competition.audio.signal.summaries import Moments, moments

BANDS = 31
"""Tempi from 40 to 226 beats a minute, twelve in each doubling."""
_SLOWEST = 40.0
_FRAMES = 384  # 8.9 s at 22050 Hz, around each frame


def tempi() -> np.ndarray:
    """Return the tempo of each band, in beats a minute; float64, shape (31,)."""
    return _SLOWEST * 2.0 ** (np.arange(BANDS) / 12)


def onset_strength(excerpt: Excerpt) -> np.ndarray:
    """Return how much louder the mel bands are than a frame ago, on average; float32, shape (frames,), in decibel.

    Boeck and Widmer, "Maximum filter vibrato suppression for onset detection", 2013, without the filter; moved so that
    an onset stands at the centre of its frame.
    """
    louder = np.maximum(np.diff(excerpt.mel_decibel, axis=0), 0).mean(axis=1)
    delay = 1 + FRAME // (2 * HOP)
    return np.concatenate([np.zeros(delay, np.float32), louder])[: len(excerpt.mel)]


def autocorrelations(onsets: np.ndarray) -> np.ndarray:
    """Return the local autocorrelation of onset strength around each frame, at most 1; float32, (frames, 384 lags).

    Grosche, Mueller and Kurth, "Cyclic tempogram", 2010. A frame whose surroundings are silent is 0.

    Parameters
    ----------
    onsets : ndarray of float32, shape (frames,)
    """
    half = _FRAMES // 2
    padded = np.pad(onsets, half, mode="linear_ramp", end_values=0)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FRAMES)[: len(onsets)]
    spectrum = scipy.fft.rfft(windows * hann_window(_FRAMES, is_periodic=True), 2 * _FRAMES, axis=1)
    correlations = scipy.fft.irfft(np.abs(spectrum) ** 2, 2 * _FRAMES, axis=1)[:, :_FRAMES]
    largest = np.abs(correlations).max(axis=1, keepdims=True)
    return correlations / np.where(largest < np.finfo(np.float32).tiny, np.float32(1), largest)


def tempogram(excerpt: Excerpt) -> np.ndarray:
    """Return the autocorrelation at each of the `tempi`, between lags linearly; float64, shape (frames, 31)."""
    lags = 60 * excerpt.rate / (HOP * tempi())
    whole = lags.astype(int)
    correlations = autocorrelations(onset_strength(excerpt))
    lower, upper = correlations[:, whole], correlations[:, whole + 1]
    return lower + (lags - whole) * (upper - lower)


def measure(excerpt: Excerpt) -> Moments:
    """Return the moments of the tempogram over the frames."""
    return moments(tempogram(excerpt))
