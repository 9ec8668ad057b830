"""An ONNX graph on its way: nodes and constants, each of which is there once. The only module that imports onnx."""

import hashlib
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

import numpy as np
import onnx
from onnx import helper, numpy_helper

from competition.errors import RunError

INPUT = "features"
OPERATORS = 18
"""The version of ONNX's operators: what runtimes since 2023 know."""
_FORMAT = 8
_MOST_BYTES = 2**31 - 2**20
"""Of a file: protocol buffers end there."""

Tensor: TypeAlias = "str | np.ndarray | np.generic"
"""A tensor by its name, or the numbers of a constant."""
Body: TypeAlias = "Callable[[Graph, str, tuple[str, ...]], tuple[str | None, tuple[str, ...]]]"
"""A loop's body: from its graph, the round's number and what is carried to whether it goes on (None: always), and to
what is carried on."""


@dataclass(frozen=True)
class Output:
    """An output of a graph.

    Attributes
    ----------
    tensor : str
    dtype : type
        Of its values; `object` for texts.
    shape : tuple of int
        Of a row's.
    """

    tensor: str
    dtype: type
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Graph:
    """What is built up: a node or a constant that is asked for a second time is the first one.

    So models that scale the same songs in the same way, or measure the same distances, do it once.

    Attributes
    ----------
    nodes : list of NodeProto
        In the order of their computation.
    constants : dict of str to TensorProto
        Of this graph and of all loops in it, by what they hold.
    known : mutable mapping of bytes to str
        The output of each node, by what it computes; in a loop, those around it too.
    numbers : iterator of int
        Of which names are made.
    kernels : type
        What kernels are computed in: `numpy.float32`, or `numpy.float64`, which is exact and slow.
    """

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[bytes, onnx.TensorProto] = field(default_factory=dict)
    known: MutableMapping[bytes, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    kernels: type[np.floating] = np.float32

    def constant(self, value: np.ndarray | np.generic) -> str:
        """Return the name of a constant, of numbers or of texts."""
        array = np.ascontiguousarray(value).reshape(np.shape(value))
        content = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
        key = hashlib.sha256(f"{array.dtype} {array.shape} ".encode() + content).digest()
        if key not in self.constants:
            self.constants[key] = numpy_helper.from_array(array, self._name("c"))
        return self.constants[key].name

    def add(self, kind: str, *inputs: Tensor, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output, and return the output's name.

        Parameters
        ----------
        kind : str
            One of ONNX's operators.
        *inputs : str or ndarray
            Tensors by their names, or constants; an empty name for one that is left out.
        domain : str
            Of the operator; ONNX's own where it is empty.
        **attributes : object
            As ONNX names them.

        Examples
        --------
        >>> graph = Graph()
        >>> first, second = graph.add("Neg", "x"), graph.add("Neg", "x")
        >>> first == second, len(graph.nodes)
        (True, 1)
        """
        names = [one if isinstance(one, str) else self.constant(one) for one in inputs]
        output = self._name("t")
        node = helper.make_node(kind, names, [""], domain=domain, **attributes)
        key = node.SerializeToString(deterministic=True)
        if key not in self.known:
            node.output[0] = self.known[key] = output
            self.nodes.append(node)
        return self.known[key]

    def cast(self, tensor: Tensor, dtype: type[np.generic]) -> str:
        """Return a tensor as numbers of another type."""
        return self.add("Cast", tensor, to=_type(dtype))

    def empty_sequence(self, dtype: type[np.generic]) -> str:
        """Return a sequence of no tensors yet, of numbers of a type."""
        return self.add("SequenceEmpty", dtype=_type(dtype))

    def loop(self, rounds: Tensor, carried: Sequence[Tensor], body: Body) -> tuple[str, ...]:
        """Add a loop, and return what it carries after its last round.

        Parameters
        ----------
        rounds : str or ndarray of int64, shape ()
            How many there are, at most.
        carried : sequence of str or ndarray
            What the first round is given.
        body : callable
        """
        inner = Graph([], self.constants, ChainMap({}, self.known), self.numbers, self.kernels)
        number, goes_on = self._name("n"), self._name("n")
        given = [self._name("n") for _ in carried]
        still, results = body(inner, number, tuple(given))
        outputs = [inner.add("Identity", goes_on if still is None else still), *self._own(inner, results)]
        inputs = [_scalar(number, np.int64), _scalar(goes_on, np.bool_), *map(_untyped, given)]
        graph = helper.make_graph(inner.nodes, self._name("loop"), inputs, list(map(_untyped, outputs)))
        names = [one if isinstance(one, str) else self.constant(one) for one in (rounds, np.array(True), *carried)]
        found = [self._name("t") for _ in carried]
        self.nodes.append(helper.make_node("Loop", names, found, body=graph))
        return tuple(found)

    def _own(self, inner: "Graph", results: Sequence[str]) -> list[str]:
        """Return results as outputs of nodes of a loop's own graph, each of its own name."""
        copies = []
        for result in results:
            copies.append(self._name("t"))
            inner.nodes.append(helper.make_node("Identity", [result], [copies[-1]]))
        return copies

    def _name(self, prefix: str) -> str:
        return f"{prefix}{next(self.numbers)}"

    def to_bytes(self, name: str, columns: int, outputs: Mapping[str, Output], about: Mapping[str, str]) -> bytes:
        """Return the graph as a file of ONNX, of which the input is ``features``: float32, (rows, columns).

        Parameters
        ----------
        name : str
        columns : int
        outputs : mapping of str to Output
            By their names outside.
        about : mapping of str to str
            What the file says of itself; texts.

        Raises
        ------
        RunError
            When the file would be larger than ONNX files can be.
        """
        self._check_size()
        for title, output in outputs.items():
            self.nodes.append(helper.make_node("Identity", [output.tensor], [title]))
        inputs = [helper.make_tensor_value_info(INPUT, onnx.TensorProto.FLOAT, ["rows", columns])]
        shown = [
            helper.make_tensor_value_info(title, _type(one.dtype), ["rows", *one.shape])
            for title, one in outputs.items()
        ]
        graph = helper.make_graph(self.nodes, name, inputs, shown, list(self.constants.values()))
        domains = sorted({"", *(node.domain for node in self.nodes)})
        versions = [helper.make_opsetid(one, OPERATORS if not one else 3) for one in domains]
        model = helper.make_model(graph, opset_imports=versions, ir_version=_FORMAT, producer_name="genre-kit")
        helper.set_model_props(model, dict(about))
        onnx.checker.check_model(model)
        return model.SerializeToString(deterministic=True)

    def _check_size(self) -> None:
        size = sum(one.ByteSize() for one in self.constants.values())
        if size > _MOST_BYTES:
            raise RunError(
                f"these models hold {size / 1e9:.1f} GB of numbers, and an ONNX file at most 2 GB; train a run of "
                "fewer or smaller models, such as those of `preset` standard."
            )


def _type(dtype: Any) -> int:
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def _scalar(name: str, dtype: type[np.generic]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, _type(dtype), [])


def _untyped(name: str) -> onnx.ValueInfoProto:
    """Return a tensor of a loop, whose type and shape follow from what is around it."""
    return onnx.ValueInfoProto(name=name)


def refusal(what: str) -> RunError:
    """Return the error that a graph cannot hold something."""
    return RunError(f"{what} cannot be exported; train a run without them (docs/export.md says what can be).")
