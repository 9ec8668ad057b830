import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competition.scoring.boards import ACCURACY, BALANCED_ACCURACY, LABELS_METRICS, MACRO_F1, LabelsMetric
from submissions import offsets
from submissions.offsets import best_offsets
from submissions.rule_search import RuleSearch, auto_kinds, choose_rule, settle
from submissions.rules import Argmax, Offsets, rule_from_table

SHARES = np.array([0.85, 0.1, 0.05])


def drawn(seed: int, rows: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw songs of a common and two rare genres, their true probabilities, and folds."""
    generator = np.random.default_rng(seed)
    targets = generator.choice(3, size=rows, p=SHARES)
    signs = generator.normal(size=(rows, 3)) + np.eye(3)[targets]
    odds = SHARES * np.exp(signs)
    return targets, odds / odds.sum(axis=1, keepdims=True), generator.integers(4, size=rows)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2))
def test_counts_are_those_of_the_labels_that_every_move_gives(seed: int, genre: int):
    generator = np.random.default_rng(seed)
    targets, logarithms = generator.integers(3, size=20), np.log(generator.dirichlet(np.ones(3), size=20))
    moves = generator.integers(-10, 11, size=3) / 10
    given_to, hits = offsets._counts(targets, logarithms, moves, genre)
    for place, move in enumerate(offsets._MOVES):
        labels = (logarithms + np.where(np.arange(3) == genre, move, moves)).argmax(axis=1)
        assert given_to[place].tolist() == np.bincount(labels, minlength=3).tolist()
        assert hits[place].tolist() == np.bincount(labels[labels == targets], minlength=3).tolist()


@pytest.mark.parametrize("metric", LABELS_METRICS.values(), ids=LABELS_METRICS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_offsets_never_score_lower_than_argmax_on_the_rows_that_choose_them(metric: LabelsMetric, seed: int):
    targets, probabilities, _ = drawn(seed, rows=60)
    found = best_offsets(targets, probabilities, metric)
    labels = Offsets(tuple(found.tolist())).predict(probabilities)
    argmax = metric.row_values(targets, probabilities.argmax(axis=1)).mean()
    assert metric.row_values(targets, labels).mean() >= argmax - 1e-9
    assert found.sum() == pytest.approx(0, abs=1e-3)


def test_for_balanced_accuracy_true_probabilities_are_divided_by_about_the_shares():
    targets, probabilities, _ = drawn(0, rows=20000)
    expected = -np.log(SHARES) + np.log(SHARES).mean()
    assert best_offsets(targets, probabilities, BALANCED_ACCURACY) == pytest.approx(expected, abs=0.3)


def test_a_genre_without_songs_does_no_harm():
    targets, probabilities, _ = drawn(1, rows=200)
    assert np.isfinite(best_offsets(np.where(targets == 2, 0, targets), probabilities, MACRO_F1)).all()


@pytest.mark.parametrize("metric", [MACRO_F1, BALANCED_ACCURACY], ids=lambda one: one.name)
def test_auto_takes_offsets_where_rare_genres_count_as_much(metric: LabelsMetric):
    targets, probabilities, assignment = drawn(2)
    search = choose_rule("auto", None, 0, metric)
    settled = settle(search, targets, probabilities, assignment, metric)
    assert isinstance(settled.rule, Offsets)
    scores = [metric.row_values(targets, one).mean() for one in (settled.labels, probabilities.argmax(axis=1))]
    assert settled.gain.value == pytest.approx(scores[0] - scores[1])
    assert settled.gain.value > 2 * settled.gain.standard_error
    assert f" {metric.title} out of fold against argmax" in settled.describe_gain()


def test_auto_does_not_try_offsets_for_accuracy_but_they_can_be_asked_for():
    assert "offsets" not in auto_kinds(ACCURACY)
    assert set(auto_kinds(MACRO_F1)) == {*auto_kinds(ACCURACY), "offsets"}
    targets, probabilities, assignment = drawn(3)
    settled = settle(RuleSearch(("offsets",), 0), targets, probabilities, assignment)
    assert abs(settled.gain.value) < 0.02


def test_argmax_is_kept_where_nothing_is_gained():
    targets = np.arange(300) % 3
    probabilities = np.eye(3)[targets] * 0.7 + 0.1
    settled = settle(choose_rule("auto", None, 0, MACRO_F1), targets, probabilities, np.arange(300) % 4, MACRO_F1)
    assert isinstance(settled.rule, Argmax)
    assert settled.describe_gain() == "auto: no other rule is clearly better"


def test_the_rule_is_read_as_it_is_written():
    rule = Offsets((0.5, -0.25, 0.0))
    assert rule_from_table(rule.to_table()) == rule
    assert rule.describe(("Rock", "Jazz", "Polka")).endswith("adding Rock +0.50, Jazz -0.25, Polka +0.00")
    assert not rule.falls_back(np.full((2, 3), 1 / 3)).any()
    assert rule.changed(0.3, 1) == rule
