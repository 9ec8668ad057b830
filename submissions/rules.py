"""Rules: how a row's probabilities become its one label.

A rule is one class here and its line in `RULES`: it says which options set it, how it is found on out-of-fold rows, and
what it is in a run's manifest. Choices, help texts and refusals are made from that table.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from competition.errors import ArgumentError, SubmissionError
from competition.scoring.boards import LabelsMetric
from competition.scoring.many_genres import named
from submissions.cutoffs import OutOfFoldRows, best_cutoff, lead
from submissions.offsets import best_offsets

DEFAULT_THRESHOLD = 0.25
_FALLBACK = "fallback_label"


class Rule(ABC):
    """How a row's probabilities become its one label.

    Attributes
    ----------
    name : str
        What it is called on the command line and in files.
    options : tuple of str
        Which of ``threshold`` and ``fallback`` set it.
    is_found : bool
        Whether its numbers can be found on out-of-fold rows, by `fit`.
    is_macro : bool
        Whether it is for metrics in which every genre counts the same: for others, `auto` does not try it.
    fallback : int or None
        0-based number of the genre that an unconfident row is given; None where there is none.
    """

    name: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ("threshold", "fallback")
    is_found: ClassVar[bool] = True
    is_macro: ClassVar[bool] = False
    fallback: int | None

    @classmethod
    @abstractmethod
    def chosen(cls, threshold: float | None, fallback: int) -> Self | None:
        """Return the rule with a given threshold, or with its default; None where its numbers must be found."""

    @classmethod
    @abstractmethod
    def fit(cls, rows: OutOfFoldRows, fallback: int, metric: LabelsMetric) -> "Rule":
        """Return the rule found on out-of-fold rows; `Argmax` where it does not pay there.

        Cutoffs are found for accuracy, whatever the metric.
        """

    @classmethod
    @abstractmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Return the rule that `to_table` turned into `table`; raises KeyError where a part is missing."""

    @abstractmethod
    def changed(self, threshold: float | None, fallback: int | None) -> "Rule":
        """Return the rule with other numbers, where they are given."""

    @abstractmethod
    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Return for each row whether it is given the fallback genre; bool, shape (rows,).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)
        """

    @abstractmethod
    def to_table(self) -> dict[str, Any]:
        """Return the rule as a JSON-serializable dictionary; labels count from 1."""

    @abstractmethod
    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""

    def predict(self, probabilities: np.ndarray) -> np.ndarray:
        """Return each row's 0-based genre number; int64, shape (rows,).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)
        """
        best = probabilities.argmax(axis=1)
        return best if self.fallback is None else np.where(self.falls_back(probabilities), self.fallback, best)


@dataclass(frozen=True)
class Threshold(Rule):
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
    name = "threshold"

    def __post_init__(self) -> None:
        _check_share(self.threshold)

    @classmethod
    def chosen(cls, threshold: float | None, fallback: int) -> Self:
        """Return the rule with a threshold, by default `DEFAULT_THRESHOLD`."""
        return cls(DEFAULT_THRESHOLD if threshold is None else threshold, fallback)

    @classmethod
    def fit(cls, rows: OutOfFoldRows, fallback: int, metric: LabelsMetric) -> Rule:
        """Return the rule with the best threshold."""
        cutoff = best_cutoff(rows.largest, rows.change, rows.groups)
        return cls(cutoff, fallback) if cutoff else Argmax()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Return the rule that `to_table` turned into `table`."""
        return cls(table["threshold"], table["fallback_label"] - 1)

    def changed(self, threshold: float | None, fallback: int | None) -> Self:
        """Return the rule with other numbers, where they are given."""
        return replace(self, **_given(threshold=threshold, fallback=fallback))

    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Return for each row whether no genre's probability exceeds the threshold; bool, shape (rows,).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)
        """
        return probabilities.max(axis=1) <= self.threshold

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a JSON-serializable dictionary; labels count from 1."""
        return {"name": self.name, "threshold": self.threshold, "fallback_label": self.fallback + 1}

    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""
        return f"threshold: {genres[self.fallback]} where no genre's probability exceeds {self.threshold:g}"


