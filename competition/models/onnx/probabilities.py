"""What becomes of probabilities, as nodes: bounds, means over models, pools."""

from collections.abc import Sequence

import numpy as np

from competition.models.onnx.graph import Graph, Tensor
from competition.scoring.probabilities import FLOOR

_LAST = np.array([-1])


def bounded(graph: Graph, tensor: str) -> str:
    """Return probabilities as `competition.scoring.probabilities.bounded` does; float64, (..., genres)."""
    raised = graph.add("Max", tensor, np.float64(FLOOR))
    return graph.add("Div", raised, graph.add("ReduceSum", raised, _LAST))


def mean_of(graph: Graph, logits: Tensor, axis: int) -> str:
    """Return the mean over models of the probabilities that their logits stand for.

    Parameters
    ----------
    graph : Graph
    logits : str
        Of float32 or float64, with genres on the last axis.
    axis : int
        That of the models.

    Returns
    -------
    str
        Float64, (rows, genres).
    """
    probabilities = graph.add("Softmax", graph.cast(logits, np.float64), axis=-1)
    return bounded(graph, graph.add("ReduceMean", probabilities, np.array([axis]), keepdims=0))


def averaged(graph: Graph, models: Sequence[str], shares: Sequence[float]) -> str:
    """Return the mean of several models' probabilities, weighted by shares that need not sum to 1."""
    whole = sum(shares)
    if len(models) == 1:
        return models[0]
    return graph.add(
        "Sum", *(graph.add("Mul", one, np.float64(share / whole)) for one, share in zip(models, shares, strict=True))
    )


def pooled(graph: Graph, models: Sequence[str], weights: Sequence[float], biases: np.ndarray | float = 0.0) -> str:
    """Return probabilities pooled as `competition.scoring.logarithmic_pool.pooled` does; float64, (rows, genres).

    Parameters
    ----------
    graph : Graph
    models : sequence of str
        Float64, (rows, genres), above 0.
    weights : sequence of float
    biases : ndarray of float64, shape (genres,), or float
    """
    terms = [
        graph.add("Mul", graph.add("Log", one), np.float64(weight)) for one, weight in zip(models, weights, strict=True)
    ]
    logits = graph.add("Sum", *terms, np.asarray(biases, np.float64))
    return bounded(graph, graph.add("Exp", graph.add("Sub", logits, graph.add("ReduceMax", logits, _LAST))))
