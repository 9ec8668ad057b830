"""The dense family over frames: all steps and bands at once."""

from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras


def body(frames: keras.KerasTensor, recipe: Recipe) -> keras.KerasTensor:
    """Return all numbers side by side; (batch, steps, bands) to (batch, steps * bands)."""
    return keras.layers.Flatten()(frames)
