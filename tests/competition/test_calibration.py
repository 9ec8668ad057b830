import numpy as np
import pytest
from competition.calibration import TEMPERATURE_BOUNDS, calibrate, fit_temperature, temper
from hypothesis import given
from hypothesis import strategies as st

from competition.folds import stratified_folds
from competition.metrics import board_log_loss


def honest(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw probabilities and targets that follow them exactly."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(4), size=rows) * 0.98 + 0.005
    cumulative = probabilities.cumsum(axis=1)
    return (generator.random((rows, 1)) > cumulative).sum(axis=1).clip(max=3), probabilities


@given(st.integers(0, 2**32 - 1), st.floats(*TEMPERATURE_BOUNDS))
def test_a_temperature_keeps_order_and_sums_and_is_undone_by_its_inverse(seed: int, temperature: float):
    _, probabilities = honest(5, seed)
    tempered = temper(probabilities, temperature)
    np.testing.assert_allclose(tempered.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(tempered.argmax(axis=1), probabilities.argmax(axis=1))
    if temperature > 1:
        assert (tempered.max(axis=1) <= probabilities.max(axis=1) + 1e-12).all()
        np.testing.assert_allclose(temper(tempered, 1 / temperature), probabilities, rtol=1e-4)


def test_the_temperature_that_spoiled_honest_probabilities_is_found():
    targets, probabilities = honest(4000, seed=1)
    assert fit_temperature(targets, probabilities) == pytest.approx(1, abs=0.06)
    assert fit_temperature(targets, temper(probabilities, 0.5)) == pytest.approx(2, abs=0.12)


def test_it_cannot_run_away():
    targets = np.arange(4)
    perfect, hopeless = np.eye(4) * 0.9 + 0.025, np.roll(np.eye(4), 1, axis=1) * 0.9 + 0.025
    assert fit_temperature(targets, perfect) == pytest.approx(TEMPERATURE_BOUNDS[0], rel=0.01)
    assert fit_temperature(targets, hopeless) == pytest.approx(TEMPERATURE_BOUNDS[1], rel=0.01)


def test_overconfident_probabilities_are_flattened_and_score_better():
    targets, probabilities = honest(2000, seed=2)
    overconfident = temper(probabilities, 0.5)
    folds = stratified_folds(targets, 5, seed=0)
    found = calibrate(targets, overconfident[:, None], folds)
    assert found.temperature == pytest.approx(2, abs=0.2)
    assert found.gain.value > 3 * found.gain.standard_error
    before, after = (board_log_loss(targets, one) for one in (overconfident, found.out_of_fold))
    assert before - after == pytest.approx(found.gain.value)


@pytest.mark.parametrize("seed", range(3))
def test_honest_probabilities_are_left_alone(seed: int):
    targets, probabilities = honest(500, seed)
    found = calibrate(targets, probabilities[:, None], stratified_folds(targets, 5, seed=0))
    assert found.temperature == 1
    np.testing.assert_allclose(found.out_of_fold, probabilities, atol=1e-6)


def test_a_row_does_not_choose_its_own_temperature():
    """Other targets in one fold leave the temperature of that fold's rows as it was."""
    targets, probabilities = honest(400, seed=3)
    overconfident = temper(probabilities, 0.4)[:, None]
    folds = stratified_folds(targets, 4, seed=0)
    rows = folds.held_out(2)
    changed = targets.copy()
    changed[rows[:10]] = (changed[rows[:10]] + 1) % 4
    first, second = (calibrate(one, overconfident, folds).out_of_fold for one in (targets, changed))
    np.testing.assert_array_equal(first[rows], second[rows])
    assert not np.array_equal(first[folds.held_out(0)], second[folds.held_out(0)])


def test_the_average_of_more_networks_needs_less_flattening():
    """Networks that err apart from each other: the more are averaged, the flatter the average already is."""
    generator = np.random.default_rng(4)
    targets, probabilities = honest(3000, seed=4)
    logits = np.log(probabilities)[:, None] * 1.5 + generator.normal(scale=1.5, size=(3000, 4, 4))
    members = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    found = calibrate(targets, members, stratified_folds(targets, 5, seed=0))
    assert 1 < found.temperature < fit_temperature(targets, members.mean(axis=1))
