"""What the tagger hears: three seconds of sound as 187 frames of 96 mel bands."""

from collections.abc import Iterator

import numpy as np

from competition.audio.signal.excerpt import Excerpt
from competition.audio.signal.mel import mel_filters
from competition.audio.signal.resampling import resampled
from competition.audio.signal.spectra import hann_window, power_spectra

RATE = 16000
"""In Hz."""
FRAME, HOP = 512, 256
FRAMES, BANDS = 187, 96
"""Of a patch."""


def mel(samples: np.ndarray) -> np.ndarray:
    """Return the logarithm of mel bands, from 0 to 8000 Hz.

    Parameters
    ----------
    samples : ndarray of float32, shape (samples,)
        At 16,000 Hz; mirrored at both ends.

    Returns
    -------
    ndarray of float32, shape (1 + samples // 256, 96)
        Frame k is centred on sample 256 k; silence is 0.
    """
    padded = np.pad(samples, FRAME // 2, mode="reflect")
    power = power_spectra(padded, hann_window(FRAME, is_periodic=True), HOP)
    return np.log10(np.float32(10000) * (power @ mel_filters(RATE, FRAME, BANDS)) + np.float32(1))


def patches(excerpt: Excerpt, hop: int = FRAMES) -> Iterator[np.ndarray]:
    """Yield the patches of an excerpt; what is left at its end is dropped, and a short excerpt is repeated to fill one.

    Parameters
    ----------
    excerpt : Excerpt
    hop : int
        From the start of one patch to the start of the next, in frames.

    Yields
    ------
    ndarray of float32, shape (187, 96)
    """
    frames = mel(resampled(excerpt.samples, excerpt.rate, RATE))
    if len(frames) < FRAMES:
        frames = frames[np.arange(FRAMES) % len(frames)]
    for first in range(0, len(frames) - FRAMES + 1, hop):
        yield frames[first : first + FRAMES]
