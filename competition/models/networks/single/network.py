"""One network, from a row's scaled columns and frames to the genres' logits; and those of all folds as one model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from competition.data.edition import Edition
from competition.models.base.scaling import Scaler
from competition.models.networks.families import FAMILIES
from competition.models.networks.layers import scaling_layers
from competition.models.networks.recipe import COLUMNS, FRAMES, Recipe
from competition.models.networks.single.layers import OnlyFold, ScaledFrames, SideBySide, penalty
from competition.runtime.backend import keras

Shape = tuple[int, int]
"""Steps and bands of a row's frames."""


@dataclass(frozen=True, eq=False)
class FoldScaling:
    """How one fold's rows are scaled.

    Attributes
    ----------
    columns : Scaler or None
        None where a recipe reads no columns.
    center, inverse : ndarray of float32, shape (bands,), or None
        What is subtracted from frames, and what they are then multiplied by; None where a recipe reads no frames.
    """

    columns: Scaler | None
    center: np.ndarray | None
    inverse: np.ndarray | None


def build_network(recipe: Recipe, edition: Edition, columns: int, frames: Shape | None, name: str) -> keras.Model:
    """Build the network of a recipe that is to be trained by itself.

    Parameters
    ----------
    recipe : Recipe
    edition : Edition
    columns : int
        Scaled columns; not used by a recipe that reads frames alone.
    frames : (int, int) or None
        Steps and bands; None where the recipe reads columns alone.
    name : str

    Returns
    -------
    keras.Model
        Its inputs are those of ``"frames"``, (batch, steps, bands), and ``"columns"``, (batch, columns), that the
        recipe reads; its output is (batch, genres), logits.
    """
    inputs: dict[str, keras.KerasTensor] = {}
    parts: list[keras.KerasTensor] = []
    body = FAMILIES[recipe.family].single_body
    if recipe.reads != COLUMNS:
        inputs["frames"] = keras.Input(frames, name="frames")
        parts.append(body(inputs["frames"], recipe))
    if recipe.reads != FRAMES:
        inputs["columns"] = keras.Input((columns,), name="columns")
        rate = recipe.input_dropout_of(columns)
        dropped = keras.layers.Dropout(rate)(inputs["columns"]) if rate else inputs["columns"]
        parts += [dropped] if recipe.reads != COLUMNS else _pictures(dropped, recipe, edition)
    tensor = parts[0] if len(parts) == 1 else keras.layers.Concatenate()(parts)
    for units in recipe.hidden_units:
        tensor = keras.layers.Dense(units, recipe.activation, kernel_regularizer=penalty(recipe))(tensor)
        tensor = keras.layers.Dropout(recipe.dropout)(tensor) if recipe.dropout else tensor
    return keras.Model(inputs, keras.layers.Dense(len(edition.genres))(tensor), name=name)


def _pictures(columns: keras.KerasTensor, recipe: Recipe, edition: Edition) -> list[keras.KerasTensor]:
    """Return what the family makes of each block as a picture of bands over statistics; of one band, its columns."""
    parts = []
    for block in edition.blocks:
        part = columns[:, block.columns]
        if block.bands > 1:
            grid = keras.layers.Reshape((len(block.statistics), block.bands))(part)
            part = FAMILIES[recipe.family].single_body(keras.layers.Permute((2, 1))(grid), recipe)
        parts.append(part)
    return parts


def joined(networks: Sequence[keras.Model], scalings: Sequence[FoldScaling], columns: int) -> keras.Model:
    """Return several networks as one model, which maps rows as they are in the files to all their logits.

    Parameters
    ----------
    networks : sequence of keras.Model
        As `build_network` builds them.
    scalings : sequence of FoldScaling
        Of each.
    columns : int
        In the files.

    Returns
    -------
    keras.Model
        With the networks' inputs; its output is (batch, networks, genres).
    """
    inputs: dict[str, keras.KerasTensor] = {}
    read = input_shapes(networks[0])
    if "frames" in read:
        inputs["frames"] = keras.Input(read["frames"], name="frames")
    if "columns" in read:
        inputs["columns"] = keras.Input((columns,), name="columns")
    logits = []
    for network, scaling in zip(networks, scalings, strict=True):
        scaled = {name: _scaled(tensor, name, scaling) for name, tensor in inputs.items()}
        logits.append(network(scaled))
    return keras.Model(inputs, SideBySide()(logits))


def input_shapes(network: keras.Model) -> dict[str, tuple[int, ...]]:
    """Return the shape of a row of each input of a network, by its name."""
    return {one.name: tuple(one.shape[1:]) for one in network.inputs}


def _scaled(tensor: keras.KerasTensor, name: str, scaling: FoldScaling) -> keras.KerasTensor:
    if name == "frames":
        assert scaling.center is not None and scaling.inverse is not None  # as the network has this input
        return ScaledFrames.of(scaling.center, scaling.inverse)(tensor)
    assert scaling.columns is not None
    for layer in scaling_layers([scaling.columns]):
        tensor = layer(tensor)
    return OnlyFold()(tensor)
