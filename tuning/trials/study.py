"""A study: everything that determines a trial's score, and the settings by which trials are chosen."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.models.base.crossfit import derived_seed
from competition.scoring.boards import BINARY_LOG_LOSS, CLASSIC, Goals, LabelsMetric, goals_of
from tuning.trials.spaces import Space

MOST_TRIALS = 9999
REPEATS = 2
"""How many fresh cross-validations score each finalist."""
FORMAT = 2
"""Raised when files of older versions can no longer be read, or their scores compared."""


class Objective(NamedTuple):
    """What a search optimizes: the mean over rows of one value per row.

    Attributes
    ----------
    name : str
        Of the score: one of `competition.scoring.boards.BY_SCORE`.
    direction : str
        ``"min"`` or ``"max"``.
    row_values : callable
        From targets, int (rows,), and probabilities, float64 (rows, genres), to values, float64 (rows,).
    """

    name: str
    direction: str
    row_values: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def cost(self, value: float) -> float:
        """Return a score as a cost, of which less is better."""
        return value if self.direction == "min" else -value


def objectives_of(goals: Goals) -> dict[str, Objective]:
    """Return what a search can optimize: the metric of probabilities, or that of labels, here argmax's."""
    probabilities = goals.probabilities
    return {
        "log-loss": Objective(probabilities.score, "min", probabilities.row_values),
        "accuracy": Objective(goals.labels.score, "max", partial(_row_argmax_values, metric=goals.labels)),
    }


def _row_argmax_values(targets: np.ndarray, probabilities: np.ndarray, metric: LabelsMetric) -> np.ndarray:
    return metric.row_values(targets, probabilities.argmax(axis=1))


OBJECTIVES = objectives_of(CLASSIC)
"""Those of classic boards."""


@dataclass(frozen=True)
class Settings:
    """How trials are chosen, and whether they are stopped early.

    Attributes
    ----------
    initial : int
        Trials before the Gaussian process is used: the space's defaults, then random ones.
    alpha : float
        The share of noise in the variance of scores.
    beta : float
        By how many predicted standard deviations the expected cost of a recipe is lowered when recipes are compared
        (lower confidence bound), at least 0: the larger, the more is explored.
    racing : bool
        Whether a trial that falls clearly behind the best one ends early.

    Notes
    -----
    The defaults are the outcome of the experiment in docs/tuning.md.
    """

    initial: int = 12
    alpha: float = 0.01
    beta: float = 1.8
    racing: bool = True


@dataclass(frozen=True)
class Budget:
    """How long a search may take.

    Attributes
    ----------
    trials : int or None
    seconds : float or None
        Over all sessions of a search. A trial that began in time is finished.
    reserved : int
        How many trials' time is set aside for what follows the trials.
    """

    trials: int | None = None
    seconds: float | None = None
    reserved: int = 0


@dataclass(frozen=True, eq=False)
class Study:
    """All that a search depends on, except its budget.

    Attributes
    ----------
    dataset : Dataset
        The rows that are searched on, without a holdout's.
    folds : Folds
    space : Space
    objective : Objective
    seed : int
        At least 0; for the networks of every trial, and for the choice of trials.
    seeds : int
        Networks of each fold, at least 1.
    settings : Settings
    kept_together : ndarray of int64, shape (rows,), or None
        Rows with the same number stay in one fold where folds are drawn anew; None for the dataset's groups.
    """

    dataset: Dataset
    folds: Folds
    space: Space
    objective: Objective
    seed: int = 0
    seeds: int = 1
    settings: Settings = field(default_factory=Settings)
    kept_together: np.ndarray | None = None

    @property
    def goals(self) -> Goals:
        """What boards rank by."""
        return goals_of(self.dataset.edition.boards)

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """What identifies this study, as a JSON-serializable dictionary."""
        pooled_by, left_out = self.goals.probabilities, list(self.dataset.edition.left_out)
        return {
            "format": FORMAT,
            "space": {"name": self.space.name, **self.space.table},
            "data": self.dataset.without_test().fingerprint,
            "folds": hashlib.sha256(self.folds.to_text().encode()).hexdigest(),
            "objective": self.objective.name,
            **({} if pooled_by is BINARY_LOG_LOSS else {"pooled_by": pooled_by.name}),
            **({"left_out": left_out} if left_out else {}),
            "seed": self.seed,
            "seeds": self.seeds,
            "settings": asdict(self.settings),
        }

    @cached_property
    def identity(self) -> str:
        """A hash of the description: two searches with the same one are the same search."""
        return digest(self.description)

    @property
    def oracle_seed(self) -> int:
        """A seed for Keras Tuner, which takes 0 as "no seed"."""
        return 1 + derived_seed(self.seed, 1) % (2**31 - 1)


def digest(table: Mapping[str, Any]) -> str:
    """Return 12 hexadecimal digits of a JSON-serializable table's SHA-256, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()[:12]
