"""The batches of a whole training as one stream: Keras would begin a new one in every epoch, which is slow."""

import numpy as np

from competition.runtime.backend import tensorflow


def shuffled_batches(
    features: tensorflow.Tensor, targets: np.ndarray, weights: np.ndarray, *, steps: int, epochs: int, seed: int
) -> tensorflow.data.Dataset:
    """Return the batches of all epochs, each epoch in an order of its own.

    Parameters
    ----------
    features : Tensor of float32, shape (folds, rows, columns) or (rows, columns)
        `rows` must be a multiple of `steps`, so that all batches are of one size.
    targets : ndarray of int64, shape (rows,)
    weights : ndarray of float32, shape (rows, members)
    steps : int
        Batches of each epoch, at least 1.
    epochs : int
        At least 1.
    seed : int
        At least 0; it decides the orders.

    Returns
    -------
    tensorflow.data.Dataset
        ``steps * epochs`` triples of tensors, with rows / steps rows each.
    """
    generator = np.random.default_rng(seed)
    orders = np.stack([generator.permutation(len(targets)) for _ in range(epochs)])
    targets, weights = tensorflow.constant(targets), tensorflow.constant(weights)

    def gather(rows: tensorflow.Tensor) -> tuple[tensorflow.Tensor, ...]:
        """Return the features, targets and weights of some rows."""
        return (
            tensorflow.gather(features, rows, axis=-2),
            tensorflow.gather(targets, rows),
            tensorflow.gather(weights, rows),
        )

    places = orders.reshape(epochs * steps, -1)
    options = tensorflow.data.Options()
    options.autotune.enabled = False  # its thread may sleep for seconds when the stream is to end
    return tensorflow.data.Dataset.from_tensor_slices(places).map(gather).prefetch(1).with_options(options)
