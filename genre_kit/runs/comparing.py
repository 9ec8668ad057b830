"""Finished runs, scored alone and compared with each other."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from competition.scoring.intervals import Interval
from competition.scoring.metrics import Estimate
from competition.scoring.scores import LOSSES, GenreScores, Scores, score_genres, summarize
from genre_kit.runs.finished import FinishedRun, check_comparable, read_finished


@dataclass(frozen=True, eq=False)
class ScoredRun:
    """A finished run and what it scored.

    Attributes
    ----------
    run : FinishedRun
    scores : Scores
    genres : GenreScores
    """

    run: FinishedRun
    scores: Scores
    genres: GenreScores


@dataclass(frozen=True, eq=False)
class Difference:
    """A run compared with the first one, paired by song.

    Attributes
    ----------
    run, first : FinishedRun
    differences : Scores
        By how much each score of the run is above the first one's.
    """

    run: FinishedRun
    first: FinishedRun
    differences: Scores


@dataclass(frozen=True, eq=False)
class Comparison:
    """Finished runs, and each later one compared with the first."""

    runs: tuple[ScoredRun, ...]
    differences: tuple[Difference, ...]


def compare(runs: Sequence[str | os.PathLike[str]]) -> Comparison:
    """Score finished runs, and compare every later one with the first.

    Parameters
    ----------
    runs : sequence of paths
        At least one folder of a finished run that scored something.

    Raises
    ------
    RunError
        When a folder holds no such run, or the runs have not scored the same songs.
    """
    finished = [read_finished(Path(folder)) for folder in runs]
    for run in finished[1:]:
        check_comparable(finished[0], run)
    scored = (
        ScoredRun(run, summarize(run.targets, run.row_scores), score_genres(run.targets, run.labels, run.genres))
        for run in finished
    )
    return Comparison(tuple(scored), tuple(_difference(finished[0], run) for run in finished[1:]))


def improvement(name: str, difference: Estimate) -> Estimate:
    """Return a difference in a score as what it is worth: above 0 is better, of losses too."""
    if name not in LOSSES:
        return difference
    bounds = difference.bounds
    return Estimate(-difference.value, difference.standard_error, Interval(-bounds.high, -bounds.low))


def is_clear(difference: Estimate) -> bool:
    """Return whether a difference is more than chance: above its standard error, and its interval without 0."""
    return abs(difference.value) > difference.standard_error and 0 not in difference.bounds


def _difference(first: FinishedRun, other: FinishedRun) -> Difference:
    both = [name for name in first.row_scores if name in other.row_scores]
    rows = {name: other.row_scores[name] - first.row_scores[name] for name in both}
    return Difference(other, first, summarize(first.targets, rows))
