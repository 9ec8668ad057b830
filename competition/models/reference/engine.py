"""Cross-fitting one network at a time: the plain engine, clear and slow.

The packed engine is compared with it.
"""

from math import ceil

import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.models.base.crossfit import (
    CrossFit,
    Epoch,
    Progress,
    derived_seed,
    fit_fold_scaler,
    no_progress,
)
from competition.models.networks.best_epochs import watched_rows
from competition.models.networks.recipe import Recipe, check_finite
from competition.models.reference.build import build_network
from competition.runtime.backend import forgetting_graphs, keras
from competition.runtime.own_state import own_state
from competition.scoring.probabilities import bounded

_PREDICTION_BATCH = 1024


@own_state()
def cross_fit_separately(
    dataset: Dataset, recipe: Recipe, folds: Folds, seed: int, *, seeds: int = 1, progress: Progress = no_progress
) -> CrossFit:
    """Do the same as `competition.models.networks.engine.cross_fit`, one network at a time.

    Parameters
    ----------
    dataset : Dataset
    recipe : Recipe
    folds : Folds
    seed, seeds : int
        As in `cross_fit`; the same seed draws other random numbers here.
    progress : callable
        Called after each epoch with the epochs done and to be done, of all networks, and the latest held-out loss.

    Returns
    -------
    CrossFit
        Without models.

    Raises
    ------
    RecipeError
        When a network's training diverges, or there are more components than a fold has training rows.

    Notes
    -----
    A fold's scaler and networks see only the rows outside it. The losses on held-out rows are recorded and decide
    nothing; where the recipe chooses the best epoch, those on the rows it chooses by are recorded instead.
    """
    members = np.empty((dataset.rows, seeds, len(dataset.edition.genres)))
    tests: list[np.ndarray] = []
    history: list[Epoch] = []
    for member in range(folds.count * seeds):
        fold = member // seeds
        recorder = _Recorder(member, folds.count * seeds, fold, recipe.epochs, progress)
        with forgetting_graphs():
            held_out, test = _fit_member(dataset, recipe, folds, fold, derived_seed(seed, member), recorder)
        members[folds.held_out(fold), member % seeds] = held_out
        if test is not None:
            tests.append(test)
        history += recorder.history
    test = bounded(np.mean(tests, axis=0)) if tests else None
    return CrossFit(members, test, tuple(history))


class _Recorder(keras.callbacks.Callback):
    """Records one member's losses, and reports the progress of all members' training."""

    def __init__(self, member: int, members: int, fold: int, epochs: int, progress: Progress) -> None:
        super().__init__()
        self.done, self.total = member * epochs, members * epochs
        self.fold, self.progress = fold, progress
        self.history: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Record the network's losses of the epoch."""
        losses = logs or {}
        self.history.append(Epoch(self.fold, epoch + 1, losses["loss"], losses["val_loss"]))
        self.progress(self.done + epoch + 1, self.total, losses["val_loss"])


def _fit_member(
    dataset: Dataset, recipe: Recipe, folds: Folds, fold: int, seed: int, recorder: _Recorder
) -> tuple[np.ndarray, np.ndarray | None]:
    """Train one network and return its probabilities of the rows it has not seen: held-out ones, test ones."""
    training, held_out = folds.training(fold), folds.held_out(fold)
    scaler = fit_fold_scaler(recipe.scaling, dataset, training)
    unseen = scaler.transform(dataset.features[held_out])
    keras.utils.set_random_seed(seed)
    network = build_network(recipe, dataset.edition, scaler.columns_out(dataset.edition.columns), len(training))
    callbacks, validation = [recorder], (unseen, dataset.targets[held_out])
    if recipe.validation:
        watched = watched_rows(recipe, folds.assignment != fold, seed)
        training = training[~watched[training]]
        validation = scaler.transform(dataset.features[watched]), dataset.targets[watched]
        best = keras.callbacks.EarlyStopping("val_loss", patience=recipe.epochs, restore_best_weights=True)
        callbacks.append(best)
    network.fit(
        scaler.transform(dataset.features[training]),
        dataset.targets[training],
        batch_size=ceil(len(training) / recipe.steps_per_epoch(len(training))),
        epochs=recipe.epochs,
        validation_data=validation,
        validation_batch_size=_PREDICTION_BATCH,
        callbacks=callbacks,
        verbose=0,
    )
    test = None if dataset.test_features is None else _predict(network, scaler.transform(dataset.test_features))
    probabilities = _predict(network, unseen), test
    check_finite(recipe, *probabilities)
    return probabilities


def _predict(network: keras.Model, features: np.ndarray) -> np.ndarray:
    return network.predict(features, batch_size=_PREDICTION_BATCH, verbose=0).astype(np.float64)
