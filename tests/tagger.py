"""A tagger of made-up weights for tests, and the real one where its weights are here."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from competition.audio.musicnn.network import Network, network_of
from competition.audio.musicnn.weights import SHAPES, place, read_weights

TINY = {
    name: {
        "conv2d/kernel": (7, 5, 1, 3),
        "conv2d_1/kernel": (7, 9, 1, 2),
        "conv2d_2/kernel": (8, 1, 1, 4),
        "conv2d_3/kernel": (5, 1, 1, 2),
        "conv2d_4/kernel": (2, 1, 1, 3),
        "conv2d_5/kernel": (7, 14, 1, 4),
        "conv2d_6/kernel": (7, 4, 1, 4),
        "conv2d_7/kernel": (7, 4, 1, 4),
        "dense/kernel": (52, 6),
        "dense_1/kernel": (6, 5),
    }.get(name, shape)
    for name, shape in SHAPES.items()
}
_CHANNELS = {name.replace("kernel", "bias"): shape[-1:] for name, shape in TINY.items() if name.endswith("kernel")}
_NORMS = (1, 3, 2, 4, 2, 3, 4, 4, 4, 52, 6)
TINY |= _CHANNELS | {
    name: (channels,)
    for place_, channels in enumerate(_NORMS)
    for name in SHAPES
    if name.startswith(f"batch_normalization{f'_{place_}' if place_ else ''}/")
}
"""Shapes of a network as deep as the real one, for patches of any number of frames and nine bands or more."""


def made_up_weights(seed: int = 0, shapes: Mapping[str, tuple[int, ...]] = SHAPES) -> dict[str, np.ndarray]:
    """Return random weights under which no layer is silent and no sum runs away; half of the factors are negative."""
    random = np.random.default_rng(seed)
    return {name: _drawn(random, name, shape).astype(np.float32) for name, shape in shapes.items()}


def _drawn(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    if name.endswith("variance"):
        return random.uniform(0.5, 2.0, shape)
    scale = 1 / np.sqrt(np.prod(shape[:-1])) if name.endswith("kernel") else 1.0 if name.endswith("gamma") else 0.2
    return random.normal(scale=scale, size=shape)


@cache
def made_up_network() -> Network:
    """Return a network as large as the real one, which knows nothing."""
    return network_of(made_up_weights())


def real_network() -> Network:
    """Return the real network; skips the test where its weights are not here."""
    if not place().is_file():
        pytest.skip(f"needs the weights of musicnn in {place()}: make musicnn")
    return network_of(read_weights(place()))
