"""Choosing each network's best epoch, by rows that it is neither trained nor scored on."""

import numpy as np

from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras, tensorflow

_BATCH = 512


def watched_rows(recipe: Recipe, sees: np.ndarray, seed: int) -> np.ndarray:
    """Draw one network's validation rows, which it is not trained on and by which its best epoch is chosen.

    Parameters
    ----------
    recipe : Recipe
        Whose `validation` is the share; at least one row is chosen, and one is left.
    sees : ndarray of bool, shape (rows,)
        The rows outside the network's fold.
    seed : int

    Returns
    -------
    ndarray of bool, shape (rows,)
    """
    rows = np.flatnonzero(sees)
    count = min(max(1, round(recipe.validation * len(rows))), len(rows) - 1)
    chosen = np.zeros(len(sees), bool)
    chosen[np.random.default_rng(seed).choice(rows, count, replace=False)] = True
    return chosen


class BestEpochs(keras.callbacks.Callback):
    """Gives each member of a pack, when training ends, the weights of the epoch with its lowest loss on watched rows.

    Parameters
    ----------
    features : Tensor of float32, shape (folds, rows, columns) or (rows, columns)
        Scaled by each fold's scaler; or as in the files, where the pack that is trained scales them.
    targets : ndarray of int64, shape (rows,)
    watched : ndarray of bool, shape (rows, members)

    Attributes
    ----------
    epochs : ndarray of int, shape (members,)
        The best epoch of each member so far, counted from 0.
    """

    def __init__(self, features: tensorflow.Tensor, targets: np.ndarray, watched: np.ndarray) -> None:
        super().__init__()
        self.features, self.targets, self.watched = features, targets, watched
        self.lowest = np.full(watched.shape[1], np.inf)
        self.epochs = np.zeros(watched.shape[1], int)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keep the weights of members whose loss is their lowest so far."""
        losses = self._losses()
        better = losses < self.lowest
        self.lowest, self.epochs = np.where(better, losses, self.lowest), np.where(better, epoch, self.epochs)
        weights = self.model.trainable_variables
        if epoch == 0:
            self.kept = [keras.ops.convert_to_numpy(weight).copy() for weight in weights]
        for kept, weight in zip(self.kept, weights, strict=True):
            kept[better] = keras.ops.convert_to_numpy(weight)[better]

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Restore the kept weights."""
        for kept, weight in zip(self.kept, self.model.trainable_variables, strict=True):
            weight.assign(kept)

    def _losses(self) -> np.ndarray:
        """Return each member's mean loss on its watched rows; shape (members,)."""
        total = np.zeros(self.watched.shape[1])
        for start in range(0, len(self.targets), _BATCH):
            rows = slice(start, start + _BATCH)
            logits = self.model(self.features[..., rows, :], training=False)  # (batch, members, genres)
            targets = np.repeat(self.targets[rows, None], logits.shape[1], axis=1)
            losses = tensorflow.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
            total += np.where(self.watched[rows], losses, 0.0).sum(axis=0)
        return total / self.watched.sum(axis=0)
