"""The matrix products, held against convolutions as they are written down, and against Keras's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import correlate
from tagger import TINY, made_up_weights

from competition.audio.musicnn.network import network_of
from competition.audio.musicnn.patches import BANDS, FRAMES

Weights = dict[str, np.ndarray]


def named(kind: str, place: int) -> str:
    return f"{kind}_{place}" if place else kind


def normalized(values: np.ndarray, weights: Weights, place: int) -> np.ndarray:
    name = named("batch_normalization", place)
    gamma, beta, mean, variance = (
        weights[f"{name}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    return gamma * (values - mean) / np.sqrt(variance + 0.001) + beta


def convolved(image: np.ndarray, weights: Weights, place: int, before: int, after: int) -> np.ndarray:
    """Return a convolution, rectified and normalized; shape (frames, columns, units)."""
    kernel, bias = weights[named("conv2d", place) + "/kernel"][:, :, 0], weights[named("conv2d", place) + "/bias"]
    padded = np.pad(image, ((before, after), (0, 0)))
    sums = [correlate(padded, kernel[:, :, unit], "valid") + bias[unit] for unit in range(len(bias))]
    return normalized(np.maximum(np.stack(sums, axis=2), 0), weights, place + 1)


def slow(patch: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """Return tags and embedding, every layer by itself."""
    image = normalized(patch.astype(float), weights, 0)
    front = [convolved(image, weights, place, 3, 3).max(axis=1) for place in (0, 1)]
    for place in (2, 3, 4):
        long = len(weights[f"conv2d_{place}/kernel"])
        front.append(convolved(image, weights, place, (long - 1) // 2, long // 2).max(axis=1))
    first = np.concatenate(front, axis=1)
    second = convolved(first, weights, 5, 3, 3)[:, 0]
    third = convolved(second, weights, 6, 3, 3)[:, 0] + second
    fourth = convolved(third, weights, 7, 3, 3)[:, 0] + third
    channels = np.concatenate([first, second, third, fourth], axis=1)
    summary = np.ravel([[channel.max(), channel.mean()] for channel in channels.T])
    hidden = normalized(summary, weights, 9) @ weights["dense/kernel"] + weights["dense/bias"]
    embedding = normalized(np.maximum(hidden, 0), weights, 10)
    return 1 / (1 + np.exp(-(embedding @ weights["dense_1/kernel"] + weights["dense_1/bias"]))), embedding


@given(seed=st.integers(0, 1000), frames=st.integers(1, 20), bands=st.integers(9, 14))
def test_it_is_the_network_as_it_is_written_down(seed: int, frames: int, bands: int):
    weights = made_up_weights(seed, TINY)
    patch = np.random.default_rng(seed).uniform(0, 4, (frames, bands)).astype(np.float32)
    heard, (tags, embedding) = network_of(weights).hear(patch), slow(patch, weights)
    assert np.allclose(heard.tags, tags, atol=1e-5)
    assert np.allclose(heard.embedding, embedding, rtol=1e-4, atol=1e-4)


def test_sizes_are_those_of_the_published_network():
    heard = network_of(made_up_weights()).hear(np.ones((FRAMES, BANDS), np.float32))
    assert (heard.tags.shape, heard.tags.dtype) == ((50,), np.float32)
    assert (heard.embedding.shape, heard.embedding.dtype) == ((200,), np.float32)
    assert sum(weight.size for weight in made_up_weights().values()) == 792_079


@pytest.mark.training  # it imports TensorFlow, which takes seconds
def test_keras_says_the_same():
    weights = made_up_weights(3)
    batch = np.random.default_rng(3).uniform(0, 4, (2, FRAMES, BANDS)).astype(np.float32)
    network = network_of(weights)
    heard = [network.hear(patch) for patch in batch]
    tags, embedding = (np.asarray(output) for output in keras_model(weights)(batch))
    assert np.allclose([one.tags for one in heard], tags, atol=1e-5)
    assert np.allclose([one.embedding for one in heard], embedding, rtol=1e-4, atol=1e-4)


def keras_model(weights: Weights):
    """Return the network in Keras's layers."""
    from competition.runtime.backend import keras

    def set_weights(layer, values, *arrays: np.ndarray):
        output = layer(values)
        layer.set_weights(arrays)
        return output

    def norm(values, place: int):
        name = named("batch_normalization", place)
        parts = [weights[f"{name}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")]
        return set_weights(layers.BatchNormalization(epsilon=0.001), values, *parts)

    def convolution(values, place: int, padding: str):
        name = named("conv2d", place)
        kernel = weights[name + "/kernel"]
        layer = layers.Conv2D(kernel.shape[-1], kernel.shape[:2], padding=padding, activation="relu")
        return norm(set_weights(layer, values, kernel, weights[name + "/bias"]), place + 1)

    def dense(values, name: str, activation: str):
        kernel, bias = weights[f"{name}/kernel"], weights[f"{name}/bias"]
        return set_weights(layers.Dense(len(bias), activation=activation), values, kernel, bias)

    def over_time(values, place: int):
        padded = layers.ZeroPadding2D((3, 0))(layers.Permute((1, 3, 2))(values))
        return convolution(padded, place, "valid")

    layers = keras.layers
    patch = keras.Input((FRAMES, BANDS))
    image = norm(layers.Reshape((FRAMES, BANDS, 1))(patch), 0)
    wide = [convolution(layers.ZeroPadding2D((3, 0))(image), place, "valid") for place in (0, 1)]
    wide += [convolution(image, place, "same") for place in (2, 3, 4)]
    first = layers.Concatenate()([layers.MaxPooling2D((1, one.shape[2]))(one) for one in wide])
    second = over_time(first, 5)
    third = layers.Add()([over_time(second, 6), second])
    fourth = layers.Add()([over_time(third, 7), third])
    channels = layers.Concatenate()([first, second, third, fourth])
    pools = [layers.GlobalMaxPooling2D(), layers.GlobalAveragePooling2D()]
    summary = layers.Flatten()(keras.ops.stack([pool(channels) for pool in pools], axis=2))
    embedding = norm(dense(norm(summary, 9), "dense", "relu"), 10)
    return keras.Model(patch, [dense(embedding, "dense_1", "sigmoid"), embedding])
