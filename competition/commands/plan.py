"""A plan: all that decides a run's result, made from the options that `submit` and `score` share."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from competition.commands.inputs import open_dataset
from competition.dataset import Dataset
from competition.edition import Edition
from competition.errors import KitWarning
from competition.folds import Folds, read_folds, stratified_folds, warn_of_untrained_genres
from competition.networks.recipe import Recipe, load_recipe, read_recipe
from submissions.rules import DEFAULT_THRESHOLD, Argmax, Rule, Threshold

DEFAULT_MODEL = "dense"
_DEFAULT_SEEDS = {"dense": 4, "lstm": 1}


@dataclass(frozen=True)
class Plan:
    """All that decides a run's result."""

    dataset: Dataset
    recipe: Recipe
    folds: Folds
    seeds: int
    rule: Rule
    seed: int

    @property
    def members(self) -> int:
        """The number of networks trained."""
        return self.folds.count * self.seeds


def make_plan(
    *,
    data: Path | None,
    edition: str | None,
    with_test: bool,
    model: str | None,
    recipe: Path | None,
    folds: int | Path,
    seeds: int | None,
    rule: str,
    threshold: float | None,
    fallback: str | None,
    seed: int,
) -> Plan:
    """Make a plan of the options of the same names; raises KitError or click.UsageError where they are wrong."""
    chosen = _choose_recipe(model, recipe)
    dataset = open_dataset(data, edition, with_test=with_test)
    return Plan(
        dataset=dataset,
        recipe=chosen,
        folds=choose_folds(dataset, folds, seed),
        seeds=_DEFAULT_SEEDS[chosen.family] if seeds is None else seeds,
        rule=_choose_rule(rule, threshold, fallback, dataset.edition),
        seed=seed,
    )


def _choose_recipe(model: str | None, path: Path | None) -> Recipe:
    if model is not None and path is not None:
        raise click.UsageError("--model and --recipe contradict each other: a recipe says its own model. Give one.")
    return load_recipe(model or DEFAULT_MODEL) if path is None else read_recipe(path)


def choose_folds(dataset: Dataset, folds: int | Path, seed: int) -> Folds:
    """Return folds of a file, or so many drawn at random; with a KitWarning where a genre cannot be learned."""
    if isinstance(folds, Path):
        chosen = read_folds(folds, dataset.rows)
        warn_of_untrained_genres(dataset.targets, chosen)
    else:
        chosen = stratified_folds(dataset.targets, folds, seed)
    for target in np.flatnonzero(dataset.counts == 0):
        message = f"no training song is {dataset.edition.genres[target]} (label {target + 1}): it cannot be learned."
        warnings.warn(message, KitWarning, stacklevel=2)
    return chosen


def _choose_rule(name: str, threshold: float | None, fallback: str | None, edition: Edition) -> Rule:
    if name == "argmax":
        if threshold is not None or fallback is not None:
            raise click.UsageError("--threshold and --fallback have no effect with --rule argmax. Leave them out.")
        return Argmax()
    target = edition.fallback_target if fallback is None else edition.target_of(fallback)
    return Threshold(DEFAULT_THRESHOLD if threshold is None else threshold, target)
