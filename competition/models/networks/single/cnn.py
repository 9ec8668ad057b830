"""The cnn family: convolutions over a picture of bands over time, or of bands over statistics."""

from competition.models.networks.recipe import Recipe
from competition.models.networks.single.layers import penalty
from competition.runtime.backend import keras

_KEPT = 0.9
"""Of the moving averages, in each step: with Keras's 0.99 few steps would leave them near where they began."""


def body(picture: keras.KerasTensor, recipe: Recipe) -> keras.KerasTensor:
    """Stack the recipe's convolutions, each with its pooling and normalization; (batch, height, width) to (batch, n).

    Convolutions keep the picture's size; a pool larger than what is left of it takes all of it.
    """
    own = recipe.own
    tensor = keras.layers.Reshape((*picture.shape[1:], 1))(picture)
    pools = own["pools"]
    strides = own["strides"] or pools
    for place, (filters, kernel) in enumerate(zip(own["filters"], own["kernels"], strict=True)):
        tensor = keras.layers.Conv2D(
            filters, _size(kernel), padding="same", activation=recipe.activation, kernel_regularizer=penalty(recipe)
        )(tensor)
        if pools:
            tensor = _pooled(tensor, _size(pools[place]), _size(strides[place]))
        if own["batch_normalization"]:
            tensor = keras.layers.BatchNormalization(momentum=_KEPT)(tensor)
    return keras.layers.Flatten()(tensor)


def _pooled(tensor: keras.KerasTensor, pool: tuple[int, int], stride: tuple[int, int]) -> keras.KerasTensor:
    height, width = (min(size, left) for size, left in zip(pool, tensor.shape[1:3], strict=True))
    steps = tuple(min(step, left) for step, left in zip(stride, tensor.shape[1:3], strict=True))
    return keras.layers.MaxPooling2D((height, width), strides=steps, padding="same")(tensor)


def _size(text: str) -> tuple[int, int]:
    """Return the numbers of a size, such as ``"2x4"``."""
    height, _, width = text.partition("x")
    return int(height), int(width)
