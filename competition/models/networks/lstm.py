"""The lstm family in a pack: every member reads each block of columns as a sequence over its bands.

Sequences have their steps on the first axis, ``(steps, members, batch, channels)``, so that one step of all members is
contiguous in memory.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from competition.data.edition import Block, Edition
from competition.models.networks.dense import hidden_layers
from competition.models.networks.layers import layer_config, penalty, register
from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras, tensorflow


def packed_body(
    columns: keras.KerasTensor, recipe: Recipe, edition: Edition, *, batch_size: int, seed: int
) -> keras.KerasTensor:
    """Read every block with its own stack of LSTM layers, and join their outputs in dense hidden layers.

    Parameters
    ----------
    columns : KerasTensor of float32, shape (members, batch, columns)
        Scaled.
    recipe : Recipe
    edition : Edition
        Whose blocks are read.
    batch_size : int
        The largest batch in training, in rows.
    seed : int
        Of the dropout masks.

    Returns
    -------
    KerasTensor of float32, shape (members, batch, width)
    """
    ends = [_read_block(columns, block, recipe) for block in edition.blocks]
    joined = keras.layers.Concatenate(name="ends")(ends) if len(ends) > 1 else ends[0]
    return hidden_layers(joined, recipe, batch_size=batch_size, seed=seed)


def _read_block(columns: keras.KerasTensor, block: Block, recipe: Recipe) -> keras.KerasTensor:
    tensor = BlockSequence(block.first, block.bands, len(block.statistics))(columns)
    for units in recipe.own["recurrent_units"]:
        tensor = PackedLSTM(units, penalty(recipe))(tensor)
    return ReadOut(recipe.own["read_out"])(tensor)


@register
class BlockSequence(keras.layers.Layer):
    """Takes a block's columns as a sequence over its bands: (members, batch, columns) to time-major.

    Parameters
    ----------
    first, bands, statistics : int
        The block's first column, counted from 0, and its numbers of bands and of statistics.
    """

    def __init__(self, first: int, bands: int, statistics: int, **settings: object) -> None:
        super().__init__(**settings)
        self.first, self.bands, self.statistics = first, bands, statistics

    def call(self, columns: keras.KerasTensor) -> keras.KerasTensor:
        """Return (bands, members, batch, statistics)."""
        block = columns[:, :, self.first : self.first + self.bands * self.statistics]
        grid = keras.ops.reshape(block, (block.shape[0], -1, self.statistics, self.bands))
        return keras.ops.transpose(grid, (3, 0, 1, 2))

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(super().get_config(), first=self.first, bands=self.bands, statistics=self.statistics)


@register
class PackedLSTM(keras.layers.Layer):
    """An LSTM layer for each member: (steps, members, batch, channels) to (steps, members, batch, units).

    Each member computes and is initialized as `keras.layers.LSTM`: the input kernel Glorot uniform, the recurrent
    kernel orthogonal, the bias 0 except for the forget gate's, which is 1. Gates are in its order: input, forget,
    candidate, output.

    Notes
    -----
    The steps are unrolled. A step's channels, a 1 for the bias and the previous outputs are concatenated, so that one
    matrix product with all weights gives all gates. With few channels this moves less memory than projecting the inputs
    of all steps beforehand, whose result is many times the sequence's size.
    """

    def __init__(self, units: int, kernel_regularizer: keras.Regularizer | None = None, **settings: object) -> None:
        super().__init__(**settings)
        self.units = units
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, shape: Sequence[Any]) -> None:
        """Create the weights for sequences of shape (steps, members, batch, channels)."""
        _, members, _, channels = shape
        limit = float(np.sqrt(6 / (channels + 4 * self.units)))
        self.kernel = self.add_weight(
            shape=(members, channels, 4 * self.units),
            initializer=keras.initializers.RandomUniform(-limit, limit),
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            shape=(members, self.units, 4 * self.units), initializer=_orthogonal, name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(members, 1, 4 * self.units), initializer=_forget_nothing, name="bias")

    def call(self, sequence: keras.KerasTensor) -> keras.KerasTensor:
        """Return the outputs of all steps, (steps, members, batch, units)."""
        weights = tensorflow.concat([self.kernel, self.bias, self.recurrent_kernel], axis=1)
        inputs = tensorflow.concat([sequence, tensorflow.ones_like(sequence[..., :1])], axis=3)
        output = state = tensorflow.zeros((*tensorflow.unstack(tensorflow.shape(sequence)[1:3]), self.units))
        outputs = []
        for step in tensorflow.unstack(inputs):  # (members, batch, channels + 1)
            gates = tensorflow.matmul(tensorflow.concat([step, output], axis=2), weights)
            output, state = _advance(gates, state)
            outputs.append(output)
        return tensorflow.stack(outputs)

    def compute_output_shape(self, shape: Sequence[int | None]) -> Sequence[int | None]:
        """Return the inputs' shape with units for channels."""
        return (*shape[:-1], self.units)

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(
            super().get_config(),
            units=self.units,
            kernel_regularizer=keras.regularizers.serialize(self.kernel_regularizer),
        )


def _advance(gates: tensorflow.Tensor, state: tensorflow.Tensor) -> tuple[tensorflow.Tensor, tensorflow.Tensor]:
    """Return the output and the state after a step, from its gates before their activations."""
    admit, keep, candidate, show = tensorflow.split(gates, 4, axis=-1)
    state = tensorflow.sigmoid(keep) * state + tensorflow.sigmoid(admit) * tensorflow.tanh(candidate)
    return tensorflow.sigmoid(show) * tensorflow.tanh(state), state


def _orthogonal(shape: Sequence[int], dtype: str) -> keras.KerasTensor:
    """Return a kernel (members, units, 4 * units) whose rows are orthonormal in every member."""
    members, units, width = shape
    directions, triangle = keras.ops.qr(keras.random.normal((members, width, units), dtype=dtype))
    # With the triangle's signs taken out, all orthogonal matrices are equally likely.
    signs = keras.ops.sign(keras.ops.diagonal(triangle, axis1=1, axis2=2))[:, None]
    return keras.ops.transpose(directions * signs, (0, 2, 1))


def _forget_nothing(shape: Sequence[int], dtype: str) -> keras.KerasTensor:
    """Return a bias (members, 1, 4 * units): 1 for the forget gate, 0 for the others."""
    members, _, width = shape
    return keras.ops.tile(keras.ops.repeat(keras.ops.array([0, 1, 0, 0], dtype), width // 4), (members, 1, 1))


@register
class ReadOut(keras.layers.Layer):
    """Reads out a sequence: its last step, or all steps side by side; time-major to (members, batch, width).

    Parameters
    ----------
    which : str
        ``"last"`` or ``"all"``.
    """

    def __init__(self, which: str, **settings: object) -> None:
        super().__init__(**settings)
        self.which = which

    def call(self, sequence: keras.KerasTensor) -> keras.KerasTensor:
        """Return (members, batch, units) of the last step, or (members, batch, steps * units)."""
        if self.which == "last":
            return sequence[-1]
        steps, members, _, units = sequence.shape
        return keras.ops.reshape(keras.ops.transpose(sequence, (1, 2, 0, 3)), (members, -1, steps * units))

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(super().get_config(), which=self.which)
