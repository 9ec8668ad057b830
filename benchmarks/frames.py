"""Networks over frames: an epoch of five folds against a stock Keras epoch of one split, and the memory of it.

``python -m benchmarks.frames [--songs 1000]`` makes up frames of that many songs, ten segments of 130 steps x 13 bands
each, and prints the time of one epoch of the recipe ``cnn`` on five folds, divided by that of one epoch of the same
network as one writes it in Keras, with all frames in memory; in turns. Then the peak memory of this process. Run it
with a half and a quarter of the songs to see how both grow.
"""

import resource
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files
from competition.data.folds import Folds
from competition.data.frames import read_frames
from competition.models.networks.recipe import Recipe
from competition.models.networks.single.engine import cross_fit
from competition.models.recipes import load_recipe
from competition.runtime.backend import keras

SEGMENTS, STEPS, BANDS, GENRES, FOLDS = 10, 130, 13, 10, 5


@click.command()
@click.option("--songs", type=click.IntRange(min=50), default=1000, show_default=True)
@click.option("--runs", type=click.IntRange(min=1), default=3, show_default=True)
@click.option(
    "--packed", is_flag=True, help="Instead: a step of five networks as grouped convolutions, and one by one."
)
def main(songs: int, runs: int, packed: bool) -> None:
    """Print the medians."""
    if packed:
        click.echo(f"a step of {FOLDS} networks one after the other: {FOLDS * step_seconds(1, runs):.3f} s")
        click.echo(f"as grouped convolutions: {step_seconds(FOLDS, runs):.3f} s")
        return
    with tempfile.TemporaryDirectory() as folder:
        dataset = made_up(Path(folder), songs * SEGMENTS)
        folds = Folds(np.arange(dataset.rows) // SEGMENTS % FOLDS)
        recipe = replace(load_recipe("cnn"), epochs=1)
        assert isinstance(recipe, Recipe)
        folded = peak = 0.0
        ratios = []
        for _ in range(runs):
            folded = epochs_of_all_folds(dataset, recipe, folds)
            peak = peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            ratios.append(folded / stock_epoch(dataset, recipe, folds))
        click.echo(f"{dataset.rows} rows of {STEPS} x {BANDS}: an epoch of {FOLDS} folds {folded:.1f} s")
        click.echo(
            f"divided by a stock epoch of one split: {statistics.median(ratios):.2f} ({min(ratios):.2f} at best)"
        )
        click.echo(f"peak memory before anything stock: {peak:.0f} MB")


def made_up(folder: Path, rows: int) -> Dataset:
    """Return rows of noise, mapped from a file."""
    generator = np.random.default_rng(0)
    stored = np.lib.format.open_memmap(folder / "frames.npy", "w+", np.float16, (rows, STEPS, BANDS))
    for first in range(0, rows, 1000):
        stored[first : first + 1000] = generator.normal(size=(min(1000, rows - first), STEPS, BANDS))
    stored.flush()
    files = Files("a.csv", "b.csv", "c.csv", frames="frames.npy")
    genres = tuple(f"genre{number}" for number in range(GENRES))
    edition = Edition("made-up", "Made up", genres, "genre0", files, (Block("none", 0, 1, ("a",)),))
    features = np.zeros((rows, 1), np.float32)
    targets = np.arange(rows) // SEGMENTS % GENRES
    return Dataset(edition, features, targets, None, "made up", frames=read_frames(folder / "frames.npy", rows))


def epochs_of_all_folds(dataset: Dataset, recipe: Recipe, folds: Folds) -> float:
    """Return the seconds of one more epoch on all folds: of two epochs less those of one."""
    seconds = [
        timed(lambda epochs=epochs: cross_fit(dataset, replace(recipe, epochs=epochs), folds, 0)) for epochs in (1, 2)
    ]
    return seconds[1] - seconds[0]


def stock_epoch(dataset: Dataset, recipe: Recipe, folds: Folds) -> float:
    """Return the seconds of the second epoch of the network as one writes it, on one split."""
    assert dataset.frames is not None
    rows = dataset.frames.taken(np.arange(dataset.rows))
    training, held_out = folds.training(0), folds.held_out(0)
    rows = (rows - rows[training].mean(axis=(0, 1))) / rows[training].std(axis=(0, 1))
    network = stock_network()
    network.compile(keras.optimizers.Adam(recipe.learning_rate), "sparse_categorical_crossentropy")
    clock = Clock()
    network.fit(
        rows[training],
        dataset.targets[training],
        batch_size=recipe.batch_size,
        epochs=2,
        validation_data=(rows[held_out], dataset.targets[held_out]),
        callbacks=[clock],
        verbose=0,
    )
    return clock.seconds[1]


def step_seconds(networks: int, runs: int) -> float:
    """Return the median seconds of a training step of some networks as grouped convolutions, on 32 rows."""
    inputs = keras.Input((STEPS, BANDS, networks))
    tensor = inputs
    for kernel in (3, 3, 2):
        tensor = keras.layers.Conv2D(32 * networks, kernel, padding="same", activation="relu", groups=networks)(tensor)
        tensor = keras.layers.MaxPooling2D(kernel, strides=2, padding="same")(tensor)
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(tensor))
    model.compile(keras.optimizers.Adam(), "mse")
    rows = np.random.default_rng(0).normal(size=(32, STEPS, BANDS, networks)).astype(np.float32)
    targets = np.zeros((32, 32 * networks), np.float32)
    model.train_on_batch(rows, targets)
    return statistics.median(timed(lambda: model.train_on_batch(rows, targets)) for _ in range(3 * runs))


class Clock(keras.callbacks.Callback):
    """Takes the time of every epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Begin."""
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """End."""
        self.seconds.append(time.perf_counter() - self.start)


def stock_network() -> keras.Model:
    """Return the convolutions of the recipe ``cnn``, written out."""
    layers = [keras.Input((STEPS, BANDS, 1))]
    for kernel in (3, 3, 2):
        layers += [
            keras.layers.Conv2D(32, kernel, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(kernel, strides=2, padding="same"),
            keras.layers.BatchNormalization(),
        ]
    layers += [keras.layers.Flatten(), keras.layers.Dense(64, "relu"), keras.layers.Dropout(0.3)]
    return keras.Sequential([*layers, keras.layers.Dense(GENRES, "softmax")])


def timed(work) -> float:
    """Return how many seconds something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
