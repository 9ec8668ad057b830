import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competition.scoring.metrics import board_log_loss
from competition.scoring.prior_shift import PriorShift, estimate_shift

SHARES = np.array([0.5, 0.3, 0.2])


def songs(generator: np.random.Generator, rows: int, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw targets, and the probabilities that a model trained under `SHARES` gives them."""
    targets = generator.choice(3, size=rows, p=shares)
    features = generator.normal(size=(rows, 3)) + 1.5 * np.eye(3)[targets]
    weights = SHARES * np.exp(1.5 * features)
    return targets, weights / weights.sum(axis=1, keepdims=True)


def test_shifted_shares_are_found_and_the_correction_pays():
    generator, shifted = np.random.default_rng(0), np.array([0.2, 0.3, 0.5])
    _, out_of_fold = songs(generator, 2000, SHARES)
    targets, test = songs(generator, 2000, shifted)
    shift = estimate_shift(test, out_of_fold)
    assert shift.estimated == pytest.approx(shifted, abs=0.05)
    assert shift.estimated.sum() == pytest.approx(1)
    assert shift.chance < 1e-6
    assert board_log_loss(targets, shift.correct(test)) < board_log_loss(targets, test) - 0.01


def test_no_shift_is_found_where_there_is_none():
    generator = np.random.default_rng(1)
    chances = np.array([
        estimate_shift(songs(generator, 600, SHARES)[1], songs(generator, 400, SHARES)[1]).chance for _ in range(100)
    ])  # fmt: skip
    assert (chances < 0.05).sum() <= 10
    assert chances.max() > 0.5


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_same_songs_have_the_same_shares(seed: int):
    _, probabilities = songs(np.random.default_rng(seed), 50, SHARES)
    shift = estimate_shift(probabilities, probabilities)
    assert shift.estimated == pytest.approx(shift.expected)
    assert shift.chance == pytest.approx(1)
    assert shift.correct(probabilities) == pytest.approx(probabilities)


def test_few_songs_are_corrected_less_than_many():
    """What is estimated of few songs is drawn towards what is expected; of many it stands."""
    expected, estimated = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    even = np.array([[0.5, 0.5]])
    few, many = (PriorShift(expected, estimated, 0.0, rows).correct(even)[0, 1] for rows in (10, 100_000))
    assert many < 0.001 < few < 0.5
    assert few == pytest.approx(0.4, abs=0.01)  # (10 * 0 + 40 * 0.5) / 50
