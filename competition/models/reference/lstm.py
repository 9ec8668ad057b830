"""The lstm family: each block of columns read as a sequence over its bands, with its statistics as channels."""

from competition.data.edition import Block, Edition
from competition.models.networks.layers import penalty
from competition.models.networks.recipe import Recipe
from competition.models.reference.dense import hidden_layers
from competition.runtime.backend import keras


def body(columns: keras.KerasTensor, recipe: Recipe, edition: Edition) -> keras.KerasTensor:
    """Read every block with its own stack of LSTM layers, and join their outputs in dense hidden layers.

    Parameters
    ----------
    columns : KerasTensor of float32, shape (batch, columns)
        Scaled.
    recipe : Recipe
    edition : Edition
        Whose blocks are read.

    Returns
    -------
    KerasTensor of float32, shape (batch, width)
    """
    ends = [_read_block(columns, block, recipe) for block in edition.blocks]
    joined = keras.layers.Concatenate(name="ends")(ends) if len(ends) > 1 else ends[0]
    return hidden_layers(joined, recipe)


def _read_block(columns: keras.KerasTensor, block: Block, recipe: Recipe) -> keras.KerasTensor:
    tensor = columns[:, block.columns]
    tensor = keras.layers.Reshape((len(block.statistics), block.bands))(tensor)
    tensor = keras.layers.Permute((2, 1))(tensor)  # (batch, bands, statistics)
    for depth, units in enumerate(recipe.own["recurrent_units"], 1):
        sequences = recipe.own["read_out"] == "all" or depth < len(recipe.own["recurrent_units"])
        tensor = keras.layers.LSTM(units, return_sequences=sequences, kernel_regularizer=penalty(recipe))(tensor)
    return keras.layers.Flatten()(tensor)  # nothing to flatten where only the last step was read out
