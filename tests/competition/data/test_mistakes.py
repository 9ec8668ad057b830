"""Files of an edition that says what their columns are: which mistakes are named, and how many there are."""

from pathlib import Path

import numpy as np
import pytest

from competition.data.edition_file import load_edition
from competition.data.formats.opening import open_files
from competition.errors import DataError

EDITION = """
name = "named"
title = "Named columns"
genres = ["jazz", "rock"]
fallback = "jazz"

[files]
train = "train.csv"

[columns]
label = "genre"
features = ["a", "b"]
header = true
"""


def training_songs(folder: Path, rows: list[str], *, missing: str = "refuse", decimal: str = ".") -> np.ndarray:
    (folder / "edition.toml").write_text(f'{EDITION}missing = "{missing}"\n')
    separator = "," if decimal == "." else ";"
    (folder / "train.csv").write_text("\n".join([separator.join(("a", "b", "genre")), *rows]) + "\n")
    return open_files(folder, load_edition(folder / "edition.toml")).training_songs()


@pytest.mark.parametrize(
    ("rows", "place", "sentence"),
    [
        (["1,loud,jazz", "2,3,rock"], 'line 2, column "b"', 'the cell is the text "loud"'),
        (["1,2,jazz", "1,loud,jazz", "low,3,rock"], 'line 3, column "b"', 'the cell is the text "loud"'),
        (["1,2,jazz", "inf,3,rock", "1,loud,rock"], 'line 3, column "a"', "the cell is infinite"),
        (["1,2,jazz", "1e39,3,rock"], 'line 3, column "a"', "1e+39 is too large"),
        (["1,2,jazz", ",3,rock"], "line 3", "of 2 songs 1 cells are missing in 1 column"),
    ],
)
def test_the_first_wrong_cell_is_named(tmp_path: Path, rows: list[str], place: str, sentence: str):
    with pytest.raises(DataError) as caught:
        training_songs(tmp_path, rows)
    assert str(caught.value).startswith(f"{tmp_path / 'train.csv'}, {place}: {sentence}")


def test_lines_with_mistakes_of_all_kinds_are_counted(tmp_path: Path):
    rows = ["1,2,jazz", "1,loud,jazz", "inf,3,rock", ",4,rock", "1e39,1e39,rock", "low,,jazz", "5,6,rock"]
    with pytest.raises(
        DataError, match=r"line 3, .* In all, 5 of the 7 lines hold a mistake, of this kind or another\.$"
    ):
        training_songs(tmp_path, rows)
    with pytest.raises(DataError, match=r"In all, 4 of the 7 lines"):
        training_songs(tmp_path, rows, missing="median")
    with pytest.raises(DataError) as caught:
        training_songs(tmp_path, ["1,2,jazz", "1,loud,jazz"])
    assert "In all" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:.*separated by semicolons")
def test_decimal_commas_are_no_mistakes(tmp_path: Path):
    with pytest.raises(DataError, match=r'line 4, column "a": the cell is the text "low"') as caught:
        training_songs(tmp_path, ["1,5;2,5;jazz", "2,5;3,5;rock", "low;3,5;rock"], decimal=",")
    assert "In all" not in str(caught.value)


def test_labels_that_are_no_genres_are_counted(tmp_path: Path):
    training_songs(tmp_path, ["1,2,jazz", "1,2,polka", "1,2,rock", "1,2,"])
    files = open_files(tmp_path, load_edition(tmp_path / "edition.toml"))
    with pytest.raises(DataError, match=r'line 3, .* label "polka" is no genre .* In all, 2 of the 4 lines'):
        files.targets()
