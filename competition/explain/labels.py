"""Confident mistakes: songs whose label the models contradict, and how many labels may be wrong."""

from dataclasses import dataclass

import numpy as np

from competition.scoring.groups import numbered_groups
from competition.scoring.intervals import Interval, percentile_interval

_SHOWN = 20
_DRAWS = 400
_SEED = 20182


@dataclass(frozen=True)
class Suspect:
    """A song whose label may be wrong.

    Attributes
    ----------
    row : int
        Counted from 0.
    label, suggested : int
        0-based genre numbers: its label, and the genre that it looks like.
    own, given : float
        What these two were given.
    """

    row: int
    label: int
    suggested: int
    own: float
    given: float


@dataclass(frozen=True)
class LabelNoise:
    """How many labels may be wrong.

    Attributes
    ----------
    share : float
        Of all songs, in [0, 1].
    interval : Interval
        Its 95 % bootstrap interval over songs, or groups of songs.
    songs : int
        How many confident mistakes there are.
    suspects : tuple of Suspect
        The clearest of them first, at most 20.
    """

    share: float
    interval: Interval
    songs: int
    suspects: tuple[Suspect, ...]


def label_noise(targets: np.ndarray, probabilities: np.ndarray, groups: np.ndarray | None = None) -> LabelNoise:
    """Estimate the share of wrong labels from out-of-fold probabilities.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        The labels, as 0-based genre numbers.
    probabilities : ndarray of float64, shape (rows, genres)
        By models that have not seen the song.
    groups : ndarray of int, shape (rows,), or None
        Songs with the same number are drawn together.

    Notes
    -----
    Confident learning (Northcutt, Jiang and Chuang, Confident learning: estimating uncertainty in dataset labels,
    2021). A song counts for a genre whose probability reaches the mean that songs of that label are given; the
    confident joint counts songs by their label and that genre. Its rows are brought to the numbers of songs of each
    label, and what is off the diagonal is the estimate. It takes a song that sounds like another genre for one with a
    wrong label: where genres overlap it is an upper bound rather than an estimate.
    """
    targets = np.asarray(targets)
    likely, _ = _confident(targets, probabilities)
    off = np.flatnonzero((likely >= 0) & (likely != targets))
    margin = probabilities[off, likely[off]] - probabilities[off, targets[off]]
    rows = off[np.argsort(-margin, kind="stable")]
    suspects = (
        Suspect(
            int(row),
            int(targets[row]),
            int(likely[row]),
            float(probabilities[row, targets[row]]),
            float(probabilities[row, likely[row]]),
        )
        for row in rows[:_SHOWN]
    )
    share = noise_share(targets, probabilities)
    return LabelNoise(share, _interval(targets, probabilities, groups), len(rows), tuple(suspects))


def noise_share(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the share of wrong labels, as `label_noise` estimates it.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (rows, genres)
    """
    genres = probabilities.shape[1]
    likely, counts = _confident(targets, probabilities)
    counted = likely >= 0
    joint = np.bincount(targets[counted] * genres + likely[counted], minlength=genres**2).reshape(genres, genres)
    rows = joint.sum(axis=1)
    wrong = np.divide(rows - joint.diagonal(), rows, out=np.zeros(genres), where=rows > 0)
    return float(wrong @ counts / counts.sum())


def _confident(targets: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the genre that each song counts for, -1 for none, and the songs of each label."""
    genres = probabilities.shape[1]
    counts = np.bincount(targets, minlength=genres)
    own = np.bincount(targets, probabilities[np.arange(len(targets)), targets], minlength=genres)
    thresholds = np.divide(own, counts, out=np.full(genres, np.inf), where=counts > 0)
    reached = np.where(probabilities >= thresholds - 1e-12, probabilities, -1.0)
    return np.where(reached.max(axis=1) < 0, -1, reached.argmax(axis=1)), counts


def _interval(targets: np.ndarray, probabilities: np.ndarray, groups: np.ndarray | None) -> Interval:
    numbers = numbered_groups(groups)
    generator, draws = np.random.default_rng(_SEED), []
    for _ in range(_DRAWS):
        rows = _resampled(generator, len(targets), numbers)
        draws.append(noise_share(targets[rows], probabilities[rows]))
    return percentile_interval(np.array(draws))


def _resampled(generator: np.random.Generator, rows: int, numbers: np.ndarray | None) -> np.ndarray:
    if numbers is None:
        return generator.integers(rows, size=rows)
    groups = int(numbers.max()) + 1
    times = np.bincount(generator.integers(groups, size=groups), minlength=groups)
    return np.repeat(np.arange(rows), times[numbers])
