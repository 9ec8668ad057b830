"""Statistics over time that can be joined, so that a long recording is described piece by piece."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np


class Summary(Protocol):
    """What one feature says of an excerpt, in a form to which the next excerpt's can be joined."""

    def joined(self, later: Self) -> Self:
        """Return the summary of this excerpt and the `later` one as one."""

    def values(self) -> np.ndarray:
        """Return the statistics; float64, shape (statistics, bands)."""


_FADES_FROM = 45.0  # seconds

MOMENTS = ("mean", "variance", "min", "max")


@dataclass(frozen=True)
class Moments:
    """Mean, variance, least and largest value of each band over frames.

    Attributes
    ----------
    frames : int
    mean, squares, least, largest : ndarray of float64, shape (bands,)
        `squares` is the sum of squared deviations from the mean.
    statistics : tuple of str
        What `values` returns: some of mean, variance, deviation, min and max.

    Examples
    --------
    >>> first, second = moments(np.array([[1.0], [3.0]])), moments(np.array([[8.0]]))
    >>> first.joined(second).values()[:, 0].round(3).tolist()
    [4.0, 8.667, 1.0, 8.0]
    """

    frames: int
    mean: np.ndarray
    squares: np.ndarray
    least: np.ndarray
    largest: np.ndarray
    statistics: tuple[str, ...] = MOMENTS

    def joined(self, later: "Moments") -> "Moments":
        """Return the statistics of both excerpts' frames together (Chan, Golub and LeVeque, 1979)."""
        frames = self.frames + later.frames
        difference = later.mean - self.mean
        return Moments(
            frames,
            self.mean + difference * (later.frames / frames),
            self.squares + later.squares + difference**2 * (self.frames * later.frames / frames),
            np.minimum(self.least, later.least),
            np.maximum(self.largest, later.largest),
            self.statistics,
        )

    def values(self) -> np.ndarray:
        """Return the `statistics` (the variance with the number of frames as its divisor).

        Float64, shape (statistics, bands).
        """
        variance = self.squares / self.frames
        known = {
            "mean": self.mean,
            "variance": variance,
            "deviation": np.sqrt(variance),
            "min": self.least,
            "max": self.largest,
        }
        return np.stack([known[name] for name in self.statistics])


def moments(bands: np.ndarray, statistics: tuple[str, ...] = MOMENTS) -> Moments:
    """Return the statistics over the frames of an excerpt.

    Parameters
    ----------
    bands : ndarray of float, shape (frames, bands)
    statistics : tuple of str
        Some of mean, variance, deviation, min and max.

    Examples
    --------
    >>> moments(np.array([[1.0], [3.0]]), ("mean", "deviation")).values().tolist()
    [[2.0], [1.0]]
    """
    mean = bands.mean(axis=0, dtype=np.float64)
    deviations = bands - mean.astype(bands.dtype)
    squares = np.einsum("ij,ij->j", deviations, deviations, dtype=np.float64)
    least, largest = bands.min(axis=0).astype(float), bands.max(axis=0).astype(float)
    return Moments(len(bands), mean, squares, least, largest, statistics)


@dataclass(frozen=True)
class Segments:
    """Statistics of consecutive segments, of which a recording's are the mean or the median.

    Attributes
    ----------
    statistics : ndarray of float64, shape (segments, statistics, bands)
    seconds : float
        How long they and what lies between them are.
    pool : callable
        Makes one of all segments: ``numpy.mean`` or ``numpy.median``.
    """

    statistics: np.ndarray
    seconds: float
    pool: Callable[..., np.ndarray]

    def joined(self, later: "Segments") -> "Segments":
        """Return the segments of both excerpts."""
        statistics = np.concatenate([self.statistics, later.statistics])
        return Segments(statistics, self.seconds + later.seconds, self.pool)

    def values(self) -> np.ndarray:
        """Return the pooled statistics; float64, shape (statistics, bands).

        Where they make 45 s or more, without the first and the last one, which often fade in and out.
        """
        used = self.statistics[1:-1] if self.seconds >= _FADES_FROM else self.statistics
        return np.asarray(self.pool(used, axis=0))
