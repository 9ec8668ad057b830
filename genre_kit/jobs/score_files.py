"""`score --predictions`: given files against known labels."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from competition.data.csv_files import read_labels
from competition.data.edition import Edition
from competition.data.edition_file import find_edition
from competition.data.wrapping import data_place
from competition.errors import SubmissionError
from competition.scoring.boards import goals_of
from competition.scoring.scores import score_genres, score_labels, score_probabilities
from genre_kit.jobs.inputs import PathLike
from genre_kit.results.scored_file import ScoredFile
from submissions.checker import Checked, Expectation, read_scorable
from submissions.submission_file import has_submission_header, read_table


def score_files(
    predictions: Sequence[PathLike],
    labels: PathLike,
    *,
    data: PathLike | None = None,
    edition: str | None = None,
) -> tuple[ScoredFile, ...]:
    """Score submission files against known labels.

    Parameters
    ----------
    predictions : sequence of paths
    labels : path
        One label a line as in the training file, or with ids and a header as in label_pred.csv.
    data, edition
        As for `submit`; only the edition is read.

    Raises
    ------
    KitError
        When a file cannot be read, or has a ``"broken"`` finding.
    """
    labels, found = Path(labels), find_edition(edition, None if data is None else data_place(data))
    targets = read_truth(labels, found)
    expected = Expectation(found, len(targets), shares=None, rows_of=f"one for each label of {labels}")
    checked = [read_scorable(Path(path), expected) for path in predictions]
    return tuple(_scored_file(one, targets, found) for one in checked)


def _scored_file(checked: Checked, targets: np.ndarray, edition: Edition) -> ScoredFile:
    values = checked.known_values
    is_labels = checked.kind == "labels"
    goals = goals_of(edition.boards)
    scores = score_labels(targets, values, goals) if is_labels else score_probabilities(targets, values, goals=goals)
    genres = score_genres(targets, values if is_labels else values.argmax(axis=1), edition.genres)
    return ScoredFile(checked.path, checked.kind, len(targets), scores, genres, checked.findings, goals)


def read_truth(path: Path, edition: Edition) -> np.ndarray:
    """Read true labels, one a line as in the training file, or with ids and a header as in label_pred.csv.

    Returns
    -------
    ndarray of int64, shape (rows,)
        0-based genre numbers.
    """
    if not path.is_file():
        raise SubmissionError(f"{path}: there is no such file; expected the true labels, one a line.")
    if not has_submission_header(path):
        return read_labels(path, edition)
    checked = read_scorable(path, Expectation(edition, len(read_table(path).rows), shares=None))
    if checked.kind != "labels":
        raise SubmissionError(f"{path}: holds {checked.kind}; expected true labels, one a line.")
    return checked.known_values
