"""Changing a batch of frames at random, scaled to mean 0 and deviation 1."""

import numpy as np

from competition.models.networks.augmentation import Augmentation


def changed(
    inputs: dict[str, np.ndarray], shares: np.ndarray, augmentation: Augmentation, generator: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return a batch as a network is to see it this once.

    Parameters
    ----------
    inputs : dict of str to ndarray of float32
        ``"frames"``, (batch, steps, bands), scaled; and perhaps ``"columns"``, (batch, columns), which only mixup
        changes.
    shares : ndarray of float32, shape (batch, genres)
        Of every genre.
    augmentation : Augmentation
    generator : numpy.random.Generator

    Returns
    -------
    inputs, shares
        New arrays of the same shapes.
    """
    frames = inputs["frames"].copy()
    _roll(frames, augmentation.time_shift, generator)
    _mask(frames, augmentation.time_mask, generator)
    _mask(frames.transpose(0, 2, 1), augmentation.band_mask, generator)
    if augmentation.gain:
        frames += generator.normal(0, augmentation.gain, (len(frames), 1, 1)).astype(np.float32)
    if augmentation.noise:
        frames += generator.normal(0, augmentation.noise, frames.shape).astype(np.float32)
    return _mixed(inputs | {"frames": frames}, shares, augmentation.mixup, generator)


def _roll(frames: np.ndarray, share: float, generator: np.random.Generator) -> None:
    """Roll each row along its second axis, to either side."""
    most = int(share * frames.shape[1])
    if most:
        for row, shift in zip(frames, generator.integers(-most, most + 1, len(frames)), strict=True):
            row[:] = np.roll(row, shift, axis=0)


def _mask(frames: np.ndarray, share: float, generator: np.random.Generator) -> None:
    """Set a stretch of each row's second axis to 0, the mean; none to `share` of it."""
    most = int(share * frames.shape[1])
    if most:
        widths = generator.integers(0, most + 1, len(frames))
        for row, width in zip(frames, widths, strict=True):
            first = generator.integers(0, frames.shape[1] - width + 1)
            row[first : first + width] = 0


def _mixed(
    inputs: dict[str, np.ndarray], shares: np.ndarray, parameter: float, generator: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return each row mixed with another one of the batch."""
    if not parameter:
        return inputs, shares
    weights = generator.beta(parameter, parameter, len(shares)).astype(np.float32)
    partners = generator.permutation(len(shares))

    def mix(array: np.ndarray) -> np.ndarray:
        """Return an array's rows, each mixed with its partner's."""
        weight = weights.reshape(-1, *[1] * (array.ndim - 1))
        return weight * array + (1 - weight) * array[partners]

    return {name: mix(array) for name, array in inputs.items()}, mix(shares)
