"""The only module that imports Keras: on TensorFlow, and silently.

Everything that needs Keras imports it from here: ``from competition.runtime.backend import keras``. What Keras and
TensorFlow then do depends on settings of the whole process, which `competition.runtime.own_state` holds still.
"""

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from competition.errors import KitError
from competition.runtime.memory import freeze_objects, is_no_memory, require

_ADDRESS_SPACE = 3_000_000_000
"""Bytes that TensorFlow and a small training take; memory is a third of it."""


@contextmanager
def _muted_stderr() -> Iterator[None]:
    """Buffer what is written to file descriptor 2, and write it out only if an error is raised.

    TensorFlow's native code prints to stderr while it loads, whatever TF_CPP_MIN_LOG_LEVEL says.
    """
    sys.stderr.flush()
    terminal = os.dup(2)
    with _scratch() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except Exception:
            held_back.seek(0)
            os.write(terminal, held_back.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def _scratch() -> IO[bytes]:
    """Return a file for what is held back; one that keeps nothing where there is no room for temporary files."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return Path(os.devnull).open("w+b")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the garbage collector: it would walk through the million objects of an import again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        freeze_objects()
        if was_on:
            gc.enable()


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what Keras raises about its own settings while it is imported into a sentence."""
    try:
        yield
    except (ValueError, ImportError, AttributeError, OSError) as problem:
        if is_no_memory(problem):
            raise MemoryError(str(problem)) from problem
        raise KitError(
            f"Keras and TensorFlow cannot be imported: {problem}. Mend what they read: keras.json in KERAS_HOME or "
            "~/.keras, and the variables of the environment that begin with KERAS_ or TF_."
        ) from problem


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "keras" not in sys.modules:
    os.environ["KERAS_BACKEND"] = "tensorflow"

require(_ADDRESS_SPACE, "TensorFlow")

with _explained(), _muted_stderr(), _uncollected():
    import keras
    import tensorflow
    from keras.src.backend.common import global_state
    from tensorflow.python.eager import context
    from tensorflow.python.framework import config as framework_config
    from tensorflow.python.framework import ops

    # The first computation prints too.
    tensorflow.zeros(())

if keras.backend.backend() != "tensorflow":
    raise KitError(
        f"Keras was imported with the {keras.backend.backend()} backend; the kit needs tensorflow: "
        'set KERAS_BACKEND to "tensorflow" before anything imports keras.'
    )

tensorflow.get_logger().setLevel("ERROR")


@contextmanager
def forgetting_graphs() -> Iterator[None]:
    """Free what TensorFlow would otherwise keep forever of trainings in this context.

    A gradient that is defined by a Python function, such as that of summing an optimizer's gradients over devices, is
    registered for the rest of the process, and holds the graph of its training step with all weights: some megabytes
    a training, which a search with hundreds of them cannot spare.
    """
    registered = ops.gradient_registry._registry
    before = set(registered)
    try:
        yield
    finally:
        for name in set(registered) - before:
            del registered[name]


__all__ = ["context", "forgetting_graphs", "framework_config", "global_state", "keras", "tensorflow"]