@dataclass(frozen=True)
class Margin(Rule):
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
    name = "margin"

    def __post_init__(self) -> None:
        _check_share(self.margin)

    @classmethod
    def chosen(cls, threshold: float | None, fallback: int) -> Self | None:
        """Return the rule with a margin; None where it must be found."""
        return None if threshold is None else cls(threshold, fallback)

    @classmethod
    def fit(cls, rows: OutOfFoldRows, fallback: int, metric: LabelsMetric) -> Rule:
        """Return the rule with the best margin."""
        cutoff = best_cutoff(rows.lead, rows.change, rows.groups)
        return cls(cutoff, fallback) if cutoff else Argmax()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Return the rule that `to_table` turned into `table`."""
        return cls(table["margin"], table["fallback_label"] - 1)

    def changed(self, threshold: float | None, fallback: int | None) -> Self:
        """Return the rule with other numbers, where they are given."""
        return replace(self, **_given(margin=threshold, fallback=fallback))

    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Return for each row whether its two largest probabilities differ by at most the margin; bool, shape (rows,).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)
            Of at least two genres.
        """
        return lead(probabilities) <= self.margin

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a JSON-serializable dictionary; labels count from 1."""
        return {"name": self.name, "margin": self.margin, "fallback_label": self.fallback + 1}

    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""
        return f"margin: {genres[self.fallback]} where the two most probable genres differ by {self.margin:.4g} or less"


@dataclass(frozen=True)
class GenreThresholds(Rule):
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
    name = "per-genre"
    options = ("fallback",)

    @classmethod
    def chosen(cls, threshold: float | None, fallback: int) -> None:
        """Return None: its thresholds are always found."""
        return None

    @classmethod
    def fit(cls, rows: OutOfFoldRows, fallback: int, metric: LabelsMetric) -> Rule:
        """Return the rule with each genre's best threshold."""
        of_genre = [rows.take(rows.best == genre) for genre in range(rows.probabilities.shape[1])]
        cutoffs = tuple(best_cutoff(chosen.largest, chosen.change, chosen.groups) for chosen in of_genre)
        return cls(cutoffs, fallback) if any(cutoffs) else Argmax()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Return the rule that `to_table` turned into `table`."""
        return cls(tuple(table["thresholds"]), table["fallback_label"] - 1)

    def changed(self, threshold: float | None, fallback: int | None) -> Self:
        """Return the rule with another fallback genre, where one is given."""
        return replace(self, **_given(fallback=fallback))

    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Return for each row whether its largest probability is at most that genre's threshold; bool, shape (rows,).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)
        """
        return probabilities.max(axis=1) <= np.asarray(self.thresholds)[probabilities.argmax(axis=1)]

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a JSON-serializable dictionary; labels count from 1."""
        return {"name": self.name, "thresholds": list(self.thresholds), "fallback_label": self.fallback + 1}

    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""
        above = [f"{genre} {limit:.2f}" for genre, limit in zip(genres, self.thresholds, strict=True) if limit > 0]
        limits = named(above) if above else "none for any genre"
        return f"per-genre thresholds: {limits}; {genres[self.fallback]} where they are not exceeded"


@dataclass(frozen=True)
class Offsets(Rule):
    """The genre with the largest log probability, after a number for each genre is added to it.

    Attributes
    ----------
    offsets : tuple of float
        One a genre.

    Examples
    --------
    >>> Offsets((0.0, 1.0)).predict(np.array([[0.6, 0.4], [0.9, 0.1]]))
    array([1, 0])
    """

    offsets: tuple[float, ...]
    name = "offsets"
    options = ()
    is_macro = True
    fallback = None

    @classmethod
    def chosen(cls, threshold: float | None, fallback: int) -> None:
        """Return None: its offsets are always found."""
        return None

    @classmethod
    def fit(cls, rows: OutOfFoldRows, fallback: int, metric: LabelsMetric) -> Rule:
        """Return the rule with the offsets that are best for the metric."""
        offsets = tuple(best_offsets(rows.targets, rows.probabilities, metric).tolist())
        return cls(offsets) if any(offsets) else Argmax()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Return the rule that `to_table` turned into `table`."""
        return cls(tuple(table["offsets"]))

    def changed(self, threshold: float | None, fallback: int | None) -> Self:
        """Return the rule itself: it has no numbers to change."""
        return self

    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Return False for each row: this rule has no fallback; bool, shape (rows,).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)
        """
        return np.zeros(len(probabilities), bool)

    def predict(self, probabilities: np.ndarray) -> np.ndarray:
        """Return each row's 0-based genre number; int64, shape (rows,).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)
            Above 0.
        """
        return (np.log(probabilities) + self.offsets).argmax(axis=1)

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a JSON-serializable dictionary."""
        return {"name": self.name, "offsets": list(self.offsets)}

    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""
        added = named([f"{genre} {offset:+.2f}" for genre, offset in zip(genres, self.offsets, strict=True)])
        return f"offsets: the largest log probability after adding {added}"


