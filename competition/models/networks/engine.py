"""Cross-fitting: networks for every fold, each song scored by those that have not seen it.

This is the packed engine: all folds' and seeds' networks are one Keras model
(`competition.models.networks.pack`) and train in the same steps. `competition.models.reference.engine` does the same
with one network at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

import numpy as np
from scipy.special import softmax

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.data.frames import Frames
from competition.models.base.crossfit import (
    CrossFit,
    Epoch,
    Judge,
    Predictor,
    Progress,
    derived_seed,
    fit_fold_scaler,
    judge_nothing,
    no_progress,
)
from competition.models.base.pieces import PIECE, filled_up, pieces
from competition.models.base.scaling import Scaler
from competition.models.networks.batches import shuffled_batches
from competition.models.networks.best_epochs import BestEpochs, watched_rows
from competition.models.networks.layers import PackedDropout
from competition.models.networks.optimizers import build_optimizer
from competition.models.networks.pack import Pack, build_pack, load_networks, scaled_part, whole_part
from competition.models.networks.recipe import Recipe, check_finite
from competition.runtime.backend import forgetting_graphs, keras, tensorflow
from competition.runtime.own_state import own_state
from competition.scoring.probabilities import bounded

_MOST_SCALED = 2**27
"""Numbers, of 4 bytes: those of 50,000 songs of 264 columns in ten folds."""
JUDGED_AT = (0.25, 0.5, 0.75)
"""The shares of a training's epochs after which its judge is called."""


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
        One assignment for all rows of `dataset`.
    seed : int
        At least 0; makes everything random reproducible on the same machine.
    seeds : int
        Networks of each fold, which differ in their initial weights and dropout; their probabilities are averaged.
    progress : callable
        Called after each epoch with the number of epochs done, of all epochs, and the latest held-out loss.
    judge : callable
        Called at `JUDGED_AT`; where it returns True, training ends and the networks are scored as they are.
        This lets a search abandon bad recipes. The plain engine, which trains fold by fold, has no judge.

    Returns
    -------
    CrossFit

    Raises
    ------
    RecipeError
        When a network's probabilities are not finite (its training diverged), or there are more components than a fold
        has training rows.

    Notes
    -----
    A fold's scaler and networks see only the rows outside it: a held-out row has weight 0 in them. The losses on
    held-out rows are recorded and decide nothing.
    """
    keras.utils.set_random_seed(derived_seed(seed))
    with forgetting_graphs():
        pack, history = _train(dataset, recipe, folds, seed, seeds, progress, judge)
    members = _predict_held_out(pack, dataset.features, folds.assignment, folds.count)
    test = None if dataset.test_features is None else predict_mean(pack, dataset.test_features)
    check_finite(recipe, members, test)
    return CrossFit(members, test, history, PackPredictor(pack))


@dataclass(frozen=True)
class PackPredictor:
    """A trained pack as a `Predictor`.

    Attributes
    ----------
    pack : Pack
    """

    pack: Pack
    suffix = ".keras"

    def predict(self, features: np.ndarray, frames: Frames | None = None) -> np.ndarray:
        """Return probabilities averaged over all members.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            As in the files, not scaled; at least one row.
        frames : Frames or None
            Not read.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """
        return predict_mean(self.pack, features)

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
            Not read.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """
        return bounded(_predict_held_out(self.pack, features, assignment, folds).mean(axis=1))

    def save(self, path: Path) -> None:
        """Write the pack as a ``.keras`` file."""
        self.pack.save(path)


def load_predictor(path: Path) -> Predictor:
    """Read a file that a predictor of networks wrote; no code in it is run."""
    from competition.models.networks.single.engine import SinglePredictor  # also makes its layers known to Keras

    model = load_networks(path)
    return PackPredictor(model) if isinstance(model, Pack) else SinglePredictor(model)


@own_state()
def predict_members(pack: Pack, features: np.ndarray) -> np.ndarray:
    """Return every member's probabilities.

    Parameters
    ----------
    pack : Pack
    features : ndarray of float32, shape (rows, columns)
        As in the files, not scaled; at least one row.

    Returns
    -------
    ndarray of float64, shape (rows, members, genres)
    """
    return np.concatenate(list(_predicted_batches(pack, features)))


@own_state()
def predict_mean(pack: Pack, features: np.ndarray) -> np.ndarray:
    """Return probabilities averaged over all members.

    Parameters
    ----------
    pack : Pack
    features : ndarray of float32, shape (rows, columns)
        As in the files, not scaled; at least one row.

    Returns
    -------
    ndarray of float64, shape (rows, genres)
    """
    return bounded(np.concatenate([batch.mean(axis=1) for batch in _predicted_batches(pack, features)]))


def _predict_held_out(pack: Pack, features: np.ndarray, assignment: np.ndarray, folds: int) -> np.ndarray:
    """Return each row's probabilities by the members of the fold that holds it out; (rows, seeds, genres)."""
    places = np.split(np.arange(len(features)), range(PIECE, len(features), PIECE))
    batches = zip(places, _predicted_batches(pack, features), strict=True)
    return np.concatenate(
        [
            batch.reshape(len(rows), folds, -1, batch.shape[2])[np.arange(len(rows)), assignment[rows]]
            for rows, batch in batches
        ]
    )


