"""Power spectra of overlapping frames."""

from functools import lru_cache

import numpy as np
import scipy.fft

_BATCH = 2**17  # samples of frames whose spectra fit a processor's cache


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
        The squared size of the discrete Fourier transform; samples after the last whole frame are left out. In memory
        all frames of one frequency lie side by side, for which products with filters are several times faster.

    Examples
    --------
    >>> tone = np.cos(np.pi / 2 * np.arange(8, dtype=np.float32))
    >>> power_spectra(tone, np.ones(4, np.float32), hop=4).round(3)
    array([[0., 4., 0.],
           [0., 4., 0.]], dtype=float32)
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, len(window))[::hop]
    power = np.empty((len(window) // 2 + 1, len(frames)), np.float32).T
    batch = max(1, _BATCH // len(window))
    for first in range(0, len(frames), batch):
        spectrum = scipy.fft.rfft(frames[first : first + batch] * window, axis=1)
        power[first : first + batch] = np.multiply(spectrum, spectrum.conj(), out=spectrum).real
    return power


def frequencies(length: int, rate: int) -> np.ndarray:
    """Return the frequency of each column of the spectra of frames of `length` samples, in Hz; float64."""
    return np.arange(length // 2 + 1) * (rate / length)
