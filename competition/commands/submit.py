"""`submit`: data in, two checked files and their out-of-fold scores out."""

import warnings
from pathlib import Path
from typing import Any

import click
import numpy as np

from competition.commands.fitting import Fitted, announce, carry_out, describe_pool, write_record
from competition.commands.plan import make_plan
from competition.errors import KitWarning, SubmissionError
from competition.files import write_whole
from competition.runs import check_free, default_folder, new_run
from submissions.checker import Expectation, check_file
from submissions.layout import LABEL_FILE, PROBABILITY_FILE
from submissions.rules import Threshold
from submissions.writer import label_text, probability_text


def submit(*, data: Path | None, out: Path | None, quiet: bool, force: bool, **training: Any) -> None:
    """Carry out the command; the parameters are its options, `training` those of `make_plan`."""
    if out is not None:
        check_free(out, force=force)
    plan = make_plan(data=data, with_test=True, **training)
    folder = out or default_folder(plan.dataset.edition.name, plan.ensemble.name)
    with new_run(folder, force=force) as place:
        announce(plan, data, quiet=quiet)
        fitted = carry_out(plan, quiet=quiet)
        write_record(place, fitted)
        _write_submission(place, fitted)
    if not quiet:
        click.echo("\n".join(_summary(fitted, folder, is_real=data is not None)))


def _write_submission(place: Path, fitted: Fitted) -> None:
    plan = fitted.plan
    write_whole(place / LABEL_FILE, label_text(plan.rule.predict(fitted.test)))
    write_whole(place / PROBABILITY_FILE, probability_text(fitted.test))
    expected = Expectation(plan.dataset.edition, len(fitted.test), plan.dataset.counts / plan.dataset.rows)
    for name in (LABEL_FILE, PROBABILITY_FILE):
        for finding in check_file(place / name, expected).findings:
            if finding.severity != "suspicious":
                raise SubmissionError(f"the written file did not pass its own check: {finding}")
            warnings.warn(f"{name}: {finding.message}", KitWarning, stacklevel=2)


def _summary(fitted: Fitted, folder: Path, *, is_real: bool) -> list[str]:
    plan = fitted.plan
    fell_back = int(np.count_nonzero(plan.rule.falls_back(fitted.test)))
    lines = ["", "held-out scores (each song by networks that have not seen it; ± one standard error)"]
    lines += [f"  {line}" for line in fitted.scores.to_lines()]
    lines += ["", *describe_pool(fitted)]
    lines += [f"rule      {plan.rule.describe(plan.dataset.edition.genres)}"]
    if isinstance(plan.rule, Threshold):
        lines += [f"          {fell_back} of {len(fitted.test)} test songs fell back"]
    lines += [f"files     {folder / LABEL_FILE}", f"          {folder / PROBABILITY_FILE}"]
    lines += ["          both checked: they are what the boards expect", f"pictures  {folder / 'plots'}"]
    if is_real and plan.dataset.edition.boards:
        lines += [
            f"{board.replace('_', ' '):<10}https://www.kaggle.com/c/{slug}"
            for board, slug in plan.dataset.edition.boards.items()
        ]
    return lines
