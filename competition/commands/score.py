"""`score`: a model's out-of-fold score on the training data, or the score of given files against known labels."""

from pathlib import Path

import click
import numpy as np

from competition.commands import inputs
from competition.commands.fitting import Plan, announce, carry_out, choose_folds, write_record
from competition.csv_files import count_rows, read_labels
from competition.edition import Edition, find_edition
from competition.errors import SubmissionError
from competition.runs import default_folder, new_run
from competition.scores import Scores, score_labels, score_probabilities
from submissions.checker import Checked, Expectation, read_scorable
from submissions.table import has_submission_header


def score_model(
    *,
    data: Path | None,
    edition: str | None,
    out: Path | None,
    seed: int,
    quiet: bool,
    force: bool,
    model: str | None,
    recipe: Path | None,
    folds: int | Path,
    seeds: int | None,
    rule: str,
    threshold: float | None,
    fallback: str | None,
) -> None:
    """Cross-fit a model on the training songs and keep its scores; the parameters are the command's options."""
    chosen_recipe = inputs.choose_recipe(model, recipe)
    dataset = inputs.without_test(inputs.open_dataset(data, edition, test_required=False))
    chosen_rule = inputs.choose_rule(rule, threshold, fallback, dataset.edition)
    plan = Plan(
        dataset,
        chosen_recipe,
        choose_folds(dataset, folds, seed),
        inputs.choose_seeds(seeds, chosen_recipe),
        chosen_rule,
        seed,
    )
    folder = out or default_folder(dataset.edition.name, chosen_recipe.name)
    with new_run(folder, force=force) as place:
        announce(plan, data, quiet=quiet)
        fitted = carry_out(plan, quiet=quiet)
        write_record(place, fitted)
    if not quiet:
        _say("held-out scores (each song by a network that has not seen it; ± one standard error)", fitted.scores)
        click.echo(f"rule      {chosen_rule.describe(dataset.edition.genres)}")
        click.echo(f"kept in   {folder}")


def score_files(*, data: Path | None, edition: str | None, predictions: tuple[Path, ...], labels: Path) -> None:
    """Score submission files against known labels; the parameters are the command's options."""
    layout = find_edition(edition, data)
    targets = read_truth(labels, layout)
    expected = Expectation(layout, len(targets), shares=None)
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
    checked = read_scorable(path, Expectation(edition, count_rows(path) - 1, shares=None))
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
