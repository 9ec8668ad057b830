"""Standard errors and intervals of rows in groups: by invariants, by hand, and by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competition.data.folds import stratified_folds
from competition.scoring.boards import BINARY_LOG_LOSS, LABELS_METRICS, LabelsMetric, goals_of
from competition.scoring.groups import Grouping, grouping_of, numbered_groups, running_squares
from competition.scoring.intervals import bootstrap_means
from competition.scoring.metrics import estimate, estimate_with_interval
from competition.scoring.pooling import fit_pool, is_convincing, lowered
from competition.scoring.scores import Scores, board_intervals, score_labels, score_probabilities

GENRES = 4
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, rows: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw targets, probabilities, and groups of unequal sizes."""
    generator = np.random.default_rng(seed)
    groups = generator.integers(rows // 3, size=rows)
    return generator.integers(GENRES, size=rows), generator.dirichlet(np.ones(GENRES), size=rows), groups


def in_groups(seed: int, groups: int, size: int, within: float = 0.6) -> tuple[np.ndarray, np.ndarray]:
    """Draw numbers with mean 0, of which those of one group are correlated, and their groups."""
    generator = np.random.default_rng(seed)
    numbers = np.repeat(np.arange(groups), size)
    shared = np.sqrt(within) * generator.normal(size=groups)[numbers]
    return shared + np.sqrt(1 - within) * generator.normal(size=len(numbers)), numbers


def test_the_standard_error_adds_up_each_groups_deviations():
    scored = estimate(np.array([1.0, 2.0, 3.0, 6.0]), np.array([5, 5, 9, 7]))
    # Deviations from 3 are -2, -1, 0 and 3: of the groups -3, 0 and 3.
    assert scored.standard_error == pytest.approx(np.sqrt(3 / 2 * (9 + 0 + 9)) / 4)
    assert scored.value == 3.0
    assert scored.clustering == pytest.approx((3 / 2 * 18 / 16) / (14 / 3 / 4))


def test_rows_of_a_single_group_have_no_standard_error():
    assert np.isnan(estimate(np.array([0.0, 1.0, 1.0]), np.zeros(3, int)).standard_error)


@settings(max_examples=15)
@given(seeds)
def test_groups_of_one_row_change_nothing_to_the_bit(seed: int):
    targets, probabilities, _ = drawn(seed)
    values, alone = probabilities[:, 0], np.random.default_rng(seed).permutation(len(targets))
    assert estimate(values, alone) == estimate(values)
    assert estimate_with_interval(values, alone) == estimate_with_interval(values)
    assert np.array_equal(bootstrap_means(probabilities, alone), bootstrap_means(probabilities))
    assert score_probabilities(targets, probabilities, groups=alone) == score_probabilities(targets, probabilities)
    assert grouping_of(alone) is None


@settings(max_examples=20)
@given(seeds, st.integers(2, 4))
def test_rows_that_stand_several_times_in_their_group_leave_errors_and_intervals_as_they_are(seed: int, times: int):
    targets, probabilities, groups = drawn(seed)
    labels, goals = probabilities.argmax(axis=1), goals_of({})
    for numbers in (groups, np.arange(len(targets))):
        once = score_probabilities(targets, probabilities, labels, goals, numbers)
        repeated = (np.repeat(one, times, axis=0) for one in (targets, probabilities, labels))
        several = score_probabilities(*repeated, goals, np.repeat(numbers, times))
        assert several.to_table() == pytest.approx(once.to_table())
        for name, interval in several.intervals().items():
            assert interval == pytest.approx(once.intervals()[name])


@pytest.mark.parametrize("metric", LABELS_METRICS.values(), ids=LABELS_METRICS)
def test_metrics_that_are_no_means_over_rows_count_groups_too(metric: LabelsMetric):
    targets, probabilities, groups = drawn(3, rows=600)
    labels, generator = probabilities.argmax(axis=1), np.random.default_rng(0)
    rows_of = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    resampled = []
    for picked in generator.integers(len(rows_of), size=(1000, len(rows_of))):
        rows = np.concatenate([rows_of[group] for group in picked])
        resampled.append(metric.row_values(targets[rows], labels[rows]).mean())
    found = estimate(metric.row_values(targets, labels), groups).standard_error
    assert found == pytest.approx(np.std(resampled), rel=0.12)


@settings(max_examples=15)
@given(seeds)
def test_what_groups_are_called_and_their_order_do_not_matter(seed: int):
    _, probabilities, groups = drawn(seed)
    others = np.random.default_rng(seed).permutation(groups.max() + 1)[groups] * 7 - 3
    values = probabilities[:, 0]
    assert estimate_with_interval(values, others) == estimate_with_interval(values, groups)
    assert numbered_groups(others)[0] == 0


def test_an_interval_over_groups_agrees_with_its_standard_error():
    values, groups = in_groups(0, groups=400, size=5)
    scored = estimate_with_interval(values, groups)
    half = 1.96 * scored.standard_error
    assert scored.interval.low == pytest.approx(scored.value - half, abs=0.1 * half)
    assert scored.interval.high == pytest.approx(scored.value + half, abs=0.1 * half)


def test_about_95_percent_of_intervals_hold_the_truth_only_where_groups_are_known():
    known = unknown = within_two = 0
    for seed in range(200):
        values, groups = in_groups(seed, groups=50, size=8)
        scored = estimate_with_interval(values, groups)
        known += 0.0 in scored.interval
        within_two += abs(scored.value) < 1.96 * scored.standard_error
        unknown += abs(scored.value) < 1.96 * estimate(values).standard_error
    assert 180 <= known <= 198
    assert 180 <= within_two <= 198
    assert unknown < 140


@pytest.mark.parametrize(("size", "is_known"), [(1, True), (4, True), (4, False), (12, True)])
def test_a_boards_interval_holds_95_percent_of_boards_whatever_their_groups(size: int, is_known: bool):
    hits = 0
    for seed in range(200):
        local, groups = in_groups(seed, groups=80, size=4)
        board, others = in_groups(seed + 1000, groups=240 // size, size=size)
        grouping = grouping_of(groups, others if is_known else None)
        scores = Scores(board_log_loss=estimate(local + 9, groups))
        hits += (board + 9).mean() in board_intervals(scores, 320, 240, grouping=grouping)["board_log_loss"]
    assert 180 <= hits <= 199


def test_the_factor_on_a_boards_variance_follows_the_sizes_of_its_groups():
    grouping = Grouping(20, rows_per_group=3.0, test_rows_per_group=1.0)
    assert grouping.on_board(2.0) == 1.0  # alone, whatever the correlation
    assert Grouping(20, 3.0).on_board(2.0) == 2.0
    assert Grouping(20, 3.0, 3.0).on_board(0.5) == 0.5
    assert Grouping(20, 3.0, 30.0).on_board(0.5) == 0.5  # no less than it is, by chance below 1, in the local score
    lines = Grouping(20, 3.0, 5.0, lines_are_groups=True)
    assert (lines.on_board(2.0), lines.on_test_rows(2.0)) == (1.0, 3.0)


@given(st.lists(st.tuples(st.integers(-1, 1), st.integers(0, 4)), min_size=1, max_size=30))
def test_squares_run_as_they_do_written_out(rows: list[tuple[int, int]]):
    values, groups = np.array(rows).T
    expected = []
    for end in range(1, len(values) + 1):
        sums = np.bincount(groups[:end], weights=values[:end])
        expected.append(int(sums @ sums))
    assert running_squares(values, groups).tolist() == expected
    assert running_squares(values).tolist() == np.square(values).cumsum().tolist()


def test_a_gain_that_few_groups_make_convinces_no_more():
    generator = np.random.default_rng(0)
    targets = np.repeat(generator.integers(GENRES, size=12), 25)
    groups = np.repeat(np.arange(12), 25)
    before = generator.dirichlet(np.ones(GENRES), size=12)[groups]
    after = generator.dirichlet(np.ones(GENRES), size=12)[groups]
    gain = lowered(BINARY_LOG_LOSS, targets, before, after)
    before, after = (before, after) if gain.value > 0 else (after, before)
    alone, together = (lowered(BINARY_LOG_LOSS, targets, before, after, one) for one in (None, groups))
    assert alone.value == together.value
    assert together.standard_error == pytest.approx(5 * alone.standard_error, rel=0.05)
    assert is_convincing(alone)


def test_the_gains_of_a_pool_count_groups():
    targets, probabilities, _ = drawn(5, rows=300)
    groups = np.repeat(np.arange(6), 50)
    folds = stratified_folds(targets, 3, 0, groups=groups)
    right = np.eye(GENRES)[targets] * 0.2 + 0.8 * probabilities
    plain, grouped = (fit_pool(targets, [right[:, None]], folds, groups=one) for one in (None, groups))
    assert plain.gain.value == grouped.gain.value
    assert plain.gain.standard_error != grouped.gain.standard_error
    alone = fit_pool(targets, [right[:, None]], folds, groups=np.arange(300))
    assert np.array_equal(alone.out_of_fold, plain.out_of_fold)
    assert (alone.gain, alone.bias_gain) == (plain.gain, plain.bias_gain)


def test_labels_are_scored_over_groups():
    targets, probabilities, groups = drawn(0)
    labels = probabilities.argmax(axis=1)
    both = estimate((labels == targets).astype(float), groups)
    assert score_labels(targets, labels, groups=groups).accuracy.standard_error == both.standard_error
