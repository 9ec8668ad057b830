"""The part that `submit` and `score` share: cross-fit, pool, score, and keep the record of it."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from competition import runs
from competition.commands import inputs
from competition.commands.plan import Plan
from competition.commands.record import Outcome, csv_text, write_outcome
from competition.commands.reporting import board_table, gain_table, shares_table
from competition.crossfit import CrossFit
from competition.drift import Oddities, find_oddities
from competition.edition import EDITION_FILE, edition_text
from competition.ensemble_training import Trained, merged, train_ensemble, train_until
from competition.ensembles import RECIPE_FILE, Ensemble
from competition.files import write_whole
from competition.metrics import Estimate, estimate, expected_calibration_error, row_board_log_loss
from competition.pooling import Pool, fit_pool
from competition.prior_shift import PriorShift, estimate_shift
from competition.progress import training_progress
from competition.saved_models import MODELS, save_index, save_model
from competition.scores import Scores, score_genres, score_probabilities
from submissions.rule_search import Settled, settle

_AFTERWARDS = 3.0
"""Seconds kept for what does not grow with the data, such as the pictures and the report."""


@dataclass(frozen=True)
class Fitted:
    """A plan carried out: its pooled predictions, and what they score out of fold.

    Attributes
    ----------
    plan : Plan
    ensemble : Ensemble
        What was trained: the plan's, or what of it fitted into its time.
    trained : tuple of Trained
        What its models predict, in the same order; the models themselves are no longer there.
    names : tuple of str
        The pooled recipes, one for each of the pool's weights.
    pool : Pool
        Holds the out-of-fold probabilities.
    test : ndarray of float64, shape (test rows, genres), or None
        For the genre shares of the training songs, or those in `shift` where the plan says so.
    shift : PriorShift or None
        The genre shares of the test songs; None where there are none.
    settled : Settled
        The rule, and the out-of-fold rows' labels.
    scores : Scores
    alone : mapping of str to Estimate
        Each recipe's own board log loss out of fold.
    oddities : Oddities
        Of the plan's data.
    started : datetime
    seconds : float
        Of the training and all that follows until the scores.
    """

    plan: Plan
    ensemble: Ensemble
    trained: tuple[Trained, ...]
    names: tuple[str, ...]
    pool: Pool
    test: np.ndarray | None
    shift: PriorShift | None
    settled: Settled
    scores: Scores
    alone: Mapping[str, Estimate]
    oddities: Oddities
    started: datetime
    seconds: float


def announce(plan: Plan, data: Path | None, *, quiet: bool) -> None:
    """Say what a command is about to train, and on what."""
    if quiet:
        return
    for line in inputs.describe(plan.dataset, data):
        click.echo(line)
    click.echo(f"model     {plan.ensemble.name}: {_size(plan)}")


def _size(plan: Plan) -> str:
    if plan.deadline is not None:
        return f"what fits into the time, on {plan.folds.count} folds"
    parts = [
        model.recipe.name + (f" x {model.seeds} seeds" if model.seeds > 1 else "") for model in plan.ensemble.models
    ]
    return f"{plan.folds.count} folds of {', '.join(parts)}"


def carry_out(plan: Plan, *, quiet: bool, models: Path | None = None) -> Fitted:
    """Cross-fit a plan's ensemble, pool it and score it out of fold; write its models into `models`, if given."""
    started, clock = datetime.now(UTC), time.perf_counter()
    trained = tuple(_kept(_train(plan, quiet=quiet), models))
    fits = merged(trained)
    targets = plan.dataset.targets
    pool = fit_pool(targets, [fit.members for fit in fits.values()], plan.folds)
    test, shift = _predict_test(plan, pool, fits.values())
    settled = settle(plan.rule, targets, pool.out_of_fold, plan.folds.assignment)
    return Fitted(
        plan=plan,
        ensemble=replace(plan.ensemble, models=tuple(one.model for one in trained)),
        trained=trained,
        names=tuple(fits),
        pool=pool,
        test=test,
        shift=shift,
        settled=settled,
        scores=score_probabilities(targets, pool.out_of_fold, settled.labels),
        alone={name: estimate(row_board_log_loss(targets, fit.out_of_fold)) for name, fit in fits.items()},
        oddities=find_oddities(plan.dataset),
        started=started,
        seconds=time.perf_counter() - clock,
    )


