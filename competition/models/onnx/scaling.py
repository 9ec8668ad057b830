"""Scaling as nodes: the steps of all folds at once, on rows (rows, columns) or (folds, rows, columns)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from competition.models.base.scaling import Affine, Fill, Projection, Quantiles, Scaler, SmoothClip, Step
from competition.models.onnx.graph import Graph, Tensor


def scaled(graph: Graph, rows: str, scalers: Sequence[Scaler]) -> str:
    """Return rows scaled by each fold's scaler; float32, (folds, rows, columns of the last step).

    Parameters
    ----------
    graph : Graph
    rows : str
        Float32, (rows, columns).
    scalers : sequence of Scaler
        Of equal steps, with other numbers.
    """
    tensor = graph.cast(rows, np.float64)
    for steps in zip(*(scaler.steps for scaler in scalers), strict=True):
        tensor = _STEPS[type(steps[0])](graph, tensor, steps)
    return graph.cast(tensor, np.float32)


def filled(graph: Graph, rows: str, medians: np.ndarray) -> str:
    """Return rows with medians, (folds, 1, columns), in place of missing cells."""
    return graph.add("Where", graph.add("IsNaN", rows), medians, rows)


def shifted(graph: Graph, rows: str, center: np.ndarray, inverse_scale: np.ndarray) -> str:
    """Return rows less the center, times the inverse scale; both are (folds, 1, columns)."""
    return graph.add("Mul", graph.add("Sub", rows, center), inverse_scale)


def clipped(graph: Graph, rows: str, limit: np.ndarray | np.generic) -> str:
    """Return rows clipped smoothly to the limit, a number."""
    share = graph.add("Div", rows, limit)
    return graph.add("Div", rows, graph.add("Sqrt", graph.add("Add", graph.add("Mul", share, share), _one(limit))))


def _one(like: np.ndarray | np.generic) -> np.ndarray:
    return np.ones((), like.dtype)


def projected(graph: Graph, rows: str, matrix: np.ndarray) -> str:
    """Return rows times each fold's matrix, (folds, columns, new columns)."""
    return graph.add("MatMul", rows, matrix)


def scored(graph: Graph, rows: str, references: np.ndarray, scores: np.ndarray) -> str:
    """Return the normal score of each cell, linear between the references and constant beyond them.

    Parameters
    ----------
    graph : Graph
    rows : str
        Of float32 or float64.
    references, scores : ndarray of float, shape (folds, columns, quantiles)
        Ascending, strictly except for repetitions of the last; used as float32, so that networks and other models that
        scale alike do it once.

    Returns
    -------
    str
        Float32, (folds, rows, columns).

    Notes
    -----
    ONNX has no search in sorted numbers. Each cell is searched once, among all folds' references, by halving; what is
    found says in which of each fold's intervals it lies.
    """
    references, scores, cells = references.astype(np.float32), scores.astype(np.float32), graph.cast(rows, np.float32)
    every, places = _all_references(references)
    found = _searched(graph, cells, every)
    folds, columns, quantiles = references.shape
    lines = np.arange(folds)[:, None, None] * columns + np.arange(columns)
    flat = graph.add("Add", found, (lines * places.shape[2] - np.arange(columns) * every.shape[1]).astype(np.int32))
    interval = graph.cast(graph.add("Gather", places.ravel(), flat), np.int32)
    interval = graph.add("Add", interval, (lines * quantiles).astype(np.int32))
    low, start, slope = (graph.add("Gather", table.ravel(), interval) for table in _lines(references, scores))
    beyond = graph.add("Sub", graph.add("Min", cells, references[:, None, :, -1]), low)
    return graph.add("Add", graph.add("Mul", beyond, slope), start)


def _all_references(references: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what is searched, and where each fold's references are in it.

    Parameters
    ----------
    references : ndarray of float32, shape (folds, columns, quantiles)

    Returns
    -------
    every : ndarray of float32, shape (columns, a power of 2)
        Each column's references of all folds, ascending, then infinity.
    places : ndarray of the smallest unsigned integers, shape (folds, columns, most references + 1)
        How many of a fold's references, at most all but one, are below a cell that so many of all are below.
    """
    folds, lines, quantiles = references.shape
    columns = [np.unique(references[:, column]) for column in range(lines)]
    most = max(map(len, columns))
    every = np.full((lines, 2 ** int(most).bit_length()), np.inf, np.float32)
    places = np.zeros((folds, lines, most + 1), np.min_scalar_type(quantiles - 1))
    for column, own in enumerate(columns):
        every[column, : len(own)] = own
        for fold, line in enumerate(references[:, column]):
            below = np.searchsorted(line, own, side="right")
            places[fold, column, 1 : len(own) + 1] = np.minimum(below, quantiles - 1)
    return every, places


def _searched(graph: Graph, cells: str, every: np.ndarray) -> Tensor:
    """Return for each cell how many of its column's references are below it, plus the place of the column's first."""
    columns, size = every.shape
    found: Tensor = (np.arange(columns) * size).astype(np.int32)
    step = size // 2
    while step:
        reference = graph.add("Gather", every.ravel(), graph.add("Add", found, np.int32(step - 1)))
        is_above = graph.cast(graph.add("Less", reference, cells), np.int32)
        found = graph.add("Add", found, graph.add("Mul", is_above, np.int32(step)))
        step //= 2
    return found


def _lines(references: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the line of each interval, which ends at each reference: where it begins, the score there, its slope.

    The interval before the first reference has the first score all along.
    """
    low, start = (np.concatenate([one[..., :1], one[..., :-1]], axis=-1) for one in (references, scores))
    width, rise = (after.astype(np.float64) - before for after, before in ((references, low), (scores, start)))
    slope = np.divide(rise, width, out=np.zeros_like(rise), where=width > 0)
    return low, start, slope.astype(np.float32)


def _stacked(steps: Sequence[Any], name: str) -> np.ndarray:
    return np.stack([getattr(step, name) for step in steps])


_STEPS: dict[type[Step], Callable[[Graph, str, Sequence[Any]], str]] = {
    Fill: lambda graph, rows, steps: filled(graph, rows, _stacked(steps, "medians")[:, None]),
    Affine: lambda graph, rows, steps: shifted(
        graph, rows, _stacked(steps, "center")[:, None], _stacked(steps, "inverse_scale")[:, None]
    ),
    SmoothClip: lambda graph, rows, steps: clipped(graph, rows, np.float64(steps[0].limit)),
    Quantiles: lambda graph, rows, steps: graph.cast(
        scored(graph, rows, *(_stacked(steps, name).transpose(0, 2, 1) for name in ("references", "scores"))),
        np.float64,
    ),
    Projection: lambda graph, rows, steps: projected(graph, rows, _stacked(steps, "matrix")),
}
"""For each kind of step, the function that adds the nodes of all folds' steps."""
