"""The scores of one set of predictions, for machines and for people."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from competition.metrics import (
    Estimate,
    estimate,
    row_accuracy,
    row_board_log_loss,
    row_multiclass_log_loss,
)


@dataclass(frozen=True)
class Scores:
    """Both boards' scores and their relatives.

    Attributes
    ----------
    accuracy : Estimate or None
        Of the labels as handed in, after the rule; None where there are no labels.
    accuracy_argmax : Estimate or None
        Of each row's most probable genre; this and the log losses are None where there are no probabilities.
    board_log_loss, multiclass_log_loss : Estimate or None
    """

    accuracy: Estimate | None = None
    accuracy_argmax: Estimate | None = None
    board_log_loss: Estimate | None = None
    multiclass_log_loss: Estimate | None = None

    def to_table(self) -> dict[str, float]:
        """Return each score under its name, and its standard error under the name with ``_se``."""
        table: dict[str, float] = {}
        for name, score in self._known():
            table |= {name: score.value, f"{name}_se": score.standard_error}
        return table

    def to_lines(self) -> list[str]:
        """Return a line for each score, aligned."""
        return [f"{name.replace('_', ' '):<20}{score}" for name, score in self._known()]

    def _known(self) -> list[tuple[str, Estimate]]:
        return [(name, score) for name, score in vars(self).items() if score is not None]


def score_probabilities(targets: np.ndarray, probabilities: np.ndarray, labels: np.ndarray | None = None) -> Scores:
    """Score probabilities (rows, genres), and the labels made from them where they are given.

    Parameters
    ----------
    targets, labels : ndarray of int, shape (rows,)
        0-based genre numbers: the true ones, and those a rule chose.
    """
    return Scores(
        accuracy=None if labels is None else estimate(row_accuracy(targets, labels)),
        accuracy_argmax=estimate(row_accuracy(targets, np.argmax(probabilities, axis=1))),
        board_log_loss=estimate(row_board_log_loss(targets, probabilities)),
        multiclass_log_loss=estimate(row_multiclass_log_loss(targets, probabilities)),
    )


def score_labels(targets: np.ndarray, labels: np.ndarray) -> Scores:
    """Score labels alone: accuracy."""
    return Scores(accuracy=estimate(row_accuracy(targets, labels)))


def confusion_matrix(targets: np.ndarray, labels: np.ndarray, genres: int) -> np.ndarray:
    """Count rows by their true (first axis) and their predicted genre; int64, shape (genres, genres)."""
    cells: Any = np.bincount(np.asarray(targets) * genres + np.asarray(labels), minlength=genres**2)
    return cells.reshape(genres, genres)
