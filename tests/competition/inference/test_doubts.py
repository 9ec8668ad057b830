"""What is read all the same, and said to be doubtful."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competition.inference.doubts import share_of_copies
from competition.inference.edition import infer

N = 60


def doubts(folder: Path, train: pd.DataFrame, test: pd.DataFrame | None = None) -> str:
    train.to_csv(folder / "train.csv", index=False)
    if test is not None:
        test.to_csv(folder / "test.csv", index=False)
    return "\n".join(infer(folder).doubts)


@pytest.fixture
def train() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(rng.normal(size=(N, 4)), columns=list("abcd")).assign(genre=np.resize(["pop", "rock"], N))


def test_sound_files_leave_no_doubt(tmp_path: Path, train: pd.DataFrame):
    assert doubts(tmp_path, train, train.drop(columns="genre")) == ""


def test_genres_that_differ_in_writing_and_single_songs_are_said(tmp_path: Path, train: pd.DataFrame):
    train.loc[[0, 1, 2], "genre"] = ["Pop", "Pop", "polka"]
    found = doubts(tmp_path, train)
    assert "the genres Pop and pop differ only in how they are written" in found
    assert "polka has one song, and needs two" in found


@pytest.mark.parametrize("constant_in", ["train", "test"])
def test_a_column_that_is_constant_in_one_file_is_said(tmp_path: Path, train: pd.DataFrame, constant_in: str):
    files = {"train": train, "test": train.drop(columns="genre")}
    files[constant_in] = files[constant_in].assign(b=1.5)
    found = doubts(tmp_path, files["train"], files["test"])
    assert f"b: one value in all rows of {constant_in}.csv, several in" in found
    assert '--leave-out "b"' in found


@pytest.mark.parametrize("parts", [2, 5])
def test_parts_of_songs_that_no_column_shows_are_noticed(tmp_path: Path, parts: int):
    rng = np.random.default_rng(2)
    songs = np.repeat(rng.normal(size=(40, 6)), parts, axis=0)
    values = songs + 0.1 * rng.normal(size=songs.shape)
    table = pd.DataFrame(values, columns=list("abcdef")).assign(genre=np.repeat(np.resize(["pop", "rock"], 40), parts))
    assert "near copies of the row before or behind" in doubts(tmp_path, table)


@pytest.mark.parametrize("seed", range(5))
def test_songs_sorted_by_genre_are_no_copies(seed: int):
    rng = np.random.default_rng(seed)
    targets = np.sort(rng.integers(0, 5, 300))
    values = rng.normal(size=(5, 20))[targets] * 2 + rng.normal(size=(300, 20))
    assert share_of_copies(values, targets) < 0.1
    order = rng.permutation(300)
    assert share_of_copies(values[order], targets[order]) < 0.1


def test_the_scale_of_columns_does_not_matter_and_missing_cells_are_borne():
    rng = np.random.default_rng(4)
    values = np.repeat(rng.normal(size=(50, 8)), 2, axis=0) + 0.05 * rng.normal(size=(100, 8))
    targets = np.repeat(np.arange(50) % 4, 2)
    share = share_of_copies(values, targets)
    assert share > 0.9
    assert share_of_copies(values * 10.0 ** np.arange(8), targets) == share
    values[::7, 3] = np.nan
    assert share_of_copies(values, targets) > 0.5


def test_nothing_is_said_of_copies_where_no_genre_has_two_songs():
    values = np.random.default_rng(0).normal(size=(40, 3))
    assert share_of_copies(values, np.arange(40)) == 0.0
