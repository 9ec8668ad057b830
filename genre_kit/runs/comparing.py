"""Finished runs, scored alone and compared with each other."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np

from competition.errors import RunError
from competition.scoring.groups import Grouping
from competition.scoring.intervals import Interval
from competition.scoring.metrics import Estimate, paired_estimates
from competition.scoring.scores import LOSSES, GenreScores, Scores, score_genres, summarize
from competition.storage.reading import read_whole
from genre_kit.runs.finished import FinishedRun, check_comparable, most_grouped, read_finished
from submissions.layout import LABEL_FILE


@dataclass(frozen=True, eq=False)
class ScoredRun:
    """A finished run and what it scored.

    Attributes
    ----------
    run : FinishedRun
    scores : Scores
    genres : GenreScores
    grouping : Grouping or None
        The groups that errors and intervals count, which another run may know; None where they count songs.
    """

    run: FinishedRun
    scores: Scores
    genres: GenreScores
    grouping: Grouping | None = None


@dataclass(frozen=True)
class FileDifference:
    """How many of the lines of two files differ."""

    differing: int
    lines: int


@dataclass(frozen=True, eq=False)
class Difference:
    """A run compared with the first one, paired by song.

    Attributes
    ----------
    run, first : FinishedRun
    differences : Scores
        By how much each score of the run is above the first one's.
    labels : FileDifference or None
        How their files of labels differ; None where one has none, or they are not of the same test songs.
    """

    run: FinishedRun
    first: FinishedRun
    differences: Scores
    labels: FileDifference | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Finished runs, and each later one compared with the first."""

    runs: tuple[ScoredRun, ...]
    differences: tuple[Difference, ...]


def compare(runs: Sequence[str | os.PathLike[str]] | str | os.PathLike[str]) -> Comparison:
    """Score finished runs, and compare every later one with the first.

    Parameters
    ----------
    runs : path, or sequence of paths
        At least one folder of a finished run that scored something.

    Raises
    ------
    RunError
        When a folder holds no such run, or the runs have not scored the same songs.
    """
    folders = [runs] if isinstance(runs, str | os.PathLike) else runs
    finished = [read_finished(Path(folder)) for folder in folders]
    for run in finished[1:]:
        check_comparable(finished[0], run)
    known = most_grouped(finished)
    differences = (_difference(finished[0], run, known.groups) for run in finished[1:])
    return Comparison(tuple(_scored(run, known) for run in finished), tuple(differences))


def _scored(run: FinishedRun, known: FinishedRun) -> ScoredRun:
    """Return a run and its scores, with errors over the groups that are `known`."""
    genres = score_genres(run.targets, run.labels, run.genres)
    return ScoredRun(run, summarize(run.targets, run.row_scores, known.groups), genres, known.grouping)


def differences_in(
    name: str, run: FinishedRun, others: Sequence[FinishedRun], groups: np.ndarray | None = None
) -> list[Estimate]:
    """Return by how much a run's score is above that of each other run, paired by song.

    Parameters
    ----------
    name : str
        The score's.
    run : FinishedRun
    others : sequence of FinishedRun
        Of the same songs.
    groups : ndarray of int, shape (rows,), or None
        Songs with the same number are not independent.
    """
    if not others:
        return []
    rows = run.row_scores[name][:, None] - np.stack([one.row_scores[name] for one in others], axis=1)
    return paired_estimates(rows, groups)


def improvement(name: str, difference: Estimate) -> Estimate:
    """Return a difference in a score as what it is worth: above 0 is better, of losses too."""
    if name not in LOSSES:
        return difference
    bounds = difference.bounds
    return Estimate(-difference.value, difference.standard_error, Interval(-bounds.high, -bounds.low))


def is_clear(difference: Estimate) -> bool:
    """Return whether a difference is more than chance: above its standard error, and its interval without 0."""
    return abs(difference.value) > difference.standard_error and 0 not in difference.bounds


def _difference(first: FinishedRun, other: FinishedRun, groups: np.ndarray | None) -> Difference:
    both = [name for name in first.row_scores if name in other.row_scores]
    rows = {name: other.row_scores[name] - first.row_scores[name] for name in both}
    labels = _labels_that_differ(first.folder, other.folder)
    return Difference(other, first, summarize(first.targets, rows, groups), labels)


def _labels_that_differ(first: Path, other: Path) -> FileDifference | None:
    ours, theirs = (_written_labels(folder / LABEL_FILE) for folder in (first, other))
    if not ours or ours.keys() != theirs.keys():
        return None
    return FileDifference(sum(label != theirs[one] for one, label in ours.items()), len(ours))


def _written_labels(path: Path) -> dict[str, str]:
    """Return the labels in a file that a run wrote, by their ids; none where there is no file."""
    if not path.is_file():
        return {}
    text = StringIO(read_whole(path, RunError, "train the run again"), newline="")
    return {row[0]: row[1] for row in list(csv.reader(text))[1:] if len(row) > 1}
