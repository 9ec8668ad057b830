"""Rows on their way to a network: scaled by the fold's own, each once an epoch, changed only while training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.frames import Frames
from competition.errors import RecipeError
from competition.models.networks.augmentation import Augmentation
from competition.models.networks.recipe import Recipe, network_recipe_from_table
from competition.models.networks.single.changes import changed
from competition.models.networks.single.rows import _band_scaling, shuffled


@given(rows=st.integers(1, 40), steps=st.integers(1, 10), epochs=st.integers(1, 4), seed=st.integers(0, 99))
def test_every_epoch_takes_each_row(rows: int, steps: int, epochs: int, seed: int):
    chosen = np.arange(100, 100 + rows)
    steps = min(steps, rows)
    order = shuffled(chosen, steps, epochs, seed)
    by_epoch = order.places.reshape(epochs, -1)
    for epoch in by_epoch:
        assert set(epoch) == set(chosen)
        assert len(epoch) < rows + steps
    assert np.array_equal(order.places, shuffled(chosen, steps, epochs, seed).places)


def test_bands_are_scaled_by_all_steps_of_the_given_rows():
    stored = np.random.default_rng(0).normal(5, 3, (600, 4, 3)).astype(np.float16)
    stored[:, :, 2] = 7
    rows = np.arange(0, 600, 2)
    center, inverse = _band_scaling(Frames(stored, rows))
    flat = stored[rows].astype(np.float64).reshape(-1, 3)
    assert np.allclose(center, flat.mean(axis=0), atol=1e-5)
    assert np.allclose(inverse[:2], 1 / flat.std(axis=0)[:2], rtol=1e-5)
    assert np.isfinite(inverse).all()


FRAMES = np.random.default_rng(1).normal(size=(6, 10, 4)).astype(np.float32)
SHARES = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]]


def change(augmentation: Augmentation, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    inputs, shares = changed({"frames": FRAMES}, SHARES, augmentation, np.random.default_rng(seed))
    return inputs["frames"], shares


def test_nothing_changes_by_default():
    frames, shares = change(Augmentation())
    assert np.array_equal(frames, FRAMES)
    assert np.array_equal(shares, SHARES)


def test_masks_set_a_stretch_to_the_mean():
    by_time, _ = change(Augmentation(time_mask=0.5))
    masked = (by_time == 0).all(axis=2)
    assert masked.any()
    assert masked.sum(axis=1).max() <= 5
    assert np.array_equal(by_time[~masked], FRAMES[~masked])
    assert all(np.abs(np.diff(np.flatnonzero(row))).max(initial=1) == 1 for row in masked)
    by_band, _ = change(Augmentation(band_mask=0.5))
    assert (by_band == 0).all(axis=1).sum(axis=1).max() <= 2


def test_a_shift_rolls_rows():
    frames, _ = change(Augmentation(time_shift=0.3))
    for before, after in zip(FRAMES, frames, strict=True):
        assert any(np.array_equal(after, np.roll(before, shift, axis=0)) for shift in range(-3, 4))


def test_gain_moves_a_whole_row_and_noise_each_cell():
    loud, _ = change(Augmentation(gain=1.0))
    moved = loud - FRAMES
    assert np.allclose(moved, moved[:, :1, :1], atol=1e-6)
    assert np.ptp(moved[:, 0, 0]) > 0
    noisy, _ = change(Augmentation(noise=0.5))
    assert 0.3 < (noisy - FRAMES).std() < 0.7


def test_mixup_mixes_frames_columns_and_genres_alike():
    columns = np.arange(6, dtype=np.float32)[:, None]
    inputs, shares = changed(
        {"frames": FRAMES, "columns": columns}, SHARES, Augmentation(mixup=0.4), np.random.default_rng(0)
    )
    assert np.allclose(shares.sum(axis=1), 1)
    assert not np.array_equal(shares, SHARES)
    assert columns.min() <= inputs["columns"].min() <= inputs["columns"].max() <= columns.max()
    assert inputs["frames"].shape == FRAMES.shape


def test_augmentation_is_read_and_written_and_only_of_frames():
    table = {"name": "mine", "family": "dense", "reads": "frames", "time_mask": 0.2, "mixup": 0.4}
    mine = network_recipe_from_table(table)
    assert mine.augmentation == Augmentation(time_mask=0.2, mixup=0.4)
    assert network_recipe_from_table(mine.to_table()) == mine
    assert "time_mask" not in Recipe(name="mine", family="dense").to_table()
    with pytest.raises(
        RecipeError, match='time_mask changes frames, and this recipe reads columns; say reads = "frames"'
    ):
        network_recipe_from_table(table | {"reads": "columns"})
    with pytest.raises(RecipeError, match=r"mine: time_mask is 1\.5; expected a number from 0"):
        network_recipe_from_table(table | {"time_mask": 1.5})
