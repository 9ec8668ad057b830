"""The dense family: all of a song's columns at once through fully connected layers."""

from competition.data.edition import Edition
from competition.models.networks.layers import penalty
from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras


def body(columns: keras.KerasTensor, recipe: Recipe, edition: Edition) -> keras.KerasTensor:
    """Apply the recipe's hidden layers, each followed by its dropout.

    Parameters
    ----------
    columns : KerasTensor of float32, shape (batch, columns)
        Scaled.
    recipe : Recipe
    edition : Edition
        Not used by this family.

    Returns
    -------
    KerasTensor of float32, shape (batch, width)
    """
    return hidden_layers(columns, recipe)


def hidden_layers(tensor: keras.KerasTensor, recipe: Recipe) -> keras.KerasTensor:
    """Stack the recipe's dense hidden layers, each followed by its dropout, upon `tensor` (batch, width)."""
    for units in recipe.hidden_units:
        tensor = keras.layers.Dense(units, activation=recipe.activation, kernel_regularizer=penalty(recipe))(tensor)
        if recipe.dropout:
            tensor = keras.layers.Dropout(recipe.dropout)(tensor)
    return tensor
