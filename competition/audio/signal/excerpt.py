"""An excerpt of a recording, and what several features are computed from, computed once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from competition.audio.signal.mel import mel_filters
from competition.audio.signal.spectra import frequencies, hann_window, power_spectra
from competition.errors import DataError

FRAME, HOP = 2048, 512
"""Samples of a frame, and from one frame to the next, for all features but the rhythm's."""
MEL_BANDS = 128
_LOUDEST = 1000.0  # 60 dB above full scale


@dataclass(frozen=True, eq=False)
class Excerpt:
    """Part of a recording, or a whole one.

    Attributes
    ----------
    samples : ndarray of float32, shape (samples,)
        One channel, full scale at -1 and 1.
    rate : int
        In Hz.

    Raises
    ------
    DataError
        When a sample is not a number, or so large that full scale must be another.
    """

    samples: np.ndarray
    rate: int

    def __post_init__(self) -> None:
        peak = max(-self.samples.min(initial=0), self.samples.max(initial=0))
        if not peak <= _LOUDEST:
            raise DataError(
                f"the samples reach {peak:g}; expected numbers with full scale at -1 and 1: "
                "divide whole numbers of 16 bits by 32768."
            )

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate

    @cached_property
    def power(self) -> np.ndarray:
        """Power spectra of frames centred on every 512th sample, with silence before and after; float32.

        Shape (1 + samples // 512, 1025). Frames of 2048 samples in a periodic Hann window, as librosa's defaults; in
        memory all frames of one frequency lie side by side, and so in what follows.
        """
        padded = np.pad(self.samples, FRAME // 2)
        return power_spectra(padded, hann_window(FRAME, is_periodic=True), HOP)

    @cached_property
    def magnitude(self) -> np.ndarray:
        """The square root of the power; float32, as `power`."""
        return np.sqrt(self.power)

    @cached_property
    def frequencies(self) -> np.ndarray:
        """The frequency of each column of `power`, in Hz; float64, shape (1025,)."""
        return frequencies(FRAME, self.rate)

    @cached_property
    def mel(self) -> np.ndarray:
        """Power in 128 mel bands from 0 Hz to half the rate; float32, shape (frames, 128)."""
        return np.asarray(self.power @ mel_filters(self.rate, FRAME, MEL_BANDS))

    @cached_property
    def mel_decibel(self) -> np.ndarray:
        """The mel bands in decibel, at most 80 below the loudest of the excerpt; float32, as `mel`."""
        return decibel(self.mel)


def decibel(power: np.ndarray, *, floor: float = 1e-10, span: float = 80.0) -> np.ndarray:
    """Return power in decibel, cut off `span` below the loudest value.

    Parameters
    ----------
    power : ndarray of float32
    floor : float
        The least power, that of silence.
    span : float
        In decibel.

    Examples
    --------
    >>> decibel(np.array([1.0, 0.1, 0.0], np.float32)).tolist()
    [0.0, -10.0, -80.0]
    """
    levels = np.log10(np.maximum(power, np.float32(floor)))
    levels *= np.float32(10)
    return np.maximum(levels, levels.max() - np.float32(span), out=levels)
