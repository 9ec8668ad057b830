"""The graph: what is the same is there once, loops carry, files say what they are."""

import numpy as np
import pytest
from graphs import computed

from competition.errors import RunError
from competition.models.onnx import graph as room
from competition.models.onnx.graph import INPUT, Graph, Output


def test_what_is_asked_for_twice_is_there_once():
    graph = Graph()
    first, second = (graph.add("Add", "x", np.ones(3, np.float32)) for _ in range(2))
    other = graph.add("Add", "x", np.ones(3))  # of another type
    assert first == second != other
    assert (len(graph.nodes), len(graph.constants)) == (2, 2)
    assert graph.constant(np.array(["a", "b"], object)) != graph.constant(np.array(["a", "c"], object))


def test_a_loop_carries_what_its_body_returns_and_sees_what_is_around_it():
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)

    def doubled_three_times(graph: Graph, given: str) -> str:
        around = graph.add("Mul", given, np.float32(2))
        (found,) = graph.loop(
            np.array(3), [given], lambda inner, number, carried: (None, (inner.add("Add", carried[0], around),))
        )
        return found

    np.testing.assert_array_equal(computed(doubled_three_times, rows, np.float32), 7 * rows)


def test_a_loop_ends_where_its_body_says_so():
    def up_to_five(graph: Graph, given: str) -> str:
        def body(inner: Graph, number: str, carried: tuple[str, ...]) -> tuple[str, tuple[str]]:
            return inner.add("Less", number, np.array(4)), (inner.add("Add", carried[0], np.float32(1)),)

        return graph.loop(np.array(100), [given], body)[0]

    assert computed(up_to_five, np.zeros((1, 1)), np.float32).item() == 5


def test_the_same_nodes_are_the_same_bytes():
    def content() -> bytes:
        graph = Graph()
        found = graph.add("Neg", graph.add("Add", INPUT, np.float32(1)))
        return graph.to_bytes("test", 2, {"found": Output(found, np.float32, (2,))}, {"b": "2", "a": "1"})

    assert content() == content()


def test_too_many_numbers_for_a_file_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "_MOST_BYTES", 1000)
    graph = Graph()
    found = graph.add("Add", INPUT, np.zeros(300, np.float32))
    with pytest.raises(RunError, match=r"0\.0 GB of numbers, and an ONNX file at most 2 GB; train a run of"):
        graph.to_bytes("test", 300, {"found": Output(found, np.float32, (300,))}, {})
