"""Cross-fitting: a network for every fold, each scored on the rows it has not seen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from competition.backend import keras
from competition.dataset import Dataset
from competition.errors import RecipeError
from competition.folds import Folds
from competition.networks.build import build_network
from competition.networks.recipe import Recipe
from competition.probabilities import bounded
from competition.scaling import fit_standardizer

_PREDICTION_BATCH = 1024


@dataclass(frozen=True)
class Epoch:
    """One epoch of one fold's training; both losses are multiclass log losses, penalties included."""

    fold: int
    epoch: int
    training_loss: float
    held_out_loss: float


@dataclass(frozen=True)
class CrossFit:
    """What comes back from cross-fitting.

    Attributes
    ----------
    out_of_fold : ndarray of float64, shape (rows, genres)
        Every training row's probabilities, by the network that has not seen it.
    test : ndarray of float64, shape (test rows, genres), or None
        The test rows' probabilities, averaged over the folds' networks; None where there are no test rows.
    history : tuple of Epoch
        Every fold's epochs in turn.
    """

    out_of_fold: np.ndarray
    test: np.ndarray | None
    history: tuple[Epoch, ...]


def cross_fit(
    dataset: Dataset,
    recipe: Recipe,
    folds: Folds,
    seed: int,
    *,
    after_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> CrossFit:
    """Train one network per fold on the rows outside it, and predict the rows inside it and the test rows.

    Parameters
    ----------
    dataset : Dataset
    recipe : Recipe
    folds : Folds
        One assignment for all rows of `dataset`.
    seed : int
        At least 0; with it everything random repeats itself on the same machine.
    after_epoch : callable
        Called after each epoch of each fold, for progress bars.

    Returns
    -------
    CrossFit

    Raises
    ------
    RecipeError
        When a network's probabilities are not finite: its training diverged.

    Notes
    -----
    A fold's scaler and network see only the rows outside it. The losses on held-out rows are recorded and
    decide nothing.
    """
    fits = [_fit_fold(dataset, recipe, folds, fold, seed, after_epoch) for fold in range(folds.count)]
    out_of_fold = np.empty((dataset.rows, len(dataset.edition.genres)))
    for fold, fit in enumerate(fits):
        out_of_fold[folds.held_out(fold)] = fit.out_of_fold
    test = None if dataset.test_features is None else bounded(np.mean([fit.test for fit in fits], axis=0))
    return CrossFit(bounded(out_of_fold), test, tuple(epoch for fit in fits for epoch in fit.history))


def _fit_fold(
    dataset: Dataset, recipe: Recipe, folds: Folds, fold: int, seed: int, after_epoch: Callable[[Epoch], None]
) -> CrossFit:
    """Cross-fit one fold; `out_of_fold` of the result holds its held-out rows only."""
    training, held_out = folds.training(fold), folds.held_out(fold)
    scaler = fit_standardizer(dataset.features[training])
    unseen = scaler.transform(dataset.features[held_out])
    recorder = _Recorder(fold, after_epoch)
    keras.utils.set_random_seed(_fold_seed(seed, fold))
    network = build_network(recipe, dataset.edition)
    network.fit(
        scaler.transform(dataset.features[training]),
        dataset.targets[training],
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        validation_data=(unseen, dataset.targets[held_out]),
        validation_batch_size=_PREDICTION_BATCH,
        callbacks=[recorder],
        verbose=0,
    )
    test = None if dataset.test_features is None else _predict(network, scaler.transform(dataset.test_features))
    fit = CrossFit(_predict(network, unseen), test, tuple(recorder.epochs))
    _check_finite(fit, recipe, fold)
    keras.utils.clear_session()
    return fit


class _Recorder(keras.callbacks.Callback):
    """Keeps each epoch's losses and passes them on."""

    def __init__(self, fold: int, after_epoch: Callable[[Epoch], None]) -> None:
        super().__init__()
        self.fold = fold
        self.after_epoch = after_epoch
        self.epochs: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epochs.append(Epoch(self.fold, epoch + 1, logs["loss"], logs["val_loss"]))
        self.after_epoch(self.epochs[-1])


def _predict(network: keras.Model, features: np.ndarray) -> np.ndarray:
    return network.predict(features, batch_size=_PREDICTION_BATCH, verbose=0).astype(np.float64)


def _fold_seed(seed: int, fold: int) -> int:
    return int(np.random.SeedSequence([seed, fold]).generate_state(1)[0])


def _check_finite(fit: CrossFit, recipe: Recipe, fold: int) -> None:
    predictions = [fit.out_of_fold] if fit.test is None else [fit.out_of_fold, fit.test]
    if not all(np.isfinite(prediction).all() for prediction in predictions):
        raise RecipeError(
            f"{recipe.name}: training diverged in fold {fold + 1} (its probabilities are not finite numbers); "
            f"lower the recipe's learning_rate, now {recipe.learning_rate:g}."
        )
