"""The spectrum in one number a frame: centroid, bandwidth, roll-off; and how often the signal changes its sign."""

import numpy as np

from competition.audio.signal.excerpt import FRAME, HOP, Excerpt
from competition.audio.signal.summaries import Moments, moments

_BELOW = 0.85  # the roll-off's share of the magnitude


def centroid(excerpt: Excerpt) -> np.ndarray:
    """Return each frame's mean frequency, weighted by magnitude, in Hz; float64, shape (frames, 1); 0 in silence."""
    mean, _ = _mean_and_square(excerpt)
    return mean[:, None]


def bandwidth(excerpt: Excerpt) -> np.ndarray:
    """Return how far frequencies are from their centroid, a root mean square in Hz; float64, shape (frames, 1)."""
    mean, square = _mean_and_square(excerpt)
    return np.sqrt(np.maximum(square - mean**2, 0.0))[:, None]


def rolloff(excerpt: Excerpt) -> np.ndarray:
    """Return the frequency below which 85 % of the magnitude lies, in Hz; float64, shape (frames, 1); 0 in silence."""
    sums = np.cumsum(excerpt.magnitude, axis=1)
    places = np.argmax(sums >= np.float32(_BELOW) * sums[:, -1:], axis=1)
    return excerpt.frequencies[places][:, None]


def zero_crossings(excerpt: Excerpt) -> np.ndarray:
    """Return the share of samples of each frame at which the signal changes its sign; float64, shape (frames, 1).

    Frames of 2048 samples, centred on every 512th; before and after the excerpt its outermost samples go on.
    """
    samples = np.pad(excerpt.samples, FRAME // 2, mode="edge")
    changes = np.concatenate([[0], np.cumsum(np.diff(np.signbit(_without_dust(samples))))])
    first = np.arange(0, len(samples) - FRAME + 1, HOP)
    return ((changes[first + FRAME - 1] - changes[first]) / FRAME)[:, None]


def _without_dust(samples: np.ndarray) -> np.ndarray:
    return np.where(np.abs(samples) <= 1e-10, np.float32(0), samples)


def _mean_and_square(excerpt: Excerpt) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of each frame's frequencies and of their squares, weighted by magnitude; float64, (frames,)."""
    hertz = excerpt.frequencies
    weights, sums, squares = np.stack([np.ones_like(hertz), hertz, hertz**2]) @ excerpt.magnitude.T.astype(np.float64)
    weights[weights < np.finfo(np.float32).tiny] = 1.0
    return sums / weights, squares / weights


def measure_centroid(excerpt: Excerpt) -> Moments:
    """Return the moments of the centroid over the frames."""
    return moments(centroid(excerpt))


def measure_bandwidth(excerpt: Excerpt) -> Moments:
    """Return the moments of the bandwidth over the frames."""
    return moments(bandwidth(excerpt))


def measure_rolloff(excerpt: Excerpt) -> Moments:
    """Return the moments of the roll-off over the frames."""
    return moments(rolloff(excerpt))


def measure_zero_crossings(excerpt: Excerpt) -> Moments:
    """Return the moments of the share of zero crossings over the frames."""
    return moments(zero_crossings(excerpt))
