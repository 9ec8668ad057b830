import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.folds import Folds, read_folds, stratified_folds, warn_of_untrained_genres
from competition.errors import FoldsError, KitWarning

TARGETS = np.repeat([0, 1, 2], [9, 5, 4])


def test_every_row_is_held_out_once_and_trained_on_elsewhere():
    folds = stratified_folds(TARGETS, 4, seed=1)
    assert folds.count == 4
    assert sorted(np.concatenate([folds.held_out(fold) for fold in range(4)])) == list(range(18))
    for fold in range(4):
        assert sorted([*folds.held_out(fold), *folds.training(fold)]) == list(range(18))


@given(st.lists(st.integers(4, 20), min_size=2, max_size=5), st.integers(2, 4), st.integers(0, 2**32 - 1))
def test_folds_share_every_genre_evenly(counts: list[int], count: int, seed: int):
    targets = np.repeat(np.arange(len(counts)), counts)
    folds = stratified_folds(targets, count, seed)
    shares = np.array([np.bincount(targets[folds.held_out(fold)], minlength=len(counts)) for fold in range(count)])
    assert np.ptp(shares, axis=0).max() <= 1
    assert np.ptp(shares.sum(axis=1)) <= len(counts)


def test_the_seed_decides():
    first, again, other = (stratified_folds(TARGETS, 3, seed).assignment for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_sorted_rows_are_shuffled():
    assignment = stratified_folds(np.repeat([0, 1], [50, 50]), 2, seed=0).assignment
    assert 0 < np.count_nonzero(np.diff(assignment[:50])) < 49


def test_more_folds_than_the_rarest_genre_has_songs_are_lowered_aloud():
    with pytest.warns(KitWarning, match="10 folds asked for, but only 4 songs have label 3: 4 folds are used"):
        assert stratified_folds(TARGETS, 10, seed=0).count == 4


def test_a_genre_without_songs_does_not_count_as_the_rarest():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert stratified_folds(np.repeat([0, 2], [5, 5]), 5, seed=0).count == 5


@pytest.mark.parametrize(
    ("targets", "count", "sentence"),
    [
        (TARGETS, 1, "1 fold.* asked for; expected at least 2"),
        (TARGETS, 0, "0 fold.* asked for; expected at least 2"),
        (np.zeros(10, int), 2, "all 10 songs have label 1; expected at least two genres"),
        (np.array([0, 0, 0, 1, 2, 2]), 2, "only one song has label 2; expected at least two of every genre"),
    ],
)
def test_impossible_folds_are_refused(targets: np.ndarray, count: int, sentence: str):
    with pytest.raises(FoldsError, match=sentence):
        stratified_folds(targets, count, seed=0)


def test_a_written_assignment_is_read_back(tmp_path: Path):
    folds = stratified_folds(TARGETS, 3, seed=5)
    path = tmp_path / "folds.csv"
    path.write_text(folds.to_text())
    assert np.array_equal(read_folds(path, rows=18).assignment, folds.assignment)


def test_own_fold_numbers_are_renumbered_in_order(tmp_path: Path):
    path = tmp_path / "folds.txt"
    path.write_text("7\n-1\r\n3\n7\n\n")
    assert read_folds(path, rows=4).assignment.tolist() == [2, 0, 1, 2]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("1\n2\n", "2 fold numbers for 3 training rows"),
        ("1\n1\n1\n", "every row is in fold 1; expected at least 2 different folds"),
        ("1\ntwo\n3\n", 'line 2: "two" is not a whole number'),
        ("1\n1.5\n3\n", 'line 2: "1.5" is not a whole number'),
        ("", "0 fold numbers for 3 training rows"),
    ],
)
def test_a_wrong_fold_file_is_met_by_a_sentence(tmp_path: Path, content: str, sentence: str):
    path = tmp_path / "folds.txt"
    path.write_text(content)
    with pytest.raises(FoldsError, match=sentence):
        read_folds(path, rows=3)


def test_a_genre_that_is_held_out_as_a_whole_is_told():
    with pytest.warns(KitWarning, match=r"all songs with label 1 are held out together \(fold 1\)"):
        warn_of_untrained_genres(TARGETS, Folds((TARGETS == 2).astype(int)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_untrained_genres(TARGETS, stratified_folds(TARGETS, 3, seed=0))


def test_a_missing_fold_file_is_named(tmp_path: Path):
    with pytest.raises(FoldsError, match=r"none.txt: cannot be read: No such file"):
        read_folds(tmp_path / "none.txt", rows=3)


def test_the_fold_count_follows_from_the_assignment():
    assert Folds(np.array([0, 2, 1, 2])).count == 3


def test_whatever_python_takes_for_blanks_may_surround_a_fold_number(tmp_path: Path):
    path = tmp_path / "folds.csv"
    path.write_text("0\x1f\n 1\u2003\n0\n\t1\n")
    assert read_folds(path, 4).assignment.tolist() == [0, 1, 0, 1]
