"""The stream of batches that a pack is trained on."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from competition.models.networks.batches import shuffled_batches
from competition.runtime.backend import tensorflow


def batches_of(rows: int, steps: int, epochs: int, seed: int) -> list[tuple[np.ndarray, ...]]:
    places = np.arange(rows)
    features = np.stack([places, places + 1000])[:, :, None].astype(np.float32)
    weights = np.stack([places + 2000, places + 3000, places + 4000], axis=1).astype(np.float32)
    stream = shuffled_batches(tensorflow.constant(features), places, weights, steps=steps, epochs=epochs, seed=seed)
    return [tuple(np.asarray(tensor) for tensor in batch) for batch in stream]


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 7), st.integers(1, 5), st.integers(1, 4), st.integers(0, 9))
def test_every_epoch_shows_every_row_once_with_what_belongs_to_it(size: int, steps: int, epochs: int, seed: int):
    batches = batches_of(size * steps, steps, epochs, seed)
    assert len(batches) == steps * epochs
    for features, targets, weights in batches:
        assert features.shape == (2, size, 1)
        np.testing.assert_array_equal(features[:, :, 0], [targets, targets + 1000])
        np.testing.assert_array_equal(weights.T, [targets + 2000, targets + 3000, targets + 4000])
    for epoch in range(epochs):
        shown = np.concatenate([targets for _, targets, _ in batches[epoch * steps : (epoch + 1) * steps]])
        np.testing.assert_array_equal(np.sort(shown), np.arange(size * steps))


def test_epochs_and_seeds_have_orders_of_their_own_that_come_again():
    def orders(seed: int) -> list[list[int]]:
        return [targets.tolist() for _, targets, _ in batches_of(40, 1, 2, seed)]

    assert orders(1) == orders(1)
    assert len({tuple(order) for seed in (1, 2) for order in orders(seed)}) == 4
