"""Which file is which; and files that cannot be what their names say."""

from pathlib import Path

import pandas as pd
import pytest

from competition.data.loading import load_dataset
from competition.errors import DataError
from competition.inference.edition import infer
from competition.inference.files import shared_id
from competition.inference.findings import Wishes
from competition.inference.folder import read_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Training songs with ids, their labels beside, and test songs."""
    numbers = [[number % 7 + 0.5, number % 5 + 0.25, number * 1.5] for number in range(60)]
    songs = pd.DataFrame(numbers, columns=["a", "b", "c"])
    songs.insert(0, "song_id", range(500, 560))
    songs[:40].to_csv(tmp_path / "train.csv", index=False)
    songs[40:].to_csv(tmp_path / "test.csv", index=False)
    songs[:40][["song_id"]].assign(genre=["jazz", "rock"] * 20).to_csv(tmp_path / "labels.csv", index=False)
    return tmp_path


def edit(path: Path, line: int, old: str, new: str) -> None:
    lines = path.read_text().splitlines()
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("\n".join(lines) + "\n")


def test_a_column_is_shared_where_most_of_its_ids_are_in_both(folder: Path):
    tables = read_folder(folder).tables
    assert shared_id(tables["train.csv"], tables["labels.csv"]) == "song_id"
    assert shared_id(tables["test.csv"], tables["labels.csv"]) is None


@pytest.mark.parametrize(
    ("name", "line", "old", "new", "sentence"),
    [
        ("train.csv", 3, "501,", "501,9,", r"train.csv, line 3: 5 cells; expected 4"),
        ("test.csv", 5, "543,", "", r"test.csv, line 5: 3 cells; expected 4"),
        ("labels.csv", 1, "genre", "song_id", r'labels.csv, line 1: columns 1 and 2 are both named "song_id"'),
        ("test.csv", 1, "a,b", "A,b", r'test.csv: 1 of the training file\'s 3 features are missing: a \(it has "A"\)'),
        ("test.csv", 1, "a,b,c", "a,b,c,d", "test.csv, line 2: 4 cells; expected 5"),
        ("train.csv", 1, "song_id,a,b,c", "1,9,3,4", "train.csv: has no header, and test.csv has one"),
        ("test.csv", 1, "song_id,a,b,c", "1,9,3,4", "test.csv: has no header, and train.csv has one"),
        ("train.csv", 9, "507,", "501,", r'train.csv, line 9, column "song_id": the id "501" stood in line 3 already'),
        ("test.csv", 9, "547,", "541,", r'test.csv, line 9, column "song_id": the id "541" stood in line 3 already'),
        (
            "labels.csv",
            9,
            "507,",
            "501,",
            r'labels.csv, line 9, column "song_id": the id "501" stood in line 3 already',
        ),
        ("labels.csv", 9, "507,", "907,", r'labels.csv: 1 of the 40 songs .* first song_id "507" \(line 9 there\)'),
        ("labels.csv", 9, "rock", "", r'labels.csv, line 9, column "genre": the label is missing'),
        ("labels.csv", 9, "rock", "?", r'labels.csv, line 9, column "genre": the label is missing'),
        ("train.csv", 9, "507,0.5", "507,x", r'train.csv, line 9, column "a": the cell is the text "x"'),
        ("test.csv", 9, "547,5.5", "547,x", r'test.csv, line 9, column "a": the cell is the text "x"'),
        ("test.csv", 9, "547,5.5", "547,inf", r'test.csv, line 9, column "a": the cell is infinite'),
        ("test.csv", 9, "547,5.5", "547,", r"test.csv, line 9: of 20 songs 1 cells are missing"),
        ("train.csv", 9, "507,0.5", "507,1e39", r'train.csv, line 9, column "a": 1e\+39 is too large'),
    ],
)
def test_one_mistake_is_met_by_its_file_and_line(folder: Path, name: str, line: int, old: str, new: str, sentence: str):
    edit(folder / name, line, old, new)
    with pytest.raises(DataError, match=sentence):
        load_dataset(folder, infer(folder).edition)


def test_labels_of_other_songs_are_refused_with_how_many_and_the_first(folder: Path):
    labels = pd.read_csv(folder / "labels.csv")
    labels.assign(song_id=labels.song_id + 1000).to_csv(folder / "labels.csv", index=False)
    with pytest.raises(DataError, match=r'labels.csv: 40 of the 40 songs of train.csv have no label here.*"500"'):
        infer(folder)


def test_answers_for_the_test_songs_are_not_taken_for_labels(folder: Path):
    songs = pd.read_csv(folder / "train.csv").assign(genre=["jazz", "rock"] * 20)
    songs.to_csv(folder / "train.csv", index=False)
    (folder / "labels.csv").unlink()
    test = pd.read_csv(folder / "test.csv")
    test[["song_id"]].assign(genre=["jazz", "rock"] * 10).to_csv(folder / "truth.csv", index=False)
    found = infer(folder)
    assert found.edition.files.labels is None
    assert any(one.what == "not used" and one.taken == "truth.csv" for one in found.findings)


def test_an_unreadable_file_is_not_needed_where_another_is_named(folder: Path):
    (folder / "test_old.csv").write_text("a,b\n1\n")
    found = infer(folder, Wishes(test="test.csv"))
    assert any(one.what == "not read" and "line 2: 1 cells" in one.why for one in found.findings)


def test_ids_of_a_template_must_be_the_test_songs(folder: Path):
    ids = pd.read_csv(folder / "test.csv")[["song_id"]].assign(genre="rock")
    ids[3:].to_csv(folder / "sample_submission.csv", index=False)
    with pytest.raises(DataError, match=r'sample_submission.csv: 3 test songs are not in it, first "540"'):
        load_dataset(folder, infer(folder).edition)
    ids.assign(song_id=ids.song_id + 1000).to_csv(folder / "sample_submission.csv", index=False)
    with pytest.raises(DataError, match=r'its 20 ids, such as "1540", are not those of test.csv, which has others'):
        infer(folder)


def test_two_files_of_labels_stop_with_the_option_that_decides(folder: Path):
    (folder / "other_labels.csv").write_text((folder / "labels.csv").read_text())
    with pytest.raises(DataError, match=r"labels.csv and other_labels.csv may be the labels; .*--labels labels.csv"):
        infer(folder)
    assert infer(folder, Wishes(labels="labels.csv")).edition.files.labels == "labels.csv"


def test_cells_that_blanks_divide_are_met_by_what_divides_them(folder: Path):
    for name in ("train.csv", "test.csv", "labels.csv"):
        (folder / name).write_text((folder / name).read_text().replace(",", " "))
    with pytest.raises(DataError, match=r"train.csv: each line is one cell with blanks in it; expected cells"):
        infer(folder)


def test_prose_beside_the_data_is_not_taken_for_songs(folder: Path):
    for name in ("train.csv", "test.csv"):
        (folder / name).unlink()
    (folder / "notes.txt").write_text("The songs of our class\nThese are 40 songs of 2 genres and so on\n" * 3)
    with pytest.raises(DataError, match="no table in it has columns of features"):
        infer(folder)
