"""Power spectra of overlapping frames."""

from functools import lru_cache

import numpy as np
import scipy.fft

_BATCH = 64  # frames whose spectra fit a processor's cache


@lru_cache
def hann_window(length: int, *, is_periodic: bool) -> np.ndarray:
    """Return a Hann window; float32, shape (length,)."""
    return (np.hanning(length + 1)[:-1] if is_periodic else np.hanning(length)).astype(np.float32)


def power_spectra(samples: np.ndarray, window: np.ndarray, hop: int) -> np.ndarray:
    """Return the power of every frequency in overlapping frames.

    Parameters
    ----------
    samples : ndarray of float32, shape (samples,)
        At least as many as the window has.
    window : ndarray of float32, shape (length,)
    hop : int
        From the start of one frame to the start of the next, in samples.

    Returns
    -------
    ndarray of float32, shape (frames, length // 2 + 1)
        The squared size of the discrete Fourier transform; samples after the last whole frame are left out.

    Examples
    --------
    >>> tone = np.cos(np.pi / 2 * np.arange(8, dtype=np.float32))
    >>> power_spectra(tone, np.ones(4, np.float32), hop=4).round(3)
    array([[0., 4., 0.],
           [0., 4., 0.]], dtype=float32)
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, len(window))[::hop]
    power = np.empty((len(frames), len(window) // 2 + 1), np.float32)
    for first in range(0, len(frames), _BATCH):
        spectrum = scipy.fft.rfft(frames[first : first + _BATCH] * window, axis=1)
        part = power[first : first + _BATCH]
        np.square(spectrum.real, out=part)
        part += np.square(spectrum.imag)
    return power


def frequencies(length: int, rate: int) -> np.ndarray:
    """Return the frequency of each column of the spectra of frames of `length` samples, in Hz; float64."""
    return np.arange(length // 2 + 1) * (rate / length)
