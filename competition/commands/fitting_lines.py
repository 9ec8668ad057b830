"""What `submit` and `score` say of what they train."""

from collections.abc import Sequence
from pathlib import Path

import click

from competition.commands import inputs
from competition.commands.fitting import Fitted
from competition.commands.plan import Plan


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


def describe_pool(fitted: Fitted) -> list[str]:
    """Return the lines that say how the models' predictions become one, and what that gained."""
    return [*_describe_weights(fitted), _describe_biases(fitted), _describe_calibration(fitted)]


def describe_pool_briefly(fitted: Fitted) -> str:
    """Return the line that says what the pool is made of, and what its weights gained."""
    weights, pool = fitted.pool.final_weights, fitted.pool
    if len(fitted.names) == 1:
        what = f"temperature {1 / weights[0]:.2f}" if pool.is_fitted else "no temperature"
        return f"pool      one recipe, {what}: it gains {pool.gain} board log loss"
    parts = ", ".join(f"{name} {weight:.2f}" for name, weight in zip(fitted.names, weights, strict=True))
    kept = "" if pool.is_fitted else ", so equal ones are used"
    biases = f"; biases of genres gain {pool.bias_gain} more" if pool.is_biased else ""
    return f"pool      {parts}\n          weights gain {pool.gain} board log loss{kept}{biases}"


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
    errors = [f"{error:.4f}" for error in fitted.calibration_errors]
    return f"          calibration error {errors[0]} before, {errors[1]} after"
