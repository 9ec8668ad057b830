import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions.rules import Argmax, GenreThresholds, Margin, Threshold, rule_from_table
from submissions.sweep import sweep_thresholds

PROBABILITIES = np.array([[0.6, 0.3, 0.1], [0.3, 0.36, 0.34], [0.1, 0.1, 0.8], [0.25, 0.25, 0.5]])


def drawn(seed: int, rows: int = 40, genres: int = 4) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.integers(genres, size=rows), generator.dirichlet(np.ones(genres), size=rows)


@given(st.integers(0, 2**32 - 1))
def test_a_sweep_scores_each_threshold_as_its_rule_does(seed: int):
    targets, probabilities = drawn(seed)
    sweep = sweep_thresholds(targets, probabilities, fallback=1, steps=21)
    for threshold, accuracy, fallbacks in zip(sweep.thresholds, sweep.accuracy, sweep.fallbacks, strict=True):
        rule = Threshold(threshold, 1)
        assert fallbacks == rule.falls_back(probabilities).sum()
        assert accuracy == pytest.approx((rule.predict(probabilities) == targets).mean())


def test_a_margin_falls_back_where_two_genres_are_close():
    rule = Margin(0.1, fallback=0)
    assert rule.falls_back(PROBABILITIES).tolist() == [False, True, False, False]
    assert rule.predict(PROBABILITIES).tolist() == [0, 0, 2, 2]


def test_each_genre_has_its_own_threshold():
    rule = GenreThresholds((0.0, 0.5, 0.6), fallback=0)
    assert rule.predict(PROBABILITIES).tolist() == [0, 0, 2, 0]


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_equal_thresholds_for_all_genres_are_one_threshold(seed: int, threshold: float):
    _, probabilities = drawn(seed)
    per_genre = GenreThresholds((threshold,) * 4, fallback=2)
    assert np.array_equal(per_genre.predict(probabilities), Threshold(threshold, 2).predict(probabilities))


@pytest.mark.parametrize(
    "rule", [Argmax(), Threshold(0.3, 1), Margin(0.05, 2), GenreThresholds((0.0, 0.5, 0.25), 0)], ids=lambda r: type(r)
)
def test_a_rule_survives_its_table(rule):
    assert rule_from_table(rule.to_table()) == rule
    assert rule.describe(("Rock", "Jazz", "Polka"))
