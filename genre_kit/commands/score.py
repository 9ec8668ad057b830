"""`score`: a model's out-of-fold score on the training data, its folds drawn once or several times."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from competition.scoring.scores import Scores, row_scores, score_genres, shown, summarize
from competition.storage.folders import check_free, default_folder, new_run
from genre_kit.jobs.inputs import count_test_songs
from genre_kit.jobs.plan import Plan, choose_folds, make_plan
from genre_kit.jobs.train import Fitted, carry_out
from genre_kit.reports.html import REPORT, write_report
from genre_kit.reports.scores import HEADING, say_json, score_lines
from genre_kit.reports.training import announce, describe_oddities, describe_pool
from genre_kit.runs.writing import scores_table, write_record

_SEEDS = 2**32


def score_model(
    *,
    data: Path | None,
    out: Path | None,
    quiet: bool,
    force: bool,
    repeats: int,
    board_rows: int | None,
    as_json: bool,
    **training: Any,
) -> None:
    """Cross-fit a model on the training songs and keep its scores; the parameters are the command's options."""
    _refuse_repeats_without_effect(repeats, training)
    if out is not None:
        check_free(out, force=force)
    plan = make_plan(data=data, with_test=False, **training)
    board_rows = board_rows or count_test_songs(data, plan.dataset.edition)
    folder, silent = out or default_folder(plan.dataset.edition.name, plan.ensemble.name), quiet or as_json
    with new_run(folder, force=force) as place:
        announce(plan, data, quiet=silent)
        fitted = [carry_out(one, quiet=silent) for one in _repeated(plan, repeats)]
        scores = _mean_scores(fitted)
        first = replace(fitted[0], scores=scores, seconds=sum(one.seconds for one in fitted))
        write_record(place, first, board_rows, repeats=[one.scores for one in fitted] if repeats > 1 else [])
        write_report(place, first.settled.rule.describe(plan.dataset.edition.genres))
    if as_json:
        more = {"run": str(folder)} | ({"repeats": [one.scores.to_table() for one in fitted]} if repeats > 1 else {})
        say_json(scores_table(first, board_rows) | more)
    elif not quiet:
        click.echo("\n".join(_summary(fitted, scores, folder, board_rows)))


def _refuse_repeats_without_effect(repeats: int, training: dict[str, Any]) -> None:
    for option, used in (("--folds FILE", isinstance(training["folds"], Path)), ("--minutes", training["minutes"])):
        if repeats > 1 and used:
            raise click.UsageError(f"--repeats draws the folds anew, which {option} does not allow. Give one of them.")


def _repeated(plan: Plan, repeats: int) -> list[Plan]:
    """Return the plan, and again with the seeds that follow its own: other folds, other networks."""
    seeds = [(plan.seed + repeat) % _SEEDS for repeat in range(1, repeats)]
    return [
        plan,
        *(replace(plan, seed=seed, folds=choose_folds(plan.dataset, plan.folds.count, seed)) for seed in seeds),
    ]


def _mean_scores(fitted: Sequence[Fitted]) -> Scores:
    """Return the scores averaged over repeats, song by song: the same songs are no more songs for being repeated."""
    targets = fitted[0].plan.dataset.targets
    rows = [row_scores(targets, one.pool.out_of_fold, one.settled.labels) for one in fitted]
    return summarize(targets, {name: np.mean([one[name] for one in rows], axis=0) for name in rows[0]})


def _summary(fitted: Sequence[Fitted], scores: Scores, folder: Path, board_rows: int | None) -> list[str]:
    plan, settled = fitted[0].plan, fitted[0].settled
    genres = plan.dataset.edition.genres
    lines = ["", f"held-out scores {HEADING}", *score_lines(scores, plan.dataset.rows, board_rows)]
    lines += _spread_lines(fitted) if len(fitted) > 1 else []
    lines += ["", *(f"  {line}" for line in score_genres(plan.dataset.targets, settled.labels, genres).to_lines()), ""]
    lines += [*describe_pool(fitted[0]), f"rule      {settled.rule.describe(genres)}"]
    lines += [f"          {settled.describe_gain()}", *describe_oddities(fitted[0].oddities.to_notes())]
    return [*lines, f"report    {folder / REPORT}"]


def _spread_lines(fitted: Sequence[Fitted]) -> list[str]:
    """Return how far the scores of single repeats lie apart."""
    lines = [f"  means over {len(fitted)} repeats of the folds; below, all is of the first. From repeat to repeat:"]
    for name, _ in fitted[0].scores.known():
        values = [getattr(one.scores, name).value for one in fitted]
        lines.append(
            f"    {shown(name):<20}{min(values):.4f} to {max(values):.4f}, deviation {np.std(values, ddof=1):.4f}"
        )
    return lines
