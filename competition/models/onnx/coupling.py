"""From the probabilities of pairs of classes to those of all classes, as libsvm couples them."""

import numpy as np

from competition.models.onnx.graph import Graph

_LEAST = 1e-7
"""Of a pair's probability, as in libsvm."""
_MOST_ROUNDS = 100
_TOLERANCE = 0.005
"""Divided by the number of classes: where libsvm stops."""


def coupled(graph: Graph, pairs: str, classes: int) -> str:
    """Return the probabilities of classes that fit those of pairs best.

    Parameters
    ----------
    graph : Graph
    pairs : str
        Float64, (rows, pairs): the probability of the first class of (0, 1), (0, 2), ..., (1, 2), ...
    classes : int

    Returns
    -------
    str
        Float64, (rows, classes).

    Notes
    -----
    The second method of Wu, Lin and Weng, Probability estimates for multi-class classification by pairwise coupling,
    2004, with libsvm's start, order and tolerance: each row stops where libsvm would, with the same shares. Classes are
    on the first axis while it runs, and are only brought to a sum of 1 after each round.
    """
    first = graph.add("Clip", graph.add("Transpose", pairs, perm=[1, 0]), np.float64(_LEAST), np.float64(1 - _LEAST))
    form, diagonal = _quadratic_form(graph, first, classes)
    start = graph.add("Expand", np.float64(1 / classes), graph.add("Shape", diagonal))
    (found,) = graph.loop(
        np.array(max(_MOST_ROUNDS, classes)),
        [start],
        lambda inner, number, carried: _round(inner, form, diagonal, carried[0], classes),
    )
    return graph.add("Transpose", found, perm=[1, 0])


def _quadratic_form(graph: Graph, first: str, classes: int) -> tuple[str, str]:
    """Return what the shares make small, (classes, classes, rows), and its diagonal, (classes, rows).

    Off the diagonal it is ``-r[i, j] * r[j, i]``, on it the sum of all ``r[j, i] ** 2``, where ``r[i, j]`` is the
    probability of class i in its pair with j.
    """
    pairs, places = classes * (classes - 1) // 2, np.zeros((classes, classes), np.int64)
    above = np.triu_indices(classes, 1)
    places[above], places[above[::-1]] = np.arange(pairs), pairs + np.arange(pairs)
    every = graph.add("Concat", first, graph.add("Sub", np.float64(1), first), axis=0)
    own, others = (graph.add("Gather", every, one) for one in (places, places.T))
    off = (1 - np.eye(classes))[:, :, None]
    diagonal = graph.add("ReduceSumSquare", graph.add("Mul", others, off), np.array([1]), keepdims=0)
    on = graph.add("Mul", graph.add("Unsqueeze", diagonal, np.array([1])), 1 - off)
    return graph.add("Sub", on, graph.add("Mul", graph.add("Mul", own, others), off)), diagonal


def _round(graph: Graph, form: str, diagonal: str, shares: str, classes: int) -> tuple[str, tuple[str]]:
    """Move each class's share to where it is best, one after the other; return whether to go on, and the shares."""
    products = graph.add("ReduceSum", graph.add("Mul", form, shares), np.array([1]), keepdims=0)
    value = graph.add("ReduceSum", graph.add("Mul", shares, products), np.array([0]))  # (1, rows)
    error = graph.add("ReduceMax", graph.add("Abs", graph.add("Sub", products, value)), np.array([0]))
    goes_on = graph.add("GreaterOrEqual", error, np.float64(_TOLERANCE / classes))
    moved = _moved(graph, form, diagonal, shares, products, value, classes)
    any_goes_on = graph.add("ReduceMax", graph.cast(goes_on, np.int32), keepdims=0)
    return graph.cast(any_goes_on, np.bool_), (graph.add("Where", goes_on, moved, shares),)


def _moved(graph: Graph, form: str, diagonal: str, shares: str, products: str, value: str, classes: int) -> str:
    moves, total = [], ""
    for place in range(classes):
        at = np.array([place])
        product, curvature = graph.add("Gather", products, at), graph.add("Gather", diagonal, at)
        level = graph.add("Div", value, total) if total else value
        move = graph.add("Div", graph.add("Sub", level, product), curvature)
        gained = graph.add("Add", graph.add("Mul", move, curvature), graph.add("Mul", np.float64(2), product))
        value = graph.add("Add", value, graph.add("Mul", move, gained))
        line = graph.add("Gather", form, np.array(place))
        products = graph.add("Add", products, graph.add("Mul", move, line))
        total = graph.add("Add", total or np.float64(1), move)
        moves.append(move)
    return graph.add("Div", graph.add("Add", shares, graph.add("Concat", *moves, axis=0)), total)
