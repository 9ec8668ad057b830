"""Frames: what networks over time read, bands at every step of a segment."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.fft import dct

from competition.audio.reading import RATE
from competition.audio.signal.excerpt import MEL_BANDS, Excerpt, decibel
from competition.audio.signal.mel import mel_filters
from competition.audio.signal.spectra import hann_window, power_spectra
from competition.errors import ArgumentError

SECONDS = 3.0
"""Of a segment, where none is asked for: with the default steps it has 130 frames, as the field's systems have."""
_SHORTEST, _LONGEST = 256, 8192


def _mel(levels: np.ndarray, bands: int) -> np.ndarray:
    return levels


def _cepstrum(levels: np.ndarray, bands: int) -> np.ndarray:
    return np.asarray(dct(levels, axis=1, norm="ortho")[:, :bands])


@dataclass(frozen=True)
class Kind:
    """A kind of frames.

    Attributes
    ----------
    bands : int
        How many a frame has, where no number is asked for.
    most : int
        The largest number.
    filters : callable
        How many mel bands are needed for a number of bands.
    of : callable
        Makes bands of mel bands in decibel, shape (frames, mel bands).
    """

    bands: int
    most: int
    filters: Callable[[int], int]
    of: Callable[[np.ndarray, int], np.ndarray]


KINDS = {
    "mfcc": Kind(13, MEL_BANDS, lambda bands: MEL_BANDS, _cepstrum),
    "mel": Kind(128, 256, lambda bands: bands, _mel),
}


@dataclass(frozen=True)
class FrameSettings:
    """Which frames are kept of every segment.

    Attributes
    ----------
    kind : str
        Of `KINDS`.
    bands : int
    fft, hop : int
        Samples of a frame, and from the start of one to the start of the next, at 22,050 Hz.

    Raises
    ------
    ArgumentError
        When a value is outside its range.
    """

    kind: str
    bands: int
    fft: int = 2048
    hop: int = 512

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ArgumentError(f'`frames` is "{self.kind}"; expected one of {", ".join(KINDS)}.')
        most = KINDS[self.kind].most
        if not 1 <= self.bands <= most:
            raise ArgumentError(f"`bands` is {self.bands}; expected 1 to {most} of {self.kind}.")
        if not _SHORTEST <= self.fft <= _LONGEST:
            raise ArgumentError(f"`fft` is {self.fft}; expected {_SHORTEST} to {_LONGEST} samples.")
        if not 1 <= self.hop <= self.fft:
            raise ArgumentError(f"`hop` is {self.hop}; expected 1 to {self.fft} samples, the length of a frame.")

    def steps(self, samples: int) -> int:
        """Return how many frames a segment of so many samples has."""
        return 1 + samples // self.hop


def frames_of(excerpt: Excerpt, settings: FrameSettings, samples: int) -> np.ndarray:
    """Return an excerpt's frames, centred on every `hop`-th sample.

    Parameters
    ----------
    excerpt : Excerpt
    settings : FrameSettings
    samples : int
        Of a segment; a shorter excerpt is followed by silence.

    Returns
    -------
    ndarray of float16, shape (1 + samples // hop, bands)
        Mel bands in decibel, at most 80 below the loudest of the segment, or their cosine transform.
    """
    kind = KINDS[settings.kind]
    after = max(0, samples - len(excerpt.samples))
    padded = np.pad(excerpt.samples, (settings.fft // 2, settings.fft - settings.fft // 2 + after))
    power = power_spectra(padded, hann_window(settings.fft, is_periodic=True), settings.hop)
    power = power[: settings.steps(samples)]
    levels = decibel(np.asarray(power @ mel_filters(RATE, settings.fft, kind.filters(settings.bands))))
    return kind.of(levels, settings.bands).astype(np.float16)
