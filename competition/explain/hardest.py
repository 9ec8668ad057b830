"""The hardest songs, and the songs nearest to each: of its own genre, and of the genre it was taken for."""

from dataclasses import dataclass

import numpy as np

from competition.models.base.scaling import fit_scaler

_HARDEST = 20


@dataclass(frozen=True)
class Neighbour:
    """A song near another one.

    Attributes
    ----------
    row : int
        Counted from 0.
    distance : float
        Root of the mean squared difference of standardized columns.
    """

    row: int
    distance: float


@dataclass(frozen=True)
class HardSong:
    """A song whose own genre was given little.

    Attributes
    ----------
    row : int
        Counted from 0.
    target, predicted : int
        0-based genre numbers: its own, and the most probable other one.
    own, given : float
        What these two were given.
    near_own, near_predicted : Neighbour or None
        The nearest songs of these genres, none of its own group; None where a genre has no other song.
    """

    row: int
    target: int
    predicted: int
    own: float
    given: float
    near_own: Neighbour | None
    near_predicted: Neighbour | None

    @property
    def is_nearer_to_predicted(self) -> bool:
        """Whether the nearest song of the other genre is nearer than that of its own."""
        own = np.inf if self.near_own is None else self.near_own.distance
        return self.near_predicted is not None and self.near_predicted.distance < own


def hardest_songs(
    features: np.ndarray, targets: np.ndarray, probabilities: np.ndarray, groups: np.ndarray | None = None
) -> tuple[HardSong, ...]:
    """Return the songs whose own genre was given the lowest probability, the lowest first; at most 20.

    Parameters
    ----------
    features : ndarray of float32, shape (rows, columns)
        Without missing cells.
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (rows, genres)
    groups : ndarray of int, shape (rows,), or None
        Songs with the same number are no neighbours.
    """
    own = probabilities[np.arange(len(targets)), targets]
    scaled = fit_scaler(features).transform(features).astype(np.float64)
    return tuple(
        _hard_song(int(row), scaled, targets, probabilities[row], groups)
        for row in own.argsort(kind="stable")[:_HARDEST]
    )


def _hard_song(
    row: int, scaled: np.ndarray, targets: np.ndarray, probabilities: np.ndarray, groups: np.ndarray | None
) -> HardSong:
    target = int(targets[row])
    predicted = int(np.where(np.arange(len(probabilities)) == target, -1, probabilities).argmax())
    distances = np.sqrt(np.mean((scaled - scaled[row]) ** 2, axis=1))
    distances[row if groups is None else groups == groups[row]] = np.inf
    near_own, near_predicted = (_nearest(distances, targets == genre) for genre in (target, predicted))
    given = float(probabilities[predicted])
    return HardSong(row, target, predicted, float(probabilities[target]), given, near_own, near_predicted)


def _nearest(distances: np.ndarray, is_genre: np.ndarray) -> Neighbour | None:
    among = np.where(is_genre, distances, np.inf)
    row = int(among.argmin())
    return Neighbour(row, float(among[row])) if np.isfinite(among[row]) else None
