"""Slaney's mel scale, and filters along it."""

from functools import lru_cache

import numpy as np
from scipy import sparse

from competition.audio.signal.spectra import frequencies

_HERTZ_A_MEL = 200 / 3
_CORNER = 1000.0  # linear below, logarithmic above
_STEP = np.log(6.4) / 27


def to_mel(hertz: np.ndarray) -> np.ndarray:
    """Return frequencies on the mel scale of Slaney's Auditory Toolbox (1998).

    Examples
    --------
    >>> to_mel(np.array([0.0, 200.0, 1000.0, 6400.0])).round(6).tolist()
    [0.0, 3.0, 15.0, 42.0]
    """
    above = np.log(np.maximum(hertz, _CORNER) / _CORNER) / _STEP
    return np.minimum(hertz, _CORNER) / _HERTZ_A_MEL + above


def to_hertz(mel: np.ndarray) -> np.ndarray:
    """Return the frequencies of places on the mel scale, in Hz.

    Examples
    --------
    >>> to_hertz(np.array([0.0, 3.0, 15.0, 42.0])).round(6).tolist()
    [0.0, 200.0, 1000.0, 6400.0]
    """
    corner = _CORNER / _HERTZ_A_MEL
    return np.minimum(mel, corner) * _HERTZ_A_MEL * np.exp(np.maximum(mel - corner, 0) * _STEP)


@lru_cache
def mel_filters(rate: int, frame: int, bands: int, highest: float | None = None) -> sparse.csr_array:
    """Return triangular filters, equally wide on the mel scale, each of the same area (Slaney).

    Parameters
    ----------
    rate, frame : int
        In Hz, and the samples of a frame.
    bands : int
    highest : float or None
        In Hz; by default half the rate.

    Returns
    -------
    csr_array of float32, shape (frame // 2 + 1, bands)
        What spectra are multiplied by.
    """
    top = to_mel(np.array(rate / 2 if highest is None else highest))
    edges = to_hertz(np.linspace(0.0, top, bands + 2))
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    grid = frequencies(frame, rate)[:, None]
    rising, falling = (grid - lower) / (centre - lower), (upper - grid) / (upper - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (upper - lower))
    return sparse.csr_array(triangles.astype(np.float32))
