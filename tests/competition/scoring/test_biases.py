import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from competition.data.folds import stratified_folds
from competition.scoring.logarithmic_pool import pooled
from competition.scoring.metrics import board_log_loss, board_log_loss_and_gradient
from competition.scoring.pooling import MOST_BIAS, fit_pool, fit_weights, fit_weights_and_biases


def drawn(seed: int, rows: int, genres: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Draw calibrated probabilities, and targets from them."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(genres), size=rows)
    draws = generator.random((rows, 1))
    return (draws > probabilities.cumsum(axis=1)[:, :-1]).sum(axis=1), probabilities


def biased(probabilities: np.ndarray, biases: np.ndarray) -> np.ndarray:
    return pooled(probabilities[None], np.ones(1), biases)


def test_the_gradient_is_that_of_the_loss():
    targets, probabilities = drawn(0, rows=5)
    logits = np.log(probabilities)

    def loss(flat: np.ndarray) -> float:
        shares = np.exp(flat.reshape(5, 3))
        return board_log_loss(targets, shares / shares.sum(axis=1, keepdims=True))

    _, gradient = board_log_loss_and_gradient(np.arange(3) == targets[:, None], probabilities)
    assert gradient.ravel() == pytest.approx(approx_fprime(logits.ravel(), loss), abs=1e-6)


def test_distorted_probabilities_are_put_right():
    targets, probabilities = drawn(1, rows=4000)
    distortion = np.array([0.6, -0.2, -0.4])
    weights, biases = fit_weights_and_biases(targets, biased(probabilities, distortion)[None])
    assert weights == pytest.approx([1.0], abs=0.06)
    assert biases == pytest.approx(-distortion, abs=0.12)
    assert biases.sum() == pytest.approx(0, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_biases_never_raise_the_loss_of_the_rows_that_choose_them(seed: int):
    targets, probabilities = drawn(seed, rows=30)
    weights, biases = fit_weights_and_biases(targets, probabilities[None])
    without = pooled(probabilities[None], fit_weights(targets, probabilities[None]))
    assert np.abs(biases).max() <= MOST_BIAS
    assert board_log_loss(targets, pooled(probabilities[None], weights, biases)) <= board_log_loss(targets, without)


def test_a_genre_without_songs_keeps_within_bounds():
    _, biases = fit_weights_and_biases(np.zeros(500, int), np.full((1, 500, 2), 0.5))
    assert biases == pytest.approx([-biases[1], biases[1]], abs=1e-4)
    assert 0.5 < biases[0] <= MOST_BIAS


def test_no_bias_changes_nothing():
    _, probabilities = drawn(2, rows=10)
    assert biased(probabilities, np.zeros(3)) == pytest.approx(probabilities)


def test_a_pool_keeps_biases_that_help_and_no_others():
    targets, probabilities = drawn(3, rows=1200)
    folds = stratified_folds(targets, 5, seed=0)
    distorted = biased(probabilities, np.array([1.0, 0.0, -1.0]))
    helped, calibrated = (fit_pool(targets, [one[:, None]], folds) for one in (distorted, probabilities))
    assert helped.is_biased
    assert helped.bias_gain.value > 0.005
    # Weights and biases together undo the distortion for new rows.
    assert helped.apply([distorted]) == pytest.approx(probabilities, abs=0.05)
    assert not calibrated.is_biased
    assert not calibrated.biases.any()


def test_no_row_has_a_say_in_its_own_calibration():
    targets, probabilities = drawn(4, rows=300)
    folds = stratified_folds(targets, 3, seed=0)
    distorted = biased(probabilities, np.array([1.0, 0.0, -1.0]))
    changed = targets.copy()
    rows = folds.held_out(1)
    changed[rows[:20]] = (changed[rows[:20]] + 1) % 3
    before, after = (fit_pool(labels, [distorted[:, None]], folds) for labels in (targets, changed))
    assert before.is_biased
    assert after.is_biased
    assert np.array_equal(before.out_of_fold[rows], after.out_of_fold[rows])
    assert not np.array_equal(before.out_of_fold, after.out_of_fold)
