"""What the tests of ONNX graphs share: a few nodes, applied by onnxruntime."""

from collections.abc import Callable

import numpy as np
import pytest

pytest.importorskip("onnx", reason="exporting needs requirements-export.txt")
pytest.importorskip("onnxruntime", reason="exporting needs requirements-export.txt")

from competition.models.onnx.graph import INPUT, Graph, Output
from competition.models.onnx.session import applied


def computed(build: Callable[[Graph, str], str], rows: np.ndarray, dtype: type = np.float64) -> np.ndarray:
    """Return what nodes make of rows, float32, (rows, columns): any shape."""
    graph = Graph()
    # Of unknown rank, so what is declared is a flat one.
    flat = graph.add("Reshape", build(graph, INPUT), np.array([-1]))
    shape = graph.add("Shape", graph.nodes[-1].input[0])
    outputs = {"values": Output(flat, dtype), "shape": Output(shape, np.int64)}
    found = applied(graph.to_bytes("test", rows.shape[1], outputs, {}), rows.astype(np.float32))
    return found["values"].reshape(found["shape"])
