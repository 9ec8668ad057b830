"""Networks as nodes, held against the packs themselves, with the weights that they begin with."""

from dataclasses import replace

import numpy as np
import pytest
from graphs import computed

from competition.data.dataset import Dataset
from competition.errors import RunError
from competition.models.base.scaling import Scaling, fit_scaler
from competition.models.networks.engine import PackPredictor
from competition.models.networks.pack import Pack, build_pack
from competition.models.networks.recipe import ACTIVATIONS, Recipe
from competition.models.networks.single.engine import SinglePredictor
from competition.models.onnx import networks
from competition.models.onnx.graph import Graph
from competition.models.onnx.networks import predicted
from competition.runtime.backend import keras

DENSE = Recipe(name="dense", family="dense", hidden_units=(6, 5), activation="elu", epochs=1)
LSTM = {"recurrent_units": (4, 3), "read_out": "last"}
RECIPES = {
    "plain": DENSE,
    "dropped": replace(DENSE, input_dropout=0.2, dropout=0.5, activation="gelu", scaling=Scaling("quantile")),
    "projected": replace(DENSE, scaling=Scaling("robust", clip=2.0, components=4, block_means=True)),
    "last": replace(DENSE, family="lstm", own=LSTM),
    "all": replace(DENSE, family="lstm", own=LSTM | {"read_out": "all"}, hidden_units=()),
}


def pack_of(recipe: Recipe, dataset: Dataset, *, fills: bool = False) -> Pack:
    scalers = [
        fit_scaler(dataset.features[fold::2], recipe.scaling, dataset.edition.blocks, fills=fills) for fold in range(2)
    ]
    return build_pack(recipe, scalers, dataset.edition, seeds=2, seed=0, batch_size=8)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("fills", [False, True])
def test_probabilities_are_the_kits(dataset: Dataset, name: str, fills: bool):
    trained = PackPredictor(pack_of(RECIPES[name], dataset, fills=fills))
    rows = dataset.features[:20].copy()
    rows[:, 3] += np.arange(20)  # constant in training
    rows[::2, :2] = np.nan if fills else 3
    found = computed(lambda graph, given: predicted(graph, given, trained), rows)
    np.testing.assert_allclose(found, trained.predict(rows), atol=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_keras_own(name: str):
    rows = np.linspace(-6, 6, 25, dtype=np.float32)[:, None]
    found = computed(lambda graph, given: networks._ACTIVATIONS[name](graph, given), rows, np.float32)
    np.testing.assert_allclose(found, np.asarray(keras.activations.get(name)(rows)), atol=1e-6)


def test_networks_of_their_own_are_refused():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    with pytest.raises(RunError, match="networks of the cnn family, and those that read frames, cannot be exported"):
        predicted(Graph(), "x", SinglePredictor(model))


def test_a_layer_without_nodes_is_refused():
    model = keras.Sequential([keras.Input((2,)), keras.layers.LayerNormalization()])
    with pytest.raises(RunError, match="networks with layers of the kind LayerNormalization cannot be exported"):
        networks.logits(Graph(), "x", model)