def _predict_test(plan: Plan, pool: Pool, fits: Iterable[CrossFit]) -> tuple[np.ndarray | None, PriorShift | None]:
    if plan.dataset.test_features is None:
        return None, None
    test = pool.apply([fit.test for fit in fits])
    shift = estimate_shift(test, pool.out_of_fold)
    return (shift.correct(test) if plan.correct_shares else test), shift


def _train(plan: Plan, *, quiet: bool) -> Iterator[Trained]:
    what = (plan.dataset, plan.ensemble, plan.folds, plan.seed)
    with training_progress(quiet=quiet) as announce_model:
        if plan.deadline is None:
            yield from train_ensemble(*what, announce_model)
        else:
            # What follows the training takes about as long as what came before it: reading, checking, drawing.
            end = plan.deadline.earlier(by=plan.deadline.passed + _AFTERWARDS)
            yield from train_until(*what, announce_model, end)


def _kept(trained: Iterable[Trained], models: Path | None) -> Iterator[Trained]:
    """Pass on what is trained without its models, so that memory holds those of one recipe at a time."""
    for place, one in enumerate(trained, 1):
        if models is not None:
            save_model(models, place, one)
        yield one.without_models()


def describe_pool(fitted: Fitted) -> list[str]:
    """Return the lines that say how the models' predictions become one, and what that gained."""
    return [*_describe_weights(fitted), _describe_biases(fitted), _describe_calibration(fitted)]


def _describe_weights(fitted: Fitted) -> list[str]:
    if len(fitted.names) == 1:
        what = f"temperature {1 / fitted.pool.final_weights[0]:.2f}" if fitted.pool.is_fitted else "none"
        return [
            f"calibrate {what}; a temperature gains {fitted.pool.gain} board log loss on songs that did not choose it"
        ]
    kept = "" if fitted.pool.is_fitted else "; equal ones are used"
    lines = [
        f"{name}: alone {fitted.alone[name]}, weight {weight:.2f}"
        for name, weight in zip(fitted.names, fitted.pool.final_weights, strict=True)
    ]
    lines.append(f"weights gain {fitted.pool.gain} board log loss on songs that did not choose them{kept}")
    return [f"{'pool' if not place else '':<10}{line}" for place, line in enumerate(lines)]


def describe_oddities(notes: Sequence[str]) -> list[str]:
    """Return the lines that say what is odd about the data."""
    return [f"{'' if place else 'noticed':<10}{note}" for place, note in enumerate(notes)]


def _describe_biases(fitted: Fitted) -> str:
    used = "used" if fitted.pool.is_biased else "none used"
    return f"          biases of genres gain {fitted.pool.bias_gain} more; {used}"


def _describe_calibration(fitted: Fitted) -> str:
    errors = [f"{error:.4f}" for error in _calibration_errors(fitted)]
    return f"          calibration error {errors[0]} before, {errors[1]} after"


def _calibration_errors(fitted: Fitted) -> tuple[float, float]:
    """Return the expected calibration error out of fold, before and after calibration."""
    targets = fitted.plan.dataset.targets
    before, after = (expected_calibration_error(targets, rows) for rows in (fitted.pool.plain, fitted.pool.out_of_fold))
    return before, after


def write_record(place: Path, fitted: Fitted, board_rows: int | None, repeats: Sequence[Scores] = ()) -> None:
    """Write what a run keeps of its fitting: scores, manifest, folds, out-of-fold rows, history, pictures.

    Parameters
    ----------
    place : Path
    fitted : Fitted
    board_rows : int or None
        For how many songs the boards' scores are predicted.
    repeats : sequence of Scores
        Each repeat's own, where there are several.
    """
    more = {"repeats": [scores.to_table() for scores in repeats]} if repeats else {}
    runs.write_json(place / "scores.json", scores_table(fitted, board_rows) | more)
    runs.write_json(place / "manifest.json", _manifest(fitted))
    write_whole(place / RECIPE_FILE, fitted.ensemble.to_text())
    if fitted.ensemble.needs_keras:
        write_whole(place / "history.csv", csv_text(_history(fitted)))
    write_outcome(place, _outcome(fitted), fitted.trained)


