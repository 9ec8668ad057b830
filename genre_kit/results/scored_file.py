"""A submission file scored against known labels."""

from dataclasses import dataclass
from pathlib import Path

from competition.scoring.boards import Goals
from competition.scoring.scores import GenreScores, Scores
from submissions.checks.findings import Finding
from submissions.layout import Kind


@dataclass(frozen=True, eq=False)
class ScoredFile:
    """A submission file scored against known labels.

    Attributes
    ----------
    path : Path
    kind : str
    rows : int
    scores : Scores
    genres : GenreScores
    findings : tuple of Finding
        What is wrong with the file, none of which keeps it from being scored.
    goals : Goals
        What boards rank by.
    known_by : Path or None
        The run that knows the edition, where nobody named it.
    """

    path: Path
    kind: Kind
    rows: int
    scores: Scores
    genres: GenreScores
    findings: tuple[Finding, ...]
    goals: Goals
    known_by: Path | None = None
