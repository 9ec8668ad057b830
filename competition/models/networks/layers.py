"""Many networks of one recipe in one: each has its own slice of every weight, and all train in the same steps.

A pack has ``folds * seeds`` members; member m belongs to fold ``m // seeds``. Tensors inside have the members (or,
before `Seeds`, the folds) on their first axis: ``(members, batch, width)``.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from competition.models.base.scaling import Affine, Fill, Projection, Quantiles, Scaler, SmoothClip, Step
from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras, tensorflow

register = keras.saving.register_keras_serializable(package="genre-kit")


@register
class PackedFill(keras.layers.Layer):
    """Fills missing cells with each fold's own medians: (batch, columns) to (folds, batch, columns)."""

    def __init__(self, folds: int, columns: int, **settings: object) -> None:
        super().__init__(trainable=False, **settings)
        self.folds, self.columns = folds, columns
        self.medians = self.add_weight(shape=(folds, 1, columns), initializer="zeros", name="medians")

    def call(self, features: keras.KerasTensor) -> keras.KerasTensor:
        """Return (folds, batch, columns), without nan."""
        return keras.ops.where(keras.ops.isnan(features), self.medians, features)

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(super().get_config(), folds=self.folds, columns=self.columns)


@register
class PackedAffine(keras.layers.Layer):
    """Shifts and scales columns by each fold's own numbers: (batch, columns) or (folds, batch, columns)."""

    def __init__(self, folds: int, columns: int, **settings: object) -> None:
        super().__init__(trainable=False, **settings)
        self.folds, self.columns = folds, columns
        self.center = self.add_weight(shape=(folds, 1, columns), initializer="zeros", name="center")
        self.inverse_scale = self.add_weight(shape=(folds, 1, columns), initializer="ones", name="inverse_scale")

    def call(self, features: keras.KerasTensor) -> keras.KerasTensor:
        """Return (folds, batch, columns)."""
        return (features - self.center) * self.inverse_scale

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(super().get_config(), folds=self.folds, columns=self.columns)


@register
class PackedQuantiles(keras.layers.Layer):
    """Normal scores by each fold's own quantiles: (batch, columns) or (folds, batch, columns)."""

    def __init__(self, folds: int, quantiles: int, columns: int, **settings: object) -> None:
        super().__init__(trainable=False, **settings)
        self.folds, self.quantiles, self.columns = folds, quantiles, columns
        shape = (folds, columns, quantiles)
        self.references = self.add_weight(shape=shape, initializer="zeros", name="references")
        self.scores = self.add_weight(shape=shape, initializer="zeros", name="scores")

    def call(self, features: keras.KerasTensor) -> keras.KerasTensor:
        """Return (folds, batch, columns): linear between the references, constant beyond them."""
        values = tensorflow.broadcast_to(
            features, (self.folds, tensorflow.shape(features)[-2], self.columns)
        )  # (folds, batch, columns)
        values = tensorflow.transpose(values, (0, 2, 1))  # (folds, columns, batch)
        right = tensorflow.searchsorted(self.references, values, side="right")
        right = tensorflow.clip_by_value(right, 1, self.quantiles - 1)
        low, high = (tensorflow.gather(self.references, at, batch_dims=2) for at in (right - 1, right))
        start, end = (tensorflow.gather(self.scores, at, batch_dims=2) for at in (right - 1, right))
        share = tensorflow.clip_by_value(tensorflow.math.divide_no_nan(values - low, high - low), 0.0, 1.0)
        return tensorflow.transpose(start + share * (end - start), (0, 2, 1))

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(super().get_config(), folds=self.folds, quantiles=self.quantiles, columns=self.columns)


@register
class SmoothClipping(keras.layers.Layer):
    """Clips values smoothly to ±limit; any shape."""

    def __init__(self, limit: float, **settings: object) -> None:
        super().__init__(**settings)
        self.limit = limit

    def call(self, features: keras.KerasTensor) -> keras.KerasTensor:
        """Return features of the same shape."""
        return features * keras.ops.rsqrt(1 + keras.ops.square(features / self.limit))

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(super().get_config(), limit=self.limit)


@register
class PackedProjection(keras.layers.Layer):
    """Maps columns onto others by each fold's own matrix: (folds, batch, columns) to (folds, batch, new columns)."""

    def __init__(self, folds: int, columns: int, projected: int, **settings: object) -> None:
        super().__init__(trainable=False, **settings)
        self.folds, self.columns, self.projected = folds, columns, projected
        self.matrix = self.add_weight(shape=(folds, columns, projected), initializer="zeros", name="matrix")

    def call(self, features: keras.KerasTensor) -> keras.KerasTensor:
        """Return (folds, batch, new columns)."""
        return keras.ops.matmul(features, self.matrix)

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(super().get_config(), folds=self.folds, columns=self.columns, projected=self.projected)


@register
class Seeds(keras.layers.Layer):
    """Gives every fold's rows to each of its members: (folds, batch, width) to (folds * seeds, batch, width)."""

    def __init__(self, seeds: int, **settings: object) -> None:
        super().__init__(**settings)
        self.seeds = seeds

    def call(self, features: keras.KerasTensor) -> keras.KerasTensor:
        """Return (members, batch, width)."""
        return keras.ops.repeat(features, self.seeds, axis=0)

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(super().get_config(), seeds=self.seeds)


