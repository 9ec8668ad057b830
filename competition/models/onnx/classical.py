"""scikit-learn models as nodes: each kind's probabilities, averaged over the models of all folds."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

from competition.models.classical.engine import FoldModel, FoldModels
from competition.models.classical.kernel_ridge import KernelRidgeClassifier
from competition.models.classical.support_vector import SupportVectorClassifier
from competition.models.onnx.coupling import coupled
from competition.models.onnx.graph import Graph, refusal
from competition.models.onnx.probabilities import bounded
from competition.models.onnx.scaling import scaled

_Kind = Callable[[Graph, Sequence[str], Sequence[Any]], Sequence[str]]
"""From all folds' scaled rows, each float32, (rows, columns), and their estimators to float64, (rows, classes)."""


def predicted(graph: Graph, rows: str, trained: FoldModels) -> str:
    """Return the probabilities of the models of all folds, as `FoldModels.predict` does.

    Parameters
    ----------
    graph : Graph
    rows : str
        Float32, (rows, columns).
    trained : FoldModels

    Returns
    -------
    str
        Float64, (rows, genres).

    Raises
    ------
    RunError
        When the graph cannot hold models of this kind.
    """
    estimators = [model.estimator for model in trained.models]
    kind = type(estimators[0])
    if kind not in _KINDS:
        raise refusal(f"models of the kind {kind.__name__}")
    every = scaled(graph, rows, [model.scaler for model in trained.models])
    folds = _KINDS[kind](
        graph, [graph.add("Gather", every, np.array(fold)) for fold in range(len(estimators))], estimators
    )
    genres = [_of_genres(graph, found, model) for found, model in zip(folds, trained.models, strict=True)]
    return bounded(graph, graph.add("Mul", graph.add("Sum", *genres), np.float64(1 / len(genres))))


def _of_genres(graph: Graph, found: str, model: FoldModel) -> str:
    """Return probabilities of all genres: 0 for those that the fold's model has never seen."""
    classes = model.estimator.classes_
    return found if len(classes) == model.genres else graph.add("MatMul", found, np.eye(model.genres)[classes])


def _each(one: Callable[[Graph, str, Any], str]) -> _Kind:
    """Return the function of all folds that does each by itself."""
    return lambda graph, rows, estimators: [one(graph, *pair) for pair in zip(rows, estimators, strict=True)]


def _linear(graph: Graph, rows: str, estimator: LinearDiscriminantAnalysis | LogisticRegression) -> str:
    return _softmax(graph, graph.cast(rows, np.float64), *_logits(estimator))


def _logits(estimator: LinearDiscriminantAnalysis | LogisticRegression) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients (columns, classes) and intercepts (classes,); of two classes, those of the first are 0."""
    coefficients, intercepts = (np.asarray(one, np.float64) for one in (estimator.coef_.T, estimator.intercept_))
    if len(estimator.classes_) > 2:
        return coefficients, intercepts
    return np.hstack([np.zeros_like(coefficients), coefficients]), np.append(0.0, intercepts)


def _softmax(graph: Graph, rows: str, coefficients: np.ndarray, intercepts: np.ndarray) -> str:
    return graph.add("Softmax", graph.add("Add", graph.add("MatMul", rows, coefficients), intercepts), axis=-1)


def _kernel_ridge(graph: Graph, rows: str, estimator: KernelRidgeClassifier) -> str:
    if estimator.kernel != "rbf":
        raise refusal(f"kernel ridge on a {estimator.kernel} kernel")
    kernel = _rbf(graph, rows, estimator.rows_, estimator.gamma_)
    coefficients, intercepts = _logits(estimator.logistic_)
    return _softmax(graph, kernel, estimator.weights_ @ coefficients, intercepts)


def _support_vectors(graph: Graph, rows: Sequence[str], estimators: Sequence[SupportVectorClassifier]) -> list[str]:
    """Couple the pairs of all folds with as many classes at once: it takes many small steps."""
    pairs = [_pairs(graph, *pair) for pair in zip(rows, estimators, strict=True)]
    classes = [len(one.classes_) for one in estimators]
    found = dict.fromkeys(range(len(pairs)), "")
    for count in set(classes):
        folds = [fold for fold, own in enumerate(classes) if own == count]
        every = coupled(graph, graph.add("Concat", *(pairs[fold] for fold in folds), axis=0), count)
        parts = graph.add("Reshape", every, np.array([len(folds), -1, count]))
        found |= {fold: graph.add("Gather", parts, np.array(place)) for place, fold in enumerate(folds)}
    return list(found.values())


def _pairs(graph: Graph, rows: str, estimator: SupportVectorClassifier) -> str:
    """Return libsvm's probabilities that rows are of the first class of each pair; float64, (rows, pairs)."""
    machine = estimator.machine_
    kernel = _rbf(graph, rows, estimator.rows_, estimator.gamma)
    margins = graph.add("MatMul", kernel, _pairwise(machine, len(estimator.rows_)))
    # scikit-learn warns of the names without underscores.
    logits = graph.add("Mul", graph.add("Add", margins, machine._intercept_), -machine._probA)
    return graph.add("Sigmoid", graph.add("Sub", logits, machine._probB))


def _pairwise(machine: Any, rows: int) -> np.ndarray:
    """Return the coefficients of all rows in the decision between each pair of classes; float64, (rows, pairs)."""
    classes = len(machine.classes_)
    ends = np.cumsum([0, *machine._n_support])
    own = [slice(*ends[place : place + 2]) for place in range(classes)]
    pairs = [(first, second) for first in range(classes) for second in range(first + 1, classes)]
    result = np.zeros((rows, len(pairs)))
    for pair, (first, second) in enumerate(pairs):
        result[machine.support_[own[first]], pair] = machine._dual_coef_[second - 1, own[first]]
        result[machine.support_[own[second]], pair] = machine._dual_coef_[first, own[second]]
    return result


def _rbf(graph: Graph, rows: str, known: np.ndarray, gamma: float) -> str:
    """Return exp(-gamma * squared distance / columns) between rows and those a model was fitted to; float64.

    A product of (row, its square, 1) and (2 * known, -1, -its square) gives all distances in one go. The sums that are
    made of them cancel, so these are of float64.
    """
    squares = np.einsum("ij,ij->i", known, known)
    right = np.vstack([2 * known.T, -np.ones_like(squares), -squares]) / known.shape[1]
    kind, rows = graph.kernels, graph.cast(rows, graph.kernels)
    own = graph.add("ReduceSumSquare", rows, np.array([1]))
    ones = graph.add("Add", graph.add("Mul", own, kind(0)), kind(1))
    exponents = graph.add("MatMul", graph.add("Concat", rows, own, ones, axis=1), right.astype(kind))
    if gamma != 1:
        exponents = graph.add("Mul", exponents, kind(gamma))
    return graph.cast(graph.add("Exp", exponents), np.float64)


_KINDS: dict[type, _Kind] = {
    LinearDiscriminantAnalysis: _each(_linear),
    LogisticRegression: _each(_linear),
    KernelRidgeClassifier: _each(_kernel_ridge),
    SupportVectorClassifier: _support_vectors,
}
"""For each kind of estimator, the function that adds the nodes of all folds'."""
