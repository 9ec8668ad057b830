"""What columns are taken for, and what is refused because it may be taken for two things."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competition.errors import DataError
from competition.inference.edition import infer
from competition.inference.findings import Wishes

N = 60


def frame(**columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(N, 4)), columns=["a", "b", "c", "e"])
    return table.assign(genre=np.resize(["jazz", "rock", "pop"], N)).assign(**columns)


def inferred(folder: Path, table: pd.DataFrame, **wishes: object):
    table.to_csv(folder / "train.csv", index=False)
    return infer(folder, Wishes(**wishes))  # type: ignore[arg-type]


def test_two_columns_that_may_be_labels_stop_with_the_option_that_decides(tmp_path: Path):
    table = frame(style=np.repeat(["x", "y", "z"], 20))
    with pytest.raises(DataError, match=r"train.csv: genre and style may be the labels; say which: .* --label genre"):
        inferred(tmp_path, table)
    assert inferred(tmp_path, table, label="style").edition.genres == ("x", "y", "z")


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.linspace(0, 1, N), 'column "genre": holds numbers with fractions; expected genres'),
        ([f"g{number}" for number in range(N)], 'column "genre": has 60 values in 60 songs; expected few genres'),
        (["rock"] * N, 'column "genre": has one value in all songs; expected at least two genres'),
    ],
)
def test_a_column_that_cannot_be_labels_is_refused(tmp_path: Path, labels: object, sentence: str):
    with pytest.raises(DataError, match=sentence):
        inferred(tmp_path, frame(genre=labels))


def test_without_labels_the_option_that_names_them_is_said(tmp_path: Path):
    with pytest.raises(DataError, match=r"no column looks like the genres .* --label COLUMN"):
        inferred(tmp_path, frame().drop(columns="genre"))


def test_whole_numbers_with_a_point_are_labels(tmp_path: Path):
    found = inferred(tmp_path, frame(genre=np.resize([0.0, 1.0, 2.0], N)))
    assert found.edition.genres == ("0", "1", "2")


def test_an_id_that_stands_twice_is_refused_and_its_cure_works(tmp_path: Path):
    table = frame(song_id=[*range(100, 100 + N - 1), 103])
    with pytest.raises(DataError, match=r'line 61, column "song_id": the id "103" stood in .* --group "song_id"'):
        inferred(tmp_path, table)
    roles = inferred(tmp_path, table, group="song_id").edition.roles
    assert roles is not None
    assert (roles.group, roles.features) == ("song_id", ("a", "b", "c", "e"))
    table.drop(columns="genre").assign(song_id=range(N)).to_csv(tmp_path / "test.csv", index=False)
    roles = inferred(tmp_path, table, group="song_id").edition.roles
    assert roles is not None and (roles.group, roles.id) == ("song_id", "song_id")


def test_numbers_that_name_something_are_no_features(tmp_path: Path):
    found = inferred(tmp_path, frame(artist_id=np.arange(N) // 4, spectral_centroid=np.arange(N) % 50 * 2))
    assert found.edition.roles is not None
    assert found.edition.roles.leave_out == ("artist_id",)
    assert found.edition.roles.features == ("a", "b", "c", "e", "spectral_centroid")


def test_a_few_texts_among_numbers_are_refused_and_leaving_the_column_out_works(tmp_path: Path):
    table = frame()
    table["b"] = table.b.astype(object)
    table.loc[7, "b"] = "n.d."
    with pytest.raises(DataError, match=r'line 9, column "b": the cell is the text "n\.d\.".*--leave-out "b"'):
        inferred(tmp_path, table)
    roles = inferred(tmp_path, table, leave_out=("b",)).edition.roles
    assert roles is not None and roles.features == ("a", "c", "e")


def test_columns_of_one_file_are_refused_and_leaving_them_out_works(tmp_path: Path):
    frame().drop(columns=["genre", "b"]).assign(d=1.5).to_csv(tmp_path / "test.csv", index=False)
    with pytest.raises(DataError, match=r"test.csv: 1 of the training file's 4 features are missing: b .*--leave-out"):
        inferred(tmp_path, frame())
    with pytest.raises(DataError, match=r"test.csv: the columns d are not in train.csv; .*--leave-out \"d\""):
        inferred(tmp_path, frame(), leave_out=("b",))
    roles = inferred(tmp_path, frame(), leave_out=("b", "d")).edition.roles
    assert roles is not None and roles.features == ("a", "c", "e")


def test_ten_thousand_columns_and_two_hundred_genres_are_read(tmp_path: Path):
    values = np.random.default_rng(0).normal(size=(400, 10_000)).round(3)
    table = pd.DataFrame(values).add_prefix("f").assign(genre=[f"genre {row % 200}" for row in range(400)])
    found = inferred(tmp_path, table)
    assert (found.edition.columns, len(found.edition.genres)) == (10_000, 200)
