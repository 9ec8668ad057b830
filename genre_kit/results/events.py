"""The events that a running job sends to its listener."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from competition.models.ensembles import Model
from genre_kit.results.run import Plan


@dataclass(frozen=True)
class Planned:
    """The data is read and found sound; training begins.

    Attributes
    ----------
    plan : Plan
    data : Path or None
        The folder or archive the data came from; None for the embedded sample and data frames.
    """

    plan: Plan
    data: Path | None


@dataclass(frozen=True)
class Started:
    """A model begins to be trained."""

    model: Model


@dataclass(frozen=True)
class Advanced:
    """A model's training has advanced by a step.

    Attributes
    ----------
    model : Model
    done, total : int
        Epochs; of scikit-learn's models, folds.
    held_out_loss : float
        The multiclass log loss of held-out songs, with dropout; nan where it is not known.
    """

    model: Model
    done: int
    total: int
    held_out_loss: float


Event = Planned | Started | Advanced
Listener = Callable[[Event], None]
"""Called with each event; what it raises ends the job, which then leaves nothing behind."""


def nobody(event: Event) -> None:
    """Ignore an event."""
