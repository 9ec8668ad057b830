import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss

from competition.data.edition import BOARD_METRICS, Board
from competition.scoring.boards import (
    ACCURACY,
    BALANCED_ACCURACY,
    BINARY_LOG_LOSS,
    BY_SCORE,
    CLASSIC,
    LABELS_METRICS,
    LOG_LOSS,
    MACRO_F1,
    METRICS,
    PROBABILITIES_METRICS,
    LabelsMetric,
    ProbabilitiesMetric,
    goals_of,
)
from competition.scoring.logarithmic_pool import pooled
from competition.scoring.metrics import estimate
from competition.scoring.pooling import MOST_WEIGHT, fit_weights, fit_weights_and_biases
from competition.scoring.scores import Scores, board_intervals, score_probabilities

GENRES = 4
REFERENCES = {
    "accuracy": accuracy_score,
    "balanced-accuracy": balanced_accuracy_score,
    "macro-f1": lambda targets, labels: f1_score(targets, labels, average="macro", zero_division=0),
    "binary-log-loss": lambda targets, probabilities: log_loss(
        np.eye(GENRES)[targets].ravel(), probabilities.ravel(), labels=[0, 1]
    ),
    "log-loss": lambda targets, probabilities: log_loss(targets, probabilities, labels=range(GENRES)),
}


