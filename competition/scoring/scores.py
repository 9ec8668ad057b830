"""The scores of one set of predictions, for machines and for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from competition.scoring.boards import BY_SCORE, CLASSIC, Goals, LabelsMetric
from competition.scoring.groups import Grouping
from competition.scoring.intervals import Interval, bootstrap_means, percentile_interval
from competition.scoring.macro import linearized_recall
from competition.scoring.metrics import (
    Estimate,
    estimate,
    row_accuracy,
    row_board_log_loss,
    row_multiclass_log_loss,
    row_top_accuracy,
)

_NORMAL_95 = 1.959964
BOARDS = CLASSIC.scores
"""The scores that the two classic boards rank by."""
LOSSES = tuple(metric.score for metric in BY_SCORE.values() if metric.is_loss)
"""The scores that are better when lower."""


@dataclass(frozen=True)
class Scores:
    """The boards' scores and related ones, each with its standard error and its 95 % interval.

    Attributes
    ----------
    accuracy : Estimate or None
        Of the labels as submitted, after the decision rule; None where there are no labels.
    balanced_accuracy, macro_f1 : Estimate or None
        Of the labels too; None where no board ranks by it.
    accuracy_argmax : Estimate or None
        Of each row's most probable genre; this and all that follow but macro recall are None where there are no
        probabilities.
    top_2_accuracy : Estimate or None
        How often the true genre is one of the two most probable ones.
    macro_recall : Estimate
        The mean of the genres' recalls, of the labels where there are any, else of the most probable genres.
    board_log_loss, multiclass_log_loss : Estimate or None
    """

    accuracy: Estimate | None = None
    balanced_accuracy: Estimate | None = None
    macro_f1: Estimate | None = None
    accuracy_argmax: Estimate | None = None
    top_2_accuracy: Estimate | None = None
    macro_recall: Estimate | None = None
    board_log_loss: Estimate | None = None
    multiclass_log_loss: Estimate | None = None

    def to_table(self) -> dict[str, float]:
        """Return each score under its name, and its standard error under the name with ``_se``."""
        table: dict[str, float] = {}
        for name, score in self.known():
            table |= {name: score.value, f"{name}_se": score.standard_error}
        return table

    def intervals(self) -> dict[str, list[float]]:
        """Return each score's interval, [low, high], under its name."""
        return {name: [score.bounds.low, score.bounds.high] for name, score in self.known()}

    @classmethod
    def from_tables(cls, table: Mapping[str, float], intervals: Mapping[str, Sequence[float]]) -> "Scores":
        """Return the scores that `to_table` and `intervals` made tables of; raises KeyError where one is missing."""
        names = [field.name for field in fields(cls) if field.name in table]
        return cls(**{name: Estimate(table[name], table[f"{name}_se"], Interval(*intervals[name])) for name in names})

    def to_lines(self, names: Sequence[str] = (), how: str = "") -> list[str]:
        """Return a line for each score, or for those named, aligned; `how` stands behind their names."""
        wanted = [(name, score) for name, score in self.distinct() if name in names or not names]
        return [f"{shown(name) + how:<19} {score}   {score.interval}" for name, score in wanted]

    def known(self) -> list[tuple[str, Estimate]]:
        """Return the scores that are there, with their names."""
        return [(name, score) for name, score in vars(self).items() if score is not None]

    def distinct(self) -> list[tuple[str, Estimate]]:
        """Return the known scores, accuracy argmax only where it is another number than accuracy."""
        repeats = {"accuracy_argmax"} if self.accuracy_argmax == self.accuracy else set()
        return [(name, score) for name, score in self.known() if name not in repeats]


def shown(name: str) -> str:
    """Return a score's display name."""
    if name in BY_SCORE:
        return BY_SCORE[name].title
    return "accuracy top-2" if name == "top_2_accuracy" else name.replace("_", " ")


def row_scores(
    targets: np.ndarray,
    probabilities: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    goals: Goals = CLASSIC,
) -> dict[str, np.ndarray]:
    """Return each row's contribution to every score that probabilities, labels or both allow; each of shape (rows,).

    `summarize` turns them into scores. Their means over several predictions, or differences between two, can be
    summarized as well.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    probabilities : ndarray of float, shape (rows, genres), or None
    labels : ndarray of int, shape (rows,), or None
        0-based genre numbers that a rule chose. At least one of probabilities and labels must be given.
    goals : Goals
        Their metrics of labels are added, where there are labels.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none, or neither probabilities nor labels are given.
    """
    if probabilities is None and labels is None:
        raise ValueError("probabilities and labels are both None; expected at least one of them to score.")
    rows = {} if labels is None else {"accuracy": row_accuracy(targets, labels)}
    if labels is not None:
        of_labels = [metric for metric in goals.metrics if isinstance(metric, LabelsMetric)]
        rows |= {metric.score: metric.row_values(targets, labels) for metric in of_labels}
    if probabilities is not None:
        rows["accuracy_argmax"] = row_accuracy(targets, np.argmax(probabilities, axis=1))
        rows["top_2_accuracy"] = row_top_accuracy(targets, probabilities)
        rows["board_log_loss"] = row_board_log_loss(targets, probabilities)
        rows["multiclass_log_loss"] = row_multiclass_log_loss(targets, probabilities)
    rows["macro_recall"] = rows["accuracy_argmax" if labels is None else "accuracy"]
    return rows


