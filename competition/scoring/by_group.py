"""The rows of one group taken together: one song's parts, whose predictions are averaged or vote."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from competition.data.songs import Entries
from competition.scoring.boards import CLASSIC, Goals
from competition.scoring.groups import group_sums, numbered_groups
from competition.scoring.scores import Scores, score_labels, score_probabilities


@dataclass(frozen=True, eq=False)
class Together:
    """Groups of rows that have one genre each.

    Attributes
    ----------
    numbers : ndarray of int64, shape (rows,)
        Each row's group, from 0.
    """

    numbers: np.ndarray

    @cached_property
    def firsts(self) -> np.ndarray:
        """Each group's first row; int64, shape (groups,)."""
        return np.unique(self.numbers, return_index=True)[1]

    def gathered(self, probabilities: np.ndarray) -> np.ndarray:
        """Return each group's probabilities, of its rows' as a line's are; float64, shape (groups, genres).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)
        """
        return Entries(tuple(map(str, range(len(self.firsts)))), self.numbers).gathered(probabilities)

    def votes(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the genre that is the most probable one of most of a group's rows; int64, shape (groups,).

        Of genres with as many rows, it is the one whose gathered probability is higher.

        Parameters
        ----------
        probabilities : ndarray of float64, shape (rows, genres)

        Examples
        --------
        >>> Together(np.array([0, 0, 0])).votes(np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6]]))
        array([1])
        """
        genres = np.arange(probabilities.shape[1])
        counts = group_sums(probabilities.argmax(axis=1)[:, None] == genres, self.numbers)
        has_most = counts == counts.max(axis=1, keepdims=True)
        return np.where(has_most, self.gathered(probabilities), -1.0).argmax(axis=1)


def rows_together(targets: np.ndarray, groups: np.ndarray | None) -> Together | None:
    """Return the groups of rows; None where none has several rows, or one has rows of several genres.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    groups : ndarray of int, shape (rows,), or None
    """
    numbers = numbered_groups(groups)
    if numbers is None:
        return None
    together = Together(numbers)
    return together if np.array_equal(targets[together.firsts][numbers], targets) else None


@dataclass(frozen=True)
class GroupScores:
    """What groups score, their rows taken together.

    Attributes
    ----------
    groups : int
    mean : Scores
        Of gathered probabilities, and of the labels that the rule makes of them.
    vote : Scores
        Of the labels that most rows vote for.
    """

    groups: int
    mean: Scores
    vote: Scores

    def to_table(self) -> dict[str, Any]:
        """Return them as a JSON-serializable dictionary."""
        both = {"mean": self.mean, "vote": self.vote}
        tables = {name: one.to_table() | {"intervals": one.intervals()} for name, one in both.items()}
        return {"groups": self.groups} | tables

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "GroupScores":
        """Return what `to_table` turned into `table`; raises KeyError or TypeError where it is something else."""
        mean, vote = (Scores.from_tables(table[name], table[name]["intervals"]) for name in ("mean", "vote"))
        return cls(table["groups"], mean, vote)


def score_groups(
    targets: np.ndarray,
    groups: np.ndarray | None,
    probabilities: np.ndarray,
    labels: np.ndarray | None,
    goals: Goals = CLASSIC,
) -> GroupScores | None:
    """Score groups; None where `rows_together` finds nothing to take together.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    groups : ndarray of int, shape (rows,), or None
    probabilities : ndarray of float64, shape (rows, genres)
    labels : ndarray of int, shape (groups,), or None
        0-based genre numbers that a rule chose of gathered probabilities.
    goals : Goals
        What boards rank by.
    """
    together = rows_together(targets, groups)
    if together is None:
        return None
    truth = targets[together.firsts]
    mean = score_probabilities(truth, together.gathered(probabilities), labels, goals)
    return GroupScores(len(truth), mean, score_labels(truth, together.votes(probabilities), goals))