def write_pool(place: Path, fitted: Fitted) -> None:
    """Write what ``submit --from`` needs beside the models: how they are pooled, and the edition that they read."""
    weights = {name: float(weight) for name, weight in zip(fitted.names, fitted.pool.final_weights, strict=True)}
    save_index(place / MODELS, fitted.ensemble.models, weights, fitted.pool.biases)
    write_whole(place / EDITION_FILE, edition_text(fitted.plan.dataset.edition))


def _history(fitted: Fitted) -> pd.DataFrame:
    rows = [
        {"model": place, "recipe": one.model.recipe.name} | asdict(epoch)
        for place, one in enumerate(fitted.trained, 1)
        for epoch in one.fit.history
    ]
    return pd.DataFrame(rows)


def scores_table(fitted: Fitted, board_rows: int | None) -> dict[str, Any]:
    """Return what scores.json says."""
    dataset, scores = fitted.plan.dataset, fitted.scores
    before, after = _calibration_errors(fitted)
    genres = score_genres(dataset.targets, fitted.settled.labels, dataset.edition.genres)
    return {
        "out_of_fold": scores.to_table(),
        "intervals": scores.intervals(),
        "board": board_table(scores, dataset.rows, board_rows) if board_rows else None,
        "genres": genres.to_table(),
        "model": fitted.ensemble.name,
        "folds": fitted.plan.folds.count,
        "members": fitted.ensemble.members(fitted.plan.folds.count),
        **_pool_table(fitted),
        "expected_calibration_error": {"before": before, "after": after},
        "rule_gain": gain_table(fitted.settled.gain),
        "test_shares": _shares_table(fitted),
        "seconds": round(fitted.seconds, 1),
        "seconds_by_model": [round(one.seconds, 1) for one in fitted.trained],
    }


def _pool_table(fitted: Fitted) -> dict[str, Any]:
    pool = fitted.pool
    return {
        "pool": [
            {"recipe": name, "weight": float(weight), "board_log_loss": fitted.alone[name].value}
            for name, weight in zip(fitted.names, pool.final_weights, strict=True)
        ],
        "pool_gain": pool.gain.value,
        "pool_gain_se": pool.gain.standard_error,
        "biases": pool.biases.tolist(),
        "bias_gain": pool.bias_gain.value,
        "bias_gain_se": pool.bias_gain.standard_error,
    }


def _shares_table(fitted: Fitted) -> dict[str, Any] | None:
    if fitted.shift is None:
        return None
    training = fitted.plan.dataset.counts / fitted.plan.dataset.rows
    return shares_table(fitted.shift, training, corrected=fitted.plan.correct_shares)


def _manifest(fitted: Fitted) -> Mapping[str, Any]:
    plan, dataset = fitted.plan, fitted.plan.dataset
    return {
        "command": ["genre-kit", *sys.argv[1:]],
        "started": fitted.started.isoformat(timespec="seconds"),
        "seconds": round(fitted.seconds, 1),
        "edition": asdict(dataset.edition),
        "data": {
            "source": dataset.source,
            "sha256": dataset.fingerprint,
            "training_sha256": dataset.training_fingerprint,
            "groups": None if dataset.groups is None else len(np.unique(dataset.groups)),
            "training_rows": dataset.rows,
            "test_rows": 0 if dataset.test_features is None else len(dataset.test_features),
            "notes": list(fitted.oddities.to_notes()),
        },
        "seed": plan.seed,
        "folds": plan.folds.count,
        "ensemble": fitted.ensemble.to_table(),
        "rule": fitted.settled.rule.to_table(),
        "environment": runs.environment(),
    }


def _outcome(fitted: Fitted) -> Outcome:
    plan = fitted.plan
    return Outcome(
        edition=plan.dataset.edition,
        targets=plan.dataset.targets,
        folds=plan.folds,
        settled=fitted.settled,
        out_of_fold=fitted.pool.out_of_fold,
        uncalibrated=fitted.pool.plain if fitted.pool.is_fitted or fitted.pool.is_biased else None,
        test=fitted.test,
    )
