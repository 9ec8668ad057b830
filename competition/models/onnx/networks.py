"""Networks as nodes: a pack's layers one by one, for all members at once."""

from collections.abc import Callable

import numpy as np

from competition.models.networks.engine import PackPredictor
from competition.models.networks.layers import (
    PackedAffine,
    PackedDense,
    PackedDropout,
    PackedFill,
    PackedProjection,
    PackedQuantiles,
    Seeds,
    SmoothClipping,
    Swapped,
)
from competition.models.networks.lstm import BlockSequence, PackedLSTM, ReadOut
from competition.models.networks.single.engine import SinglePredictor
from competition.models.onnx.graph import Graph, refusal
from competition.models.onnx.probabilities import mean_of
from competition.models.onnx.scaling import clipped, filled, projected, scored, shifted
from competition.runtime.backend import keras


def predicted(graph: Graph, rows: str, trained: PackPredictor | SinglePredictor) -> str:
    """Return the probabilities of all members, as `PackPredictor.predict` does.

    Parameters
    ----------
    graph : Graph
    rows : str
        Float32, (rows, columns).
    trained : PackPredictor or SinglePredictor

    Returns
    -------
    str
        Float64, (rows, genres).

    Raises
    ------
    RunError
        When the graph cannot hold such networks.
    """
    if not isinstance(trained, PackPredictor):
        raise refusal("networks of the cnn family, and those that read frames,")
    return mean_of(graph, logits(graph, rows, trained.pack), axis=1)


def logits(graph: Graph, rows: str, model: keras.Model) -> str:
    """Return the output of a functional model with one input; raises RunError for layers that the graph cannot hold."""
    found = {id(model.inputs[0]): rows}
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if type(layer) not in _LAYERS:
            raise refusal(f"networks with layers of the kind {type(layer).__name__}")
        given = layer.input if isinstance(layer.input, list) else [layer.input]
        found[id(layer.output)] = _LAYERS[type(layer)](graph, layer, *(found[id(one)] for one in given))
    return found[id(model.outputs[0])]


def _weights(layer: keras.layers.Layer) -> list[np.ndarray]:
    return [np.asarray(weight) for weight in layer.get_weights()]


def _seeds(graph: Graph, layer: Seeds, rows: str) -> str:
    folds = layer.output.shape[0] // layer.seeds
    return rows if layer.seeds == 1 else graph.add("Gather", rows, np.repeat(np.arange(folds), layer.seeds))


def _dense(graph: Graph, layer: PackedDense, tensor: str) -> str:
    kernel, bias = _weights(layer)
    summed = graph.add("Add", graph.add("MatMul", tensor, kernel), bias)
    return _ACTIVATIONS[layer.activation.__name__](graph, summed)


def _gelu(graph: Graph, tensor: str) -> str:
    error = graph.add("Erf", graph.add("Div", tensor, np.sqrt(np.float32(2))))
    return graph.add("Mul", graph.add("Mul", tensor, graph.add("Add", error, np.float32(1))), np.float32(0.5))


_ACTIVATIONS: dict[str, Callable[[Graph, str], str]] = {
    "linear": lambda graph, tensor: tensor,
    "elu": lambda graph, tensor: graph.add("Elu", tensor),
    "relu": lambda graph, tensor: graph.add("Relu", tensor),
    "gelu": _gelu,
    "selu": lambda graph, tensor: graph.add("Selu", tensor),
    "silu": lambda graph, tensor: graph.add("Mul", tensor, graph.add("Sigmoid", tensor)),
    "tanh": lambda graph, tensor: graph.add("Tanh", tensor),
}
"""All activations that a recipe may name, and none."""


def _block_sequence(graph: Graph, layer: BlockSequence, columns: str) -> str:
    members, places = layer.input.shape[0], layer.first + np.arange(layer.statistics * layer.bands)
    block = graph.add("Gather", columns, places, axis=2)
    grid = graph.add("Reshape", block, np.array([members, -1, layer.statistics, layer.bands]))
    return graph.add("Transpose", grid, perm=[3, 0, 1, 2])


def _lstm(graph: Graph, layer: PackedLSTM, sequence: str) -> str:
    """Unroll the steps, as the layer does; what a step's input adds is computed for all steps at once."""
    kernel, recurrent, bias = _weights(layer)
    inputs = graph.add("Add", graph.add("MatMul", sequence, kernel), bias)
    output, state = "", ""
    outputs = []
    for step in range(layer.input.shape[0]):
        gates = graph.add("Gather", inputs, np.array(step))
        gates = graph.add("Add", gates, graph.add("MatMul", output, recurrent)) if output else gates
        output, state = _advanced(graph, gates, state, layer.units)
        outputs.append(graph.add("Unsqueeze", output, np.array([0])))
    return graph.add("Concat", *outputs, axis=0)


def _advanced(graph: Graph, gates: str, state: str, units: int) -> tuple[str, str]:
    """Return the output and the state after a step, from its gates before their activations; no state is one of 0."""
    admit, keep, candidate, show = (
        graph.add("Slice", gates, np.array([place * units]), np.array([place * units + units]), np.array([2]))
        for place in range(4)
    )
    added = graph.add("Mul", graph.add("Sigmoid", admit), graph.add("Tanh", candidate))
    state = graph.add("Add", graph.add("Mul", graph.add("Sigmoid", keep), state), added) if state else added
    return graph.add("Mul", graph.add("Sigmoid", show), graph.add("Tanh", state)), state


def _read_out(graph: Graph, layer: ReadOut, sequence: str) -> str:
    steps, members, _, units = layer.input.shape
    if layer.which == "last":
        return graph.add("Gather", sequence, np.array(steps - 1))
    return graph.add(
        "Reshape", graph.add("Transpose", sequence, perm=[1, 2, 0, 3]), np.array([members, -1, steps * units])
    )


_LAYERS: dict[type, Callable[..., str]] = {
    PackedFill: lambda graph, layer, rows: filled(graph, rows, *_weights(layer)),
    PackedAffine: lambda graph, layer, rows: shifted(graph, rows, *_weights(layer)),
    PackedQuantiles: lambda graph, layer, rows: scored(graph, rows, _weights(layer)[0], _weights(layer)[1]),
    SmoothClipping: lambda graph, layer, rows: clipped(graph, rows, np.float32(layer.limit)),
    PackedProjection: lambda graph, layer, rows: projected(graph, rows, *_weights(layer)),
    Seeds: _seeds,
    PackedDense: _dense,
    PackedDropout: lambda graph, layer, tensor: tensor,
    BlockSequence: _block_sequence,
    PackedLSTM: _lstm,
    ReadOut: _read_out,
    keras.layers.Concatenate: lambda graph, layer, *parts: graph.add("Concat", *parts, axis=-1),
    Swapped: lambda graph, layer, tensor: graph.add("Transpose", tensor, perm=[1, 0, 2]),
}
"""For each kind of layer, the function that adds its nodes."""
