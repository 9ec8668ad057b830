"""`submit`: data in, two checked files and their out-of-fold scores out."""

import warnings
from pathlib import Path
from typing import Any

import click

from competition.commands.fitting import (
    Fitted,
    announce,
    carry_out,
    describe_oddities,
    describe_pool,
    save_run_models,
    write_record,
)
from competition.commands.plan import make_plan
from competition.commands.submission import describe_files, write_submission
from competition.drift import looks_foreign
from competition.errors import KitWarning
from competition.report import REPORT, write_report
from competition.runs import check_free, default_folder, new_run

_LATE = 1.1


def submit(*, data: Path | None, out: Path | None, quiet: bool, force: bool, **training: Any) -> None:
    """Carry out the command; the parameters are its options, `training` those of `make_plan`."""
    if out is not None:
        check_free(out, force=force)
    plan = make_plan(data=data, with_test=True, **training)
    edition = plan.dataset.edition
    folder = out or default_folder(edition.name, plan.ensemble.name)
    with new_run(folder, force=force) as place:
        announce(plan, data, quiet=quiet)
        fitted = carry_out(plan, quiet=quiet)
        write_record(place, fitted)
        save_run_models(place, fitted)
        write_submission(place, fitted.test, plan.rule, edition, shares=plan.dataset.counts / plan.dataset.rows)
        write_report(place, fitted.labels, plan.rule.describe(edition.genres))
    if (trouble := looks_foreign(plan.dataset, fitted.oddities)) is not None:
        warnings.warn(trouble, KitWarning, stacklevel=2)
    if not quiet:
        click.echo("\n".join(_summary(fitted, folder, is_real=data is not None)))
    if plan.deadline is not None and plan.deadline.passed > _LATE * plan.deadline.length:
        warnings.warn(
            f"this took {plan.deadline.passed / 60:.1f} minutes instead of {plan.deadline.length / 60:.1f}: "
            "on this machine the smallest ensemble takes that long.",
            KitWarning,
            stacklevel=2,
        )


def _summary(fitted: Fitted, folder: Path, *, is_real: bool) -> list[str]:
    plan = fitted.plan
    lines = ["", "held-out scores (each song by networks that have not seen it; ± one standard error)"]
    lines += [f"  {line}" for line in fitted.scores.to_lines()]
    lines += ["", *describe_pool(fitted)]
    lines += describe_files(folder, fitted.test, plan.rule, plan.dataset.edition, is_real=is_real)
    return [*lines, *describe_oddities(fitted.oddities.to_notes()), f"report    {folder / REPORT}"]
