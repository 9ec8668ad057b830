"""What an importer has set does not reach into the kit's numbers, and the kit leaves it all as it was."""

import pickle
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import numpy as np
import pytest

from competition.data.dataset import Dataset
from competition.errors import KitError
from competition.models.estimator import GenreClassifier
from competition.models.networks.recipe import Recipe
from competition.runtime.backend import context, framework_config, keras, tensorflow
from competition.runtime.own_state import own_state

TINY = Recipe(name="tiny", family="dense", hidden_units=(6,), epochs=3, batch_size=16, dropout=0.2, learning_rate=0.01)
SETTINGS: dict[str, tuple[Callable[[], object], Callable[[object], object], object]] = {
    "float64": (keras.config.floatx, keras.config.set_floatx, "float64"),
    "float16": (keras.config.floatx, keras.config.set_floatx, "float16"),
    "epsilon": (keras.config.epsilon, keras.config.set_epsilon, 0.5),
    "images": (keras.config.image_data_format, keras.config.set_image_data_format, "channels_first"),
    "policy": (lambda: keras.config.dtype_policy().name, keras.config.set_dtype_policy, "mixed_float16"),
    "epochs": (keras.config.max_epochs, keras.config.set_max_epochs, 1),
    "steps": (keras.config.max_steps_per_epoch, keras.config.set_max_steps_per_epoch, 1),
    "eagerly": (tensorflow.config.functions_run_eagerly, tensorflow.config.run_functions_eagerly, True),
    "compiled": (tensorflow.config.optimizer.get_jit, tensorflow.config.optimizer.set_jit, "autoclustering"),
    "graphs": (
        lambda: dict(context.context()._optimizer_experimental_options),
        lambda options: context.context().__setattr__("_optimizer_experimental_options", dict(options)),
        {"auto_mixed_precision_onednn_bfloat16": True, "constant_folding": False},
    ),
    "products": (
        tensorflow.config.experimental.tensor_float_32_execution_enabled,
        tensorflow.config.experimental.enable_tensor_float_32_execution,
        False,
    ),
}
"""How an importer's setting is read and written, and a value that would change the kit's numbers, or fail."""


@pytest.fixture(params=SETTINGS)
def importers(request: pytest.FixtureRequest) -> Iterator[tuple[Callable[[], object], object]]:
    """Set one thing as an importer may have it; it is put back after the test."""
    read, write, value = SETTINGS[request.param]
    former = read()
    write(value)
    yield read, value
    write(former)


def test_inside_all_settings_are_the_kits_and_outside_the_importers(importers):
    read, value = importers
    with own_state():
        assert read() != value
        assert keras.config.floatx() == keras.config.dtype_policy().name == "float32"
        assert framework_config.is_op_determinism_enabled()
    assert read() == value
    assert not framework_config.is_op_determinism_enabled()


@pytest.fixture(scope="module")
def expected(dataset: Dataset) -> bytes:
    return bytes_of(dataset)


def bytes_of(dataset: Dataset) -> bytes:
    classifier = GenreClassifier(TINY, folds=2, seeds=1, random_state=0).fit(dataset.features, dataset.targets)
    loaded = pickle.loads(pickle.dumps(classifier))
    assert classifier.predict_proba(dataset.features).tobytes() == loaded.predict_proba(dataset.features).tobytes()
    return classifier.oof_proba_.tobytes() + loaded.predict_proba(dataset.test_features).tobytes()


@pytest.mark.training
def test_no_setting_of_an_importer_changes_a_byte(importers, expected: bytes, dataset: Dataset):
    assert bytes_of(dataset) == expected


@pytest.mark.training
def test_a_model_that_was_pickled_predicts_the_same_in_an_importers_half_precision(dataset: Dataset):
    classifier = GenreClassifier(TINY, folds=2, seeds=1, random_state=0).fit(dataset.features, dataset.targets)
    there, pickled = classifier.predict_proba(dataset.features), pickle.dumps(classifier)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        np.testing.assert_array_equal(pickle.loads(pickled).predict_proba(dataset.features), there)
    finally:
        keras.config.set_dtype_policy("float32")


def draws() -> list[float]:
    """Return what an importer's generators give next."""
    ours = [random.random(), np.random.random()]
    return [*ours, float(tensorflow.random.uniform(())), float(keras.random.uniform(()))]


def test_an_importers_generators_go_on_where_they_were():
    found = []
    for is_used in (False, True):
        keras.utils.set_random_seed(5)
        draws()
        if is_used:
            with own_state():
                keras.utils.set_random_seed(9)
                draws()
                keras.utils.clear_session()
        found.append(draws())
    assert found[0] == found[1]


def test_an_importers_layers_get_the_names_that_they_would_have_had():
    keras.utils.clear_session()
    first = keras.layers.Dense(1).name
    with own_state():
        keras.layers.Dense(1)
        keras.utils.clear_session()
    assert (first, keras.layers.Dense(1).name) == ("dense", "dense_1")


def test_it_is_left_by_errors_too_and_does_nothing_inside_itself():
    keras.config.set_floatx("float64")
    try:
        with pytest.raises(ZeroDivisionError), own_state():
            with own_state():
                pass
            assert keras.config.floatx() == "float32"
            raise ZeroDivisionError
        assert keras.config.floatx() == "float64"
    finally:
        keras.config.set_floatx("float32")


def test_one_thread_at_a_time_is_inside():
    inside, most = [0], [0]

    def work() -> None:
        for _ in range(5):
            with own_state():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                keras.utils.set_random_seed(1)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert not framework_config.is_op_determinism_enabled()


SCOPES: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "inside a graph": lambda: tensorflow.Graph().as_default(),
    "in the scope of a strategy": lambda: tensorflow.distribute.OneDeviceStrategy("/cpu:0").scope(),
}


@pytest.mark.parametrize("where", SCOPES)
def test_where_numbers_would_be_others_the_kit_refuses(where: str, dataset: Dataset):
    with ExitStack() as stack:
        stack.enter_context(SCOPES[where]())
        with pytest.raises(KitError, match=f"networks cannot be trained or applied {where}.*call the kit outside it"):
            GenreClassifier(TINY, folds=2, seeds=1).fit(dataset.features, dataset.targets)