@register
class PackedDense(keras.layers.Layer):
    """A dense layer for each member: (members, batch, inputs) to (members, batch, units).

    Each member's kernel is initialized as in `keras.layers.Dense`: Glorot uniform by its own inputs and units.
    """

    def __init__(
        self,
        members: int,
        units: int,
        activation: str | None = None,
        kernel_regularizer: keras.Regularizer | None = None,
        **settings: object,
    ) -> None:
        super().__init__(**settings)
        self.members, self.units = members, units
        self.activation = keras.activations.get(activation)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, shape: Sequence[Any]) -> None:
        """Create the weights for inputs of shape (members, batch, inputs)."""
        limit = float(np.sqrt(6 / (shape[-1] + self.units)))
        self.kernel = self.add_weight(
            shape=(self.members, shape[-1], self.units),
            initializer=keras.initializers.RandomUniform(-limit, limit),
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        self.bias = self.add_weight(shape=(self.members, 1, self.units), initializer="zeros", name="bias")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return (members, batch, units)."""
        return self.activation(keras.ops.matmul(inputs, self.kernel) + self.bias)

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(
            super().get_config(),
            members=self.members,
            units=self.units,
            activation=keras.activations.serialize(self.activation),
            kernel_regularizer=keras.regularizers.serialize(self.kernel_regularizer),
        )


@register
class PackedDropout(keras.layers.Layer):
    """Drops a share of all values while training, each independently; (members, batch, width) to the same shape.

    Drawing millions of random numbers a step takes longer than the matrix products. Instead masks are drawn once into
    a pool of twice a batch's size, and every step takes a window of it that starts at a random place.

    Parameters
    ----------
    rate : float
        The share that is dropped, in [0, 1).
    batch_size : int
        The largest batch in training, in rows.
    seed : int
    """

    _ALIGNMENT = 16  # numbers; TensorFlow shares a window that starts on 64 bytes instead of copying it

    def __init__(self, rate: float, batch_size: int, seed: int, **settings: object) -> None:
        super().__init__(**settings)
        self.rate, self.batch_size, self.seed = rate, batch_size, seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self._pool: keras.KerasTensor | None = None

    def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Return inputs of the same shape, unchanged unless training."""
        if not training:
            return inputs
        if self._pool is None:
            self._pool = self._draw(inputs.shape)
        size = tensorflow.size(inputs)
        places = (tensorflow.size(self._pool) - size) // self._ALIGNMENT
        start = keras.random.randint((), 0, places + 1, seed=self.seed_generator) * self._ALIGNMENT
        return inputs * tensorflow.reshape(self._pool[start : start + size], tensorflow.shape(inputs))

    def release(self) -> None:
        """Free the pool's memory; further training draws the same pool again."""
        self._pool = None

    def _draw(self, shape: Sequence[Any]) -> keras.KerasTensor:
        members, _, width = shape
        kept = np.random.default_rng(self.seed).random(2 * members * self.batch_size * width, np.float32) >= self.rate
        with tensorflow.init_scope():  # out of the graph of the training step that is being traced
            return tensorflow.constant(kept.astype(np.float32) / np.float32(1 - self.rate))

    def compute_output_shape(self, shape: Sequence[int | None]) -> Sequence[int | None]:
        """Return the inputs' own shape."""
        return shape

    def get_config(self) -> dict[str, object]:
        """Return what the constructor takes."""
        return layer_config(super().get_config(), rate=self.rate, batch_size=self.batch_size, seed=self.seed)


@register
class Swapped(keras.layers.Layer):
    """Exchanges the first two axes: members or folds come first inside a pack, the batch outside."""

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return (b, a, width) of (a, b, width)."""
        return keras.ops.transpose(inputs, (1, 0, 2))


def layer_config(config: dict[str, object], **more: object) -> dict[str, object]:
    """Return what is needed to recreate a layer: its base class's configuration and its own arguments."""
    config.pop("trainable", None)
    return config | more


def penalty(recipe: Recipe) -> keras.Regularizer | None:
    """Return the recipe's L2 penalty for one layer's kernel, or None where it has none."""
    return keras.regularizers.L2(recipe.l2) if recipe.l2 else None


def scaling_layers(scalers: Sequence[Scaler]) -> list[keras.layers.Layer]:
    """Return layers that apply each fold's scaler, with the scalers' numbers as weights."""
    return [_scaling_layer(steps) for steps in zip(*(scaler.steps for scaler in scalers), strict=True)]


def _scaling_layer(steps: Sequence[Step]) -> keras.layers.Layer:
    layer, weights = _PACKED[type(steps[0])](steps)
    stacked = [np.stack(arrays) for arrays in zip(*weights, strict=True)]
    layer.set_weights([array.reshape(weight.shape) for array, weight in zip(stacked, layer.weights, strict=True)])
    return layer


Packed = tuple[keras.layers.Layer, list[list[np.ndarray]]]
"""A layer, and its weights for each fold."""


def _packed_fill(steps: Sequence[Fill]) -> Packed:
    return PackedFill(len(steps), len(steps[0].medians)), [[step.medians] for step in steps]


def _packed_affine(steps: Sequence[Affine]) -> Packed:
    weights = [[step.center, step.inverse_scale] for step in steps]
    return PackedAffine(len(steps), len(steps[0].center)), weights


def _packed_clip(steps: Sequence[SmoothClip]) -> Packed:
    return SmoothClipping(steps[0].limit), [[] for _ in steps]


def _packed_quantiles(steps: Sequence[Quantiles]) -> Packed:
    weights = [[step.references.T, step.scores.T] for step in steps]
    return PackedQuantiles(len(steps), *steps[0].references.shape), weights


def _packed_projection(steps: Sequence[Projection]) -> Packed:
    return PackedProjection(len(steps), *steps[0].matrix.shape), [[step.matrix] for step in steps]


_PACKED: dict[type, Callable[[Any], Packed]] = {
    Fill: _packed_fill,
    Affine: _packed_affine,
    SmoothClip: _packed_clip,
    Quantiles: _packed_quantiles,
    Projection: _packed_projection,
}
"""For each kind of scaling step, the function that makes one layer of all folds' steps."""
