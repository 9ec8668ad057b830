"""Rules as nodes of an ONNX graph: from probabilities to each row's genre. Needs onnx."""

from collections.abc import Callable
from typing import Any

import numpy as np

from competition.models.onnx.graph import Graph
from submissions.rules import Argmax, GenreThresholds, Margin, Offsets, Rule, Threshold

_LAST = np.array([-1])


def chosen(graph: Graph, probabilities: str, rule: Rule) -> str:
    """Return each row's 0-based genre number, as the rule's `predict` does; int64, (rows,).

    Parameters
    ----------
    graph : Graph
    probabilities : str
        Float64, (rows, genres), above 0.
    rule : Rule
    """
    return _RULES[type(rule)](graph, probabilities, rule)


def _best(graph: Graph, values: str) -> str:
    return graph.add("ArgMax", values, axis=1, keepdims=0)


def _largest(graph: Graph, probabilities: str) -> str:
    return graph.add("ReduceMax", probabilities, _LAST, keepdims=0)


def _or_fallback(graph: Graph, probabilities: str, rule: Rule, confidence: str, limit: Any) -> str:
    """Return the most probable genre where the confidence, (rows,), exceeds the limit, and the fallback elsewhere."""
    assert rule.fallback is not None  # as only rules with one come here
    falls_back = graph.add("LessOrEqual", confidence, limit)
    return graph.add("Where", falls_back, np.array(rule.fallback), _best(graph, probabilities))


def _threshold(graph: Graph, probabilities: str, rule: Threshold) -> str:
    return _or_fallback(graph, probabilities, rule, _largest(graph, probabilities), np.float64(rule.threshold))


def _margin(graph: Graph, probabilities: str, rule: Margin) -> str:
    places = graph.add(
        "Range", np.array(0), graph.add("Squeeze", graph.add("Shape", probabilities, start=1)), np.array(1)
    )
    is_best = graph.add("Equal", places, graph.add("Unsqueeze", _best(graph, probabilities), _LAST))
    others = graph.add("Where", is_best, np.float64(0), probabilities)
    lead = graph.add("Sub", _largest(graph, probabilities), _largest(graph, others))
    return _or_fallback(graph, probabilities, rule, lead, np.float64(rule.margin))


def _genre_thresholds(graph: Graph, probabilities: str, rule: GenreThresholds) -> str:
    limit = graph.add("Gather", np.array(rule.thresholds, np.float64), _best(graph, probabilities))
    return _or_fallback(graph, probabilities, rule, _largest(graph, probabilities), limit)


def _offsets(graph: Graph, probabilities: str, rule: Offsets) -> str:
    return _best(graph, graph.add("Add", graph.add("Log", probabilities), np.array(rule.offsets, np.float64)))


_RULES: dict[type[Rule], Callable[[Graph, str, Any], str]] = {
    Threshold: _threshold,
    Margin: _margin,
    GenreThresholds: _genre_thresholds,
    Offsets: _offsets,
    Argmax: lambda graph, probabilities, rule: _best(graph, probabilities),
}
"""For each kind of rule, the function that adds its nodes."""
