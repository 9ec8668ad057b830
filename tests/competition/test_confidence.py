"""Reliability and threshold sweeps, held against slow clear computations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.confidence import measure_reliability, sweep_thresholds
from submissions.rules import Threshold


def random_rows(seed: int, rows: int = 40, genres: int = 4) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.integers(0, genres, rows), generator.dirichlet(np.ones(genres), rows)


def test_rows_lie_in_bins_that_hold_their_upper_edge():
    probabilities = np.array([[0.6, 0.4], [0.5, 0.5], [0.75, 0.25], [1.0, 0.0]])
    measured = measure_reliability(np.array([0, 1, 1, 0]), probabilities, bins=4)
    np.testing.assert_array_equal(measured.counts, [0, 1, 2, 1])
    np.testing.assert_allclose(measured.confidence, [np.nan, 0.5, 0.675, 1.0])
    np.testing.assert_allclose(measured.accuracy, [np.nan, 0.0, 0.5, 1.0])
    assert measured.error == pytest.approx((1 * 0.5 + 2 * 0.175 + 0) / 4)


def test_the_calibration_error_is_0_where_confidence_is_accuracy_and_1_where_it_is_all_wrong():
    certain = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert measure_reliability(np.array([0, 0]), certain).error == 0.0
    assert measure_reliability(np.array([1, 1]), certain).error == 1.0


@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_reliability_is_that_of_a_plain_loop(seed: int, bins: int):
    targets, probabilities = random_rows(seed)
    measured = measure_reliability(targets, probabilities, bins)
    assert measured.counts.sum() == len(targets)
    total = 0.0
    for place in range(bins):
        top = probabilities.max(axis=1)
        rows = [row for row in range(len(targets)) if place / bins < top[row] <= (place + 1) / bins]
        if rows:
            right = np.mean([probabilities[row].argmax() == targets[row] for row in rows])
            assert measured.accuracy[place] == pytest.approx(right)
            total += len(rows) / len(targets) * abs(right - top[rows].mean())
        else:
            assert np.isnan(measured.accuracy[place])
    assert measured.error == pytest.approx(total)


@given(st.integers(0, 2**32 - 1), st.integers(0, 3))
def test_a_sweep_does_what_the_rule_does_at_every_threshold(seed: int, fallback: int):
    targets, probabilities = random_rows(seed)
    sweep = sweep_thresholds(targets, probabilities, fallback)
    plain = probabilities.argmax(axis=1) == targets
    assert (sweep.fallbacks[0], sweep.standard_error[0]) == (0, 0)
    for threshold, accuracy, error, fallbacks in zip(*vars(sweep).values(), strict=True):
        rule = Threshold(threshold, fallback)
        right = rule.predict(probabilities) == targets
        assert accuracy == pytest.approx(right.mean())
        assert fallbacks == rule.falls_back(probabilities).sum()
        gains = right.astype(float) - plain
        assert error == pytest.approx(gains.std(ddof=1) / np.sqrt(len(gains)))
    assert sweep.accuracy[-1] == pytest.approx((targets == fallback).mean())
