"""Pairs of classes coupled as libsvm couples them."""

import numpy as np
import pytest
from graphs import computed
from sklearn.svm import SVC

from competition.models.onnx.coupling import coupled


@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_probabilities_are_those_of_libsvm(classes: int):
    generator = np.random.default_rng(classes)
    features = generator.normal(size=(40 * classes, 3))
    labels = np.arange(len(features)) % classes
    features[:, 0] += labels
    machine = SVC(kernel="linear", probability=True, random_state=0, decision_function_shape="ovo")
    machine.fit(features, labels)
    rows = 3 * generator.normal(size=(50, 3))
    margins = machine.decision_function(rows).reshape(len(rows), -1) * (-1 if classes == 2 else 1)
    pairs = 1 / (1 + np.exp(margins * machine._probA + machine._probB))

    def nodes(graph, given):
        return coupled(graph, graph.cast(given, np.float64), classes)

    found = computed(nodes, pairs)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(found, machine.predict_proba(rows), atol=1e-5)  # the pairs come as float32
