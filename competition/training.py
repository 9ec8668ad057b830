"""Cross-fitting: networks for every fold, each song scored by those that have not seen it.

This is the packed engine: all folds' and seeds' networks are one Keras model (`competition.networks.pack`) and train
in the same steps. `competition.separate` does the same with one network after the other.
"""

from collections.abc import Callable
from math import ceil

import numpy as np
from scipy.special import softmax

from competition.backend import keras
from competition.crossfit import (
    CrossFit,
    Epoch,
    Judge,
    Progress,
    check_finite,
    derived_seed,
    fit_recipe_scaler,
    judge_nothing,
    no_progress,
)
from competition.dataset import Dataset
from competition.folds import Folds
from competition.networks.optimizers import build_optimizer
from competition.networks.pack import Pack, build_pack
from competition.networks.recipe import Recipe
from competition.probabilities import bounded
from competition.separate import cross_fit_separately

_PREDICTION_BATCH = 512
JUDGED_AT = (0.25, 0.5, 0.75)
"""The shares of a training after which its judge is asked."""


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
        At least 0; with it everything random repeats itself on the same machine.
    seeds : int
        Networks of each fold, which differ in their first weights and their dropout; their probabilities are averaged.
    progress : callable
        Called now and then with the epochs done, all epochs, and the latest held-out loss.
    judge : callable
        Asked at `JUDGED_AT` whether to end the training there, by a search that gives up on bad recipes; the
        networks are then scored as they are. The plain engine, which trains fold by fold, does not ask.

    Returns
    -------
    CrossFit

    Raises
    ------
    RecipeError
        When a network's probabilities are not finite: its training diverged.

    Notes
    -----
    A fold's scaler and networks see only the rows outside it: a held-out row has weight 0 in them. The losses on
    held-out rows are recorded and decide nothing.
    """
    if recipe.family != "dense":
        return cross_fit_separately(dataset, recipe, folds, seed, seeds=seeds, progress=progress)
    keras.utils.set_random_seed(derived_seed(seed))
    pack, history = _train(dataset, recipe, folds, seed, seeds, progress, judge)
    members = _predict_held_out(pack, dataset, folds, seeds)
    test = None if dataset.test_features is None else predict_members(pack, dataset.test_features).mean(axis=1)
    check_finite(recipe, members, test)
    keras.utils.clear_session()
    return CrossFit(members, None if test is None else bounded(test), history, pack)


def predict_members(pack: Pack, features: np.ndarray) -> np.ndarray:
    """Return every member's probabilities of rows (rows, columns) as they are in the files.

    Returns
    -------
    ndarray of float64, shape (rows, members, genres)
    """
    logits = pack.predict(features, batch_size=_PREDICTION_BATCH, verbose=0)
    return softmax(logits.astype(np.float64), axis=2)


def _predict_held_out(pack: Pack, dataset: Dataset, folds: Folds, seeds: int) -> np.ndarray:
    """Return every training row's probabilities by the members of its fold; (rows, seeds, genres)."""
    # All rows by all members, of which most are not needed: still far cheaper than one call a fold.
    members = predict_members(pack, dataset.features)  # (rows, folds * seeds, genres)
    by_fold = members.reshape(dataset.rows, folds.count, seeds, -1)
    return by_fold[np.arange(dataset.rows), folds.assignment]  # (rows, seeds, genres)


def _train(
    dataset: Dataset, recipe: Recipe, folds: Folds, seed: int, seeds: int, progress: Progress, judge: Judge
) -> tuple[Pack, tuple[Epoch, ...]]:
    steps = recipe.steps_per_epoch(dataset.rows)
    batch_size = ceil(dataset.rows / steps)
    scalers = [fit_recipe_scaler(recipe, dataset, folds.training(fold)) for fold in range(folds.count)]
    pack = build_pack(
        recipe, scalers, dataset.edition.columns, len(dataset.edition.genres), seeds, derived_seed(seed, 1), batch_size
    )
    optimizer = build_optimizer(recipe, steps * recipe.epochs)
    # Built while it is traced, it would be traced twice, and TensorFlow would never let go of the first graph.
    optimizer.build(pack.trainable_variables)
    pack.compile(optimizer=optimizer)
    recorder = _Recorder(folds.count, recipe.epochs, progress)
    callbacks: list[keras.callbacks.Callback] = [recorder]
    if judge is not judge_nothing:
        callbacks.append(_Judged(recipe.epochs, judge, lambda: _predict_held_out(pack, dataset, folds, seeds)))
    weights = np.repeat([folds.assignment != fold for fold in range(folds.count)], seeds, axis=0).T  # (rows, members)
    features, targets, weights = _filled(
        steps * batch_size, dataset.features, dataset.targets, weights.astype(np.float32)
    )
    pack.fit(
        features,
        targets,
        sample_weight=weights,
        batch_size=batch_size,
        epochs=recipe.epochs,
        callbacks=callbacks,
        verbose=0,
    )
    return pack, tuple(sorted(recorder.history, key=lambda epoch: (epoch.fold, epoch.epoch)))


def _filled(rows: int, *arrays: np.ndarray) -> list[np.ndarray]:
    """Append rows of zeros, so that all batches are of one size; their sample weights are zero too."""
    return [np.concatenate([array, np.zeros((rows - len(array), *array.shape[1:]), array.dtype)]) for array in arrays]


class _Recorder(keras.callbacks.Callback):
    """Keeps the folds' losses of each epoch, and tells how far the training is."""

    def __init__(self, folds: int, epochs: int, progress: Progress) -> None:
        super().__init__()
        self.folds, self.epochs, self.progress = folds, epochs, progress
        self.history: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Take over the pack's losses of the epoch."""
        training, held_out = (losses.reshape(self.folds, -1).mean(axis=1) for losses in self.model.recall())
        for fold in range(self.folds):
            self.history.append(Epoch(fold, epoch + 1, float(training[fold]), float(held_out[fold])))
        self.progress(epoch + 1, self.epochs, float(held_out.mean()))


class _Judged(keras.callbacks.Callback):
    """Asks the judge on the way, without dropout, and ends the training when it says so."""

    def __init__(self, epochs: int, judge: Judge, predict: Callable[[], np.ndarray]) -> None:
        super().__init__()
        self.epochs, self.judge, self.predict = epochs, judge, predict
        self.asked = {round(share * epochs) for share in JUDGED_AT} - {0, epochs}

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Show the judge every row's probabilities by the networks that do not see it."""
        if epoch + 1 in self.asked:
            self.model.stop_training = self.judge((epoch + 1) / self.epochs, self.predict())
