"""Data frames are looked at as the files that they would be."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competition.data.loading import load_dataset
from competition.errors import ArgumentError, KitWarning
from competition.inference.find import find_edition
from competition.inference.frames import as_folder


@pytest.fixture
def songs() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(rng.normal(size=(30, 4)), columns=["tempo", "energy", "pitch", "noise"])
    return frame.assign(style=rng.permutation(np.resize(["rock", "jazz, free", "polka"], 30)))


@pytest.mark.parametrize("form", ["column", "series", "array", "table"])
def test_labels_may_be_a_column_a_series_an_array_or_a_table(songs: pd.DataFrame, form: str):
    train = songs if form == "column" else songs.drop(columns="style")
    labels = {
        "column": "style",
        "series": songs["style"],
        "array": songs["style"].to_numpy(),
        "table": songs[["style"]],
    }
    with as_folder(train, labels[form], None) as folder, pytest.warns(KitWarning, match="the data frames are taken"):
        edition = find_edition(None, folder)
        dataset = load_dataset(folder, edition, with_test=False)
    assert edition.genres == ("jazz, free", "polka", "rock")
    assert [edition.genres[target] for target in dataset.targets] == list(songs["style"])
    np.testing.assert_array_equal(dataset.features, songs[["tempo", "energy", "pitch", "noise"]].to_numpy(np.float32))
    assert edition.submission.label == ("label" if form == "array" else "style")


def test_a_named_index_is_the_songs_id_and_another_is_left_out(songs: pd.DataFrame):
    train = songs.set_index(pd.Index([f"s{number}" for number in range(30)], name="song_id"))
    test = train[:5].drop(columns="style")
    with as_folder(train, None, test) as folder, pytest.warns(KitWarning):
        dataset = load_dataset(folder, find_edition(None, folder))
    assert dataset.ids == tuple(train.index)
    assert dataset.entries.ids == tuple(test.index)
    with as_folder(songs, None, None) as folder, pytest.warns(KitWarning):
        assert load_dataset(folder, find_edition(None, folder), with_test=False).ids is None


def test_the_files_are_gone_afterwards(songs: pd.DataFrame):
    with as_folder(songs, None, None) as folder:
        assert (folder / "train.csv").is_file()
    assert not Path(folder).exists()


def test_labels_that_do_not_fit_are_refused(songs: pd.DataFrame):
    with pytest.raises(ArgumentError, match='`labels` is "genre", which is no column of `train`; it has tempo, energy'):
        as_folder(songs, "genre", None).__enter__()
    with pytest.raises(ArgumentError, match="`labels` has 29 labels for 30 songs of `train`; expected one a song"):
        as_folder(songs.drop(columns="style"), songs["style"][1:], None).__enter__()


def test_hints_about_data_frames_are_about_data_frames(songs: pd.DataFrame):
    odd = songs.assign(length=np.arange(30.0))
    with as_folder(odd, None, None) as folder, pytest.warns(KitWarning) as told:
        find_edition(None, folder)
    words = "\n".join(str(one.message) for one in told)
    assert "leave it out: drop that column from the data frames" in words
    assert "--" not in words and "python -m" not in words
