from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.folds import stratified_folds
from competition.scoring import pooling
from competition.scoring.logarithmic_pool import pooled
from competition.scoring.metrics import board_log_loss
from competition.scoring.pooling import MOST_WEIGHT, equal_pool, fit_pool, fit_weights


def honest(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw probabilities and targets that follow them exactly."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(4), size=rows) * 0.98 + 0.005
    cumulative = probabilities.cumsum(axis=1)
    return (generator.random((rows, 1)) > cumulative).sum(axis=1).clip(max=3), probabilities


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    return pooled(probabilities[None], np.array([1 / temperature]))


def noisy(probabilities: np.ndarray, scale: float, seed: int) -> np.ndarray:
    logits = np.log(probabilities) + np.random.default_rng(seed).normal(scale=scale, size=probabilities.shape)
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@given(st.integers(0, 2**32 - 1), st.floats(0.25, 4.0))
def test_a_single_weight_is_a_temperature(seed: int, temperature: float):
    """The order stays, sums stay, and the inverse temperature undoes it."""
    _, probabilities = honest(5, seed)
    changed = tempered(probabilities, temperature)
    np.testing.assert_allclose(changed.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(changed.argmax(axis=1), probabilities.argmax(axis=1))
    if temperature > 1:
        assert (changed.max(axis=1) <= probabilities.max(axis=1) + 1e-12).all()
        np.testing.assert_allclose(tempered(changed, 1 / temperature), probabilities, rtol=1e-4)


@given(st.integers(0, 2**32 - 1))
def test_a_pool_is_the_normalized_product_of_powers(seed: int):
    """Held against the formula, one row and one genre at a time."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(3), size=(2, 4)) * 0.9 + 0.1 / 3
    weights = generator.random(2) * 2
    for row in range(4):
        powers = [np.prod([probabilities[m, row, g] ** weights[m] for m in range(2)]) for g in range(3)]
        np.testing.assert_allclose(pooled(probabilities, weights)[row], powers / np.sum(powers), atol=1e-6)


def test_no_other_weights_are_better():
    """Around the weights found, on honest and on noisy probabilities."""
    targets, truth = honest(300, seed=3)
    probabilities = np.stack([truth, noisy(truth, 1.0, 4)])
    found = fit_weights(targets, probabilities)
    lowest = board_log_loss(targets, pooled(probabilities, found))
    for change in ([0.02, 0], [-0.02, 0], [0, 0.02], [0.02, -0.02], [-0.02, 0.02]):
        weights = np.clip(found + change, 0, MOST_WEIGHT)
        assert board_log_loss(targets, pooled(probabilities, weights)) >= lowest - 1e-9


def test_the_temperature_that_spoiled_honest_probabilities_is_found():
    targets, probabilities = honest(4000, seed=1)
    assert fit_weights(targets, probabilities[None]) == pytest.approx(1, abs=0.06)
    assert fit_weights(targets, tempered(probabilities, 0.5)[None]) == pytest.approx(0.5, abs=0.03)


def test_weights_cannot_run_away():
    targets = np.arange(4)
    perfect, hopeless = np.eye(4) * 0.9 + 0.025, np.roll(np.eye(4), 1, axis=1) * 0.9 + 0.025
    assert 3 < fit_weights(targets, perfect[None]) <= MOST_WEIGHT
    assert fit_weights(targets, hopeless[None]) == pytest.approx(0.25)
    weights = fit_weights(targets, np.stack([perfect, hopeless]))
    assert ((weights >= 0) & (weights <= MOST_WEIGHT)).all()


def test_a_model_that_knows_nothing_gets_no_weight_and_two_that_know_something_share():
    targets, truth = honest(3000, seed=5)
    members = [noisy(truth, scale, seed)[:, None] for scale, seed in ((0.8, 1), (0.8, 2))]
    useless = np.random.default_rng(0).dirichlet(np.ones(4), size=3000)[:, None]
    folds = stratified_folds(targets, 5, seed=0)
    pool = fit_pool(targets, [*members, useless], folds)
    assert pool.is_fitted
    assert pool.weights[2] < 0.05
    assert pool.weights[0] == pytest.approx(pool.weights[1], abs=0.12)
    alone = min(board_log_loss(targets, one[:, 0]) for one in members)
    assert board_log_loss(targets, pool.out_of_fold) < alone - 0.005


def test_overconfident_probabilities_are_flattened_and_score_better():
    targets, probabilities = honest(2000, seed=2)
    overconfident = tempered(probabilities, 0.5)
    pool = fit_pool(targets, [overconfident[:, None]], stratified_folds(targets, 5, seed=0))
    assert pool.final_weights == pytest.approx(0.5, abs=0.05)
    assert pool.gain.value > 3 * pool.gain.standard_error
    before, after = (board_log_loss(targets, one) for one in (overconfident, pool.out_of_fold))
    assert before - after == pytest.approx(pool.gain.value)
    np.testing.assert_allclose(pool.apply([overconfident]), tempered(overconfident, 1 / pool.weights[0]))


@pytest.mark.parametrize("seed", range(3))
def test_honest_probabilities_are_left_alone(seed: int):
    targets, probabilities = honest(500, seed)
    pool = fit_pool(targets, [probabilities[:, None]], stratified_folds(targets, 5, seed=0))
    assert not pool.is_fitted
    assert pool.final_weights == 1
    np.testing.assert_allclose(pool.out_of_fold, probabilities, atol=1e-6)


def test_equal_models_get_equal_weights_when_nothing_is_gained():
    targets, probabilities = honest(500, seed=1)
    members = [probabilities[:, None]] * 2
    pool = fit_pool(targets, members, stratified_folds(targets, 5, seed=0))
    assert not pool.is_fitted
    np.testing.assert_array_equal(pool.weights, [0.5, 0.5])


def test_a_row_does_not_choose_its_own_weights():
    """Other targets in one fold leave the weights of that fold's rows as they were."""
    targets, probabilities = honest(400, seed=3)
    members = [tempered(probabilities, 0.4)[:, None], noisy(probabilities, 1.0, 5)[:, None]]
    folds = stratified_folds(targets, 4, seed=0)
    rows = folds.held_out(2)
    changed = targets.copy()
    changed[rows[:10]] = (changed[rows[:10]] + 1) % 4
    first, second = (fit_pool(one, members, folds).out_of_fold for one in (targets, changed))
    np.testing.assert_array_equal(first[rows], second[rows])
    assert not np.array_equal(first[folds.held_out(0)], second[folds.held_out(0)])


def test_the_average_of_more_networks_needs_less_flattening():
    """Networks that err apart from each other: the more are averaged, the flatter the average already is."""
    generator = np.random.default_rng(4)
    targets, probabilities = honest(3000, seed=4)
    logits = np.log(probabilities)[:, None] * 1.5 + generator.normal(scale=1.5, size=(3000, 4, 4))
    members = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    pool = fit_pool(targets, [members], stratified_folds(targets, 5, seed=0))
    assert pool.weights[0] < 1
    assert 1 < pool.sharpening < 1 / pool.weights[0]


def test_equal_pools_are_the_geometric_mean_of_their_rows():
    targets, probabilities = honest(300, seed=6)
    models = [noisy(probabilities, 1.0, seed)[:, None] for seed in range(3)]
    folds = stratified_folds(targets, 4, seed=0)
    one, other = fit_pool(targets, models[:2], folds), fit_pool(targets, models[2:], folds)
    both = equal_pool([one, other], [[0, 2], [1]])
    mean = pooled(np.stack([one.out_of_fold, other.out_of_fold]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(both.out_of_fold, mean, atol=1e-12)
    new = [model[:50, 0] for model in models]
    apart = pooled(np.stack([one.apply(new[:2]), other.apply(new[2:])]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(both.apply([new[0], new[2], new[1]]), apart, atol=1e-12)


def test_a_flattened_pool_is_its_own_temperature():
    targets, probabilities = honest(300, seed=7)
    pool = fit_pool(targets, [noisy(probabilities, 1.0, 0)[:, None]], stratified_folds(targets, 4, seed=0))
    new = [probabilities[:50]]
    np.testing.assert_allclose(replace(pool, flattening=0.5).apply(new), tempered(pool.apply(new), 2.0), atol=1e-12)


def test_of_very_many_rows_some_are_enough(monkeypatch: pytest.MonkeyPatch):
    """The loss of all rows is next to what it is with the weight that all of them lead to; they are always the same."""
    targets, probabilities = honest(6000, seed=5)
    flat = tempered(probabilities, 2.0)[None]
    best = fit_weights(targets, flat)
    monkeypatch.setattr(pooling, "_MOST_FITTED", 2000)
    found = fit_weights(targets, flat)
    assert found != best
    assert found == fit_weights(targets, flat)
    losses = [board_log_loss(targets, pooled(flat, weights)) for weights in (found, best)]
    assert losses[1] <= losses[0] < losses[1] + 2e-4
