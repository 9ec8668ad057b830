"""How fast the packed engine trains, compared with the plain engine and with bare matrix products of the same sizes.

``python -m benchmarks.engine [--data DIR] [--recipe NAME] [--rounds N]`` trains 10 folds x 4 seeds packed, then 10
of the same networks one by one, and prints the seconds per network and their ratio. Then it counts the floating-point
operations of the packed training, times matrix products of exactly those shapes, and prints which share of their rate
the training reaches.
"""

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import click
import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from competition.data.loading import load_dataset
from competition.data.sample import sample_dataset
from competition.inference.find import find_edition
from competition.models.networks.engine import cross_fit
from competition.models.networks.recipe import Recipe
from competition.models.recipes import load_recipe
from competition.models.reference.engine import cross_fit_separately
from competition.runtime.backend import keras, tensorflow

FOLDS, SEEDS = 10, 4


@click.command()
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="[default: the embedded sample]")
@click.option("--recipe", "name", default="dense", show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Packed and separate in turn.")
def main(data: Path | None, name: str, rounds: int) -> None:
    """Print the figures."""
    edition = find_edition(None, data)
    dataset = sample_dataset(edition) if data is None else load_dataset(data, edition, with_test=False)
    dataset, recipe = dataset.without_test(), load_recipe(name)
    folds = stratified_folds(dataset.targets, FOLDS, seed=0)
    packed, separate = [], []
    for _ in range(rounds):
        packed.append(seconds_of(lambda: cross_fit(dataset, recipe, folds, seed=0, seeds=SEEDS)) / (FOLDS * SEEDS))
        separate.append(seconds_of(lambda: cross_fit_separately(dataset, recipe, folds, seed=0)) / FOLDS)
    ratios = np.array(separate) / np.array(packed)
    click.echo(f"{dataset.rows} rows, recipe {name}, {recipe.epochs} epochs")
    click.echo(f"packed    {np.median(packed):.3f} s a network, {FOLDS} folds x {SEEDS} seeds at once")
    click.echo(f"separate  {np.median(separate):.3f} s a network, {FOLDS} folds in turn")
    click.echo(f"ratio     {np.median(ratios):.1f} (from {ratios.min():.1f} to {ratios.max():.1f})")
    report_rate(dataset, recipe, np.median(packed) * FOLDS * SEEDS)


def report_rate(dataset: Dataset, recipe: Recipe, seconds: float) -> None:
    """Print the rate of the packed training's matrix products, and that of the same products alone."""
    steps = recipe.steps_per_epoch(dataset.rows)
    batch = -(-dataset.rows // steps)
    widths = [dataset.features.shape[1], *recipe.hidden_units, len(dataset.edition.genres)]
    shapes = list(pairwise(widths))
    members = FOLDS * SEEDS
    # Forward, gradient of the kernel, and (but for the first layer) gradient of the input.
    operations = sum(2 * members * batch * a * b * (3 if place else 2) for place, (a, b) in enumerate(shapes))
    alone = min(seconds_of(lambda: products(members, batch, shapes)) for _ in range(5)) / REPEATS
    click.echo(f"training  {operations * steps * recipe.epochs / seconds / 1e9:.0f} GFLOP/s, everything included")
    click.echo(f"products  {operations / alone / 1e9:.0f} GFLOP/s, matrix products alone")
    click.echo(f"share     {steps * recipe.epochs * alone / seconds:.2f}")


REPEATS = 5


def products(members: int, batch: int, shapes: list[tuple[int, int]]) -> None:
    """Run the matrix products of `REPEATS` training steps and nothing else."""
    for place, (inputs, units) in enumerate(shapes):
        features = tensorflow.ones((members, batch, inputs))
        kernel = tensorflow.ones((members, inputs, units))
        gradient = tensorflow.ones((members, batch, units))
        for _ in range(REPEATS):
            tensorflow.matmul(features, kernel)
            tensorflow.matmul(features, gradient, transpose_a=True)
            if place:
                tensorflow.matmul(gradient, kernel, transpose_b=True)


def seconds_of(work: Callable[[], object]) -> float:
    keras.utils.clear_session()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
