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


Rule = Threshold | Argmax


def rule_from_table(table: Mapping[str, Any]) -> Rule:
    """Return the rule that `to_table` turned into `table`; raises KeyError where that is none."""
    if table["name"] == "argmax":
        return Argmax()
    return Threshold(table["threshold"], table["fallback_label"] - 1)