def _predicted_batches(pack: Pack, features: np.ndarray) -> Iterator[np.ndarray]:
    """Yield all members' probabilities of up to `PIECE` rows at a time, (rows, members, genres)."""
    for piece, rows in pieces(features):
        # Called directly: `predict` would first trace the pack, which takes longer than most predictions.
        yield softmax(np.asarray(pack(piece))[:rows].astype(np.float64), axis=2)


def _train(
    dataset: Dataset, recipe: Recipe, folds: Folds, seed: int, seeds: int, progress: Progress, judge: Judge
) -> tuple[Pack, tuple[Epoch, ...]]:
    steps = recipe.steps_per_epoch(dataset.rows)
    batch_size = ceil(dataset.rows / steps)
    scalers = [fit_fold_scaler(recipe.scaling, dataset, folds.training(fold)) for fold in range(folds.count)]
    pack = build_pack(recipe, scalers, dataset.edition, seeds, derived_seed(seed, 1), batch_size)
    part, features = _trained_part(pack, scalers, dataset.features, steps * batch_size)
    recorder = _Recorder(folds.count, recipe.epochs, progress)
    callbacks: list[keras.callbacks.Callback] = [recorder]
    if judge is not judge_nothing:
        predict = partial(_predict_held_out, pack, dataset.features, folds.assignment, folds.count)
        callbacks.append(_Judged(recipe.epochs, judge, predict))
    sees = np.stack([folds.assignment != member // seeds for member in range(folds.count * seeds)], axis=1)
    if recipe.validation:
        chosen = [watched_rows(recipe, rows, derived_seed(seed, 2, member)) for member, rows in enumerate(sees.T)]
        watched = np.stack(chosen, axis=1)
        callbacks.append(BestEpochs(features[..., : dataset.rows, :], dataset.targets, watched))
        sees &= ~watched
    targets, weights = (filled_up(one, steps * batch_size) for one in (dataset.targets, sees.astype(np.float32)))
    batches = shuffled_batches(
        features, targets, weights, steps=steps, epochs=recipe.epochs, seed=derived_seed(seed, 3)
    )
    _fit(part, recipe, batches, steps, callbacks)
    _release_masks(pack)
    return pack, recorder.by_fold()


def _fit(
    part: Pack,
    recipe: Recipe,
    batches: tensorflow.data.Dataset,
    steps: int,
    callbacks: Sequence[keras.callbacks.Callback],
) -> None:
    part.compile(optimizer=build_optimizer(recipe, steps * recipe.epochs), steps_per_execution=steps)
    part.optimizer.build(part.trainable_variables)  # or Keras traces the training step twice
    # The batches come shuffled.
    part.fit(batches, epochs=recipe.epochs, steps_per_epoch=steps, shuffle=False, callbacks=callbacks, verbose=0)


def _trained_part(
    pack: Pack, scalers: Sequence[Scaler], features: np.ndarray, rows: int
) -> tuple[Pack, tensorflow.Tensor]:
    """Return what of a pack is trained, and the features that it reads, padded to so many rows.

    Scaled once for all epochs they take their place in memory for each fold; where that would be too much, the pack
    scales each batch.
    """
    if len(scalers) * features.size <= _MOST_SCALED:
        return scaled_part(pack), _scaled(scalers, features, rows)
    return whole_part(pack), tensorflow.constant(filled_up(features, rows))


def _scaled(scalers: Sequence[Scaler], features: np.ndarray, rows: int) -> tensorflow.Tensor:
    """Return features (rows, columns) scaled by each fold's scaler, padded with rows of zeros.

    Returns
    -------
    Tensor of float32, shape (folds, `rows`, columns)
    """
    result = np.zeros((len(scalers), rows, scalers[0].columns_out(features.shape[1])), np.float32)
    for fold, scaler in enumerate(scalers):
        result[fold, : len(features)] = scaler.transform(features)
    return tensorflow.constant(result)


def _release_masks(pack: Pack) -> None:
    """Free the memory that only training needs: the dropout masks are larger than the weights."""
    for layer in pack.layers:
        if isinstance(layer, PackedDropout):
            layer.release()


class _Recorder(keras.callbacks.Callback):
    """Records the folds' losses of each epoch, and reports progress."""

    def __init__(self, folds: int, epochs: int, progress: Progress) -> None:
        super().__init__()
        self.folds, self.epochs, self.progress = folds, epochs, progress
        self.history: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Record the pack's losses of the epoch."""
        training, held_out = (losses.reshape(self.folds, -1).mean(axis=1) for losses in self.model.recall())
        for fold in range(self.folds):
            self.history.append(Epoch(fold, epoch + 1, float(training[fold]), float(held_out[fold])))
        self.progress(epoch + 1, self.epochs, float(held_out.mean()))

    def by_fold(self) -> tuple[Epoch, ...]:
        """Return all epochs of the first fold, then those of the second, and so on."""
        return tuple(sorted(self.history, key=lambda epoch: (epoch.fold, epoch.epoch)))


class _Judged(keras.callbacks.Callback):
    """Calls the judge during a training, with predictions without dropout, and ends it when the judge returns True."""

    def __init__(self, epochs: int, judge: Judge, predict: Callable[[], np.ndarray]) -> None:
        super().__init__()
        self.epochs, self.judge, self.predict = epochs, judge, predict
        self.asked = {round(share * epochs) for share in JUDGED_AT} - {0, epochs}

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Give the judge every row's probabilities by the networks that do not see it."""
        if epoch + 1 in self.asked:
            self.model.stop_training = self.judge((epoch + 1) / self.epochs, self.predict())
