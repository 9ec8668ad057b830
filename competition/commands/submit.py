"""`submit`: data in, two checked files and their out-of-fold scores out."""

import warnings
from pathlib import Path

import click
import numpy as np

from competition.commands import inputs
from competition.commands.fitting import Fitted, Plan, announce, carry_out, choose_folds, write_record
from competition.errors import KitWarning, SubmissionError
from competition.files import write_whole
from competition.runs import default_folder, new_run
from submissions.checker import Expectation, check_file
from submissions.writer import LABEL_FILE, PROBABILITY_FILE, label_text, probability_text


def submit(
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
    """Carry out the command; the parameters are its options."""
    chosen_recipe = inputs.choose_recipe(model, recipe)
    dataset = inputs.open_dataset(data, edition)
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
        _write_submission(place, fitted)
    if not quiet:
        click.echo("\n".join(_summary(fitted, folder, is_real=data is not None)))


def _write_submission(place: Path, fitted: Fitted) -> None:
    plan = fitted.plan
    write_whole(place / LABEL_FILE, label_text(plan.rule.predict(fitted.fit.test)))
    write_whole(place / PROBABILITY_FILE, probability_text(fitted.fit.test))
    expected = Expectation(plan.dataset.edition, len(fitted.fit.test), plan.dataset.counts / plan.dataset.rows)
    for name in (LABEL_FILE, PROBABILITY_FILE):
        for finding in check_file(place / name, expected).findings:
            if finding.severity != "suspicious":
                raise SubmissionError(f"the written file did not pass its own check: {finding}")
            warnings.warn(f"{name}: {finding.message}", KitWarning, stacklevel=2)


def _summary(fitted: Fitted, folder: Path, *, is_real: bool) -> list[str]:
    plan = fitted.plan
    fell_back = int(np.count_nonzero(plan.rule.falls_back(fitted.fit.test)))
    lines = ["", "held-out scores (each song by a network that has not seen it; ± one standard error)"]
    lines += [f"  {line}" for line in fitted.scores.to_lines()]
    lines += ["", f"rule      {plan.rule.describe(plan.dataset.edition.genres)}"]
    lines += [f"          {fell_back} of {len(fitted.fit.test)} test songs fell back"]
    lines += [f"files     {folder / LABEL_FILE}", f"          {folder / PROBABILITY_FILE}"]
    lines += ["          both checked: they are what the boards expect", f"pictures  {folder / 'plots'}"]
    if is_real and plan.dataset.edition.boards:
        lines += [
            f"{board.replace('_', ' '):<10}https://www.kaggle.com/c/{slug}"
            for board, slug in plan.dataset.edition.boards.items()
        ]
    return lines
