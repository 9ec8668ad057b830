"""Rows on their way to a network: read from files as they are needed, scaled, and changed while training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from competition.data.dataset import Dataset
from competition.data.frames import Frames
from competition.models.base.crossfit import derived_seed, fit_fold_scaler
from competition.models.networks.augmentation import Augmentation
from competition.models.networks.recipe import COLUMNS, FRAMES, Recipe
from competition.models.networks.single.network import FoldScaling
from competition.runtime.backend import tensorflow

_BATCH = 256
_LEAST_DEVIATION = 1e-6

Inputs = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a competition as one fold's networks read them.

    Attributes
    ----------
    columns : ndarray of float32, shape (rows, scaled columns), or None
        Scaled already: there are few of them.
    frames : Frames or None
        Scaled when they are taken.
    scaling : FoldScaling
    """

    columns: np.ndarray | None
    frames: Frames | None
    scaling: FoldScaling

    def taken(self, places: np.ndarray) -> Inputs:
        """Return what a network reads of some rows, by the names of its inputs."""
        found: Inputs = {}
        if self.frames is not None and self.scaling.center is not None and self.scaling.inverse is not None:
            found["frames"] = (self.frames.taken(places) - self.scaling.center) * self.scaling.inverse
        if self.columns is not None:
            found["columns"] = self.columns[places]
        return found


def fold_scaling(recipe: Recipe, dataset: Dataset, training: np.ndarray) -> FoldScaling:
    """Fit the scaling of the columns and frames that a recipe reads to a fold's training rows.

    Parameters
    ----------
    recipe : Recipe
    dataset : Dataset
    training : ndarray of int64, shape (training rows,)
    """
    columns = None if recipe.reads == FRAMES else fit_fold_scaler(recipe.scaling, dataset, training)
    if recipe.reads == COLUMNS or dataset.frames is None:
        return FoldScaling(columns, None, None)
    return FoldScaling(columns, *_band_scaling(dataset.frames.only(training)))


def _band_scaling(frames: Frames) -> tuple[np.ndarray, np.ndarray]:
    """Return each band's mean, and one over its deviation, over all steps of all rows; read batch by batch."""
    total, squares, count = np.zeros(frames.bands), np.zeros(frames.bands), len(frames) * frames.steps
    for first in range(0, len(frames), _BATCH):
        part = frames.taken(np.arange(first, min(first + _BATCH, len(frames)))).reshape(-1, frames.bands)
        total += part.sum(axis=0, dtype=np.float64)
        squares += np.einsum("ij,ij->j", part, part, dtype=np.float64)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, _LEAST_DEVIATION**2))
    return mean.astype(np.float32), (1 / deviation).astype(np.float32)


def rows_of(dataset: Dataset, scaling: FoldScaling) -> Rows:
    """Return the training rows as one fold's networks read them."""
    columns = None if scaling.columns is None else scaling.columns.transform(dataset.features)
    return Rows(columns, None if scaling.center is None else dataset.frames, scaling)


@dataclass(frozen=True, eq=False)
class Order:
    """Which rows each step of a training takes.

    Attributes
    ----------
    places : ndarray of int64, shape (epochs * steps, batch)
        Rows, shuffled anew for every epoch.
    steps : int
        Of an epoch.
    """

    places: np.ndarray
    steps: int


def shuffled(rows: np.ndarray, steps: int, epochs: int, seed: int) -> Order:
    """Return an order in which every epoch takes each row once; those that no whole batch is left for come first again.

    Parameters
    ----------
    rows : ndarray of int64, shape (rows,)
    steps, epochs : int
    seed : int
    """
    generator = np.random.default_rng(seed)
    batch = -(-len(rows) // steps)
    orders = [np.resize(generator.permutation(rows), steps * batch) for _ in range(epochs)]
    return Order(np.stack(orders).reshape(epochs * steps, batch), steps)


def stream(
    rows: Rows, targets: np.ndarray, genres: int, order: Order, augmentation: Augmentation, seed: int
) -> tensorflow.data.Dataset:
    """Return the batches of a whole training: what networks read, and each row's share of every genre.

    Parameters
    ----------
    rows : Rows
    targets : ndarray of int64, shape (rows,)
    genres : int
    order : Order
    augmentation : Augmentation
    seed : int
        With a batch's number it decides how its rows are changed.
    """
    identity = np.eye(genres, dtype=np.float32)
    names = list(rows.taken(order.places[0, :1]))
    change = _changes(augmentation)

    def batch(number: np.ndarray) -> list[np.ndarray]:
        """Return one step's inputs, in the order of `names`, and genres."""
        places = order.places[int(number)]
        inputs, shares = rows.taken(places), identity[targets[places]]
        if change is not None:
            inputs, shares = change(inputs, shares, np.random.default_rng(derived_seed(seed, int(number))))
        return [*(inputs[name] for name in names), shares]

    shapes = {name: part.shape[1:] for name, part in rows.taken(order.places[0, :1]).items()}
    size = order.places.shape[1]

    def of_shape(number: tensorflow.Tensor) -> tuple[dict[str, tensorflow.Tensor], tensorflow.Tensor]:
        """Return a batch whose shape TensorFlow knows."""
        *inputs, shares = tensorflow.numpy_function(batch, [number], [tensorflow.float32] * (len(names) + 1))
        found = {
            name: tensorflow.ensure_shape(part, (size, *shapes[name])) for name, part in zip(names, inputs, strict=True)
        }
        return found, tensorflow.ensure_shape(shares, (size, genres))

    options = tensorflow.data.Options()
    options.autotune.enabled = False  # its thread may sleep for seconds when the stream is to end
    return tensorflow.data.Dataset.range(len(order.places)).map(of_shape).prefetch(2).with_options(options)


Change = Callable[[Inputs, np.ndarray, np.random.Generator], tuple[Inputs, np.ndarray]]
"""Changes a batch's inputs and genres at random."""


def _changes(augmentation: Augmentation) -> Change | None:
    """Return what changes a batch; None where nothing does."""
    from competition.models.networks.single.changes import changed  # here alone: most recipes change nothing

    if augmentation == Augmentation():
        return None
    return lambda inputs, shares, generator: changed(inputs, shares, augmentation, generator)


def as_tensors(inputs: Mapping[str, np.ndarray]) -> dict[str, tensorflow.Tensor]:
    """Return inputs as TensorFlow's tensors."""
    return {name: tensorflow.constant(part) for name, part in inputs.items()}
