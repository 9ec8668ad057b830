"""Rules: how a row's probabilities become its one label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

DEFAULT_THRESHOLD = 0.25


@dataclass(frozen=True)
class Threshold:
    """The most probable genre where its probability exceeds a threshold, the fallback genre elsewhere.

    Attributes
    ----------
    threshold : float
        In [0, 1].
    fallback : int
        0-based number of the genre an unconfident row is given.

    Examples
    --------
    >>> rule = Threshold(threshold=0.5, fallback=0)
    >>> rule.predict(np.array([[0.1, 0.9], [0.5, 0.5]]))
    array([1, 0])
    >>> rule.falls_back(np.array([[0.1, 0.9], [0.5, 0.5]]))
    array([False,  True])
    """

    threshold: float
    fallback: int

    def predict(self, probabilities: np.ndarray) -> np.ndarray:
        """Return one 0-based genre number for each row of `probabilities` (rows, genres)."""
        return np.where(self.falls_back(probabilities), self.fallback, probabilities.argmax(axis=1))

    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Tell for each row whether no genre's probability exceeds the threshold."""
        return probabilities.max(axis=1) <= self.threshold

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a dictionary of what JSON can hold; labels count from 1."""
        return {"name": "threshold", "threshold": self.threshold, "fallback_label": self.fallback + 1}

    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""
        return f"threshold: {genres[self.fallback]} where no genre's probability exceeds {self.threshold:g}"


@dataclass(frozen=True)
class Margin:
    """The most probable genre where it is ahead of the second by more than a margin, the fallback genre elsewhere.

    Attributes
    ----------
    margin : float
        In [0, 1].
    fallback : int
        0-based number of the genre an undecided row is given.

    Examples
    --------
    >>> Margin(margin=0.2, fallback=0).predict(np.array([[0.1, 0.9], [0.45, 0.55]]))
    array([1, 0])
    """

    margin: float
    fallback: int

    def predict(self, probabilities: np.ndarray) -> np.ndarray:
        """Return one 0-based genre number for each row of `probabilities` (rows, genres)."""
        return np.where(self.falls_back(probabilities), self.fallback, probabilities.argmax(axis=1))

    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Tell for each row whether its two largest probabilities differ by no more than the margin."""
        return lead(probabilities) <= self.margin

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a dictionary of what JSON can hold; labels count from 1."""
        return {"name": "margin", "margin": self.margin, "fallback_label": self.fallback + 1}

    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""
        return f"margin: {genres[self.fallback]} where the two most probable genres differ by {self.margin:.4g} or less"


@dataclass(frozen=True)
class GenreThresholds:
    """As `Threshold`, with a threshold of its own for each genre: that of the most probable one counts.

    Attributes
    ----------
    thresholds : tuple of float
        One a genre, each in [0, 1]; 0 for a genre that never falls back.
    fallback : int
        0-based number of the genre an unconfident row is given.

    Examples
    --------
    >>> rule = GenreThresholds(thresholds=(0.0, 0.7), fallback=0)
    >>> rule.predict(np.array([[0.1, 0.9], [0.4, 0.6], [0.5, 0.5]]))
    array([1, 0, 0])
    """

    thresholds: tuple[float, ...]
    fallback: int

    def predict(self, probabilities: np.ndarray) -> np.ndarray:
        """Return one 0-based genre number for each row of `probabilities` (rows, genres)."""
        return np.where(self.falls_back(probabilities), self.fallback, probabilities.argmax(axis=1))

    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Tell for each row whether its largest probability does not exceed the threshold of that genre."""
        return probabilities.max(axis=1) <= np.asarray(self.thresholds)[probabilities.argmax(axis=1)]

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a dictionary of what JSON can hold; labels count from 1."""
        return {"name": "per-genre", "thresholds": list(self.thresholds), "fallback_label": self.fallback + 1}

    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""
        above = [f"{genre} {limit:.2f}" for genre, limit in zip(genres, self.thresholds, strict=True) if limit > 0]
        limits = ", ".join(above) if above else "none for any genre"
        return f"per-genre thresholds: {limits}; {genres[self.fallback]} where they are not exceeded"


@dataclass(frozen=True)
class Argmax:
    """The most probable genre of every row; the first of several equally probable ones."""

    def predict(self, probabilities: np.ndarray) -> np.ndarray:
        """Return one 0-based genre number for each row of `probabilities` (rows, genres)."""
        return probabilities.argmax(axis=1)

    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Return False for each row: this rule has no fallback."""
        return np.zeros(len(probabilities), bool)

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a dictionary of what JSON can hold."""
        return {"name": "argmax"}

    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""
        return "argmax: the most probable genre"


Rule = Threshold | Margin | GenreThresholds | Argmax


def rule_from_table(table: Mapping[str, Any]) -> Rule:
    """Return the rule that `to_table` turned into `table`; raises KeyError where that is none."""
    if table["name"] == "argmax":
        return Argmax()
    fallback = table["fallback_label"] - 1
    if table["name"] == "margin":
        return Margin(table["margin"], fallback)
    if table["name"] == "per-genre":
        return GenreThresholds(tuple(table["thresholds"]), fallback)
    return Threshold(table["threshold"], fallback)


def lead(probabilities: np.ndarray) -> np.ndarray:
    """Return by how much each row's largest probability exceeds its second largest; shape (rows,)."""
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    return first - second


@dataclass(frozen=True)
class Sweep:
    """What each threshold would have scored.

    Attributes
    ----------
    thresholds : ndarray of float64, shape (steps,)
        Ascending, from 0, where nothing falls back, to 1, where everything does.
    accuracy : ndarray of float64, shape (steps,)
    fallbacks : ndarray of int64, shape (steps,)
        How many rows fall back.
    """

    thresholds: np.ndarray
    accuracy: np.ndarray
    fallbacks: np.ndarray


def sweep_thresholds(targets: np.ndarray, probabilities: np.ndarray, fallback: int, steps: int = 201) -> Sweep:
    """Score `Threshold` at evenly spaced thresholds from 0 to 1.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    probabilities : ndarray, shape (rows, genres)
    fallback : int
        0-based number of the fallback genre.
    steps : int
        At least 2.

    Examples
    --------
    >>> sweep = sweep_thresholds(np.array([0, 1]), np.array([[0.4, 0.6], [0.2, 0.8]]), fallback=0, steps=11)
    >>> sweep.fallbacks
    array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2])
    >>> sweep.accuracy
    array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1. , 1. , 0.5, 0.5, 0.5])
    """
    thresholds = np.linspace(0.0, 1.0, steps)
    largest = probabilities.max(axis=1)
    order = largest.argsort(kind="stable")
    right = (probabilities.argmax(axis=1) == targets)[order]
    right_when_back = (np.asarray(targets) == fallback)[order]
    fallbacks = largest[order].searchsorted(thresholds, side="right")
    change = np.concatenate([[0], np.cumsum(right_when_back.astype(int) - right.astype(int))])
    return Sweep(thresholds, (right.sum() + change[fallbacks]) / len(order), fallbacks)
