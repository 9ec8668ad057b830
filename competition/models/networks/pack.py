"""A pack: the members of all folds and seeds as one Keras model, from a song's columns to every member's logits."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from competition.data.edition import Edition
from competition.models.base.scaling import Scaler
from competition.models.networks.dense import dropped
from competition.models.networks.families import FAMILIES
from competition.models.networks.layers import PackedDense, Seeds, Swapped, scaling_layers
from competition.models.networks.recipe import Recipe
from competition.models.networks.trusted import check_saved_network
from competition.runtime.backend import keras, tensorflow
from competition.runtime.own_state import own_state

_SEEDS = "seeds"


@keras.saving.register_keras_serializable(package="genre-kit")
class Pack(keras.Model):
    """A functional model that trains each member on the rows that are not held out from it.

    Maps columns as they are in the files, float32 (batch, columns), to logits, float32 (batch, members, genres).
    It is fitted with 0-based genre numbers (rows,) and with sample weights (rows, members): 1 where a member may
    see the row, 0 where the row is held out from it, and 0 for all members where the row is only there to pad
    a batch.

    Notes
    -----
    The loss is the sum over members of each member's mean over its own rows, so that every member is trained as if
    it were alone. The losses recorded for the learning curves are those of the training steps, dropout
    included, on the rows that members train on and on those they do not: held out, or used to choose the best epoch.
    """

    def compute_loss(
        self,
        x: keras.KerasTensor = None,
        y: keras.KerasTensor = None,
        y_pred: keras.KerasTensor = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Return a batch's loss, and add its parts to the losses that `recall` returns.

        Parameters
        ----------
        x : Tensor
            Not used.
        y : Tensor of int64, shape (batch,)
            0-based genre numbers.
        y_pred : Tensor of float32, shape (batch, members, genres)
            Logits.
        sample_weight : Tensor of float32, shape (batch, members)
            1 where the member trains on the row, else 0.
        training : bool
            Not used.

        Returns
        -------
        Tensor of float32, shape ()
            The members' mean log losses, summed, plus the L2 penalties.
        """
        targets = tensorflow.broadcast_to(tensorflow.reshape(y, (-1, 1)), tensorflow.shape(y_pred)[:2])
        losses = tensorflow.nn.sparse_softmax_cross_entropy_with_logits(targets, y_pred)  # (batch, members)
        self._remember(losses, sample_weight)
        rows = tensorflow.maximum(tensorflow.reduce_sum(sample_weight, axis=0), 1.0)  # (members,)
        return tensorflow.reduce_sum(tensorflow.reduce_sum(losses * sample_weight, axis=0) / rows) + sum(self.losses)

    def build_memory(self) -> None:
        """Allocate the losses of an epoch: sums and counts, of training and held-out rows, by member."""
        # No Keras weight: it belongs to a training, not to what is saved.
        self._memory = tensorflow.Variable(tensorflow.zeros((4, self.output_shape[1])), trainable=False)

    def recall(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean training and held-out losses by member since the last call, each of shape (members,)."""
        training, rows, held_out, held_out_rows = self._memory.numpy()
        self._memory.assign(tensorflow.zeros_like(self._memory))
        return training / rows, held_out / held_out_rows

    def _remember(self, losses: keras.KerasTensor, weights: keras.KerasTensor) -> None:
        is_row = tensorflow.reduce_max(weights, axis=1, keepdims=True)
        held_out = is_row - weights
        parts = [losses * weights, weights, losses * held_out, held_out]
        self._memory.assign_add(tensorflow.stack([tensorflow.reduce_sum(part, axis=0) for part in parts]))


def build_pack(
    recipe: Recipe, scalers: Sequence[Scaler], edition: Edition, seeds: int, seed: int, batch_size: int
) -> Pack:
    """Build the pack of a recipe.

    Parameters
    ----------
    recipe : Recipe
    scalers : sequence of Scaler
        One for each fold, fitted to the rows outside it.
    edition : Edition
        Whose columns are read and whose genres are predicted.
    seeds : int
        Members of each fold.
    seed : int
        Of the dropout masks.
    batch_size : int
        The largest batch in training, in rows.
    """
    inputs = keras.Input((edition.columns,), name="columns")
    tensor = inputs
    for layer in scaling_layers(scalers):
        tensor = layer(tensor)  # (folds, batch, columns)
    tensor = Seeds(seeds, name=_SEEDS)(tensor)  # (members, batch, columns)
    tensor = dropped(tensor, recipe.input_dropout_of(tensor.shape[-1]), batch_size, seed)
    body = FAMILIES[recipe.family].packed_body
    tensor = body(tensor, recipe, edition, batch_size=batch_size, seed=seed)  # (members, batch, width)
    tensor = PackedDense(tensor.shape[0], len(edition.genres))(tensor)
    pack = Pack(inputs, Swapped()(tensor))  # (batch, members, genres)
    pack.build_memory()
    return pack


def scaled_part(pack: Pack) -> Pack:
    """Return the part of a pack after its scaling, which shares its weights and is quicker to train.

    Maps columns as each fold's scaler has scaled them, float32 (folds, batch, columns), to the pack's logits: rows
    are then scaled once, not in every epoch.
    """
    part = Pack(pack.get_layer(_SEEDS).input, pack.output)
    part.build_memory()
    return part


def whole_part(pack: Pack) -> Pack:
    """Return all of a pack, with its weights, for training on columns as they are in the files.

    It is another model, so that the pack does not keep the optimizer.
    """
    part = Pack(pack.input, pack.output)
    part.build_memory()
    return part


@own_state()
def load_networks(path: Path) -> keras.Model:
    """Read a pack, or other networks, that were saved as a ``.keras`` file; no code in it is run.

    Raises
    ------
    ValueError
        When it holds what no network of the kit has; Keras raises many other errors for damaged files.
    """
    for family in FAMILIES.values():
        if family.is_packed:
            family.packed_body  # noqa: B018  makes its layers known to Keras
    check_saved_network(path)
    return keras.saving.load_model(path, compile=False, safe_mode=True)
