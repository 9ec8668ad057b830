"""The state of the process that numbers depend on: held still while the kit works, and put back afterwards.

A program that imports the kit may have set Keras to float64, to half precision or to three epochs at most; so may a
``keras.json`` in the user's home. And who trains networks of their own beside the kit wants settings and seeds as they
left them.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import numpy as np

from competition.errors import KitError
from competition.runtime.backend import context, framework_config, global_state, keras, tensorflow


class _Setting(NamedTuple):
    """One setting of the process: how it is read and written, and what it is while the kit works."""

    read: Callable[[], Any]
    write: Callable[[Any], object]
    own: Any


class _State(NamedTuple):
    """What the kit begins anew or seeds while it works: how it is read and written."""

    read: Callable[[], Any]
    write: Callable[[Any], object]


def _write_determinism(is_on: bool) -> None:
    (tensorflow.config.experimental.enable_op_determinism if is_on else framework_config.disable_op_determinism)()


def _read_graph_options() -> dict[str, Any]:
    return dict(context.context()._optimizer_experimental_options)


def _write_graph_options(options: dict[str, Any]) -> None:
    context.context()._optimizer_experimental_options = dict(options)
    context.context().set_optimizer_experimental_options({})  # lets go of what was made of the former ones


def _read_keras() -> dict[str, Any]:
    """Return this thread's policy of numbers' types, names of layers, scopes, distribution and seeds."""
    return dict(vars(global_state.GLOBAL_STATE_TRACKER))


def _write_keras(state: dict[str, Any]) -> None:
    # clear_session puts another tracker in its place.
    current = vars(global_state.GLOBAL_STATE_TRACKER)
    current.clear()
    current.update(state)


def _read_tensorflow() -> tuple[Any, Any]:
    return context.context()._seed, getattr(context.context(), "_rng", None)


def _write_tensorflow(state: tuple[Any, Any]) -> None:
    context.context()._seed, context.context()._rng = state


_SETTINGS = (
    _Setting(keras.config.floatx, keras.config.set_floatx, "float32"),
    _Setting(keras.config.epsilon, keras.config.set_epsilon, 1e-7),
    _Setting(keras.config.image_data_format, keras.config.set_image_data_format, "channels_last"),
    _Setting(keras.config.max_epochs, keras.config.set_max_epochs, None),
    _Setting(keras.config.max_steps_per_epoch, keras.config.set_max_steps_per_epoch, None),
    _Setting(tensorflow.config.functions_run_eagerly, tensorflow.config.run_functions_eagerly, False),
    _Setting(framework_config.is_op_determinism_enabled, _write_determinism, True),
    _Setting(tensorflow.config.optimizer.get_jit, tensorflow.config.optimizer.set_jit, ""),
    _Setting(_read_graph_options, _write_graph_options, {}),
    _Setting(
        tensorflow.config.experimental.tensor_float_32_execution_enabled,
        tensorflow.config.experimental.enable_tensor_float_32_execution,
        True,
    ),
)
_STATES = (
    _State(_read_keras, _write_keras),
    _State(random.getstate, random.setstate),
    _State(np.random.get_state, np.random.set_state),
    _State(_read_tensorflow, _write_tensorflow),
)
_alone = threading.RLock()
_is_own = False


@contextmanager
def own_state() -> Iterator[None]:
    """Build, train and predict in this context, or in functions that it decorates: settings are the kit's own there.

    All of them, and all generators of random numbers, are restored at its end. One thread at a time is in it, as the
    state is the process's: others wait. Inside itself it does nothing.

    Raises
    ------
    KitError
        Inside a graph, or a strategy that distributes variables: numbers would not be what they are elsewhere.
    """
    global _is_own
    with _alone:
        if _is_own:
            yield
            return
        _refuse_scopes()
        with ExitStack() as afterwards:
            _is_own = True
            afterwards.callback(_leave)
            for setting in _SETTINGS:
                _hold(setting, afterwards)
            for state in _STATES:
                afterwards.callback(state.write, state.read())
            _write_keras({})
            yield


def _leave() -> None:
    global _is_own
    _is_own = False


def _hold(setting: _Setting, afterwards: ExitStack) -> None:
    """Give a setting the kit's own value, and its former one back afterwards, touching it only where they differ."""
    former = setting.read()
    afterwards.callback(_change, setting, former)
    _change(setting, setting.own)


def _change(setting: _Setting, value: Any) -> None:
    if setting.read() != value:
        setting.write(value)


def _refuse_scopes() -> None:
    if not tensorflow.executing_eagerly():
        raise KitError("networks cannot be trained or applied inside a graph of TensorFlow; call the kit outside it.")
    if tensorflow.distribute.has_strategy():
        raise KitError("networks cannot be trained or applied in the scope of a strategy; call the kit outside it.")
