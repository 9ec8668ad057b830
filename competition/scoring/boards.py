"""The metrics that boards rank by, as a table of objects: what each is called, and how it is computed and optimized."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from competition.data.edition import BOARD_METRICS, Board, BoardFile, boards_in_effect
from competition.scoring.macro import balanced_accuracy_of, macro_f1_of, row_balanced_accuracy, row_macro_f1
from competition.scoring.metrics import (
    board_log_loss_and_gradient,
    multiclass_log_loss_and_gradient,
    row_accuracy,
    row_board_log_loss,
    row_multiclass_log_loss,
)


@dataclass(frozen=True)
class Metric:
    """What a board ranks by.

    Attributes
    ----------
    name : str
        In editions: of `competition.data.edition.BOARD_METRICS`.
    score : str
        Its name among scores: of the attribute of `competition.scoring.scores.Scores`, and in files.
    title : str
        What people call it.
    is_loss : bool
        Whether lower is better.
    row_values : callable
        From targets, int (rows,), and predictions - labels, int (rows,), or probabilities, float64 (rows, genres) - to
        each row's contribution, float64 (rows,). Their mean is the score, the standard error of the mean the score's.
    """

    name: str
    score: str
    title: str
    is_loss: bool
    row_values: Callable[[np.ndarray, np.ndarray], np.ndarray]

    @property
    def file(self) -> BoardFile:
        """Which of the two files it scores."""
        return BOARD_METRICS[self.name]


@dataclass(frozen=True)
class LabelsMetric(Metric):
    """A metric of labels.

    Attributes
    ----------
    of_counts : callable
        The score, float64 (...), that counts by genre lead to: of songs, int (genres,); of songs given the genre,
        int (..., genres); of songs given it rightly, int (..., genres).
    is_macro : bool
        Whether every genre counts the same, however rare.
    """

    of_counts: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    is_macro: bool


@dataclass(frozen=True)
class ProbabilitiesMetric(Metric):
    """A metric of probabilities.

    Attributes
    ----------
    loss_and_gradient : callable
        From bool (rows, genres), True where the genre is the row's own, and a softmax's probabilities, float64
        (rows, genres), to the loss and its gradient with respect to the logits, float64 (rows, genres).
    counts_cells : bool
        Whether it is a mean over all cells, not over rows.
    """

    loss_and_gradient: Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]
    counts_cells: bool

    def terms(self, is_genre: np.ndarray) -> int:
        """Return over how many terms the mean goes; `is_genre` is of shape (rows, genres)."""
        return is_genre.size if self.counts_cells else len(is_genre)


def _accuracy_of(songs: np.ndarray, given: np.ndarray, hits: np.ndarray) -> np.ndarray:
    return hits.sum(axis=-1) / songs.sum()


ACCURACY = LabelsMetric(
    "accuracy", "accuracy", "accuracy", is_loss=False, row_values=row_accuracy, of_counts=_accuracy_of, is_macro=False
)
BALANCED_ACCURACY = LabelsMetric(
    "balanced-accuracy",
    "balanced_accuracy",
    "balanced accuracy",
    is_loss=False,
    row_values=row_balanced_accuracy,
    of_counts=balanced_accuracy_of,
    is_macro=True,
)
MACRO_F1 = LabelsMetric(
    "macro-f1",
    "macro_f1",
    "macro F1",
    is_loss=False,
    row_values=row_macro_f1,
    of_counts=macro_f1_of,
    is_macro=True,
)
BINARY_LOG_LOSS = ProbabilitiesMetric(
    "binary-log-loss",
    "board_log_loss",
    "board log loss",
    is_loss=True,
    row_values=row_board_log_loss,
    loss_and_gradient=board_log_loss_and_gradient,
    counts_cells=True,
)
LOG_LOSS = ProbabilitiesMetric(
    "log-loss",
    "multiclass_log_loss",
    "multiclass log loss",
    is_loss=True,
    row_values=row_multiclass_log_loss,
    loss_and_gradient=multiclass_log_loss_and_gradient,
    counts_cells=False,
)

LABELS_METRICS = {one.name: one for one in (ACCURACY, BALANCED_ACCURACY, MACRO_F1)}
"""The metrics of labels, by name."""
PROBABILITIES_METRICS = {one.name: one for one in (BINARY_LOG_LOSS, LOG_LOSS)}
"""The metrics of probabilities, by name."""
METRICS: dict[str, Metric] = {**LABELS_METRICS, **PROBABILITIES_METRICS}
"""All of them, by name."""
BY_SCORE = {one.score: one for one in METRICS.values()}
"""All of them, by their names among scores."""


@dataclass(frozen=True)
class Goals:
    """What an edition's boards rank by.

    Attributes
    ----------
    labels : LabelsMetric
        What rules are found and judged by.
    probabilities : ProbabilitiesMetric
        What pools are found and judged by.
    others : tuple of Metric
        Those of further boards.

    Examples
    --------
    >>> CLASSIC.scores
    ('accuracy', 'board_log_loss')
    """

    labels: LabelsMetric = ACCURACY
    probabilities: ProbabilitiesMetric = BINARY_LOG_LOSS
    others: tuple[Metric, ...] = ()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """All of them; the two that training goes by come first."""
        return self.labels, self.probabilities, *self.others

    @property
    def scores(self) -> tuple[str, ...]:
        """Their names among scores."""
        return tuple(one.score for one in self.metrics)


CLASSIC = Goals()
"""Accuracy and binary log loss."""


def goals_of(boards: Mapping[str, Board]) -> Goals:
    """Return what an edition's boards rank by.

    Examples
    --------
    >>> goals_of({"main": Board("macro-f1")}).scores
    ('macro_f1', 'board_log_loss')
    """
    first, second = boards_in_effect(boards)
    labels, probabilities = LABELS_METRICS[first.metric], PROBABILITIES_METRICS[second.metric]
    named = dict.fromkeys(METRICS[board.metric] for board in boards.values())
    return Goals(labels, probabilities, tuple(one for one in named if one not in (labels, probabilities)))
