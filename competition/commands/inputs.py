"""What the commands' options stand for: a dataset, a recipe, folds, a rule."""

from dataclasses import replace
from pathlib import Path

import click

from competition.dataset import Dataset, load_dataset
from competition.edition import Edition, find_edition
from competition.networks.recipe import Recipe, load_recipe, read_recipe
from submissions.rules import DEFAULT_THRESHOLD, Argmax, Rule, Threshold

DEFAULT_MODEL = "dense"
DEFAULT_FOLDS = 10
_DEFAULT_SEEDS = {"dense": 4, "lstm": 1}


def open_dataset(data: Path | None, edition: str | None, *, test_required: bool = True) -> Dataset:
    """Load the data folder, or generate the embedded sample where none is given."""
    layout = find_edition(edition, data)
    if data is not None:
        return load_dataset(data, layout, test_required=test_required)
    from competition.sample import sample_dataset

    return sample_dataset(layout)


def without_test(dataset: Dataset) -> Dataset:
    """Return the dataset without its test songs."""
    return replace(dataset, test_features=None)


def describe(dataset: Dataset, data: Path | None) -> list[str]:
    """Return the lines that say which data a command works on."""
    tests = "no test songs" if dataset.test_features is None else f"{len(dataset.test_features)} test songs"
    size = f"{dataset.rows} training songs, {tests}, {dataset.edition.columns} columns"
    lines = [f"data      {dataset.source}: {size}, {len(dataset.edition.genres)} genres ({dataset.edition.name})"]
    if data is None:
        lines.append("          This is a made-up SAMPLE to try the kit on; give a real download with --data DIR.")
    return lines


def choose_recipe(model: str | None, path: Path | None) -> Recipe:
    """Return the recipe named by ``--model``, or read from ``--recipe``; both at once contradict each other."""
    if model is not None and path is not None:
        raise click.UsageError("--model and --recipe contradict each other: a recipe says its own model. Give one.")
    return load_recipe(model or DEFAULT_MODEL) if path is None else read_recipe(path)


def choose_seeds(seeds: int | None, recipe: Recipe) -> int:
    """Return the number of networks of each fold: what was asked for, else what the family can afford."""
    return _DEFAULT_SEEDS[recipe.family] if seeds is None else seeds


def choose_rule(name: str, threshold: float | None, fallback: str | None, edition: Edition) -> Rule:
    """Return the rule that makes labels of probabilities; thresholds have no effect on argmax."""
    if name == "argmax":
        if threshold is not None or fallback is not None:
            raise click.UsageError("--threshold and --fallback have no effect with --rule argmax. Leave them out.")
        return Argmax()
    target = edition.fallback_target if fallback is None else edition.target_of(fallback)
    return Threshold(DEFAULT_THRESHOLD if threshold is None else threshold, target)
