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
    kind: type[np.floating] = np.float32
    for steps in zip(*(scaler.steps for scaler in scalers), strict=True):
        tensor = _STEPS[type(steps[0])](graph, tensor, steps, kind)
        kind = kind if isinstance(steps[0], Fill) else np.float64
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


def scored(
    graph: Graph, rows: str, references: np.ndarray, scores: np.ndarray, kind: type[np.floating] = np.float32
) -> str:
    """Return the normal score of each cell, linear between the references and constant beyond them.

    Parameters
    ----------
    graph : Graph
    rows : str
        Of float32 or float64.
    references, scores : ndarray of float, shape (folds, columns, quantiles)
        Ascending, strictly except for repetitions of the last. Of float32 where a network has rounded them, which may
        have made neighbours equal: a cell that is equal to them has the last one's score there.
    kind : type
        What is computed in. `numpy.float32` is enough where cells are as in the files, and lets networks and other
        models that scale alike do it once.

    Returns
    -------
    str
        Of `kind`, (folds, rows, columns).

    Notes
    -----
    ONNX has no search in sorted numbers. Each cell is searched once, among all folds' references, by halving; what is
    found says in which of each fold's intervals it lies.
    """
    cells, ends, values = graph.cast(rows, kind), references.astype(kind), scores.astype(kind)
    every, places = _all_limits(_limits(references, ends, values))
    found = _searched(graph, cells, every)
    folds, columns, quantiles = references.shape
    lines = np.arange(folds)[:, None, None] * columns + np.arange(columns)
    flat = graph.add("Add", found, (lines * places.shape[2] - np.arange(columns) * every.shape[1]).astype(np.int32))
    interval = graph.cast(graph.add("Gather", places.ravel(), flat), np.int32)
    interval = graph.add("Add", interval, (lines * quantiles).astype(np.int32))
    end, value, slope = (
        graph.add("Gather", table.ravel(), interval) for table in (ends, values, _slopes(ends, values))
    )
    before = graph.add("Sub", graph.add("Min", cells, ends[:, None, :, -1]), end)
    return graph.add("Add", graph.add("Mul", before, slope), value)


def _limits(references: np.ndarray, ends: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the numbers above which cells are beyond the intervals that end at the references.

    Rounding may make neighbours equal where songs share a value, and their scores are far apart: which of them is below
    a cell must then be as it was. Of repetitions, which end no interval, it is infinity.
    """
    follows = np.zeros(ends.shape, bool), np.zeros(ends.shape, bool)
    follows[0][..., :-1] = ends[..., 1:] == ends[..., :-1]
    follows[1][..., :-1] = values[..., 1:] == values[..., :-1]
    repeats = follows[0] & follows[1]
    touches = follows[0] & ~repeats
    touches[..., 1:] |= follows[0][..., :-1] & ~repeats[..., :-1]
    is_below = follows[0] if references.dtype == ends.dtype == np.float32 else touches & (references < ends)
    limits = np.where(is_below, np.nextafter(ends, ends.dtype.type(-np.inf)), ends)
    return np.where(repeats, ends.dtype.type(np.inf), limits)


def _all_limits(limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what is searched, and where each fold's limits are in it.

    Parameters
    ----------
    limits : ndarray of float, shape (folds, columns, quantiles)

    Returns
    -------
    every : ndarray of float, shape (columns, a power of 2)
        Each column's limits of all folds, ascending, then infinity.
    places : ndarray of the smallest unsigned integers, shape (folds, columns, most limits + 1)
        How many of a fold's limits, at most all but one, are below a cell that so many of all are below.
    """
    folds, lines, quantiles = limits.shape
    columns = [np.unique(limits[:, column]) for column in range(lines)]
    most = max(map(len, columns))
    every = np.full((lines, 2 ** int(most).bit_length()), np.inf, limits.dtype)
    places = np.zeros((folds, lines, most + 1), np.min_scalar_type(quantiles - 1))
    for column, own in enumerate(columns):
        every[column, : len(own)] = own
        for fold, line in enumerate(limits[:, column]):
            below = np.searchsorted(np.sort(line), own, side="right")
            places[fold, column, 1 : len(own) + 1] = np.minimum(below, quantiles - 1)
    return every, places


def _searched(graph: Graph, cells: str, every: np.ndarray) -> Tensor:
    """Return for each cell how many of its column's limits are below it, plus the place of the column's first."""
    columns, size = every.shape
    found: Tensor = (np.arange(columns) * size).astype(np.int32)
    step = size // 2
    while step:
        limit = graph.add("Gather", every.ravel(), graph.add("Add", found, np.int32(step - 1)))
        is_above = graph.cast(graph.add("Less", limit, cells), np.int32)
        found = graph.add("Add", found, graph.add("Mul", is_above, np.int32(step)))
        step //= 2
    return found


def _slopes(ends: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the slope of each interval that ends at a reference; 0 before the first and where none lies between."""
    slopes = np.zeros(ends.shape)
    width, rise = (np.diff(one.astype(np.float64)) for one in (ends, values))
    np.divide(rise, width, out=slopes[..., 1:], where=width > 0)
    return slopes.astype(ends.dtype)


def _stacked(steps: Sequence[Any], name: str) -> np.ndarray:
    return np.stack([getattr(step, name) for step in steps])


def _by_column(steps: Sequence[Quantiles], name: str) -> np.ndarray:
    return _stacked(steps, name).transpose(0, 2, 1)


_STEPS: dict[type[Step], Callable[[Graph, str, Sequence[Any], type[np.floating]], str]] = {
    Fill: lambda graph, rows, steps, kind: filled(graph, rows, _stacked(steps, "medians")[:, None]),
    Affine: lambda graph, rows, steps, kind: shifted(
        graph, rows, _stacked(steps, "center")[:, None], _stacked(steps, "inverse_scale")[:, None]
    ),
    SmoothClip: lambda graph, rows, steps, kind: clipped(graph, rows, np.float64(steps[0].limit)),
    Quantiles: lambda graph, rows, steps, kind: graph.cast(
        scored(graph, rows, _by_column(steps, "references"), _by_column(steps, "scores"), kind), np.float64
    ),
    Projection: lambda graph, rows, steps, kind: projected(graph, rows, _stacked(steps, "matrix")),
}
"""For each kind of step, the function that adds the nodes of all folds' steps; from what search is exact in, too."""
