from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import EDITION_TEXT, run_program

from competition.data.csv_files import read_groups
from competition.data.dataset import Dataset, load_dataset
from competition.data.edition_file import edition_text, read_edition
from competition.data.folds import check_groups_whole, stratified_folds
from competition.data.sample import sample_dataset, write_sample
from competition.errors import DataError, EditionError, FoldsError, KitWarning
from genre_kit.jobs.steps.folds import choose_folds

WITH_GROUPS = EDITION_TEXT.replace('test = "unknown.csv"', 'test = "unknown.csv"\ngroups = "artists.csv"')


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_a_group_lies_in_one_fold_and_every_row_is_held_out_once(seed: int, count: int):
    generator = np.random.default_rng(seed)
    targets = np.repeat([0, 1, 2], [30, 20, 10])
    groups = generator.permutation(np.arange(60) % 15)
    folds = stratified_folds(targets, count, seed, groups=groups)
    assert folds.count == count
    for group in range(15):
        assert len(np.unique(folds.assignment[groups == group])) == 1
    assert sum(len(folds.held_out(fold)) for fold in range(count)) == 60
    check_groups_whole(folds, groups, where="here")


def test_groups_of_one_song_each_leave_the_folds_as_even_as_without():
    targets = np.repeat([0, 1], [40, 20])
    folds = stratified_folds(targets, 4, seed=3, groups=np.arange(60))
    assert {tuple(np.bincount(targets[folds.held_out(fold)])) for fold in range(4)} == {(10, 5)}


def test_other_seeds_shuffle_groups_otherwise():
    targets, groups = np.repeat([0, 1], 30), np.arange(60) // 2
    first, again, other = (stratified_folds(targets, 3, seed, groups=groups).assignment for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_fewer_groups_than_folds_are_refused():
    with pytest.raises(FoldsError, match=r"2 group\(s\) for 3 folds, .*; expected at least as many groups as folds"):
        stratified_folds(np.repeat([0, 1], 6), 3, seed=0, groups=np.arange(12) % 2)


def test_folds_that_leave_a_single_genre_to_train_on_are_refused(dataset: Dataset, tmp_path: Path):
    two = replace(dataset, targets=np.repeat([0, 1], 30))
    path = write(tmp_path / "folds.csv", np.repeat([0, 1], 30))
    with pytest.raises(FoldsError, match=f"{path}: all songs outside fold 0 are of one genre"):
        choose_folds(two, path, seed=0)


def test_folds_of_a_file_must_not_divide_a_group(dataset: Dataset, tmp_path: Path):
    grouped = dataset.with_groups(write(tmp_path / "artists.csv", np.arange(60) // 2))
    path = write(tmp_path / "folds.csv", np.arange(60) % 3)
    message = f"{path}: rows 1 and 2 are of one group, but in different folds"
    with pytest.raises(FoldsError, match=message):
        choose_folds(grouped, path, seed=0)
    assert choose_folds(grouped, write(path, np.arange(60) // 2 % 3), seed=0).folds.count == 3


def test_a_genre_of_one_group_is_told_of(dataset: Dataset, tmp_path: Path):
    ids = np.where(dataset.targets == 2, 100, np.arange(60))
    with pytest.warns(KitWarning, match="have never seen their genre"):
        choose_folds(dataset.with_groups(write(tmp_path / "artists.csv", ids)), 3, seed=0)


def test_ids_may_be_numbers_or_names(tmp_path: Path):
    path = tmp_path / "artists.csv"
    path.write_text("Abba\nMiles Davis\nAbba \n17\n")
    assert read_groups(path).tolist() == [1, 2, 1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n" * 59, r"59 group ids for 60 training songs; expected one a song"),
        ("id\n" + "a\n" * 60, r"61 group ids for 60 training songs \(the file should have no header\)"),
        ("a\n\n" + "a\n" * 58, "line 2: the line is blank"),
        ("", "the file is empty"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_of_groups_that_does_not_fit_is_refused(
    dataset: Dataset, tmp_path: Path, text: str | None, message: str
):
    path = tmp_path / "artists.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataError, match=message):
        dataset.with_groups(path)


def test_an_edition_may_name_a_file_of_groups(competition_folder: Path):
    (competition_folder / "edition.toml").write_text(WITH_GROUPS)
    edition = read_edition(competition_folder / "edition.toml")
    assert edition.files.groups == "artists.csv"
    with pytest.raises(DataError, match=r"artists\.csv: there is no such file"):
        load_dataset(competition_folder, edition)
    write(competition_folder / "artists.csv", np.arange(60) // 3)
    groups = load_dataset(competition_folder, edition).groups.reshape(20, 3)
    assert (groups == groups[:, :1]).all()
    assert sorted(groups[:, 0]) == list(range(20))
    copied = competition_folder / "again.toml"
    copied.write_text(edition_text(edition))
    assert read_edition(copied) == edition


def test_an_edition_without_groups_survives_being_written(edition, tmp_path: Path):
    (tmp_path / "edition.toml").write_text(edition_text(edition))
    assert read_edition(tmp_path / "edition.toml") == edition


def test_groups_need_a_file_of_their_own(tmp_path: Path):
    path = tmp_path / "edition.toml"
    path.write_text(WITH_GROUPS.replace("artists.csv", "songs.csv"))
    with pytest.raises(EditionError, match="is named twice"):
        read_edition(path)


def test_a_written_sample_can_be_read_where_the_edition_has_groups(tmp_path: Path):
    (tmp_path / "edition.toml").write_text(WITH_GROUPS)
    edition = read_edition(tmp_path / "edition.toml")
    write_sample(sample_dataset(edition, training_rows=40, test_rows=5), tmp_path)
    assert load_dataset(tmp_path, edition).groups.tolist() != [0] * 40


def test_a_run_keeps_groups_together(competition_folder: Path, tmp_path: Path):
    groups = np.arange(60) % 12
    path, out = write(tmp_path / "artists.csv", groups), tmp_path / "out"
    arguments = ("--data", competition_folder, "--model", "logistic-regression", "--folds", 3, "--groups", path)
    said = run_program("score", *arguments, "--out", out)
    assert said.returncode == 0, said.stderr
    assignment = np.loadtxt(out / "folds.csv", int)
    assert all(len(np.unique(assignment[groups == group])) == 1 for group in range(12))
    (competition_folder / "short.csv").write_text("1\n2\n")
    said = run_program("score", *arguments[:-1], competition_folder / "short.csv")
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert "short.csv: 2 group ids for 60 training songs" in said.stderr


def write(path: Path, numbers: np.ndarray) -> Path:
    np.savetxt(path, numbers, fmt="%d")
    return path
