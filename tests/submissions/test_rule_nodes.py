"""Rules as nodes, held against the rules themselves."""

import numpy as np
import pytest
from graphs import computed
from hypothesis import given, settings
from hypothesis import strategies as st

from submissions.rule_nodes import _RULES, chosen
from submissions.rules import RULES, Argmax, GenreThresholds, Margin, Offsets, Rule, Threshold

ALL = [
    Threshold(0.5, fallback=1),
    Margin(0.25, fallback=2),
    GenreThresholds((0.0, 0.75, 0.5), fallback=0),
    Offsets((0.0, 0.5, -0.5)),
    Argmax(),
]


def test_every_rule_has_nodes():
    assert set(_RULES) == set(RULES.values()) == {type(rule) for rule in ALL}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(1, 8)), min_size=1, max_size=9))
def test_labels_are_the_rules_own(rule: Rule, parts: list[tuple[int, int, int]]):
    counts = np.array(parts, np.float32)
    probabilities = counts.astype(np.float64) / counts.sum(axis=1, keepdims=True, dtype=np.float64)

    def nodes(graph, rows):
        shares = graph.cast(rows, np.float64)
        return chosen(graph, graph.add("Div", shares, graph.add("ReduceSum", shares, np.array([1]))), rule)

    np.testing.assert_array_equal(computed(nodes, counts, np.int64), rule.predict(probabilities))
