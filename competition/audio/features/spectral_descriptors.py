"""Statistical Spectrum Descriptors: how loud 24 bands of hearing are, and how that varies.

Lidy and Rauber, "Evaluation of feature extractors and psycho-acoustic transformations for music genre classification",
ISMIR 2005. Units and details follow the program rp_extract, with which the columns of the 2018 competition were made.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse

from competition.audio.signal.excerpt import Excerpt
from competition.audio.signal.spectra import frequencies, hann_window, power_spectra
from competition.audio.signal.summaries import Segments
from competition.errors import DataError

STATISTICS = ("mean", "variance", "skewness", "kurtosis", "median", "min", "max")
BANDS = 24
SEGMENT_SECONDS = 2**17 / 22050
SHORTEST_SECONDS = 1.0
RATES = (11025, 22050, 44100)

_SCALE = 0.0875 * 2**15  # brings full scale to the loudness that the ear's curves are in
# fmt: off
BARK = np.array([
    0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400, 5300, 6400,
    7700, 9500, 12000, 15500,
])
# fmt: on
"""The edges of the bands, in Hz."""
_PHONS = np.array([3.0, 20, 40, 60, 80, 100, 1100])
# fmt: off
_CURVE_HERTZ = np.array([
    31.62, 50, 70.7, 100, 141.4, 200, 316.2, 500, 707.1, 1000, 1414, 1682, 2000, 2515, 3162, 3976, 5000, 7071, 10000,
    11890, 14140, 15500,
])
# fmt: on
_CURVES = np.array(
    [
        [55, 40, 32, 24, 19, 14, 10, 6, 4, 3, 2, 2, 0, -2, -5, -4, 0, 5, 10, 14, 25, 35],
        [66, 52, 43, 37, 32, 27, 23, 21, 20, 20, 20, 20, 19, 16, 13, 13, 18, 22, 25, 30, 40, 50],
        [76, 64, 57, 51, 47, 43, 41, 41, 40, 40, 40, 39.5, 38, 35, 33, 33, 35, 41, 46, 50, 60, 70],
        [89, 79, 74, 70, 66, 63, 61, 60, 60, 60, 60, 59, 56, 53, 52, 53, 56, 61, 65, 70, 80, 90],
        [103, 96, 92, 88, 85, 83, 81, 80, 80, 80, 80, 79, 76, 72, 70, 70, 75, 79, 83, 87, 95, 105],
        [118, 110, 107, 105, 103, 102, 101, 100, 100, 100, 100, 99, 97, 94, 90, 90, 95, 100, 103, 105, 108, 115],
    ]
)
"""Sound levels in decibel that are equally loud, a row for each of `_PHONS` but the last (Fletcher and Munson)."""


@dataclass(frozen=True)
class _Grid:
    """What depends on the rate: the window, and which frequencies make each band."""

    window: np.ndarray
    bands: sparse.csc_array
    segment: int

    @property
    def hop(self) -> int:
        """From the start of one frame to the start of the next, in samples."""
        return len(self.window) // 2


@lru_cache
def _grid(rate: int) -> _Grid:
    factor = rate // RATES[0]
    frame = 256 * factor
    band_of = np.searchsorted(BARK, frequencies(frame, rate), side="right") - 1
    members = (band_of[:, None] == np.arange(BANDS)).astype(np.float32)
    members[1:] *= 2  # the other half of the spectrum; the first frequency has none
    window = hann_window(frame, is_periodic=False)
    # The scale goes into the window and the division by its energy into the bands: two passes over memory less.
    members /= np.float32(2 * np.pi * np.sum(window.astype(float) ** 2))
    return _Grid(window * np.float32(_SCALE), sparse.csc_array(members), 2**16 * factor)


@lru_cache
def _spreading() -> np.ndarray:
    """Return how much of each band's power masks each other one (Schroeder and others, 1979); shape (bands, bands)."""
    distance = np.arange(BANDS)[:, None] - np.arange(BANDS) + 0.474
    return 10 ** ((15.81 + 7.5 * distance - 17.5 * np.sqrt(1 + distance**2)) / 10)


@lru_cache
def _levels() -> np.ndarray:
    """Return the decibels of each of `_PHONS` at each band's upper edge; shape (bands, phons).

    The last one goes on as the curves of 80 and 100 phon lie apart.
    """
    curves = [np.interp(BARK[1:], _CURVE_HERTZ, curve) for curve in _CURVES]
    last = curves[-1] + 50 * (curves[-1] - curves[-2])
    return np.array([*curves, last]).T


def sonogram(excerpt: Excerpt, *, spectral_masking: bool = False) -> np.ndarray:
    """Return how loud each band is, frame by frame, of whole segments of 5.94 s; of all there is in a shorter excerpt.

    Parameters
    ----------
    excerpt : Excerpt
        Of a rate of `RATES`, at least a second long.
    spectral_masking : bool
        Whether loud bands cover what their neighbours have. The 2018 columns are without it.

    Returns
    -------
    ndarray of float32, shape (segments, frames, 24)
        In sone: 1 is as loud as a tone of 1000 Hz at 40 dB. Frames are half a window apart, 256 samples at 22050 Hz;
        none reaches over the end of its segment. In memory all frames of a band lie side by side.

    Raises
    ------
    DataError
        When the excerpt is of another rate or too short.
    """
    _check(excerpt)
    grid = _grid(excerpt.rate)
    length = min(grid.segment, len(excerpt.samples))
    segments = len(excerpt.samples) // length
    power = power_spectra(excerpt.samples[: segments * length], grid.window, grid.hop) @ grid.bands
    if spectral_masking:
        power = (_spreading().astype(np.float32) @ power.T).T
    return sone(_split(power, segments))


