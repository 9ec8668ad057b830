"""Graphs applied by onnxruntime, as their users apply them."""

import numpy as np
import onnxruntime

from competition.models.onnx.graph import INPUT


def applied(content: bytes, songs: np.ndarray) -> dict[str, np.ndarray]:
    """Return what a graph makes of songs.

    Parameters
    ----------
    content : bytes
        Of a file that `Graph.to_bytes` made.
    songs : ndarray of float32, shape (rows, columns)
        At least one row.

    Returns
    -------
    dict of str to ndarray
        Each output, by its name.
    """
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(names, {INPUT: songs}), strict=True))


def runtime() -> str:
    """Return the version of onnxruntime, for people."""
    return f"onnxruntime {onnxruntime.__version__}"
