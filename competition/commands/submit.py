"""`submit`: data in, two checked files and their out-of-fold scores out."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from competition.commands.fitting import Fitted, carry_out
from competition.commands.fitting_files import write_pool, write_record
from competition.commands.fitting_lines import announce, describe_oddities, describe_pool_briefly
from competition.commands.plan import make_plan
from competition.commands.reporting import HEADING, score_lines
from competition.commands.submission import describe_files, describe_shares, warn_of_chance, write_submission
from competition.drift import looks_foreign
from competition.errors import KitWarning
from competition.report import REPORT, write_report
from competition.runs import check_free, default_folder, new_run
from competition.saved_models import MODELS
from competition.scores import BOARDS

_LATE = 1.1


def submit(
    *, data: Path | None, out: Path | None, quiet: bool, force: bool, correct_shares: bool, **training: Any
) -> None:
    """Carry out the command; the parameters are its options, `training` those of `make_plan`."""
    if out is not None:
        check_free(out, force=force)
    plan = replace(make_plan(data=data, with_test=True, **training), correct_shares=correct_shares)
    edition = plan.dataset.edition
    folder = out or default_folder(edition.name, plan.ensemble.name)
    with new_run(folder, force=force) as place:
        announce(plan, data, quiet=quiet)
        fitted = carry_out(plan, quiet=quiet, models=place / MODELS)
        if correct_shares:
            warn_of_chance(fitted.shift)
        write_record(place, fitted, board_rows=len(fitted.test))
        write_pool(place, fitted)
        write_submission(place, fitted.test, fitted.settled.rule, edition, shares=plan.dataset.shares)
        write_report(place, fitted.settled.rule.describe(edition.genres))
    if (trouble := looks_foreign(plan.dataset, fitted.oddities)) is not None:
        warnings.warn(trouble, KitWarning, stacklevel=2)
    if not quiet:
        click.echo("\n".join(_summary(fitted, folder, is_real=data is not None)))
    if plan.deadline is not None and plan.deadline.passed > _LATE * plan.deadline.length and len(fitted.trained) == 1:
        warnings.warn(
            f"this took {plan.deadline.passed / 60:.1f} minutes instead of {plan.deadline.length / 60:.1f}: "
            "on this machine the smallest ensemble takes that long.",
            KitWarning,
            stacklevel=2,
        )


def _summary(fitted: Fitted, folder: Path, *, is_real: bool) -> list[str]:
    plan, edition, rule = fitted.plan, fitted.plan.dataset.edition, fitted.settled.rule
    lines = ["", f"held-out scores {HEADING}"]
    lines += [*score_lines(fitted.scores, plan.dataset.rows, len(fitted.test), BOARDS), ""]
    lines += describe_pool_briefly(fitted)
    lines += describe_shares(fitted.shift, plan.dataset.shares, edition.genres, corrected=plan.correct_shares)
    lines += describe_oddities(fitted.oddities.to_notes())
    gain = fitted.settled.describe_gain()
    lines += describe_files(folder, fitted.test, rule, edition, is_real=is_real, gain=gain)
    return [*lines, f"report    {folder / REPORT}: all scores, genre by genre, and pictures"]
