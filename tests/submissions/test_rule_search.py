import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competition.errors import ArgumentError
from competition.scoring.boards import ACCURACY
from submissions.cutoffs import best_cutoff
from submissions.rule_search import KINDS, GivenUp, RuleSearch, UsualRule, auto_kinds, choose_rule, settle
from submissions.rules import Argmax, GenreThresholds, Margin, Threshold

AUTO = RuleSearch(auto_kinds(ACCURACY), fallback=0)


def drawn(seed: int, rows: int = 1200, genres: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw calibrated probabilities, targets from them, and folds."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(genres), size=rows)
    targets = (generator.random((rows, 1)) > probabilities.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return targets, probabilities, generator.integers(5, size=rows)


def flattered(seed: int, least: float = 0.55) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw rows of which those with a largest probability below `least` are all of the fallback genre."""
    targets, probabilities, assignment = drawn(seed)
    return np.where(probabilities.max(axis=1) < least, 0, targets), probabilities, assignment


def test_the_cutoff_of_a_few_rows_by_hand():
    confidence = np.array([0.9, 0.3, 0.5, 0.4, 0.6, 0.7])
    change = np.array([-1, 1, 1, 1, 1, -1])
    assert best_cutoff(confidence, change) == pytest.approx(0.65)  # 4 - sqrt(4) is the most
    assert best_cutoff(confidence, -change) == 0.0
    assert best_cutoff(np.full(6, 0.5), np.array([1, 1, 1, 1, 1, -1])) == 1.0  # all or none
    assert best_cutoff(np.array([]), np.array([])) == 0.0


def test_a_cutoff_that_one_group_pays_for_is_not_sure():
    confidence, change = np.array([0.3, 0.4, 0.5, 0.9]), np.array([1, 1, 1, -1])
    assert best_cutoff(confidence, change, np.arange(4)) == best_cutoff(confidence, change) > 0
    assert best_cutoff(confidence, change, np.array([0, 0, 0, 1])) == 0.0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 25]))
def test_the_cutoff_is_the_best_of_all_tried_one_by_one(seed: int, groups: int):
    generator = np.random.default_rng(seed)
    confidence, change = generator.integers(12, size=25) / 12, generator.integers(-1, 2, size=25)
    numbers = np.arange(25) % groups

    def surely(cutoff: float) -> float:
        by_group = np.bincount(numbers, weights=change * (confidence <= cutoff))
        return by_group.sum() - np.sqrt(np.square(by_group).sum())

    best = max(0.0, *(surely(cutoff) for cutoff in np.unique(confidence)))
    found = best_cutoff(confidence, change, numbers)
    assert (surely(found) if found else 0.0) == pytest.approx(best)


@pytest.mark.parametrize(
    ("kind", "expected"), [("threshold", Threshold), ("margin", Margin), ("per-genre", GenreThresholds)]
)
def test_a_kind_of_rule_that_pays_is_found(kind: str, expected: type):
    targets, probabilities, assignment = flattered(0)
    settled = settle(RuleSearch((kind,), 0), targets, probabilities, assignment)
    assert isinstance(settled.rule, expected)
    assert settled.gain.value > 0.05
    assert settled.gain.value in settled.gain.interval
    assert settled.describe_gain().startswith("gains 0.")
    if kind == "threshold":
        assert settled.rule.threshold == pytest.approx(0.55, abs=0.02)


def test_auto_takes_the_kind_that_pays():
    settled = settle(AUTO, *flattered(1))
    assert isinstance(settled.rule, Threshold)
    assert settled.gain.value > 0.05


def test_auto_keeps_to_argmax_where_probabilities_are_right():
    gains = []
    for seed in range(6):
        settled = settle(AUTO, *drawn(seed))
        gains.append(settled.gain)
    assert np.mean([gain.value for gain in gains]) > -0.002
    assert isinstance(settled.rule, Argmax)


def test_a_given_rule_is_kept_and_held_against_argmax():
    targets, probabilities, assignment = drawn(2)
    settled = settle(Threshold(0.9, 0), targets, probabilities, assignment)
    assert settled.rule == Threshold(0.9, 0)
    accuracy = (settled.labels == targets).mean()
    assert settled.gain.value == pytest.approx(accuracy - (probabilities.argmax(axis=1) == targets).mean())
    assert settled.describe_gain().startswith("costs 0.")
    low, high = settled.gain.bounds.low, settled.gain.bounds.high
    assert settled.describe_gain().endswith(f" accuracy out of fold against argmax (95 %: {-high:+.4f} to {-low:+.4f})")
    never = settle(Threshold(0.0, 0), targets, probabilities, assignment)
    assert never.describe_gain() == "has the same accuracy out of fold as argmax"


def test_argmax_is_held_against_nothing_unless_it_was_chosen():
    targets, probabilities, assignment = drawn(2)
    assert settle(Argmax(), targets, probabilities, assignment).describe_gain() == ""
    chosen = settle(AUTO, targets, probabilities, assignment)
    assert isinstance(chosen.rule, Argmax)
    assert chosen.describe_gain().startswith("auto: no other rule is clearly better")


def test_numbers_that_were_found_are_said_to_be_nested():
    targets, probabilities, assignment = flattered(4)
    said = settle(RuleSearch(("threshold",), 0), targets, probabilities, assignment).describe_gain()
    assert said.endswith("; its numbers were found anew for each fold, without it")


@pytest.mark.parametrize("search", [AUTO, UsualRule(Threshold(0.6, 1)), *(RuleSearch((kind,), 0) for kind in KINDS)])
def test_no_row_has_a_say_in_its_own_label(search: RuleSearch):
    targets, probabilities, assignment = flattered(3)
    changed = targets.copy()
    changed[assignment == 2] = (changed[assignment == 2] + 1) % 3
    before, after = (settle(search, labels, probabilities, assignment).labels for labels in (targets, changed))
    assert np.array_equal(before[assignment == 2], after[assignment == 2])


def test_two_folds_are_enough():
    targets, probabilities, assignment = flattered(4)
    assert settle(AUTO, targets, probabilities, assignment % 2).gain.value > 0.05


@pytest.mark.parametrize("name", ["threshold", "margin"])
@pytest.mark.parametrize("threshold", [5.0, -0.1, float("nan"), float("inf")])
def test_a_threshold_that_is_no_share_is_refused(name: str, threshold: float):
    with pytest.raises(ArgumentError, match=r"`threshold` is (5|-0.1|nan|inf); expected a number from 0 to 1"):
        choose_rule(name, threshold, 0)
    for limit in (0.0, 1.0):
        assert choose_rule(name, limit, 0).changed(None, 1).fallback == 1


def in_groups(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return `flattered` rows, each three times, and their groups."""
    return *(np.repeat(one, 3, axis=0) for one in flattered(seed)), np.repeat(np.arange(1200), 3)


@pytest.mark.parametrize("rule", [AUTO, RuleSearch(("threshold",), 0), Threshold(0.6, 0)], ids=["auto", "one", "given"])
def test_groups_of_one_row_find_the_same_rule_and_copies_of_rows_the_same_gain(rule: RuleSearch | Threshold):
    targets, probabilities, assignment = flattered(0)
    once, alone = (settle(rule, targets, probabilities, assignment, groups=one) for one in (None, np.arange(1200)))
    assert (once.rule, once.gain, once.group_labels) == (alone.rule, alone.gain, alone.group_labels)
    assert np.array_equal(once.labels, alone.labels)
    targets, probabilities, assignment, groups = in_groups(0)
    several = settle(rule, targets, probabilities, assignment, groups=groups)
    assert several.rule == once.rule
    assert np.array_equal(several.labels[::3], once.labels)
    assert several.gain.value == pytest.approx(once.gain.value)
    assert several.gain.standard_error == pytest.approx(once.gain.standard_error)
    assert (several.gain.bounds.low, several.gain.bounds.high) == pytest.approx(
        (once.gain.bounds.low, once.gain.bounds.high)
    )
    assert np.array_equal(several.group_labels, once.labels)  # of equal rows together, as of each alone


def test_no_group_has_a_say_in_its_own_label():
    targets, probabilities, assignment, groups = in_groups(3)
    search = RuleSearch(("threshold",), 0)
    held_out = assignment[::3] == 2
    changed = np.where(assignment == 2, (targets + 1) % 3, targets)
    before, after = (settle(search, one, probabilities, assignment, groups=groups) for one in (targets, changed))
    assert np.array_equal(before.group_labels[held_out], after.group_labels[held_out])
    assert not np.array_equal(before.group_labels, after.group_labels)


def test_groups_are_not_divided_where_one_of_two_folds_is_left():
    targets, probabilities, assignment, groups = in_groups(4)
    found = settle(AUTO, targets, probabilities, assignment % 2, groups=groups)
    assert found.gain.value > 0.05
    assert len(np.unique(found.labels.reshape(-1, 3), axis=1)[0]) == 1


USUAL = Threshold(0.5, 0)


def by_hand(saved: int, lost: int, others: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows of which the rule saves some and loses some; all others are sure, and right either way."""
    unsure, sure = [0.2, 0.45, 0.35], [0.05, 0.9, 0.05]
    probabilities = np.array([unsure] * (saved + lost) + [sure] * others)
    targets = np.array([0] * saved + [1] * (lost + others))
    return targets, probabilities, np.arange(len(targets)) % 4


@pytest.mark.parametrize(("saved", "lost"), [(0, 12), (4, 16), (8, 20)])
def test_a_rule_that_nobody_asked_for_gives_way_where_it_costs_more_than_its_error(saved: int, lost: int):
    rows = by_hand(saved, lost)
    settled, asked = settle(UsualRule(USUAL), *rows), settle(USUAL, *rows)
    assert -asked.gain.value > asked.gain.standard_error
    assert (settled.rule, settled.given_up) == (Argmax(), GivenUp(USUAL, asked.gain))
    assert np.array_equal(settled.labels, rows[1].argmax(axis=1))
    size = f"{-asked.gain.value:.4f} ± {asked.gain.standard_error:.4f}"
    assert settled.describe_gain() == f"nobody asked for threshold, which costs {size} accuracy out of fold"
    assert asked.rule == USUAL
    assert asked.describe_gain().startswith(f"costs {size}")


@pytest.mark.parametrize(("saved", "lost"), [(0, 0), (0, 1), (1, 0), (4, 4), (8, 8), (12, 0), (20, 21)])
def test_a_rule_that_nobody_asked_for_stays_where_it_ties_or_pays(saved: int, lost: int):
    rows = by_hand(saved, lost)
    settled, asked = settle(UsualRule(USUAL), *rows), settle(USUAL, *rows)
    assert (settled.rule, settled.gain, settled.given_up) == (USUAL, asked.gain, None)
    assert np.array_equal(settled.labels, asked.labels)
    assert settled.describe_gain() == asked.describe_gain()


def test_the_error_of_its_cost_counts_groups():
    targets, probabilities, _ = by_hand(3, 8)
    places = np.arange(len(targets))
    assert settle(UsualRule(USUAL), targets, probabilities, places % 4).rule == Argmax()
    groups = np.where(
        places < 3, 0, np.where(places < 11, 3, places)
    )  # all saved rows are one song's, all lost ones, too
    assert settle(UsualRule(USUAL), targets, probabilities, groups % 4, groups=groups).rule == USUAL


def test_folds_that_decide_otherwise_are_labelled_so_and_it_is_said():
    targets, probabilities, _ = by_hand(3, 7)
    assignment = np.where(targets == 0, 0, 1)  # without fold 0, nothing is saved
    settled = settle(UsualRule(USUAL), targets, probabilities, assignment)
    assert settled.rule == Argmax()
    assert settled.is_mixed
    assert np.array_equal(settled.labels[assignment == 0], probabilities.argmax(axis=1)[assignment == 0])
    assert np.array_equal(settled.labels[assignment == 1], USUAL.predict(probabilities)[assignment == 1])
    assert "; chosen for each fold without it, as in the scores above, it costs " in settled.describe_gain()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_what_is_given_up_is_what_costs_more_than_its_error(seed: int, threshold: float):
    rows, rule = drawn(seed, rows=200), Threshold(threshold, 1)
    settled, gain = settle(UsualRule(rule), *rows), settle(rule, *rows).gain
    assert (settled.rule == Argmax()) == (gain.value < -gain.standard_error * (1 + 1e-9))
    assert (settled.given_up is None) == (settled.rule == rule)
