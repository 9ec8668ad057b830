"""Layers that networks of their own need beside Keras's: scaled frames, one fold's columns, logits side by side."""

from typing import Any

import numpy as np

from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras


def penalty(recipe: Recipe) -> keras.Regularizer | None:
    """Return the L2 penalty on the kernels of hidden layers; None where there is none."""
    return keras.regularizers.L2(recipe.l2) if recipe.l2 else None


@keras.saving.register_keras_serializable(package="genre-kit")
class ScaledFrames(keras.layers.Layer):
    """Brings each band to mean 0 and deviation 1 of the frames of a fold's training rows.

    Parameters
    ----------
    bands : int
    """

    def __init__(self, bands: int, **more: Any) -> None:
        super().__init__(**more)
        self.bands = bands
        self.center = self.add_weight(shape=(bands,), name="center", initializer="zeros", trainable=False)
        self.inverse = self.add_weight(shape=(bands,), name="inverse", initializer="ones", trainable=False)
        self.built = True

    @classmethod
    def of(cls, center: np.ndarray, inverse: np.ndarray) -> "ScaledFrames":
        """Return the layer that subtracts `center` and multiplies by `inverse`, each of shape (bands,)."""
        layer = cls(len(center))
        layer.set_weights([center, inverse])
        return layer

    def call(self, frames: keras.KerasTensor) -> keras.KerasTensor:
        """Scale frames, (batch, steps, bands)."""
        return (frames - self.center) * self.inverse

    def get_config(self) -> dict[str, Any]:
        """Return what `ScaledFrames` is made from."""
        return super().get_config() | {"bands": self.bands}


@keras.saving.register_keras_serializable(package="genre-kit")
class OnlyFold(keras.layers.Layer):
    """Takes the only fold out of scaled columns, (1, batch, columns) to (batch, columns)."""

    def call(self, columns: keras.KerasTensor) -> keras.KerasTensor:
        """Take it out."""
        return columns[0]

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape without the first axis."""
        return shape[1:]


@keras.saving.register_keras_serializable(package="genre-kit")
class SideBySide(keras.layers.Layer):
    """Puts the logits of several networks side by side, each (batch, genres), to (batch, networks, genres)."""

    def call(self, logits: list[keras.KerasTensor]) -> keras.KerasTensor:
        """Stack them."""
        return keras.ops.stack(logits, axis=1)

    def compute_output_shape(self, shapes: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """Return the shape with the networks as its second axis."""
        return (shapes[0][0], len(shapes), shapes[0][1])
