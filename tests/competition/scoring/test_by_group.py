"""The rows of one group taken together: averaged, and by vote."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.edition import Board
from competition.data.songs import Entries
from competition.scoring.boards import goals_of
from competition.scoring.by_group import GroupScores, Together, rows_together, score_groups
from competition.scoring.scores import score_probabilities

TARGETS = np.array([0, 0, 1, 0, 1, 2])
GROUPS = np.array([4, 4, 0, 4, 0, 1])
PROBABILITIES = np.array(
    [[0.9, 0.1, 0.0], [0.4, 0.6, 0.0], [0.6, 0.4, 0.0], [0.4, 0.6, 0.0], [0.1, 0.9, 0.0], [0.3, 0.3, 0.4]]
)
PROBABILITIES = (PROBABILITIES + 0.01) / 1.03
"""By vote the first group is wrong, and the second is a tie, which its mean decides."""


def found(targets: np.ndarray, groups: np.ndarray, probabilities: np.ndarray) -> GroupScores:
    together = rows_together(targets, groups)
    assert together is not None
    labels = together.gathered(probabilities).argmax(axis=1)
    scored = score_groups(targets, groups, probabilities, labels)
    assert scored is not None
    return scored


def test_groups_stand_in_the_order_of_their_first_rows():
    together = rows_together(TARGETS, GROUPS)
    assert together is not None
    assert together.numbers.tolist() == [0, 0, 1, 0, 1, 2]
    assert together.firsts.tolist() == [0, 2, 5]


def test_rows_are_averaged_as_the_rows_of_a_line_are():
    together = rows_together(TARGETS, GROUPS)
    lines = Entries(("a", "b", "c"), np.array([0, 0, 1, 0, 1, 2])).gathered(PROBABILITIES)
    np.testing.assert_array_equal(together.gathered(PROBABILITIES), lines)
    assert lines.sum(axis=1) == pytest.approx(1)


def test_the_genre_of_most_rows_wins_a_vote_and_the_mean_decides_between_equals():
    together = rows_together(TARGETS, GROUPS)
    assert together.votes(PROBABILITIES).tolist() == [1, 1, 2]
    assert together.gathered(PROBABILITIES).argmax(axis=1).tolist() == [0, 1, 2]


def test_a_third_genre_that_nobody_votes_for_does_not_win_a_tie():
    rows = np.array([[0.5, 0.05, 0.45], [0.05, 0.5, 0.45]])
    assert Together(np.array([0, 0])).gathered(rows).argmax() == 2
    assert Together(np.array([0, 0])).votes(rows).tolist() == [0]


def test_groups_are_scored_with_errors_over_groups():
    scored = found(TARGETS, GROUPS, PROBABILITIES)
    assert scored.groups == 3
    assert scored.mean.accuracy.value == 1.0
    assert scored.vote.accuracy.value == pytest.approx(2 / 3)
    assert scored.vote.accuracy.standard_error == pytest.approx(np.sqrt(2 / 3 * 1 / 3 / 2))


@pytest.mark.parametrize(
    "groups",
    [None, np.arange(6), np.array([0, 0, 0, 1, 1, 2])],
    ids=["unknown", "one row each", "two genres in one"],
)
def test_rows_are_not_taken_together_where_that_means_nothing(groups: np.ndarray | None):
    assert rows_together(TARGETS, groups) is None
    assert score_groups(TARGETS, groups, PROBABILITIES, None) is None


@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
def test_copies_of_rows_score_together_what_the_rows_score(seed: int, times: int):
    generator = np.random.default_rng(seed)
    targets, probabilities = generator.integers(3, size=20), generator.dirichlet(np.ones(3), size=20)
    order = generator.permutation(20 * times)
    copies = (np.repeat(one, times, axis=0)[order] for one in (targets, np.arange(20), probabilities))
    scored = found(*copies)
    alone = score_probabilities(targets, probabilities, probabilities.argmax(axis=1)).to_table()
    assert scored.mean.to_table() == pytest.approx(alone)
    assert scored.vote.to_table() == pytest.approx({name: alone[name] for name in scored.vote.to_table()})


def test_what_boards_rank_by_is_scored_and_a_table_of_it_reads_back():
    goals = goals_of({"main": Board("macro-f1")})
    scored = score_groups(TARGETS, GROUPS, PROBABILITIES, np.array([0, 1, 2]), goals)
    assert scored is not None
    assert scored.mean.macro_f1.value == 1.0
    assert scored.vote.macro_f1.value < 1.0
    assert GroupScores.from_table(json.loads(json.dumps(scored.to_table()))) == scored
