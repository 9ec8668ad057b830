"""Cross-fitting networks one after the other: each fold's are trained, and predict the rows that they have not seen.

One network is built and compiled for all of them, and begins anew for each: tracing a training step takes a second.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from scipy.special import softmax

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.data.frames import Frames
from competition.errors import RecipeError
from competition.models.base.crossfit import CrossFit, Epoch, Judge, Progress, derived_seed, judge_nothing, no_progress
from competition.models.base.pieces import filled_up
from competition.models.networks.best_epochs import watched_rows
from competition.models.networks.optimizers import build_optimizer
from competition.models.networks.recipe import COLUMNS, Recipe, check_finite
from competition.models.networks.single.network import FoldScaling, Shape, build_network, input_shapes, joined
from competition.models.networks.single.rows import Rows, as_tensors, fold_scaling, rows_of, shuffled, stream
from competition.runtime.backend import forgetting_graphs, keras, tensorflow
from competition.runtime.own_state import own_state
from competition.scoring.probabilities import bounded

_MOST_ROWS, _MOST_NUMBERS = 512, 2**20


def piece_of(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Return how many rows are predicted together: fewer of large ones, of which a convolution needs megabytes each.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Of a row of each input, as `input_shapes` returns them.

    Examples
    --------
    >>> piece_of({"frames": (130, 13)}), piece_of({"frames": (130, 128), "columns": (264,)})
    (512, 62)
    """
    return max(1, min(_MOST_ROWS, _MOST_NUMBERS // sum(map(prod, shapes.values()))))


@own_state()
def cross_fit(
    dataset: Dataset,
    recipe: Recipe,
    folds: Folds,
    seed: int,
    *,
    seeds: int = 1,
    progress: Progress = no_progress,
    judge: Judge = judge_nothing,
) -> CrossFit:
    """Train networks on the rows outside each fold, and predict the rows inside it and the test rows.

    Parameters
    ----------
    dataset : Dataset
    recipe : Recipe
    folds : Folds
    seed, seeds : int
        As in `competition.models.networks.engine.cross_fit`.
    progress : callable
        Called after each epoch with the epochs done, and to be done, of all networks, and the latest held-out loss.
    judge : callable
        Not asked: it judges all folds' networks at once, and these are trained one after the other.

    Returns
    -------
    CrossFit

    Raises
    ------
    RecipeError
        When the recipe reads frames and there are none, or training diverges.
    """
    check_frames(recipe, dataset)
    keras.utils.set_random_seed(derived_seed(seed))
    with forgetting_graphs():
        trainer = _Trainer(dataset, recipe, folds, seed, seeds, progress)
        members = [trainer.train(member) for member in range(folds.count * seeds)]
    kept = joined([one.network for one in members], [one.scaling for one in members], dataset.edition.columns)
    by_seed = np.empty((dataset.rows, seeds, len(dataset.edition.genres)))
    for place, one in enumerate(members):
        by_seed[folds.held_out(place // seeds), place % seeds] = one.held_out
    predictor = SinglePredictor(kept)
    test = None
    if dataset.test_features is not None:
        test = predictor.predict(dataset.test_features, dataset.test_frames)
    check_finite(recipe, by_seed, test)
    return CrossFit(by_seed, test, tuple(epoch for one in members for epoch in one.history), predictor)


def check_frames(recipe: Recipe, dataset: Dataset) -> None:
    """Raise RecipeError where a recipe reads frames, and there are none of all rows that it is to predict."""
    if recipe.reads == COLUMNS:
        return
    lacks_test = dataset.test_features is not None and dataset.test_frames is None
    if dataset.frames is None or lacks_test:
        of = "the test rows" if dataset.frames is not None else dataset.edition.name
        raise RecipeError(
            f"{recipe.name}: reads frames, and there are none of {of}; `extract` writes them from sound: "
            "python -m competition extract AUDIO --frames mfcc."
        )


@dataclass(frozen=True, eq=False)
class _Member:
    network: keras.Model
    scaling: FoldScaling
    held_out: np.ndarray
    history: tuple[Epoch, ...]


class _Trainer:
    """Trains one network after the other on the same traced steps."""

    def __init__(
        self, dataset: Dataset, recipe: Recipe, folds: Folds, seed: int, seeds: int, progress: Progress
    ) -> None:
        self.dataset, self.recipe, self.folds = dataset, recipe, folds
        self.seed, self.seeds, self.progress = seed, seeds, progress
        self.steps = recipe.steps_per_epoch(round(dataset.rows * (1 - 1 / folds.count) * (1 - recipe.validation)))
        self.shape: Shape | None = None if dataset.frames is None else (dataset.frames.steps, dataset.frames.bands)
        self.network: keras.Model | None = None
        self.first: list[np.ndarray] = []

    def train(self, member: int) -> _Member:
        """Train a fold's next network."""
        fold, seed = member // self.seeds, derived_seed(self.seed, member)
        training, held_out = self.folds.training(fold), self.folds.held_out(fold)
        scaling = fold_scaling(self.recipe, self.dataset, training)
        rows = rows_of(self.dataset, scaling)
        network = self._begin(scaling, seed)
        kept = self._build(scaling, f"network{member + 1}")
        recorder = _Recorder(self, member, rows, held_out)
        callbacks: list[keras.callbacks.Callback] = [recorder]
        if self.recipe.validation:
            watched = watched_rows(self.recipe, self.folds.assignment != fold, seed)
            training = training[~watched[training]]
            callbacks.append(_KeepBest(lambda: self.loss(rows, np.flatnonzero(watched))))
        order = shuffled(training, self.steps, self.recipe.epochs, derived_seed(seed, 1))
        batches = stream(
            rows,
            self.dataset.targets,
            len(self.dataset.edition.genres),
            order,
            self.recipe.augmentation,
            derived_seed(seed, 2),
        )
        epochs = self.recipe.epochs
        network.fit(batches, epochs=epochs, steps_per_epoch=self.steps, shuffle=False, callbacks=callbacks, verbose=0)
        predicted = softmax(self.logits(rows, held_out).astype(np.float64), axis=1)
        kept.set_weights(network.get_weights())
        return _Member(kept, scaling, predicted, tuple(recorder.history))

    def _begin(self, scaling: FoldScaling, seed: int) -> keras.Model:
        """Return the network as newly made from a seed, its optimizer too."""
        keras.utils.set_random_seed(seed)
        fresh = self._build(scaling, "training")
        if self.network is None:
            self.network = fresh
            self.network.compile(
                build_optimizer(self.recipe, self.steps * self.recipe.epochs),
                keras.losses.CategoricalCrossentropy(from_logits=True),
                steps_per_execution=self.steps,
                jit_compile=False,
            )
            self.network.optimizer.build(self.network.trainable_variables)
            self.first = [keras.ops.convert_to_numpy(one).copy() for one in self.network.optimizer.variables]
            self.forward = tensorflow.function(lambda inputs: self.network(inputs, training=False))
        else:
            for variable, value in zip(self.network.variables, fresh.variables, strict=True):
                variable.assign(value)
            for variable, value in zip(self.network.optimizer.variables, self.first, strict=True):
                variable.assign(value)
        return self.network

    def _build(self, scaling: FoldScaling, name: str) -> keras.Model:
        edition = self.dataset.edition
        columns = 0 if scaling.columns is None else scaling.columns.columns_out(edition.columns)
        return build_network(self.recipe, edition, columns, self.shape, name)

    def logits(self, rows: Rows, places: np.ndarray) -> np.ndarray:
        """Return the network's logits of some rows; float32, shape (places, genres)."""
        found, piece = [], piece_of(input_shapes(self.network))
        for first in range(0, len(places), piece):
            part = places[first : first + piece]
            inputs = {name: filled_up(one, piece) for name, one in rows.taken(part).items()}
            found.append(self.forward(as_tensors(inputs)).numpy()[: len(part)])
        return np.concatenate(found)

    def loss(self, rows: Rows, places: np.ndarray) -> float:
        """Return the network's mean multiclass log loss on some rows."""
        logits = self.logits(rows, places).astype(np.float64)
        shifted = logits - logits.max(axis=1, keepdims=True)
        losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(places)), self.dataset.targets[places]]
        return float(losses.mean())


class _Recorder(keras.callbacks.Callback):
    """Records one network's losses, and reports the progress of all networks' training."""

    def __init__(self, trainer: _Trainer, member: int, rows: Rows, held_out: np.ndarray) -> None:
        super().__init__()
        self.trainer, self.member, self.rows, self.held_out = trainer, member, rows, held_out
        self.history: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Record the losses of the epoch."""
        trainer, epochs = self.trainer, self.trainer.recipe.epochs
        loss = trainer.loss(self.rows, self.held_out)
        self.history.append(Epoch(self.member // trainer.seeds, epoch + 1, float((logs or {})["loss"]), loss))
        total = trainer.folds.count * trainer.seeds * epochs
        trainer.progress(self.member * epochs + epoch + 1, total, loss)


class _KeepBest(keras.callbacks.Callback):
    """Gives the network, when training ends, the weights of the epoch with its lowest loss on watched rows."""

    def __init__(self, loss: Callable[[], float]) -> None:
        super().__init__()
        self.loss, self.lowest = loss, np.inf
        self.kept: list[np.ndarray] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keep the weights if the loss is the lowest so far."""
        loss = self.loss()
        if loss < self.lowest or not self.kept:
            self.lowest, self.kept = loss, [weight.copy() for weight in self.model.get_weights()]

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Restore the kept weights."""
        self.model.set_weights(self.kept)


@dataclass(frozen=True)
class SinglePredictor:
    """Trained networks as a `Predictor`.

    Attributes
    ----------
    model : keras.Model
        As `joined` makes it.
    """

    model: keras.Model
    suffix = ".keras"

    @own_state()
    def predict(self, features: np.ndarray, frames: Frames | None = None) -> np.ndarray:
        """Return probabilities averaged over all networks.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            As in the files; at least one row.
        frames : Frames or None
            Of the same rows.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """
        return bounded(np.concatenate([piece.mean(axis=1) for piece in self._pieces(features, frames)]))

    @own_state()
    def predict_held_out(
        self, features: np.ndarray, assignment: np.ndarray, folds: int, frames: Frames | None = None
    ) -> np.ndarray:
        """Return each row's probabilities, averaged over the models that have not seen it.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            Of training songs, as in the files or changed; at least one row.
        assignment : ndarray of int64, shape (rows,)
            The fold that holds each row out.
        folds : int
            How many there are.
        frames : Frames or None
            Of the same rows.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """
        members = np.concatenate(list(self._pieces(features, frames)))
        by_fold = members.reshape(len(features), folds, -1, members.shape[2])
        return bounded(by_fold[np.arange(len(features)), assignment].mean(axis=1))

    def _pieces(self, features: np.ndarray, frames: Frames | None) -> Iterator[np.ndarray]:
        """Yield all networks' probabilities of some rows at a time, (rows, networks, genres)."""
        read = input_shapes(self.model)
        piece = piece_of(read)
        for first in range(0, len(features), piece):
            places = np.arange(first, min(first + piece, len(features)))
            inputs = {}
            if "frames" in read:
                if frames is None:
                    raise RecipeError("these networks read frames, and there are none of these rows.")
                inputs["frames"] = filled_up(frames.taken(places), piece)
            if "columns" in read:
                inputs["columns"] = filled_up(features[places], piece)
            logits = np.asarray(self.model(as_tensors(inputs)))[: len(places)].astype(np.float64)
            yield softmax(logits, axis=2)

    def save(self, path: Path) -> None:
        """Write the networks as a ``.keras`` file."""
        self.model.save(path)
