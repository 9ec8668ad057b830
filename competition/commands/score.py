"""`score`: a model's out-of-fold score on the training data, or the score of given files against known labels."""

from pathlib import Path
from typing import Any

import click
import numpy as np

from competition.commands.fitting import announce, carry_out, describe_oddities, describe_pool, write_record
from competition.commands.plan import make_plan
from competition.csv_files import read_labels
from competition.edition import Edition, find_edition
from competition.errors import SubmissionError
from competition.report import REPORT, write_report
from competition.runs import check_free, default_folder, new_run
from competition.scores import Scores, score_labels, score_probabilities
from submissions.checker import Checked, Expectation, read_scorable
from submissions.table import has_submission_header, read_table


def score_model(*, data: Path | None, out: Path | None, quiet: bool, force: bool, **training: Any) -> None:
    """Cross-fit a model on the training songs and keep its scores; the parameters are the command's options."""
    if out is not None:
        check_free(out, force=force)
    plan = make_plan(data=data, with_test=False, **training)
    folder = out or default_folder(plan.dataset.edition.name, plan.ensemble.name)
    with new_run(folder, force=force) as place:
        announce(plan, data, quiet=quiet)
        fitted = carry_out(plan, quiet=quiet)
        write_record(place, fitted)
        write_report(place, fitted.labels, plan.rule.describe(plan.dataset.edition.genres))
    if not quiet:
        _say("held-out scores (each song by networks that have not seen it; ± one standard error)", fitted.scores)
        click.echo("\n".join(describe_pool(fitted)))
        click.echo(f"rule      {plan.rule.describe(plan.dataset.edition.genres)}")
        click.echo("\n".join([*describe_oddities(fitted.oddities.to_notes()), f"report    {folder / REPORT}"]))


def score_files(*, data: Path | None, edition: str | None, predictions: tuple[Path, ...], labels: Path) -> None:
    """Score submission files against known labels; the parameters are the command's options."""
    layout = find_edition(edition, data)
    targets = read_truth(labels, layout)
    expected = Expectation(layout, len(targets), shares=None, rows_of=f"one for each label of {labels}")
    for checked in [read_scorable(path, expected) for path in predictions]:
        for finding in checked.findings:
            click.echo(f"note: {finding}", err=True)
        _say(f"{checked.path}: {checked.kind}, {len(targets)} rows (± one standard error)", _score(checked, targets))


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


def _say(title: str, scores: Scores) -> None:
    click.echo(title)
    for line in scores.to_lines():
        click.echo(f"  {line}")
