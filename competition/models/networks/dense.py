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
        Not used by this family.
    batch_size : int
        The largest batch in training, in rows.
    seed : int
        Of the dropout masks; each layer's is different.
    """
    return hidden_layers(columns, recipe, batch_size=batch_size, seed=seed)


def hidden_layers(tensor: keras.KerasTensor, recipe: Recipe, *, batch_size: int, seed: int) -> keras.KerasTensor:
    """Stack the recipe's dense hidden layers, each followed by its dropout, on top of `tensor`.

    Parameters
    ----------
    tensor : KerasTensor of float32, shape (members, batch, width)
    recipe : Recipe
    batch_size : int
        The largest batch in training, in rows.
    seed : int
        Of the dropout masks; that of layer n, from 1, is ``seed + n``.

    Returns
    -------
    KerasTensor of float32, shape (members, batch, units of the last layer)
    """
    for depth, units in enumerate(recipe.hidden_units, 1):
        tensor = PackedDense(tensor.shape[0], units, recipe.activation, penalty(recipe))(tensor)
        tensor = dropped(tensor, recipe.dropout, batch_size, seed + depth)
    return tensor


def dropped(tensor: keras.KerasTensor, rate: float, batch_size: int, seed: int) -> keras.KerasTensor:
    """Apply dropout to `tensor` while training.

    Parameters
    ----------
    tensor : KerasTensor of float32, shape (members, batch, width)
    rate : float
        The share of values dropped, in [0, 1); at 0 no layer is added.
    batch_size : int
        The largest batch in training, in rows.
    seed : int
        Of the dropout masks.

    Returns
    -------
    KerasTensor of float32, shape (members, batch, width)
    """
    return PackedDropout(rate, batch_size, seed)(tensor) if rate else tensor