def summarize(targets: np.ndarray, rows: Mapping[str, np.ndarray], groups: np.ndarray | None = None) -> Scores:
    """Return scores, with standard errors and bootstrap intervals, from each row's contributions.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    rows : mapping of str to ndarray of float64, shape (rows,)
        As `row_scores` returns it; ``"macro_recall"`` must be there.
    groups : ndarray of int, shape (rows,), or None
        Rows with the same number are not independent, as for `competition.scoring.metrics.estimate`.
    """
    names = [field.name for field in fields(Scores) if field.name in rows and field.name != "macro_recall"]
    present = np.unique(targets) == np.asarray(targets)[:, None]  # (rows, genres that occur)
    right = rows["macro_recall"][:, None] * present
    draws = bootstrap_means(np.column_stack([*(rows[name] for name in names), present, right]), groups)
    scores = {
        name: replace(estimate(rows[name], groups), interval=percentile_interval(draws[:, place]))
        for place, name in enumerate(names)
    }
    songs, hits = np.split(draws[:, len(names) :], 2, axis=1)
    with np.errstate(invalid="ignore"):
        recalls = np.nanmean(hits / songs, axis=1)  # a resample may be without some genre
    macro = replace(estimate(linearized_recall(present, right), groups), interval=percentile_interval(recalls))
    return Scores(**scores, macro_recall=macro)


def score_probabilities(
    targets: np.ndarray,
    probabilities: np.ndarray,
    labels: np.ndarray | None = None,
    goals: Goals = CLASSIC,
    groups: np.ndarray | None = None,
) -> Scores:
    """Score probabilities, and the labels chosen from them where they are given.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    probabilities : ndarray of float, shape (rows, genres)
    labels : ndarray of int, shape (rows,), or None
        0-based genre numbers that a rule chose.
    goals : Goals
        What boards rank by.
    groups : ndarray of int, shape (rows,), or None
        As for `summarize`.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.
    """
    return summarize(targets, row_scores(targets, probabilities, labels, goals), groups)


def score_labels(
    targets: np.ndarray, labels: np.ndarray, goals: Goals = CLASSIC, groups: np.ndarray | None = None
) -> Scores:
    """Score labels alone: accuracy, macro recall, and what boards rank labels by.

    Parameters
    ----------
    targets, labels : ndarray of int, shape (rows,)
        0-based genre numbers: the true ones, and the predicted ones.
    goals : Goals
        What boards rank by.
    groups : ndarray of int, shape (rows,), or None
        As for `summarize`.

    Raises
    ------
    ValueError
        When the numbers of rows differ, or there are none.
    """
    return summarize(targets, row_scores(targets, labels=labels, goals=goals), groups)


def confusion_matrix(targets: np.ndarray, labels: np.ndarray, genres: int) -> np.ndarray:
    """Count rows by their true and their predicted genre.

    Parameters
    ----------
    targets, labels : ndarray of int, shape (rows,)
        0-based genre numbers: the true ones, and the predicted ones.
    genres : int
        The number of genres.

    Returns
    -------
    ndarray of int64, shape (genres, genres)
        True genres on the first axis, predicted ones on the second.
    """
    cells: Any = np.bincount(np.asarray(targets) * genres + np.asarray(labels), minlength=genres**2)
    return cells.reshape(genres, genres)


def board_intervals(
    scores: Scores, rows: int, board_rows: int, names: Sequence[str] = BOARDS, grouping: Grouping | None = None
) -> dict[str, Interval]:
    """Return 95 % prediction intervals of boards' scores, under the scores' names.

    Parameters
    ----------
    scores : Scores
    rows : int
        How many songs `scores` are of.
    board_rows : int
        How many songs the board scores, at least 1.
    names : sequence of str
        Which scores the boards rank by; those that are not known are left out.
    grouping : Grouping or None
        How both are grouped; None where every song stands for itself.

    Notes
    -----
    The local score and the board's are means over songs of one distribution (balanced accuracy and macro F1 nearly so),
    so their difference has the variance ``s^2 (1 / rows + 1 / board_rows)`` where s is the standard deviation of single
    songs' contributions. Its root is the score's standard error times ``sqrt(1 + rows / board_rows)``. Groups multiply
    both variances, the board's by another factor where its groups are known to be of other sizes. The centre is the
    score itself. The board's songs are predicted by the networks of all folds, not of one, which is a little
    better; how much cannot be seen from out-of-fold rows alone, and docs/benchmarks.md shows that it is well within the
    interval.

    Examples
    --------
    >>> scores = Scores(accuracy=Estimate(0.6, 0.01))
    >>> print(board_intervals(scores, rows=300, board_rows=100)["accuracy"])
    0.5608 to 0.6392
    """
    known = {"accuracy": scores.accuracy_argmax} | dict(scores.known())
    intervals = {}
    for name in names:
        score = known.get(name)
        if score is not None:
            widening = 1.0 if grouping is None else grouping.widening(score.clustering)
            half = _NORMAL_95 * score.standard_error * np.sqrt(1 + rows / board_rows * widening)
            most = np.inf if name in LOSSES else 1.0
            intervals[name] = Interval(float(max(0.0, score.value - half)), float(min(most, score.value + half)))
    return intervals