@dataclass(frozen=True)
class Argmax(Rule):
    """The most probable genre of every row; the first of several equally probable ones."""

    name = "argmax"
    options = ()
    is_found = False
    fallback = None

    @classmethod
    def chosen(cls, threshold: float | None, fallback: int) -> Self:
        """Return the rule."""
        return cls()

    @classmethod
    def fit(cls, rows: OutOfFoldRows, fallback: int, metric: LabelsMetric) -> Rule:
        """Return the rule: there is nothing to find."""
        return cls()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Return the rule that `to_table` turned into `table`."""
        return cls()

    def changed(self, threshold: float | None, fallback: int | None) -> Self:
        """Return the rule itself: it has no numbers to change."""
        return self

    def falls_back(self, probabilities: np.ndarray) -> np.ndarray:
        """Return False for each row: this rule has no fallback; bool, shape (rows,).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)
        """
        return np.zeros(len(probabilities), bool)

    def to_table(self) -> dict[str, Any]:
        """Return the rule as a JSON-serializable dictionary; labels count from 1."""
        return {"name": self.name}

    def describe(self, genres: Sequence[str]) -> str:
        """Return the rule as a sentence for people."""
        return "argmax: the most probable genre"


RULES: dict[str, type[Rule]] = {rule.name: rule for rule in (Threshold, Margin, GenreThresholds, Offsets, Argmax)}
"""All rules by name."""


def rule_to_table(rule: Rule, labels: Sequence[int]) -> dict[str, Any]:
    """Return a rule as a JSON-serializable dictionary with the competition's labels.

    Parameters
    ----------
    rule : Rule
    labels : sequence of int
        Of each genre that the rule chooses from.

    Examples
    --------
    >>> rule_to_table(Threshold(0.25, fallback=0), labels=(4, 7))
    {'name': 'threshold', 'threshold': 0.25, 'fallback_label': 4}
    """
    return rule.to_table() | ({} if rule.fallback is None else {_FALLBACK: labels[rule.fallback]})


def rule_from_table(table: Mapping[str, Any], labels: Sequence[int] = ()) -> Rule:
    """Return the rule that `to_table` or, where `labels` are given, `rule_to_table` turned into `table`.

    Raises
    ------
    SubmissionError
        When there is no rule of that name, or the fallback label is none of the labels.
    KeyError
        When a part is missing.
    """
    if table["name"] not in RULES:
        raise SubmissionError(f"there is no rule {table['name']!r}; expected one of {', '.join(RULES)}.")
    if labels and _FALLBACK in table:
        if table[_FALLBACK] not in labels:
            known = ", ".join(map(str, labels))
            raise SubmissionError(f"the rule's {_FALLBACK} is {table[_FALLBACK]!r}; expected one of {known}.")
        table = {**table, _FALLBACK: labels.index(table[_FALLBACK]) + 1}
    return RULES[table["name"]].from_table(table)


def _check_share(value: float) -> None:
    if not 0 <= value <= 1:
        raise ArgumentError(f"`threshold` is {value:g}; expected a number from 0 to 1, as probabilities are.")


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
