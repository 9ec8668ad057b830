"""What `submit` and `score` say of what they train."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import click

from competition.scoring.pooling import Pool
from genre_kit.jobs import inputs
from genre_kit.jobs.plan import Plan
from genre_kit.jobs.train import Fitted
from genre_kit.reports.scores import labelled

_WIDTH = 108
_LEAST_SHOWN = 0.005


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


def describe_pool_briefly(fitted: Fitted) -> list[str]:
    """Return the lines that say what the pool is made of, and what finding its weights gained."""
    named = [(name, weight) for name, weight in _weighted(fitted) if weight >= _LEAST_SHOWN]
    parts = ", ".join(f"{name} {weight:.2f}" for name, weight in named)
    if others := len(fitted.names) - len(named):
        parts += f"; {others} more with weight 0"
    lines = textwrap.wrap(f"weights {parts}", _WIDTH) if len(fitted.names) > 1 else []
    return labelled("pool", [*lines, *_describe_gains(fitted.pool)])


def describe_pool(fitted: Fitted) -> list[str]:
    """Return the lines that say how the models' predictions become one, and what that gained."""
    lines = [f"{name}: alone {fitted.alone[name]}, weight {weight:.2f}" for name, weight in _weighted(fitted)]
    errors = [f"{error:.4f}" for error in fitted.calibration_errors]
    calibration = f"calibration error {errors[0]} before, {errors[1]} after"
    return labelled("pool", [*lines, *_describe_gains(fitted.pool), calibration])


def _weighted(fitted: Fitted) -> list[tuple[str, float]]:
    return list(zip(fitted.names, fitted.pool.final_weights, strict=True))


def _describe_gains(pool: Pool) -> list[str]:
    """Return what weights, or a single recipe's temperature, gained; biases are named where they are used."""
    used = pool.is_fitted
    if len(pool.weights) > 1:
        what = "they gain" if used else "all weigh the same: weights found on held-out songs would gain"
    else:
        what = f"temperature {1 / pool.final_weights[0]:.2f} gains" if used else "no temperature: one would gain"
    lines = [f"{what} {pool.gain} board log loss"]
    return [*lines, f"biases of genres gain {pool.bias_gain} more"] if pool.is_biased else lines


def describe_oddities(notes: Sequence[str]) -> list[str]:
    """Return the lines that say what is odd about the data."""
    return labelled("noticed", notes)
