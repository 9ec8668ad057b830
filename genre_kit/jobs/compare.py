"""`score` without training: of finished runs, alone and against each other, and of given files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from competition.data.csv_files import read_labels
from competition.data.edition import Edition, find_edition
from competition.errors import SubmissionError
from competition.scoring.metrics import Estimate
from competition.scoring.scores import LOSSES, Scores, score_genres, score_labels, score_probabilities, shown, summarize
from genre_kit.reports.scores import HEADING, say_json, score_lines, score_table
from genre_kit.runs.finished import FinishedRun, check_comparable, read_finished
from submissions.checker import Checked, Expectation, read_scorable
from submissions.submission_file import has_submission_header, read_table


def score_runs(*, folders: Sequence[Path], board_rows: int | None, as_json: bool) -> None:
    """Print the scores of finished runs, and hold every later one against the first.

    Parameters
    ----------
    folders : sequence of Path
        At least one.
    board_rows : int or None
        For how many songs a board's score is predicted; by default each run's test file's.
    as_json : bool
    """
    runs = [read_finished(folder) for folder in folders]
    for run in runs[1:]:
        check_comparable(runs[0], run)
    scores = [summarize(run.targets, run.row_scores) for run in runs]
    compared = [(run, _differences(runs[0], run)) for run in runs[1:]]
    if as_json:
        tables = [_run_table(run, scored, board_rows) for run, scored in zip(runs, scores, strict=True)]
        comparisons = [_comparison_table(runs[0], run, differences) for run, differences in compared]
        say_json({"runs": tables, "comparisons": comparisons})
        return
    for run, scored in zip(runs, scores, strict=True):
        click.echo("\n".join(_run_lines(run, scored, board_rows)) + "\n")
    for run, differences in compared:
        click.echo("\n".join(_comparison_lines(runs[0], run, differences)) + "\n")


def _run_lines(run: FinishedRun, scores: Scores, board_rows: int | None) -> list[str]:
    title = f"{run.folder}: {run.model}, {len(run.targets)} songs, {run.assignment.max() + 1} folds, rule {run.rule}"
    title += f"; the first of {run.repeats} repeats" if run.repeats > 1 else ""
    genres = score_genres(run.targets, run.labels, run.genres).to_lines()
    lines = [title, f"held-out scores {HEADING}"]
    lines += score_lines(scores, len(run.targets), board_rows or run.test_rows)
    return [*lines, "", *(f"  {line}" for line in genres)]


def _run_table(run: FinishedRun, scores: Scores, board_rows: int | None) -> dict[str, Any]:
    genres = score_genres(run.targets, run.labels, run.genres)
    table = score_table(scores, len(run.targets), board_rows or run.test_rows, genres)
    return {"run": str(run.folder), "model": run.model, "rule": run.rule, "data": run.training_hash} | table


def _differences(first: FinishedRun, other: FinishedRun) -> Scores:
    """Return by how much each score of the second run is above the first one's, paired by song."""
    rows = {name: other.row_scores[name] - first.row_scores[name] for name in first.row_scores}
    return summarize(first.targets, rows)


def _comparison_lines(first: FinishedRun, other: FinishedRun, differences: Scores) -> list[str]:
    lines = [f"{other.folder} against {first.folder} (paired by song)"]
    for name, difference in differences.known():
        low, high = difference.interval.low, difference.interval.high
        lines.append(f"  {_verdict(other, name, difference)} (95 %: {low:+.4f} to {high:+.4f})")
    return lines


def _verdict(run: FinishedRun, name: str, difference: Estimate) -> str:
    size = f"by {abs(difference.value):.4f} ± {difference.standard_error:.4f} {shown(name)}"
    if abs(difference.value) <= difference.standard_error or 0 in difference.interval:
        return f"no clear difference: {run.folder.name} differs {size}"
    return f"{run.folder.name} is {'better' if is_better(name, difference) else 'worse'} {size}"


def is_better(name: str, difference: Estimate) -> bool:
    """Tell whether a score that is higher by `difference` is better for it."""
    return (difference.value < 0) == (name in LOSSES)


def _comparison_table(first: FinishedRun, other: FinishedRun, differences: Scores) -> dict[str, Any]:
    return {
        "run": str(other.folder),
        "against": str(first.folder),
        "differences": differences.to_table(),
        "intervals": differences.intervals(),
    }


def score_files(
    *,
    data: Path | None,
    edition: str | None,
    predictions: tuple[Path, ...],
    labels: Path,
    board_rows: int | None,
    as_json: bool,
) -> None:
    """Score submission files against known labels; the parameters are the command's options."""
    layout = find_edition(edition, data)
    targets = read_truth(labels, layout)
    expected = Expectation(layout, len(targets), shares=None, rows_of=f"one for each label of {labels}")
    tables = []
    for checked in [read_scorable(path, expected) for path in predictions]:
        for finding in checked.findings:
            click.echo(f"note: {finding}", err=True)
        scores, genres = _score(checked, targets), score_genres(targets, _labels(checked), layout.genres)
        table = score_table(scores, len(targets), board_rows, genres)
        tables.append({"file": str(checked.path), "kind": checked.kind} | table)
        if not as_json:
            click.echo(f"{checked.path}: {checked.kind}, {len(targets)} rows (± one standard error, 95 % interval)")
            click.echo("\n".join(score_lines(scores, len(targets), board_rows)) + "\n")
            click.echo("\n".join(f"  {line}" for line in genres.to_lines()) + "\n")
    if as_json:
        say_json({"files": tables})


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
    return checked.values


def _score(checked: Checked, targets: np.ndarray) -> Scores:
    score = score_labels if checked.kind == "labels" else score_probabilities
    return score(targets, checked.values)


def _labels(checked: Checked) -> np.ndarray:
    return checked.values if checked.kind == "labels" else checked.values.argmax(axis=1)
