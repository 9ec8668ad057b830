"""Predicting many rows in pieces, as nodes: that bounds the memory of a prediction, and is quicker."""

from collections.abc import Callable

import numpy as np

from competition.models.base.pieces import PIECE
from competition.models.onnx.graph import Graph


def in_pieces(graph: Graph, rows: str, predict: Callable[[Graph, str], str]) -> str:
    """Return what `predict` makes of rows, computed piece by piece, the last of which may be smaller.

    Parameters
    ----------
    graph : Graph
    rows : str
        (rows, columns); at least one.
    predict : callable
        Adds the nodes for a piece of the rows, and returns their output: float64, as many rows.
    """
    count = graph.add("Gather", graph.add("Shape", rows), np.array(0))
    pieces = graph.add("Div", graph.add("Add", count, np.array(PIECE - 1)), np.array(PIECE))

    def piece(inner: Graph, number: str, carried: tuple[str, ...]) -> tuple[None, tuple[str]]:
        """Predict one piece, and add it to those before."""
        start = inner.add("Reshape", inner.add("Mul", number, np.array(PIECE)), np.array([1]))
        part = inner.add("Slice", rows, start, inner.add("Add", start, np.array([PIECE])), np.array([0]))
        return None, (inner.add("SequenceInsert", carried[0], predict(inner, part)),)

    (found,) = graph.loop(pieces, [graph.empty_sequence(np.float64)], piece)
    return graph.add("ConcatFromSequence", found, axis=0)
