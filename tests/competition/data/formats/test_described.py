"""Files of an edition that says what their columns are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.data.edition import Edition, Files, Roles, SubmissionForm
from competition.data.edition_file import everything, gaps_block
from competition.data.formats.described import DescribedFiles, places_of
from competition.data.loading import load_dataset
from competition.errors import DataError, KitWarning


def edition_of(files: Files, submission: SubmissionForm | None = None, **roles: object) -> Edition:
    described = Roles(features=("a", "b"), **roles)  # type: ignore[arg-type]
    gaps = gaps_block(described, 2)
    blocks = (everything(described.features), *([] if gaps is None else [gaps]))
    form = submission or SubmissionForm(first_label=None)
    return Edition("t", "T", ("jazz", "rock"), "rock", files, blocks, roles=described, submission=form)


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


TRAIN = "id,a,b,genre\nx,1,2,rock\ny,3,4,jazz\nz,5,6,rock\n"
ROW = edition_of(Files("train.csv", test="test.csv"), id="id", label="genre")


def test_columns_are_matched_by_name_and_ids_are_kept(tmp_path: Path):
    write(tmp_path, train=TRAIN, test="b,note,a,id\n8,n,7,w\n10,n,9,v\n")
    with pytest.warns(KitWarning, match="another order than in the training file; matched by name"):
        dataset = load_dataset(tmp_path, ROW)
    np.testing.assert_array_equal(dataset.features, [[1, 2], [3, 4], [5, 6]])
    np.testing.assert_array_equal(dataset.test_features, [[7, 8], [9, 10]])
    np.testing.assert_array_equal(dataset.targets, [1, 0, 1])
    assert (dataset.ids, dataset.entries.ids) == (("x", "y", "z"), ("w", "v"))


def test_labels_are_matched_by_id_and_more_of_them_are_borne(tmp_path: Path):
    labels = "genre,id\nrock,z\njazz,y\njazz,other\nrock,x\n"
    write(tmp_path, train=TRAIN.replace("genre", "note"), labels=labels)
    edition = edition_of(Files("train.csv", labels="labels.csv"), id="id", label="genre")
    np.testing.assert_array_equal(load_dataset(tmp_path, edition, with_test=False).targets, [1, 0, 1])


@pytest.mark.parametrize("first", [0, 1])
def test_labels_are_numbers_from_the_first_one(tmp_path: Path, first: int):
    text = TRAIN.replace("rock", f"{first + 1}.0").replace("jazz", str(first))
    write(tmp_path, train=text)
    edition = edition_of(Files("train.csv"), label="genre", first_label=first)
    np.testing.assert_array_equal(load_dataset(tmp_path, edition, with_test=False).targets, [1, 0, 1])


@pytest.mark.parametrize("place", range(4))
def test_a_test_file_without_header_lacks_the_labels_column_wherever_it_is(tmp_path: Path, place: int):
    def row(cells: list[str], *label: str) -> str:
        return ",".join([*cells[:place], *label, *cells[place:]]) + "\n"

    names = [str(number) for number in range(1, 5) if number != place + 1]
    write(tmp_path, train=row(["1.5", "2", "x"], "rock") + row(["3", "4", "y"], "jazz"), test="5,6,w\n7,8,v\n")
    edition = edition_of(Files("train.csv", test="test.csv"), id=names[2], label=str(place + 1), header=False)
    assert edition.roles is not None
    edition = replace(edition, roles=replace(edition.roles, features=tuple(names[:2])))
    dataset = load_dataset(tmp_path, edition)
    np.testing.assert_array_equal(dataset.features, [[1.5, 2], [3, 4]])
    np.testing.assert_array_equal(dataset.test_features, [[5, 6], [7, 8]])
    assert dataset.entries.ids == ("w", "v")


def test_missing_cells_are_refused_or_kept_with_a_column_that_says_where(tmp_path: Path):
    write(tmp_path, train=TRAIN.replace("x,1,", "x,,"))
    refused = edition_of(Files("train.csv"), label="genre")
    with pytest.raises(DataError, match=r"train.csv, line 2: of 3 songs 1 cells are missing in 1 column\(s\): a \(1\)"):
        load_dataset(tmp_path, refused, with_test=False)
    filled = edition_of(Files("train.csv"), label="genre", missing="median", gaps=("a",))
    features = load_dataset(tmp_path, filled, with_test=False).features
    np.testing.assert_array_equal(features, [[np.nan, 2, 1], [3, 4, 0], [5, 6, 0]])


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("y,3,4,jazz", "y,3,4,Jazz", r'train.csv, line 3, column "genre": the label "Jazz" .*did you mean "jazz"\?'),
        ("y,3,4,jazz", "y,3,4,NA", r'train.csv, line 3, column "genre": the label is missing; expected one of jazz'),
        ("y,3,4", "y,3e39,4", r'train.csv, line 3, column "a": 3e\+39 is too large'),
        ("id,a,b", "id,A,b", r'1 column\(s\) are missing: a \(it has "A"\)'),
    ],
)
def test_mistakes_are_met_by_their_places(tmp_path: Path, old: str, new: str, sentence: str):
    write(tmp_path, train=TRAIN.replace(old, new))
    with pytest.raises(DataError, match=sentence):
        load_dataset(tmp_path, edition_of(Files("train.csv"), label="genre"), with_test=False)


def test_rows_of_songs_are_lines_of_the_template_by_their_groups(tmp_path: Path):
    write(tmp_path, train=TRAIN, test="id,a,b\ns.1,1,2\nt.1,3,4\ns.2,5,6\n", template="song,genre\nt,x\ns,x\n")
    form = SubmissionForm(id="song", first_label=None, order="template", rows="songs")
    files = Files("train.csv", test="test.csv", template="template.csv")
    edition = edition_of(files, form, id="id", label="genre", group="id", group_pattern=r"(.+)\.\d")
    ids, places = DescribedFiles(tmp_path, edition).test_entries()
    assert ids == ("t", "s")
    np.testing.assert_array_equal(places, [1, 0, 1])


def test_ids_of_songs_without_ids_are_counted_as_the_template_counts():
    assert places_of(["1", "0"], 2) == ["0", "1"]
    assert places_of(["2", "1"], 2) == ["1", "2"]
    assert places_of(["b", "a"], 2) == ["b", "a"]
    assert places_of(["b", "a", "c"], 2) == places_of(None, 2) == ["1", "2"]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("artist,a,b,id\nM,1,2,u\nN,3,4,v\nM,5,6,w\n", [0, 1, 0]),
        ("artist,a,b,id\nM,1,2,u\n,3,4,v\n,5,6,w\n", [0, 1, 2]),  # nobody knows that the last two are one artist's
        ("a,b,id\n1,2,u\n3,4,v\n5,6,w\n", None),
    ],
    ids=["known", "missing", "no such column"],
)
def test_the_test_songs_groups_are_read_where_their_file_says_them(
    tmp_path: Path, test: str, expected: list[int] | None
):
    write(tmp_path, train="artist," + TRAIN.replace("\n", "\nK,", 3), test=test)
    dataset = load_dataset(tmp_path, replace(ROW, roles=replace(ROW.roles, group="artist")))
    np.testing.assert_array_equal(dataset.groups, [0, 0, 0])
    found = dataset.test_groups
    assert (None if found is None else found.tolist()) == expected
    grouped = write(tmp_path, others="1\n2\n1\n") / "others.csv"
    assert dataset.with_groups(grouped).test_groups is None  # these are other groups than the column's
