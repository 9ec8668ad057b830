"""What a saved network may be made of: Keras builds whatever a file names, and can be told to run code in it."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from competition.runtime.backend import keras

_MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
_PACKAGE = "genre-kit>"
_LAYERS = (
    *("InputLayer", "Dense", "Dropout", "Concatenate", "BatchNormalization", "Conv1D", "Conv2D", "MaxPooling1D"),
    *("MaxPooling2D", "Flatten", "LSTM", "Reshape", "Permute"),
)
_INITIALIZERS = ("GlorotUniform", "HeNormal", "Orthogonal", "Zeros", "Ones", "RandomUniform")
_CLASSES = {
    *(("keras.layers", name) for name in _LAYERS),
    *(
        ("keras.initializers", name)
        for name in ("GlorotUniform", "HeNormal", "Orthogonal", "Zeros", "Ones", "RandomUniform")
    ),
    *(("keras.regularizers", name) for name in ("L1", "L2", "L1L2")),
    *((module, "DTypePolicy") for module in ("keras", "keras.dtype_policies")),
    *((module, "Functional") for module in ("keras", "keras.models", "keras.src.models.functional")),
    ("keras.src.ops.numpy", "GetItem"),
    *((None, name) for name in ("__keras_tensor__", "__tuple__", "__slice__")),
}
"""Modules and classes of Keras's own that the kit's networks have; None where a config names no module."""
_MOST_TIMES, _SMALL = 1000, 2**24


def check_saved_network(path: Path) -> None:
    """Raise ValueError where a ``.keras`` file holds anything that the kit's networks have not.

    Lambda layers, functions, layers that load other files, and classes of whatever module are refused before Keras sees
    them. What raises other errors is no such archive.

    Parameters
    ----------
    path : Path
    """
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename not in _MEMBERS:
                raise ValueError(f"it holds {member.filename!r}; expected only {', '.join(sorted(_MEMBERS))}")
            if member.file_size > max(_SMALL, _MOST_TIMES * member.compress_size):
                raise ValueError(f"its {member.filename} would unpack to {member.file_size:,} bytes")
        config = json.loads(archive.read("config.json"))
    for part in _parts(config):
        _check_part(part)


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield all tables of a config that name a class or a function, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if {"class_name", "module", "registered_name"} & one.keys():
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _check_part(part: dict[str, Any]) -> None:
    module, name, registered = (part.get(key) for key in ("module", "class_name", "registered_name"))
    if not all(isinstance(one, str | None) for one in (module, name, registered)):
        raise ValueError(f"it names the class {name!r} of {module!r}, which is no name")
    if registered is not None and registered != name:
        is_known = registered == f"{_PACKAGE}{name}" and keras.saving.get_registered_object(registered) is not None
    else:
        is_known = (module, name) in _CLASSES
    if not is_known:
        raise ValueError(f"it names {module}.{name} ({registered}), which no network of the kit has")
