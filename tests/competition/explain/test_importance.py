"""Importance: exactly nothing for what no model reads, most for what was planted, on paper and by trained models."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files
from competition.explain.genres import lives_on
from competition.explain.importance import Change, Importance, Songs, importances, sampled
from competition.explain.parts import Part, clustered, coarse_parts, fine_parts
from competition.scoring.boards import CLASSIC
from competition.scoring.metrics import board_log_loss
from competition.scoring.probabilities import bounded

GENRES = 3


def songs(rows: int = 120, seed: int = 0) -> Songs:
    """Return songs whose genre is column 1, and whose other columns are noise; column 3 is constant."""
    random = np.random.default_rng(seed)
    targets = np.arange(rows) % GENRES
    features = random.normal(size=(rows, 5)).astype(np.float32)
    features[:, 1], features[:, 3] = targets, 7
    return Songs(features, targets, GENRES)


def by_column_one(features: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return bounded(np.where(np.arange(GENRES) == features[:, 1, None], 0.8, 0.1))


def column(*numbers: int) -> Part:
    return Part("column", "block", f"column {numbers}", numbers)


def test_what_no_model_reads_is_worth_exactly_nothing_and_the_planted_column_wins():
    told: list[tuple[int, int]] = []
    parts = [column(0), column(1), column(3), column(0, 1)]
    found = importances(by_column_one, songs(), parts, CLASSIC, 3, 0, lambda done, total: told.append((done, total)))
    nothing, planted, constant, both = found
    for one in (nothing, constant):
        assert [one.loss.value, one.loss.standard_error, one.score.value] == [0, 0, 0]
    assert planted.loss.is_clear
    assert planted.score.value == pytest.approx(2 / 3, abs=0.1)
    assert both.loss == planted.loss  # the same permutations of songs
    assert told[-1] == (12, 12)


def test_a_change_is_the_difference_of_scores_and_errors_add_in_squares():
    some, part = songs(30), column(1)
    (found,) = importances(by_column_one, some, [part], CLASSIC, 1, 5, lambda done, total: None)
    order = np.random.default_rng([5, 0]).permutation(30)
    shuffled = some.features.copy()
    shuffled[:, 1] = shuffled[order, 1]
    before, after = (board_log_loss(some.targets, by_column_one(one, order)) for one in (some.features, shuffled))
    assert found.loss.value == pytest.approx(after - before)
    assert found.loss.over_repeats == 0
    (again,) = importances(by_column_one, some, [part], CLASSIC, 4, 5, lambda done, total: None)
    assert again.loss.standard_error == pytest.approx(np.hypot(again.loss.over_songs, again.loss.over_repeats))
    assert np.mean([one.value for one in again.by_genre]) == pytest.approx(again.loss.value)  # genres of equal size


def half_by_column_one(features: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.where(rows[:, None] % 80 < 40, by_column_one(features, rows), 1 / GENRES)


def test_songs_of_one_group_count_once():
    one = songs(40)
    twice = Songs(np.repeat(one.features, 2, 0), np.repeat(one.targets, 2), GENRES)
    grouped = Songs(twice.features, twice.targets, GENRES, np.repeat(np.arange(40), 2))
    alone, together = (
        importances(half_by_column_one, some, [column(1)], CLASSIC, 8, 0, lambda done, total: None)[0].loss
        for some in (twice, grouped)
    )
    assert alone.value == together.value
    assert together.over_songs > 1.2 * alone.over_songs


@given(st.integers(1, 200), st.integers(1, 250), st.integers(0, 5))
def test_a_sample_has_each_genre_in_its_share(rows: int, most: int, seed: int):
    targets = np.random.default_rng(seed).integers(4, size=rows)
    found = sampled(targets, most, seed)
    assert len(set(found.tolist())) == len(found) == min(rows, most)
    share = len(found) / rows
    for target in range(4):
        assert abs((targets[found] == target).sum() - share * (targets == target).sum()) <= 2


def test_parts_of_blocks_with_bands_are_bands_and_statistics(edition: Edition, dataset: Dataset):
    parts = {one.title: one.columns for one in coarse_parts(edition, dataset.features)}
    assert parts["rhythm"] == (0, 1, 2, 3, 4, 5)
    assert parts["rhythm band 2"] == (1, 4)
    assert parts["rhythm max"] == (3, 4, 5)
    assert "timbre mean" not in parts  # the block itself
    assert parts["timbre band 4"] == (9,)
    cells = fine_parts(edition)
    assert sorted(column for one in cells for column in one.columns) == list(range(10))
    assert {one.title: one.place for one in cells}["rhythm band 3, max"] == (2, 1)


def test_many_bands_are_taken_together():
    block = Block("mel", 0, 100, ("mean", "max"))
    wide = Edition("wide", "Wide", ("a", "b"), "a", Files("t.csv"), (block,))
    parts = [one for one in coarse_parts(wide, np.zeros((2, 200))) if one.kind == "band"]
    assert len(parts) == 20
    assert parts[1].title == "mel bands 6 to 10"
    assert sorted(column for one in parts for column in one.columns) == list(range(200))


def test_blocks_without_bands_are_clusters_of_correlated_columns():
    random = np.random.default_rng(1)
    x, y, z = random.normal(size=(3, 80))
    block = Block("table", 0, 1, ("x", "y", "minus x cubed", "z"))
    plain = Edition("plain", "Plain", ("a", "b"), "a", Files("t.csv"), (block,))
    features = np.column_stack([x, y, -(x**3), z])
    names = [(one.kind, one.columns) for one in coarse_parts(plain, features)]
    assert names == [("block", (0, 1, 2, 3)), ("cluster", (0, 2)), ("column", (1,)), ("column", (3,))]
    assert clustered(np.ones((5, 3))).tolist() == [0, 1, 2]


def importance(name: str, place: int, value: float, error: float = 0.1) -> Importance:
    change = Change(value, error, error, 0.0)
    part = Part("band", "rhythm", f"band {place + 1}", (place,), (place,))
    return Importance(part, change, change, (change,))


def test_a_genre_lives_on_neighbouring_bands_that_are_worth_about_as_much():
    worth = [0.1, 1.2, 2.0, 1.1, 0.6, 1.9]
    (found,) = lives_on([importance("rhythm", place, one) for place, one in enumerate(worth)], ["Reggae"])
    assert (found.genre, found.what, found.change.value) == ("Reggae", "rhythm bands 2 to 4", 2.0)


def test_nothing_is_said_of_a_genre_where_nothing_is_clear():
    assert lives_on([importance("rhythm", place, 0.24) for place in range(5)], ["Reggae"]) == ()
