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
        Ascending, strictly except for repetitions of the last.

    Returns
    -------
    str
        Float64, (folds, rows, columns).

    Notes
    -----
    ONNX has no search in sorted numbers. Each cell is searched once, among all folds' references, by halving; what is
    found says in which of each fold's intervals it lies.
    """
    folds, columns, quantiles = references.shape
    cells, references = graph.cast(rows, np.float64), references.astype(np.float64)
    every, places = _all_references(references)
    found = _searched(graph, cells, every)
    tables = np.arange(folds)[:, None, None] * columns + np.arange(columns)
    flat = graph.add("Add", found, (tables * places.shape[2] - np.arange(columns) * every.shape[1]).astype(np.int32))
    interval = graph.cast(graph.add("Gather", places.ravel(), flat), np.int32)
    interval = graph.add("Add", interval, (tables * quantiles).astype(np.int32))
    start, slope = _lines(references, scores.astype(np.float64))
    rise = graph.add(
        "Mul", graph.add("Min", cells, references[:, None, :, -1]), graph.add("Gather", slope.ravel(), interval)
    )
    return graph.add("Add", rise, graph.add("Gather", start.ravel(), interval))


def _all_references(references: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what is searched, and where each fold's references are in it.

    Parameters
    ----------
    references : ndarray of float64, shape (folds, columns, quantiles)

    Returns
    -------
    every : ndarray of float64, shape (columns, a power of 2)
        Each column's references of all folds, ascending, then infinity.
    places : ndarray of uint16, shape (folds, columns, most references + 1)
        How many of a fold's references, at most all but one, are below a cell that so many of all are below.
    """
    columns = [np.unique(references[:, column]) for column in range(references.shape[1])]
    most = max(map(len, columns))
    every = np.full((len(columns), 2 ** int(most).bit_length()), np.inf)
    places = np.zeros((len(references), len(columns), most + 1), np.uint16)
    for column, own in enumerate(columns):
        every[column, : len(own)] = own
        for fold, line in enumerate(references[:, column]):
            below = np.minimum(np.searchsorted(line, own, side="right"), len(line) - 1)
            places[fold, column, 1 : len(own) + 1] = below
    return every, places


def _searched(graph: Graph, cells: str, every: np.ndarray) -> Tensor:
    """Return for each cell how many of its column's references are below it, plus the place of the column's first."""
    columns, size = every.shape
    found: Tensor = (np.arange(columns) * size).astype(np.int32)
    step = size // 2
    while step:
        reference = graph.add("Gather", every.ravel(), graph.add("Add", found, np.int32(step - 1)))
        is_above = graph.add("Less", reference, cells)
        found = graph.add("Where", is_above, graph.add("Add", found, np.int32(step)), found)
        step //= 2
    return found


def _lines(references: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the line of each interval, ending at each reference: its value at 0 and its slope; as the references."""
    low, high = references[..., :-1], references[..., 1:]
    width = high - low
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(width > 0, (scores[..., 1:] - scores[..., :-1]) / width, 0.0)
    start = scores[..., 1:] - slope * high
    first = np.zeros_like(scores[..., :1])
    return np.concatenate([scores[..., :1], start], axis=-1), np.concatenate([first, slope], axis=-1)


def _stacked(steps: Sequence[Any], name: str) -> np.ndarray:
    return np.stack([getattr(step, name) for step in steps])


_STEPS: dict[type[Step], Callable[[Graph, str, Sequence[Any]], str]] = {
    Fill: lambda graph, rows, steps: filled(graph, rows, _stacked(steps, "medians")[:, None]),
    Affine: lambda graph, rows, steps: shifted(
        graph, rows, _stacked(steps, "center")[:, None], _stacked(steps, "inverse_scale")[:, None]
    ),
    SmoothClip: lambda graph, rows, steps: clipped(graph, rows, np.float64(steps[0].limit)),
    Quantiles: lambda graph, rows, steps: scored(
        graph, rows, *(_stacked(steps, name).transpose(0, 2, 1) for name in ("references", "scores"))
    ),
    Projection: lambda graph, rows, steps: projected(graph, rows, _stacked(steps, "matrix")),
}
"""For each kind of step, the function that adds the nodes of all folds' steps."""
