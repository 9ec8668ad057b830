import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support, recall_score, top_k_accuracy_score

from competition.scoring.intervals import DRAWS, bootstrap_means, percentile_interval, t_interval
from competition.scoring.metrics import (
    estimate,
    estimate_with_interval,
    expected_calibration_error,
    reliability,
    row_top_accuracy,
)
from competition.scoring.scores import GenreScores, row_scores, score_genres, score_probabilities, summarize


def drawn(seed: int, rows: int = 60, genres: int = 4) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.integers(genres, size=rows), generator.dirichlet(np.ones(genres), size=rows)


def test_resamples_are_drawn_with_equal_chances_and_have_as_many_rows_as_the_data():
    draws = bootstrap_means(np.eye(5))
    assert draws.shape == (DRAWS, 5)
    assert draws.sum(axis=1) == pytest.approx(1.0)
    assert draws.mean(axis=0) == pytest.approx(0.2, abs=0.02)
    assert set(np.unique((5 * draws).round(9))) == {0, 1, 2, 3, 4, 5}


def test_columns_are_resampled_together_and_the_same_every_time():
    values = np.random.default_rng(0).normal(size=(30, 1))
    draws = bootstrap_means(np.hstack([values, values + 1]))
    assert draws[:, 1] - draws[:, 0] == pytest.approx(1.0)
    assert np.array_equal(draws, bootstrap_means(np.hstack([values, values + 1])))


def test_many_rows_are_resampled_in_parts_as_few_are():
    values = np.random.default_rng(0).normal(size=(3001, 1))
    assert bootstrap_means(values).std() == pytest.approx(estimate(values[:, 0]).standard_error, rel=0.06)


def test_an_interval_of_a_mean_is_that_of_the_normal_distribution_where_rows_are_many():
    scored = estimate_with_interval(np.random.default_rng(1).normal(size=2000))
    half = 1.96 * scored.standard_error
    assert scored.interval.low == pytest.approx(scored.value - half, abs=0.1 * half)
    assert scored.interval.high == pytest.approx(scored.value + half, abs=0.1 * half)
    assert scored.value in scored.interval


def test_about_95_percent_of_intervals_hold_the_truth():
    generator = np.random.default_rng(2)
    hits = sum(0.6 in estimate_with_interval(generator.random(200) < 0.6).interval for _ in range(100))
    assert 89 <= hits <= 100


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_scores_are_those_of_scikit_learn_and_lie_in_their_intervals(seed: int):
    targets, probabilities = drawn(seed)
    scores = score_probabilities(targets, probabilities)
    predicted = probabilities.argmax(axis=1)
    assert scores.macro_recall.value == pytest.approx(recall_score(targets, predicted, average="macro"))
    assert scores.top_2_accuracy.value == pytest.approx(top_k_accuracy_score(targets, probabilities, labels=range(4)))
    for _, score in scores.known():
        assert score.value in score.interval
        assert score.interval.high - score.interval.low == pytest.approx(3.92 * score.standard_error, rel=0.35)


def test_macro_recall_counts_every_genre_that_occurs_the_same():
    targets, labels = np.array([0, 0, 0, 0, 2]), np.array([0, 0, 0, 1, 1])
    scores = summarize(targets, row_scores(targets, labels=labels))
    assert scores.macro_recall.value == pytest.approx(0.75 / 2)
    # Of the first genre 3 of 4 are right: its recall varies by 0.75 * 0.25 / 4; the other one's cannot be seen to.
    assert scores.macro_recall.standard_error == pytest.approx(np.sqrt(0.75 * 0.25 / 4) / 2 * np.sqrt(5 / 4))


def test_the_second_of_equally_probable_genres_is_the_first_in_order():
    tied = np.full((3, 3), 1 / 3)
    assert row_top_accuracy(np.array([0, 1, 2]), tied).tolist() == [1, 1, 0]


def test_labels_after_a_rule_decide_macro_recall():
    targets, probabilities = drawn(0)
    assert score_probabilities(targets, probabilities, labels=targets).macro_recall.value == 1.0


@given(st.integers(0, 2**32 - 1))
def test_each_genres_scores_are_those_of_scikit_learn(seed: int):
    targets, probabilities = drawn(seed, genres=3)
    labels = probabilities.argmax(axis=1)
    scores = score_genres(targets, labels, ["Rock", "Jazz", "Polka"])
    expected = precision_recall_fscore_support(targets, labels, labels=[0, 1, 2], zero_division=np.nan)
    np.testing.assert_allclose([scores.precision, scores.recall, scores.songs], [expected[0], expected[1], expected[3]])
    assert scores.share.sum() == pytest.approx(1.0)
    assert scores.predicted_share.sum() == pytest.approx(1.0)


def test_a_genre_never_predicted_has_no_precision():
    scores = GenreScores(["Rock", "Jazz", "Polka"], np.array([[2, 0, 0], [1, 0, 0], [0, 0, 0]]))
    table = scores.to_table()
    assert (table[1]["precision"], table[1]["recall"], table[2]["recall"]) == (None, 0.0, None)
    assert scores.to_lines()[2].split() == ["Jazz", "1", "0.333", "0.000", "-", "0.000", "Rock", "(1)"]


def test_calibration_error_is_how_far_confidence_and_accuracy_lie_apart():
    probabilities = np.repeat([[0.9, 0.1], [0.6, 0.4]], 10, axis=0)
    targets = np.repeat([0, 1, 0, 1], [9, 1, 3, 7])
    assert expected_calibration_error(targets, probabilities) == pytest.approx(0.5 * 0.0 + 0.5 * 0.3)
    found = reliability(targets, probabilities, bins=10)
    assert found.rows.tolist() == [0, 0, 0, 0, 0, 10, 0, 0, 10, 0]
    assert found.accuracy[[5, 8]].tolist() == [0.3, 0.9]
    assert found.confidence[[5, 8]] == pytest.approx([0.6, 0.9])


def test_the_middle_95_percent_is_an_interval():
    interval = percentile_interval(np.arange(1001.0))
    assert (interval.low, interval.high) == pytest.approx((25.0, 975.0))
    assert str(interval) == "25.0000 to 975.0000"


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=20).filter(lambda values: np.std(values) > 1e-6))
def test_the_interval_of_a_few_values_is_that_of_student(values: list[float]):
    from scipy import stats

    found = t_interval(values)
    expected = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert found is not None
    np.testing.assert_allclose((found.low, found.high), expected)


def test_a_single_value_has_no_interval():
    assert t_interval([0.5]) is None is t_interval([])
