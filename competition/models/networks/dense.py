"""The dense family in a pack: all of a song's columns at once through fully connected layers."""

from competition.data.edition import Edition
from competition.models.networks.layers import PackedDense, PackedDropout, penalty
from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras


def packed_body(
    columns: keras.KerasTensor, recipe: Recipe, edition: Edition, *, batch_size: int, seed: int
) -> keras.KerasTensor:
    """Apply each member's hidden layers, with their dropout; (members, batch, columns) to (members, batch, width).

    Parameters
    ----------
    columns : KerasTensor of float32, shape (members, batch, columns)
        Scaled.
    recipe : Recipe
    edition : Edition
        This family does not look at its blocks.
    batch_size : int
        The largest batch that is trained with.
    seed : int
        Of the dropout masks; each layer's is another.
    """
    return hidden_layers(columns, recipe, batch_size=batch_size, seed=seed)


def hidden_layers(tensor: keras.KerasTensor, recipe: Recipe, *, batch_size: int, seed: int) -> keras.KerasTensor:
    """Stack the recipe's dense hidden layers, each followed by its dropout, upon `tensor` (members, batch, width)."""
    for depth, units in enumerate(recipe.hidden_units, 1):
        tensor = PackedDense(tensor.shape[0], units, recipe.activation, penalty(recipe))(tensor)
        tensor = dropped(tensor, recipe.dropout, batch_size, seed + depth)
    return tensor


def dropped(tensor: keras.KerasTensor, rate: float, batch_size: int, seed: int) -> keras.KerasTensor:
    """Drop a share of the numbers of `tensor` (members, batch, width) while training."""
    return PackedDropout(rate, batch_size, seed)(tensor) if rate else tensor
