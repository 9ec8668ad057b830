"""Variables of the environment by which other tools' settings would reach into the kit's work.

A command does what its options say, whatever a shell exports for other programs.
"""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase

from competition.errors import KitWarning, listed

FOREIGN = (
    "KERAS_*",  # Keras: backend, home, the most epochs and steps
    "KERASTUNER_*",  # Keras Tuner: who is chief, who a worker
    "MATPLOTLIBRC",
    "MPLBACKEND",
    "PANDAS_*",
    "SCIPY_*",
    "SKLEARN_*",
    "TQDM_*",
    "TF_AUTO_MIXED_PRECISION_GRAPH_REWRITE_*",  # TensorFlow: half precision
    "TF_CONFIG",  # many machines
    "TF_DATA_EXPERIMENT_*",
    "TF_FUNCTION_JIT_COMPILE_DEFAULT",  # compiled otherwise
    "TF_JIT_COMPILE_REWRITE",
    "TF_SET_ONEDNN_FPMATH_MODE",  # bfloat16 in products
    "TF_USE_LEGACY_KERAS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
    "DNNL_DEFAULT_FPMATH_MODE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
)
"""Patterns of names: the command line leaves such variables out of its own process, and of those that it starts."""

ARITHMETIC = (
    "DNNL_MAX_CPU_ISA",
    "MKL_CBWR",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "NVIDIA_TF32_OVERRIDE",
    "ONEDNN_MAX_CPU_ISA",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_ENABLE_ZENDNN_OPTS",
)
"""What a machine may need, and what may change the last digits of results: kept, said, and recorded."""

PROCESSOR = ("OPENBLAS_CORETYPE",)
"""What says which processor this is, as hosts of containers set it for all of them: a part of the machine; recorded."""

THREADS = (
    "CUDA_VISIBLE_DEVICES",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)
"""What says how much of the machine is used: kept."""

SURROUNDINGS = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONPATH", "PYTHONUTF8", "TMPDIR")
"""What says where Python, its packages and its files are, and how text is written: kept; `doctor` tells of them."""

_left_out: list[str] = []
_NOWHERE = os.path.join(os.devnull, "keras")  # noqa: PTH118  no folder, and none can be made there


def leave_out_foreign() -> None:
    """Leave other tools' variables out of this process, which is the command line's own; before they are imported."""
    _left_out[:] = [name for name in os.environ if any(fnmatchcase(name, pattern) for pattern in FOREIGN)]
    for name in _left_out:
        del os.environ[name]
    os.environ["KERAS_HOME"] = _NOWHERE  # where no keras.json is


def left_out() -> tuple[str, ...]:
    """Return the names of the variables that `leave_out_foreign` left out of this process."""
    return tuple(sorted(_left_out))


def kept() -> dict[str, str]:
    """Return the variables that are set, and that a command keeps although they matter to it."""
    return {name: os.environ[name] for name in (*ARITHMETIC, *PROCESSOR, *THREADS, *SURROUNDINGS) if name in os.environ}


def machine_variables() -> dict[str, str]:
    """Return those variables of `ARITHMETIC` and `PROCESSOR` that are set."""
    return {name: os.environ[name] for name in (*ARITHMETIC, *PROCESSOR) if name in os.environ}


def warn_of_arithmetic() -> None:
    """Warn, before a training, where variables are set that may change the last digits of what comes of it."""
    if names := [name for name in ARITHMETIC if name in os.environ]:
        message = f"the environment sets {listed(names)}: numbers may differ in their last digits from those without."
        warnings.warn(message, KitWarning, stacklevel=2)


@contextmanager
def environment_with(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables, or leave out those that are None, and put the former ones back afterwards."""
    former = {name: os.environ.get(name) for name in changes}
    _set(changes)
    try:
        yield
    finally:
        _set(former)


def _set(changes: Mapping[str, str | None]) -> None:
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
