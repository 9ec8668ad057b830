"""The network, from a patch of mel bands to 50 tags, in matrix products: all that it takes where nothing is trained."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

EPSILON = 1e-3
"""What batch normalization adds to a variance."""


@dataclass(frozen=True, eq=False)
class Heard:
    """What the network says of one patch, or of several, one behind the other.

    Attributes
    ----------
    tags : ndarray of float32, shape (50,)
        How surely each tag applies, from 0 to 1.
    embedding : ndarray of float32, shape (200,)
        The layer before the tags.
    """

    tags: np.ndarray
    embedding: np.ndarray


@dataclass(frozen=True, eq=False)
class Norm:
    """A batch normalization that is trained: a factor and a summand for each channel; float32, shape (channels,)."""

    factor: np.ndarray
    summand: np.ndarray

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return normalized values; channels are the last axis."""
        return values * self.factor + self.summand


@dataclass(frozen=True, eq=False)
class Layer:
    """Weighted sums, of which negative ones become 0, normalized.

    Attributes
    ----------
    kernel : ndarray of float32, shape (..., units)
    bias : ndarray of float32, shape (units,)
    norm : Norm
    """

    kernel: np.ndarray
    bias: np.ndarray
    norm: Norm

    def finished(self, sums: np.ndarray) -> np.ndarray:
        """Return what becomes of weighted sums, shape (..., units)."""
        return self.norm(np.maximum(sums + self.bias, 0))

    def strongest(self, windows: Iterator[np.ndarray]) -> np.ndarray:
        """Return each unit's largest value over several windows on the same frames.

        All that follows the sums either keeps their order or, where the norm's factor is negative, turns it round: it
        is enough to finish the largest or the smallest sum.

        Parameters
        ----------
        windows : iterator of ndarray of float32, shape (frames, inputs)

        Returns
        -------
        ndarray of float32, shape (frames, units)
        """
        signs = np.where(self.norm.factor < 0, np.float32(-1), np.float32(1))
        kernel = self.kernel.reshape(-1, len(self.bias)) * signs
        largest = next(windows) @ kernel
        sums = np.empty_like(largest)
        for window in windows:
            np.matmul(window, kernel, out=sums)
            np.maximum(largest, sums, out=largest)
        return self.finished(largest * signs)


@dataclass(frozen=True, eq=False)
class Network:
    """All layers, in the order in which sound goes through them.

    Attributes
    ----------
    norm : Norm
        Of the mel bands, one channel.
    timbral : tuple of Layer
        What sounds at a moment, at any pitch: kernels of shape (bands, 7 frames, units).
    temporal : tuple of Layer
        What happens in a band: kernels of shape (frames, units).
    middle : tuple of Layer
        What follows what: kernels of shape (7 frames, channels, units).
    summary : Norm
        Of the largest and mean value of each channel in turn.
    embedding : Layer
        A kernel of shape (channels, units).
    kernel, bias : ndarray of float32, shape (units, tags), (tags,)
    """

    norm: Norm
    timbral: tuple[Layer, ...]
    temporal: tuple[Layer, ...]
    middle: tuple[Layer, ...]
    summary: Norm
    embedding: Layer
    kernel: np.ndarray
    bias: np.ndarray

    def hear(self, patch: np.ndarray) -> Heard:
        """Return what the network says of a patch; float32, shape (frames, bands)."""
        bands = self.norm(patch)
        front = [self._timbral(bands, layer) for layer in self.timbral]
        front += [self._temporal(bands, layer) for layer in self.temporal]
        channels = [np.concatenate(front, axis=1)]
        for place, layer in enumerate(self.middle):
            follows = self._middle(channels[-1], layer)
            channels.append(follows + channels[-1] if place else follows)
        return self._back(np.concatenate(channels, axis=1))

    @staticmethod
    def _timbral(bands: np.ndarray, layer: Layer) -> np.ndarray:
        """Return each unit's largest value over all pitches; shape (frames, units)."""
        tall, long, _ = layer.kernel.shape
        around = _around(bands, long, before=long // 2)  # (frames, bands, long)
        rows = around.reshape(len(bands), -1)
        places = range(bands.shape[1] - tall + 1)
        return layer.strongest(rows[:, long * first : long * (first + tall)] for first in places)

    @staticmethod
    def _temporal(bands: np.ndarray, layer: Layer) -> np.ndarray:
        """Return each unit's largest value over all bands; shape (frames, units)."""
        long = len(layer.kernel)
        return layer.strongest(iter(_around(bands, long, before=(long - 1) // 2).transpose(1, 0, 2)))

    @staticmethod
    def _middle(channels: np.ndarray, layer: Layer) -> np.ndarray:
        """Return a convolution over time; shape (frames, units)."""
        long, inputs, units = layer.kernel.shape
        around = _around(channels, long, before=long // 2)  # (frames, inputs, long)
        kernel = layer.kernel.transpose(1, 0, 2).reshape(-1, units)
        return layer.finished(around.reshape(len(channels), inputs * long) @ kernel)

    def _back(self, channels: np.ndarray) -> Heard:
        """Return what the network says of all channels of a patch; shape (frames, channels)."""
        summary = np.stack([channels.max(axis=0), channels.mean(axis=0)], axis=1).ravel()
        embedding = self.embedding.finished(self.summary(summary) @ self.embedding.kernel)
        return Heard(expit(embedding @ self.kernel + self.bias), embedding)


def _around(channels: np.ndarray, long: int, *, before: int) -> np.ndarray:
    """Return what is around each frame, zeros beyond the ends; shape (frames, channels, long)."""
    padded = np.pad(channels, ((before, long - 1 - before), (0, 0)))
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(padded, long, axis=0))


def network_of(weights: Mapping[str, np.ndarray]) -> Network:
    """Return the network with some weights.

    Parameters
    ----------
    weights : mapping
        By the names, and of the shapes, that `competition.audio.musicnn.weights.SHAPES` has.
    """
    kernels = [weights[_numbered("conv2d", place) + "/kernel"] for place in range(8)]
    shaped = [
        *(kernel[:, :, 0].transpose(1, 0, 2) for kernel in kernels[:2]),
        *(kernel[:, 0, 0] for kernel in kernels[2:5]),
        *(kernel[:, :, 0] for kernel in kernels[5:]),
    ]
    layers = tuple(
        Layer(np.ascontiguousarray(kernel), weights[_numbered("conv2d", place) + "/bias"], _norm(weights, place + 1))
        for place, kernel in enumerate(shaped)
    )
    embedding = Layer(weights["dense/kernel"], weights["dense/bias"], _norm(weights, 10))
    last = weights["dense_1/kernel"], weights["dense_1/bias"]
    return Network(_norm(weights, 0), layers[:2], layers[2:5], layers[5:], _norm(weights, 9), embedding, *last)


def _norm(weights: Mapping[str, np.ndarray], place: int) -> Norm:
    name = _numbered("batch_normalization", place)
    gamma, beta, mean, variance = (
        weights[f"{name}/{part}"].astype(np.float64) for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    factor = gamma / np.sqrt(variance + EPSILON)
    return Norm(factor.astype(np.float32), (beta - mean * factor).astype(np.float32))


def _numbered(name: str, place: int) -> str:
    return f"{name}_{place}" if place else name
