"""How a submission looks where no sample submission says so; and which texts in one are doubtful."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competition.errors import DataError
from competition.inference.edition import infer


def write(folder: Path, *, has_header: bool = True, **tables: pd.DataFrame) -> Path:
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, header=has_header)
    return folder


@pytest.fixture
def songs() -> pd.DataFrame:
    numbers = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 4)), columns=list("abcd"))
    return numbers.assign(song_id=np.arange(300, 360), genre=np.resize(["jazz", "rock"], 60))


def test_names_are_those_of_the_training_file(tmp_path: Path, songs: pd.DataFrame):
    form = infer(write(tmp_path, train=songs[:40], test=songs[40:].drop(columns="genre"))).edition.submission
    assert (form.id, form.label, form.order) == ("song_id", "genre", "test")


def test_columns_without_names_are_handed_in_under_the_usual_ones(tmp_path: Path, songs: pd.DataFrame):
    bare = songs.drop(columns="song_id")
    place = write(tmp_path, has_header=False, train=bare[:40], test=bare[40:].drop(columns="genre"))
    form = infer(place).edition.submission
    assert (form.id, form.label) == ("Sample_id", "Sample_label")


def test_the_name_of_a_column_alone_in_its_file_is_that_of_the_labels(tmp_path: Path, songs: pd.DataFrame):
    tables = {"x_train": songs[:40].drop(columns="genre"), "x_test": songs[40:].drop(columns="genre")}
    form = infer(write(tmp_path, **tables, y_train=songs[["genre"]][:40])).edition.submission
    assert form.label == "genre"


def test_numbers_and_other_texts_in_the_template_are_doubtful(tmp_path: Path, songs: pd.DataFrame):
    test = songs[40:].drop(columns="genre")
    template = test[["song_id"]].assign(genre=0)
    place = write(tmp_path, train=songs[:40], test=test, sample_submission=template)
    assert any("has the number 0 in genre, and the training file names" in doubt for doubt in infer(place).doubts)
    write(tmp_path, sample_submission=template.assign(genre=np.resize(["rock", "polka"], 20)))
    assert any('has "polka" in genre, which is no genre' in doubt for doubt in infer(place).doubts)


def test_numbered_columns_are_doubtful_where_genres_have_names(tmp_path: Path, songs: pd.DataFrame):
    test = songs[40:].drop(columns="genre")
    template = test[["song_id"]].assign(Class_2=0.5, Class_1=0.5)
    found = infer(write(tmp_path, train=songs[:40], test=test, sample_submission=template))
    assert found.edition.submission.classes == (("Class_2", "rock"), ("Class_1", "jazz"))
    assert any("Class_1 is taken for jazz" in doubt for doubt in found.doubts)


def test_a_genre_that_only_the_template_knows_has_a_column_and_a_doubt(tmp_path: Path, songs: pd.DataFrame):
    test = songs[40:].drop(columns="genre")
    template = test[["song_id"]].assign(rock=0.25, polka=0.25, jazz=0.25, ska=0.25)
    found = infer(write(tmp_path, train=songs[:40], test=test, sample_submission=template))
    assert found.edition.genres == ("jazz", "polka", "rock", "ska")
    assert found.edition.submission.classes == tuple((name, name) for name in ("rock", "polka", "jazz", "ska"))
    assert found.edition.fallback in ("jazz", "rock")
    assert "sample_submission.csv has columns without training songs: polka, ska." in found.doubts


@pytest.mark.parametrize("cells", ["Public", range(20), -0.5])
def test_a_column_that_holds_no_probabilities_is_no_genre(cells: object, tmp_path: Path, songs: pd.DataFrame):
    test = songs[40:].drop(columns="genre")
    template = test[["song_id"]].assign(rock=0.5, jazz=0.5, Usage=cells)
    with pytest.raises(DataError, match='the column "Usage" is no genre of the training file; expected one for each'):
        infer(write(tmp_path, train=songs[:40], test=test, sample_submission=template))
