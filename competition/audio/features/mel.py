"""Mel bands: how much power there is along the ear's scale of pitch."""

import numpy as np

from competition.audio.signal.excerpt import FRAME, Excerpt, decibel
from competition.audio.signal.mel import mel_filters
from competition.audio.signal.summaries import Moments, moments

BANDS = 40


def mel(excerpt: Excerpt) -> np.ndarray:
    """Return 40 mel bands in decibel, at most 80 below the loudest of the excerpt; float32, shape (frames, 40)."""
    return decibel(np.asarray(excerpt.power @ mel_filters(excerpt.rate, FRAME, BANDS)))


def measure(excerpt: Excerpt) -> Moments:
    """Return the moments of the mel bands over the frames; in decibel."""
    return moments(mel(excerpt))
