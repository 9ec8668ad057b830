"""`submit`: data in, two checked files and their out-of-fold scores out."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from competition.data.drift import looks_foreign
from competition.errors import KitWarning
from competition.models.saved import MODELS
from competition.scoring.scores import BOARDS
from competition.storage.folders import check_free, default_folder, new_run
from genre_kit.jobs.plan import make_plan
from genre_kit.jobs.train import Fitted, carry_out
from genre_kit.reports.html import REPORT, write_report
from genre_kit.reports.scores import HEADING, score_lines
from genre_kit.reports.submission import describe_files, describe_shares, warn_of_chance, write_submission
from genre_kit.reports.training import announce, describe_oddities, describe_pool_briefly
from genre_kit.runs.writing import write_pool, write_record

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
