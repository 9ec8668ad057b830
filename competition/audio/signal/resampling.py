"""Other sample rates, by the resampler that MSD_musicnn's published tags were computed with."""

from functools import lru_cache
from math import gcd

import numpy as np
from scipy.special import i0

_CROSSINGS = 64  # zero crossings of the windowed sinc on each side
_STEPS = 512  # table entries from one crossing to the next
_BETA = 14.769656459379492  # of the Kaiser window
_ROLL_OFF = 0.9475937167399596
_BATCH = 1024  # blocks of output at once: long recordings take no more memory than short ones


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Return samples at another rate.

    Smith's "Digital audio resampling": the sound between samples is a sum of windowed sincs, read from a table of 512
    steps a crossing with linear interpolation. Positions repeat after ``wanted / gcd(rate, wanted)`` samples, so each
    such block is one row of a matrix product.

    Parameters
    ----------
    samples : ndarray of float32, shape (samples,)
        Silence is before and after.
    rate, wanted : int
        In Hz; the matrix has as many columns as one block has samples, so rates should have a large common divisor.

    Returns
    -------
    ndarray of float32, shape (ceil(samples * wanted / rate),)

    Examples
    --------
    >>> resampled(np.ones(441, np.float32), 22050, 16000)[100:220].round(3).min()
    np.float32(1.0)
    """
    if rate == wanted:
        return samples
    matrix, before = _matrix(rate // gcd(rate, wanted), wanted // gcd(rate, wanted))
    width, made = matrix.shape
    step = rate * made // wanted
    count = -(-len(samples) * wanted // rate)
    blocks = -(-count // made)
    padded = np.zeros((blocks - 1) * step + width, np.float32)
    stop = min(len(samples), len(padded) - before)
    padded[before : before + stop] = samples[:stop]
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[::step]
    parts = [np.ascontiguousarray(windows[first : first + _BATCH]) @ matrix for first in range(0, blocks, _BATCH)]
    return np.concatenate(parts).ravel()[:count]


@lru_cache(maxsize=4)
def _matrix(step: int, made: int) -> tuple[np.ndarray, int]:
    """Return what makes `made` samples of what surrounds `step` samples, and how many of these are before them.

    Float32, shape (samples, made).
    """
    scale = min(1.0, made / step)
    jump = int(scale * _STEPS)  # truncated, as the original has it: sines come out up to 0.3 % too large
    reach = (_CROSSINGS * _STEPS) // jump + 1
    whole, phase = np.divmod(np.arange(made) * step, made)
    share = scale * phase / made
    matrix = np.zeros((reach + step + reach, made))
    for taps, offset, direction in ((whole, share, -1), (whole + 1, scale - share, 1)):
        for tap in range(reach):
            matrix[reach + taps + direction * tap, np.arange(made)] += scale * _sinc(offset * _STEPS + tap * jump)
    return matrix.astype(np.float32), reach


def _sinc(places: np.ndarray) -> np.ndarray:
    """Return the windowed sinc at places in the table, which may lie between its entries; 0 behind its end."""
    table = _table()
    return np.interp(places, np.arange(len(table)), table, right=0.0)


@lru_cache
def _table() -> np.ndarray:
    """Return the right half of the windowed sinc; float64, shape (32769,)."""
    crossings = np.arange(_CROSSINGS * _STEPS + 1) / _STEPS
    window = i0(_BETA * np.sqrt(1 - (crossings / _CROSSINGS) ** 2)) / i0(_BETA)
    return _ROLL_OFF * np.sinc(_ROLL_OFF * crossings) * window
