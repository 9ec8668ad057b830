"""The tagger's 792,079 weights: their names and shapes, where they are, and whether they are what was published."""

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from competition.errors import KitError
from competition.storage.arrays import DAMAGED, read_array

WHEEL = "musicnn-0.1.0-py3-none-any.whl"
"""The file of the package index that holds them, of Jordi Pons and the Music Technology Group, ISC licence."""
WHEEL_SHA256 = "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
VARIABLE = "GENRE_KIT_MUSICNN"
"""The environment variable that names another file than `place` has."""
SHA256 = "3826a4da51541c2ab9d5dd9422bd8baa4a8416c08945189c5164d3f59441189a"
"""Of names, shapes and weights, as `digest` computes it."""
_KERNELS = {
    "conv2d": (7, 38, 1, 204),
    "conv2d_1": (7, 67, 1, 204),
    "conv2d_2": (128, 1, 1, 51),
    "conv2d_3": (64, 1, 1, 51),
    "conv2d_4": (32, 1, 1, 51),
    "conv2d_5": (7, 561, 1, 64),
    "conv2d_6": (7, 64, 1, 64),
    "conv2d_7": (7, 64, 1, 64),
    "dense": (1506, 200),
    "dense_1": (200, 50),
}
_NORMS = (1, 204, 204, 51, 51, 51, 64, 64, 64, 1506, 200)


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    for name, shape in _KERNELS.items():
        yield f"{name}/kernel", shape
        yield f"{name}/bias", shape[-1:]
    for place, channels in enumerate(_NORMS):
        for part in ("gamma", "beta", "moving_mean", "moving_variance"):
            yield f"batch_normalization{f'_{place}' if place else ''}/{part}", (channels,)


SHAPES: dict[str, tuple[int, ...]] = dict(_shapes())
"""Of all arrays, by their names in the checkpoint."""


def place() -> Path:
    """Return where the weights are, or would be: in the Python environment, or where `VARIABLE` says."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(sys.prefix) / "share" / "genre-kit" / "musicnn.npz"


def digest(weights: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 of weights, in hexadecimal: of each name, its shape and its numbers, in the order of `SHAPES`.

    Parameters
    ----------
    weights : mapping of ndarray of float32
    """
    found = hashlib.sha256()
    for name in SHAPES:
        found.update(f"{name} {weights[name].shape}".encode())
        found.update(weights[name].astype("<f4", copy=False).tobytes())
    return found.hexdigest()


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Read the weights; nothing in the file can run code.

    Raises
    ------
    KitError
        When they are not there, or not what was published; the message says how to get them.
    """
    try:
        with read_array(path) as arrays:
            weights = {name: arrays[name] for name in SHAPES}
            is_right = digest(weights) == SHA256
    except FileNotFoundError:
        raise KitError(f"{path}: the weights of musicnn are not there; {_CURE}") from None
    except (*DAMAGED, AttributeError):
        is_right = False
    if not is_right:
        raise KitError(f"{path}: does not hold the weights of musicnn 0.1.0 as they were published; {_CURE}")
    return weights


_CURE = (
    "`make musicnn` fetches them, or `python -m pip download --no-deps --only-binary :all: musicnn==0.1.0` and "
    f"`python -m competition.audio.musicnn {WHEEL}`."
)
