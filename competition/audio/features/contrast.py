"""Spectral contrast: how far peaks stand above valleys, octave by octave."""

import numpy as np

from competition.audio.signal.excerpt import Excerpt, decibel
from competition.audio.signal.summaries import Moments, moments

BANDS = 7
"""Up to 200 Hz, then an octave each; the last one reaches half the rate."""
_FIRST_EDGE = 200.0
_SHARE = 0.02  # of a band's frequencies, the strongest and the weakest


def contrast(excerpt: Excerpt) -> np.ndarray:
    """Return the decibels from each band's weakest to its strongest frequencies; float32, shape (frames, 7).

    Jiang and others, "Music type classification by spectral contrast feature", 2002: the mean of the strongest and of
    the weakest fiftieth of the magnitudes, at least one.
    """
    edges = np.concatenate([[0.0], _FIRST_EDGE * 2.0 ** np.arange(BANDS)])
    parts = [
        _peak_and_valley(excerpt, edges[band], edges[band + 1], is_last=band == BANDS - 1) for band in range(BANDS)
    ]
    peaks, valleys = (np.stack(one, axis=1) for one in zip(*parts, strict=True))
    return decibel(peaks) - decibel(valleys)


def _peak_and_valley(excerpt: Excerpt, lower: float, upper: float, *, is_last: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of a band's strongest and of its weakest magnitudes; both float32, shape (frames,)."""
    hertz = excerpt.frequencies
    first = np.searchsorted(hertz, lower) - (lower > 0)
    stop = len(hertz) if is_last else np.searchsorted(hertz, upper, side="right")
    count = max(1, round(_SHARE * int(stop - first)))
    ordered = np.sort(excerpt.magnitude[:, first : stop if is_last else stop - 1], axis=1)
    return ordered[:, -count:].mean(axis=1), ordered[:, :count].mean(axis=1)


def measure(excerpt: Excerpt) -> Moments:
    """Return the moments of the contrast over the frames; in decibel."""
    return moments(contrast(excerpt))
