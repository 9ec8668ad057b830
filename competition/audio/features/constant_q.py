"""Constant-Q chroma: pitch classes from filters that are as narrow, in semitones, in the bass as in the treble."""

from functools import lru_cache

import numpy as np
import scipy.fft
from scipy import sparse

from competition.audio.features.chroma import BANDS, strongest_as_one
from competition.audio.signal.excerpt import HOP, Excerpt
from competition.audio.signal.summaries import Moments, moments

_LOWEST = 32.703195662574829  # C1, in Hz
_SEMITONES = 84  # seven octaves
_FRAME = 2**14  # as long as the lowest filter at 22050 Hz
_LEAST = 1e-3  # of a kernel's largest weight; smaller ones are left out
_BATCH = 32


@lru_cache
def kernels(rate: int) -> sparse.csr_array:
    """Return each semitone's filter, up to the highest frequency of any; complex64, shape (frequencies, semitones).

    Brown and Puckette, "An efficient algorithm for the calculation of a constant Q transform", 1992: a Hann window of
    as many periods for every semitone, so that neighbours are told apart everywhere.

    Parameters
    ----------
    rate : int
        In Hz, at least 22050.
    """
    quality = 1 / (2 ** (1 / BANDS) - 1)
    pitches = _LOWEST * 2 ** (np.arange(_SEMITONES) / BANDS)
    columns = np.zeros((_FRAME // 2 + 1, _SEMITONES), complex)
    for semitone, pitch in enumerate(pitches):
        length = min(_FRAME, round(quality * rate / pitch))
        wave = np.hanning(length + 1)[:-1] * np.exp(2j * np.pi * pitch / rate * (np.arange(length) - length // 2))
        atom = np.zeros(_FRAME, complex)
        first = (_FRAME - length) // 2
        atom[first : first + length] = wave / length
        spectrum = np.conj(scipy.fft.fft(atom))[: _FRAME // 2 + 1] / _FRAME
        columns[:, semitone] = np.where(np.abs(spectrum) >= _LEAST * np.abs(spectrum).max(), spectrum, 0)
    used = np.flatnonzero(columns.any(axis=1))[-1] + 1
    return sparse.csr_array(columns[:used].astype(np.complex64))


def constant_q(excerpt: Excerpt) -> np.ndarray:
    """Return the magnitude of 84 semitones from C1 upwards, in frames centred on every 512th sample.

    Returns
    -------
    ndarray of float32, shape (1 + samples // 512, 84)
    """
    padded = np.pad(excerpt.samples, _FRAME // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::HOP]
    weights = kernels(excerpt.rate)
    magnitude = np.empty((len(frames), _SEMITONES), np.float32)
    for first in range(0, len(frames), _BATCH):
        spectrum = scipy.fft.rfft(frames[first : first + _BATCH], axis=1)
        magnitude[first : first + _BATCH] = np.abs(spectrum[:, : weights.shape[0]] @ weights)
    return magnitude


def chroma(excerpt: Excerpt) -> np.ndarray:
    """Return each pitch class's share of the strongest in each frame; float32, shape (frames, 12), C first."""
    octaves = constant_q(excerpt).reshape(-1, _SEMITONES // BANDS, BANDS)
    return strongest_as_one(octaves.sum(axis=1))


def measure(excerpt: Excerpt) -> Moments:
    """Return the moments of the pitch classes over the frames."""
    return moments(chroma(excerpt))