def drawn(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw targets of which some genres are rare, and probabilities that know something of them."""
    generator = np.random.default_rng(seed)
    targets = generator.choice(GENRES, size=rows, p=[0.6, 0.25, 0.1, 0.05])
    logits = 1.5 * np.eye(GENRES)[targets] + generator.normal(size=(rows, GENRES))
    return targets, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def counts(targets: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    songs, given_to = (np.bincount(one, minlength=GENRES) for one in (targets, labels))
    return songs, given_to, np.bincount(labels[labels == targets], minlength=GENRES)


def test_there_is_an_object_for_every_metric_that_an_edition_may_name():
    assert {name: metric.file for name, metric in METRICS.items()} == dict(BOARD_METRICS)
    assert set(REFERENCES) == set(METRICS)
    assert {metric.score for metric in METRICS.values()} == set(BY_SCORE) <= set(vars(Scores()))


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 40))
def test_scores_are_those_of_scikit_learn(metric: LabelsMetric | ProbabilitiesMetric, seed: int, rows: int):
    targets, probabilities = drawn(seed, rows)
    predictions = probabilities.argmax(axis=1) if metric.file == "labels" else probabilities
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of balanced accuracy, where labels are given that no song has
        expected = REFERENCES[metric.name](targets, predictions)
    assert metric.row_values(targets, predictions).mean() == pytest.approx(expected)


@pytest.mark.parametrize("metric", LABELS_METRICS.values(), ids=LABELS_METRICS)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 40))
def test_counts_lead_to_the_same_score_as_rows(metric: LabelsMetric, seed: int, rows: int):
    targets, probabilities = drawn(seed, rows)
    labels = probabilities.argmax(axis=1)
    songs, given_to, hits = counts(targets, labels)
    both = metric.of_counts(songs, np.stack([given_to, songs]), np.stack([hits, songs]))
    assert both == pytest.approx([metric.row_values(targets, labels).mean(), 1.0])


def test_macro_f1_by_hand():
    targets, labels = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    assert MACRO_F1.row_values(targets, labels).mean() == pytest.approx((2 * 2 / 5 + 2 * 1 / 3) / 2)
    assert BALANCED_ACCURACY.row_values(targets, labels).mean() == pytest.approx((2 / 3 + 1) / 2)


@pytest.mark.parametrize("metric", [MACRO_F1, BALANCED_ACCURACY], ids=lambda one: one.name)
def test_the_standard_error_is_about_that_of_resampled_songs(metric: LabelsMetric):
    targets, probabilities = drawn(3, rows=500)
    labels, generator = probabilities.argmax(axis=1), np.random.default_rng(0)
    resampled = [
        metric.row_values(targets[rows], labels[rows]).mean() for rows in generator.integers(500, size=(2000, 500))
    ]
    found = estimate(metric.row_values(targets, labels)).standard_error
    assert found == pytest.approx(np.std(resampled), rel=0.1)


@pytest.mark.parametrize("metric", [MACRO_F1, BALANCED_ACCURACY], ids=lambda one: one.name)
def test_a_boards_interval_holds_95_percent_of_boards(metric: LabelsMetric):
    hits = 0
    for seed in range(200):
        targets, probabilities = drawn(seed, rows=900)
        labels = probabilities.argmax(axis=1)
        local = Scores(**{metric.score: estimate(metric.row_values(targets[:600], labels[:600]))})
        board = metric.row_values(targets[600:], labels[600:]).mean()
        hits += board in board_intervals(local, 600, 300, (metric.score,))[metric.score]
    assert 180 <= hits <= 198


def test_the_gradient_of_the_multiclass_log_loss_is_that_of_the_loss():
    targets, probabilities = drawn(0, rows=5)

    def loss(flat: np.ndarray) -> float:
        shares = np.exp(flat.reshape(5, GENRES))
        return LOG_LOSS.row_values(targets, shares / shares.sum(axis=1, keepdims=True)).mean()

    value, gradient = LOG_LOSS.loss_and_gradient(np.arange(GENRES) == targets[:, None], probabilities)
    assert value == pytest.approx(loss(np.log(probabilities).ravel()))
    assert gradient.ravel() == pytest.approx(approx_fprime(np.log(probabilities).ravel(), loss), abs=1e-6)


@pytest.mark.parametrize("metric", PROBABILITIES_METRICS.values(), ids=PROBABILITIES_METRICS)
def test_no_other_weights_have_a_lower_loss(metric: ProbabilitiesMetric):
    targets, first = drawn(1, rows=300)
    models = np.stack([first, drawn(2, rows=300)[1]])
    found = fit_weights(targets, models, metric)
    lowest = metric.row_values(targets, pooled(models, found)).mean()
    for change in ([0.02, 0], [-0.02, 0], [0, 0.02], [0.02, -0.02], [-0.02, 0.02]):
        weights = np.clip(found + change, 0, MOST_WEIGHT)
        assert metric.row_values(targets, pooled(models, weights)).mean() >= lowest - 1e-9


def test_each_loss_finds_weights_and_biases_of_its_own():
    targets, probabilities = drawn(4, rows=200)
    (binary, _), (multiclass, biases) = (
        fit_weights_and_biases(targets, probabilities[None], metric) for metric in (BINARY_LOG_LOSS, LOG_LOSS)
    )
    assert binary != pytest.approx(multiclass, abs=1e-4)
    assert biases.sum() == pytest.approx(0, abs=0.01)
    assert binary == pytest.approx(fit_weights_and_biases(targets, probabilities[None])[0], abs=0)


def test_goals_are_the_first_boards_of_each_file_and_then_the_others():
    assert goals_of({}) == CLASSIC
    assert goals_of({"accuracy": Board("accuracy", "a"), "log_loss": Board("binary-log-loss", "b")}) == CLASSIC
    boards = {"a": Board("log-loss"), "b": Board("macro-f1"), "c": Board("accuracy"), "d": Board("macro-f1", "again")}
    goals = goals_of(boards)
    assert goals.metrics == (MACRO_F1, LOG_LOSS, ACCURACY)
    assert goals_of({"a": Board("log-loss")}).labels is ACCURACY
    assert goals_of({"a": Board("macro-f1")}).probabilities is BINARY_LOG_LOSS


def test_scores_hold_what_boards_rank_by_and_nothing_more():
    targets, probabilities = drawn(5, rows=100)
    labels = probabilities.argmax(axis=1)
    goals = goals_of({"main": Board("macro-f1")})
    classic, others = (score_probabilities(targets, probabilities, labels, one) for one in (CLASSIC, goals))
    assert set(others.to_table()) - set(classic.to_table()) == {"macro_f1", "macro_f1_se"}
    assert others.macro_f1.value in others.macro_f1.bounds
    assert others.macro_f1.value == pytest.approx(f1_score(targets, labels, average="macro"))
    assert score_probabilities(targets, probabilities, goals=goals).macro_f1 is None
