"""A plan: all that decides a run's result, made from the options that `submit` and `score` share."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Edition
from competition.data.folds import (
    Folds,
    check_genres_left,
    check_groups_whole,
    read_folds,
    stratified_folds,
    warn_of_untrained_genres,
)
from competition.errors import KitWarning
from competition.models.ensemble_training import Deadline
from competition.models.ensembles import POOLS, Ensemble, load_preset, read_ensemble, single
from competition.models.recipes import load_recipe
from genre_kit.jobs.inputs import open_dataset
from submissions.rule_search import KINDS, Search
from submissions.rules import DEFAULT_THRESHOLD, Argmax, Margin, Rule, Threshold

DEFAULT_MODEL = "dense"
DEFAULT_PRESET = "standard"


@dataclass(frozen=True)
class Plan:
    """All that decides a run's result."""

    dataset: Dataset
    ensemble: Ensemble
    folds: Folds
    rule: Rule | Search
    seed: int
    deadline: Deadline | None = None
    correct_shares: bool = False


def make_plan(
    *,
    data: Path | None,
    edition: str | None,
    with_test: bool,
    model: str | None,
    preset: str | None,
    recipe: Path | None,
    minutes: float | None,
    folds: int | Path,
    groups: Path | None,
    seeds: int | None,
    rule: str,
    threshold: float | None,
    fallback: str | None,
    seed: int,
) -> Plan:
    """Make a plan of the options of the same names; raises KitError or click.UsageError where they are wrong."""
    deadline = None if minutes is None else Deadline.within(60 * minutes)
    ensemble = _choose_ensemble(model, preset, recipe, seeds, minutes)
    dataset = open_dataset(data, edition, with_test=with_test)
    if groups is not None:
        dataset = dataset.with_groups(groups)
    return Plan(
        dataset=dataset,
        ensemble=ensemble,
        folds=choose_folds(dataset, folds, seed),
        rule=choose_rule(rule, threshold, fallback, dataset.edition),
        seed=seed,
        deadline=deadline,
    )


def _choose_ensemble(
    model: str | None, preset: str | None, recipe: Path | None, seeds: int | None, minutes: float | None
) -> Ensemble:
    _refuse_contradictions(model, preset, recipe, seeds, minutes)
    model = model or DEFAULT_MODEL
    if recipe is not None:
        chosen = read_ensemble(recipe)
    elif model in POOLS:
        chosen = load_preset(model, preset or (DEFAULT_PRESET if minutes is None else "best"))
    else:
        chosen = single(load_recipe(model))
    if minutes is not None:
        chosen = replace(chosen, name=f"{chosen.name.removesuffix('-best')}-{minutes:g}-minutes")
    if seeds is not None and not chosen.needs_keras:
        raise click.UsageError(f"--seeds has no effect on {chosen.name}, of which there is one a fold. Leave it out.")
    return chosen if seeds is None else chosen.with_seeds(seeds)


def _refuse_contradictions(
    model: str | None, preset: str | None, recipe: Path | None, seeds: int | None, minutes: float | None
) -> None:
    if model is not None and recipe is not None:
        raise click.UsageError("--model and --recipe contradict each other: a recipe says its own model. Give one.")
    if preset is not None and (recipe is not None or (model or DEFAULT_MODEL) not in POOLS):
        raise click.UsageError(f"--preset is for --model {' and --model '.join(POOLS)}, not for a single recipe.")
    if minutes is not None and (preset is not None or seeds is not None):
        other = "--preset" if preset is not None else "--seeds"
        raise click.UsageError(f"--minutes and {other} contradict each other: both say how much is trained. Give one.")


def choose_folds(dataset: Dataset, folds: int | Path, seed: int) -> Folds:
    """Return as many folds as are asked for, or those of a file; a group of the dataset's is never divided."""
    names = [f"label {label} ({genre})" for label, genre in enumerate(dataset.edition.genres, 1)]
    if isinstance(folds, Path):
        chosen = read_folds(folds, dataset.rows)
        check_genres_left(chosen, dataset.targets, where=str(folds))
        if dataset.groups is not None:
            check_groups_whole(chosen, dataset.groups, where=str(folds))
    else:
        chosen = stratified_folds(dataset.targets, folds, seed, names, dataset.groups)
        check_genres_left(chosen, dataset.targets, where="--groups")
    warn_of_untrained_genres(dataset.targets, chosen, names)
    for target in np.flatnonzero(dataset.counts == 0):
        message = f"no training song is {dataset.edition.genres[target]} (label {target + 1}): it cannot be learned."
        warnings.warn(message, KitWarning, stacklevel=2)
    return chosen


def choose_rule(name: str, threshold: float | None, fallback: str | None, edition: Edition) -> Rule | Search:
    """Return the rule that the options of the same names ask for, or the search that is to find it."""
    refuse_options_without_effect(name, threshold, fallback)
    if name == "argmax":
        return Argmax()
    target = edition.fallback_target if fallback is None else edition.target_of(fallback)
    if name == "threshold":
        return Threshold(DEFAULT_THRESHOLD if threshold is None else threshold, target)
    if name == "margin" and threshold is not None:
        return Margin(threshold, target)
    return Search(KINDS if name == "auto" else (name,), target)


def refuse_options_without_effect(name: str, threshold: float | None, fallback: str | None) -> None:
    """Raise UsageError where a rule of that name has no part that an option would set."""
    if name == "argmax" and (threshold is not None or fallback is not None):
        raise click.UsageError("--threshold and --fallback have no effect with --rule argmax. Leave them out.")
    if name in ("per-genre", "auto") and threshold is not None:
        raise click.UsageError(f"--threshold has no effect with --rule {name}, which finds its own. Leave it out.")
