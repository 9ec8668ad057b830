"""Statistical Spectrum Descriptors frame by frame, band by band: slow and plain, to hold the fast ones against."""

import math
from functools import cache
from itertools import pairwise

import numpy as np

BARK = (0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400, 5300,
        6400, 7700, 9500, 12000, 15500)  # fmt: skip
HERTZ = (31.62, 50, 70.7, 100, 141.4, 200, 316.2, 500, 707.1, 1000, 1414, 1682, 2000, 2515, 3162, 3976, 5000, 7071,
         10000, 11890, 14140, 15500)  # fmt: skip
CURVES = {
    3: (55, 40, 32, 24, 19, 14, 10, 6, 4, 3, 2, 2, 0, -2, -5, -4, 0, 5, 10, 14, 25, 35),
    20: (66, 52, 43, 37, 32, 27, 23, 21, 20, 20, 20, 20, 19, 16, 13, 13, 18, 22, 25, 30, 40, 50),
    40: (76, 64, 57, 51, 47, 43, 41, 41, 40, 40, 40, 39.5, 38, 35, 33, 33, 35, 41, 46, 50, 60, 70),
    60: (89, 79, 74, 70, 66, 63, 61, 60, 60, 60, 60, 59, 56, 53, 52, 53, 56, 61, 65, 70, 80, 90),
    80: (103, 96, 92, 88, 85, 83, 81, 80, 80, 80, 80, 79, 76, 72, 70, 70, 75, 79, 83, 87, 95, 105),
    100: (118, 110, 107, 105, 103, 102, 101, 100, 100, 100, 100, 99, 97, 94, 90, 90, 95, 100, 103, 105, 108, 115),
}
BANDS = range(24)


def descriptor(samples: np.ndarray, rate: int, *, spectral_masking: bool) -> np.ndarray:
    """Return the statistics of a recording; float64, shape (7, 24)."""
    segment = min({11025: 2**16, 22050: 2**17, 44100: 2**18}[rate], len(samples))
    starts = list(range(0, len(samples) - segment + 1, segment))
    if len(samples) / rate >= 45:
        starts = starts[1:-1]
    described = [
        statistics(loudness(samples[start : start + segment], rate, spectral_masking=spectral_masking))
        for start in starts
    ]
    return np.mean(described, axis=0)


def loudness(segment: np.ndarray, rate: int, *, spectral_masking: bool) -> np.ndarray:
    """Return the loudness of a segment's frames in sone; float64, shape (frames, 24)."""
    length = {11025: 256, 22050: 512, 44100: 1024}[rate]
    window = np.array([0.5 - 0.5 * math.cos(2 * math.pi * place / (length - 1)) for place in range(length)])
    frames = []
    for start in range(0, len(segment) - length + 1, length // 2):
        power = np.abs(np.fft.rfft(2867.2 * segment[start : start + length].astype(np.float64) * window)) ** 2
        power[1:] *= 2
        bands = bark_bands(power / np.sum(window**2) / (2 * math.pi), rate / length)
        if spectral_masking:
            bands = spread(bands)
        frames.append([sone(phon(10 * math.log10(max(bands[band], 1)), BARK[band + 1])) for band in BANDS])
    return np.array(frames)


def bark_bands(power: np.ndarray, step: float) -> list[float]:
    """Return the sums of what lies in each band, of frequencies `step` Hz apart."""
    hertz = step * np.arange(len(power))
    return [power[(BARK[band] <= hertz) & (hertz < BARK[band + 1])].sum() for band in BANDS]


def spread(bands: list[float]) -> list[float]:
    """Return bands with what their neighbours cover them with."""
    return [sum(share(to, source) * bands[source] for source in BANDS) for to in BANDS]


def share(to: int, source: int) -> float:
    """Return how much of a band's power reaches another."""
    distance = to - source + 0.474
    return 10 ** ((15.81 + 7.5 * distance - 17.5 * math.sqrt(1 + distance**2)) / 10)


def phon(decibel: float, hertz: float) -> float:
    """Return the loudness level of a tone."""
    levels = curves_at(hertz)
    if decibel <= levels[0][0]:
        return 3.0
    for (low, quieter), (high, louder) in pairwise(levels):
        if decibel <= high or louder == 100:
            return quieter + (decibel - low) / (high - low) * (louder - quieter)
    raise AssertionError


@cache
def curves_at(hertz: float) -> list[tuple[float, int]]:
    """Return the decibels of each curve at a frequency, and the curve's phon."""
    return [(float(np.interp(hertz, HERTZ, curve)), label) for label, curve in CURVES.items()]


def sone(level: float) -> float:
    """Return the loudness of a loudness level."""
    return 2 ** ((level - 40) / 10) if level >= 40 else (level / 40) ** 2.642


def statistics(frames: np.ndarray) -> np.ndarray:
    """Return mean, variance, skewness, kurtosis, median, min and max of each band; (7, 24)."""
    return np.array([band_statistics(frames[:, band].tolist()) for band in BANDS]).T


def band_statistics(values: list[float]) -> list[float]:
    """Return the statistics of one band; skewness and kurtosis are 0 where it never changes."""
    ordered, count = sorted(values), len(values)
    mean = sum(values) / count
    variance, third, fourth = (sum((value - mean) ** power for value in values) / count for power in (2, 3, 4))
    is_constant = ordered[0] == ordered[-1]
    shape = [0.0, 0.0] if is_constant else [third / variance**1.5, fourth / variance**2]
    median = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return [mean, 0.0 if is_constant else variance, *shape, median, ordered[0], ordered[-1]]