@dataclass(frozen=True)
class GenreScores:
    r"""How well each genre is recognized.

    Attributes
    ----------
    genres : sequence of str
    confusion : ndarray of int64, shape (genres, genres)
        Rows by their true (first axis) and their predicted genre.

    Examples
    --------
    >>> scores = GenreScores(["Rock", "Jazz"], np.array([[3, 1], [0, 2]]))
    >>> print("\n".join(scores.to_lines()))
    genre     songs    share  predicted  precision  recall  most often taken for
    Rock          4    0.667      0.500      1.000   0.750  Jazz (1)
    Jazz          2    0.333      0.500      0.667   1.000
    """

    genres: Sequence[str]
    confusion: np.ndarray

    @property
    def songs(self) -> np.ndarray:
        """How many rows have each genre."""
        return self.confusion.sum(axis=1)

    @property
    def share(self) -> np.ndarray:
        """Each genre's share of the rows."""
        return self.songs / self.songs.sum()

    @property
    def predicted_share(self) -> np.ndarray:
        """Each genre's share of the labels given."""
        return self.confusion.sum(axis=0) / self.songs.sum()

    @cached_property
    def recall(self) -> np.ndarray:
        """The share of each genre's rows that are labelled so; nan where it has none."""
        return _divided(self.confusion.diagonal(), self.songs)

    @cached_property
    def precision(self) -> np.ndarray:
        """The share of rows labelled with each genre that have it; nan where no row is."""
        return _divided(self.confusion.diagonal(), self.confusion.sum(axis=0))

    def to_table(self) -> list[dict[str, Any]]:
        """Return one JSON-serializable dictionary per genre; None where a number is not known."""
        return [
            {
                "genre": genre,
                "songs": int(self.songs[place]),
                "share": float(self.share[place]),
                "predicted_share": float(self.predicted_share[place]),
                "precision": _known(self.precision[place]),
                "recall": _known(self.recall[place]),
                "confusion": self.confusion[place].tolist(),
            }
            for place, genre in enumerate(self.genres)
        ]

    @property
    def lost(self) -> np.ndarray:
        """How many rows of each genre are labelled otherwise."""
        return self.songs - self.confusion.diagonal()

    def to_lines(self, shown: Sequence[int] | None = None) -> list[str]:
        """Return a heading and a line for each genre, aligned.

        Parameters
        ----------
        shown : sequence of int or None
            The 0-based numbers of the genres that have a line; None for all.
        """
        shown = range(len(self.genres)) if shown is None else shown
        width = max(8, *(len(self.genres[place]) for place in shown))
        lines = [f"{'genre':<{width}}  songs    share  predicted  precision  recall  most often taken for"]
        for place in shown:
            line = (
                f"{self.genres[place]:<{width}}{self.songs[place]:>7}{self.share[place]:>9.3f}{self.predicted_share[place]:>11.3f}"
                f"{_number(self.precision[place]):>11}{_number(self.recall[place]):>8}  {self._taken_for(place)}"
            )
            lines.append(line.rstrip())
        return lines

    def _taken_for(self, place: int) -> str:
        wrong = self.confusion[place] * (np.arange(len(self.genres)) != place)
        return f"{self.genres[wrong.argmax()]} ({wrong.max()})" if wrong.any() else ""


def score_genres(targets: np.ndarray, labels: np.ndarray, genres: Sequence[str]) -> GenreScores:
    """Score labels genre by genre.

    Parameters
    ----------
    targets, labels : ndarray of int, shape (rows,)
        0-based genre numbers: the true ones, and the predicted ones.
    genres : sequence of str
        All genres' names, in label order.
    """
    return GenreScores(genres, confusion_matrix(targets, labels, len(genres)))


def _divided(counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    return np.divide(counts, totals, out=np.full(len(counts), np.nan), where=totals > 0)


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def _number(number: float) -> str:
    return f"{number:.3f}" if np.isfinite(number) else "-"