def _split(bands: np.ndarray, segments: int) -> np.ndarray:
    """Return the frames of each segment without those that reach into the next one; (segments, frames, bands)."""
    filled = np.pad(bands.T, ((0, 0), (0, 1)))  # the last segment has no such frame
    return filled.reshape(len(filled), segments, -1)[..., :-1].transpose(1, 2, 0)


def _check(excerpt: Excerpt) -> None:
    if excerpt.rate not in RATES:
        raise DataError(
            f"the samples are of {excerpt.rate} Hz; expected {', '.join(map(str, RATES))}: bring them to one of these."
        )
    if excerpt.seconds < SHORTEST_SECONDS:
        raise DataError(f"the samples are {excerpt.seconds:.2f} s; expected at least {SHORTEST_SECONDS:g} s.")


def sone(power: np.ndarray) -> np.ndarray:
    """Return loudness in sone of power in bands, where 1 is 0 dB.

    Parameters
    ----------
    power : ndarray of float32, shape (..., 24)

    Returns
    -------
    ndarray of float32, shape (..., 24)
        At least (3/40)^2.642 = 0.001066, what cannot be heard. Silence counts as 0 dB, which is that, but for the five
        bands from 2000 to 4400 Hz, where the ear hears tones below 0 dB: there it is up to 0.0127.
    """
    levels = np.log10(np.maximum(power, np.float32(1)))
    levels *= np.float32(10)
    phon = np.empty_like(levels)
    for band, curves in enumerate(_levels()):
        phon[..., band] = np.interp(levels[..., band], curves, _PHONS)
    return np.exp2(np.where(phon >= 40, (phon - 40) / 10, 2.642 * np.log2(phon / 40)))


def describe(loudness: np.ndarray) -> np.ndarray:
    """Return the `STATISTICS` over the frames of each segment.

    Parameters
    ----------
    loudness : ndarray of float32, shape (segments, frames, bands)

    Returns
    -------
    ndarray of float64, shape (segments, 7, bands)
        Divided by the number of frames throughout; the kurtosis of a normal distribution is 3; skewness and kurtosis of
        a band that never changes are 0.
    """
    frames = np.sort(loudness.transpose(0, 2, 1), axis=2).astype(np.float64)
    least, largest, half = frames[..., 0], frames[..., -1], frames.shape[2] // 2
    median = (frames[..., half] + frames[..., -1 - half]) / 2
    mean = frames.mean(axis=2)
    deviations = frames - mean[..., None]
    squared = deviations * deviations
    variance = squared.mean(axis=2)
    third = np.einsum("ijk,ijk->ij", squared, deviations) / frames.shape[2]
    fourth = np.einsum("ijk,ijk->ij", squared, squared) / frames.shape[2]
    safe = np.where(variance > 0, variance, 1.0)
    varies = largest > least
    skewness, kurtosis = varies * third / safe**1.5, varies * fourth / safe**2
    return np.stack([mean, variance, skewness, kurtosis, median, least, largest], axis=1)


def measure(excerpt: Excerpt) -> Segments:
    """Return the statistics of an excerpt's segments, of which a recording's are the mean; in sone."""
    return Segments(describe(sonogram(excerpt)), excerpt.seconds, np.mean)


def spectral_statistics(samples: np.ndarray, rate: int, *, spectral_masking: bool = False) -> np.ndarray:
    """Return the Statistical Spectrum Descriptor of a recording.

    Parameters
    ----------
    samples : ndarray of float, shape (samples,) or (samples, channels)
        Full scale at -1 and 1; channels are averaged. At least a second.
    rate : int
        11025, 22050 or 44100 Hz.
    spectral_masking : bool
        Whether loud bands cover what their neighbours have.

    Returns
    -------
    ndarray of float64, shape (168,)
        Mean, variance, skewness, kurtosis, median, min and max of the loudness of 24 Bark bands in sone, all bands of
        one statistic after the other: the mean over segments of 5.94 s. What is left at the end is not used, nor are
        the first and the last segment of a recording of 45 s or more; one shorter than a segment is one segment. The
        2018 competition's columns are these times 1000.

    Raises
    ------
    DataError
        When the rate is another, the recording too short, or its full scale another.

    Examples
    --------
    >>> silence = spectral_statistics(np.zeros(22050), 22050)
    >>> float(silence[0].round(6))
    0.001066
    """
    excerpt = Excerpt(_mono(np.asarray(samples, np.float32)), rate)
    segments = Segments(describe(sonogram(excerpt, spectral_masking=spectral_masking)), excerpt.seconds, np.mean)
    return segments.values().ravel()


def _mono(samples: np.ndarray) -> np.ndarray:
    if samples.ndim == 1:
        return samples
    if samples.ndim == 2 and samples.shape[0] > samples.shape[1]:
        return samples.mean(axis=1)
    raise DataError(f"the samples have the shape {samples.shape}; expected (samples,) or (samples, channels).")
