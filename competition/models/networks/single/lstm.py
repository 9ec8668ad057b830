"""The lstm family over frames: a sequence over time."""

from competition.models.networks.recipe import Recipe
from competition.models.networks.single.layers import penalty
from competition.runtime.backend import keras


def body(frames: keras.KerasTensor, recipe: Recipe) -> keras.KerasTensor:
    """Stack the recipe's LSTM layers; (batch, steps, bands) to (batch, width).

    With ``read_out = "last"`` the last one's output at the last step, with ``"all"`` those at all steps side by side.
    """
    widths = recipe.own["recurrent_units"]
    reads_all = recipe.own["read_out"] == "all"
    for depth, units in enumerate(widths, 1):
        goes_on = depth < len(widths) or reads_all
        frames = keras.layers.LSTM(units, return_sequences=goes_on, kernel_regularizer=penalty(recipe))(frames)
    return keras.layers.Flatten()(frames) if reads_all else frames
