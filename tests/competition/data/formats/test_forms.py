"""A known edition's files in the forms in which people have them: read to the same numbers, and said."""

import gzip
import io
import shutil
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from competition.data.dataset import Dataset
from competition.data.edition import Edition
from competition.data.formats.csv_files import read_labels, read_songs
from competition.data.formats.opening import open_files
from competition.data.formats.wrapping import data_place
from competition.data.loading import load_dataset
from competition.errors import DataError, KitWarning

NAMES = [f"c{number}" for number in range(10)]


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return buffer.getvalue()


def lines_of(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")


def with_header(text: str) -> str:
    return ",".join(NAMES) + "\n" + text


def with_row_names(text: str) -> str:
    rows = [f'"{number}",{line}' for number, line in enumerate(lines_of(text), 1)]
    return "\n".join([",".join(f'"{name}"' for name in ["", *NAMES]), *rows]) + "\n"


def with_semicolons(text: str) -> str:
    return text.replace(",", ";").replace(".", ",")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_header, "the first line is a header"),
        (with_row_names, "the first column, row names, is left out"),
        (with_semicolons, "cells are separated by semicolons, with decimal commas"),
        (lambda text: text.replace(",", "\t"), "cells are separated by tabs"),
        (lambda text: with_header(text).replace(",", "\t"), "separated by tabs; the first line is a header"),
        (lambda text: text.replace("\n", "\r").encode(), "its lines end in carriage returns"),
        (lambda text: text.encode("utf-16"), "is UTF-16 text"),
        (lambda text: gzip.compress(text.encode()), "is gzipped, whatever its name says"),
        (lambda text: zipped(songs_csv=text.encode()), "is a zip archive, whatever its name says"),
        (
            lambda text: zipped(songs_csv=with_header(text).encode("utf-16")),
            "is UTF-16 text; the first line is a header",
        ),
    ],
)
def test_features_in_other_forms_are_the_same_numbers(
    competition_folder: Path, edition: Edition, dataset: Dataset, change: Callable[[str], str | bytes], said: str
):
    path = competition_folder / "songs.csv"
    changed = change(path.read_text())
    path.write_bytes(changed.encode() if isinstance(changed, str) else changed)
    with pytest.warns(KitWarning, match=said):
        songs = read_songs(path, edition)
    np.testing.assert_array_equal(songs.features, dataset.features)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda labels: ["genre", *labels], "the first line is a header"),
        (
            lambda labels: [f"{number},{label}" for number, label in enumerate(labels)],
            "counts the rows and is left out",
        ),
        (
            lambda labels: ["id,genre", *(f"{n},{label}" for n, label in enumerate(labels, 1))],
            "header; the first column",
        ),
        (lambda labels: [",".join(labels)], "the labels stand in one row"),
        (lambda labels: [["Rock", "JAZZ", "polka"][int(label) - 1] for label in labels], "labels are names of genres"),
    ],
)
def test_labels_in_other_forms_are_the_same(
    competition_folder: Path, edition: Edition, dataset: Dataset, change: Callable[[list[str]], list[str]], said: str
):
    path = competition_folder / "genres.csv"
    path.write_text("\n".join(change(lines_of(path.read_text()))) + "\n")
    with pytest.warns(KitWarning, match=said):
        targets = read_labels(path, edition)
    np.testing.assert_array_equal(targets, dataset.targets)


@pytest.mark.filterwarnings("ignore::competition.errors.KitWarning")
def test_columns_in_another_order_are_put_right_by_name(competition_folder: Path, edition: Edition, dataset: Dataset):
    songs, unknown = competition_folder / "songs.csv", competition_folder / "unknown.csv"
    songs.write_text(with_header(songs.read_text()))
    order = np.random.default_rng(0).permutation(10)
    rows = [",".join(np.array(line.split(","))[order]) for line in [",".join(NAMES), *lines_of(unknown.read_text())]]
    unknown.write_text("\n".join(rows) + "\n")
    with pytest.warns(KitWarning, match="columns are in another order than the training file's; put right by name"):
        found = load_dataset(competition_folder, edition)
    np.testing.assert_array_equal(found.features, dataset.features)
    np.testing.assert_array_equal(found.test_features, dataset.test_features)


@pytest.mark.filterwarnings("ignore::competition.errors.KitWarning")
@pytest.mark.parametrize(
    ("training", "test", "sentence"),
    [
        (True, None, "the training file has a header and the test file none"),
        (False, NAMES, "the test file has a header and the training file none"),
        (True, [*NAMES[:-1], "other"], "has 'other' and lacks 'c9', unlike the training file"),
    ],
)
def test_headers_that_do_not_match_are_refused(
    competition_folder: Path, edition: Edition, training: bool, test: list[str] | None, sentence: str
):
    songs, unknown = competition_folder / "songs.csv", competition_folder / "unknown.csv"
    songs.write_text(with_header(songs.read_text()) if training else songs.read_text())
    unknown.write_text(unknown.read_text() if test is None else ",".join(test) + "\n" + unknown.read_text())
    with pytest.raises(DataError, match=sentence):
        load_dataset(competition_folder, edition)


def test_a_header_of_the_test_file_alone_is_read_without_a_training_file(competition_folder: Path, edition: Edition):
    unknown = competition_folder / "unknown.csv"
    unknown.write_text(with_header(unknown.read_text()))
    (competition_folder / "songs.csv").unlink()
    with pytest.warns(KitWarning, match="the first line is a header"):
        assert open_files(competition_folder, edition).test_songs().shape == (7, 10)


def test_files_one_folder_down_are_found(competition_folder: Path, tmp_path: Path, edition: Edition, dataset: Dataset):
    shutil.copytree(competition_folder, tmp_path / "outer" / "download")
    with pytest.warns(KitWarning, match="outer: the files are in .*download"):
        found = load_dataset(tmp_path / "outer", edition)
    assert found.fingerprint == dataset.fingerprint


def test_an_archive_of_all_files_is_read(competition_folder: Path, edition: Edition, dataset: Dataset):
    path = competition_folder.parent / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in competition_folder.iterdir():
            archive.write(one, one.name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = load_dataset(data_place(path), edition)
    assert found.fingerprint == dataset.fingerprint
    assert not list(competition_folder.parent.glob("all/*"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK", "is not a whole archive"),
        (zipped(), "the archive is empty; download it again"),
        (zipped(**{"ä_csv": b"1\n"}).replace("ä".encode(), b"\xff\xff"), "is not a whole archive"),
        (zipped(a_csv=b"1\n", b_csv=b"2\n"), r"the archive holds 2 files \(a.csv, b.csv\); expected one: unpack it"),
        (zipped(a_csv=b"0" * 2**25), "a.csv would unpack to 33,554,432 bytes, over 1000 times its size"),
    ],
    ids=["cut", "empty", "a name that is no text", "two", "bomb"],
)
def test_archives_that_cannot_be_read_are_refused(tmp_path: Path, edition: Edition, content: bytes, sentence: str):
    path = tmp_path / "songs.csv.zip"
    path.write_bytes(content if content != b"PK" else zipped(a_csv=b"1,2\n" * 9)[:-30])
    with pytest.raises(DataError, match=sentence):
        read_songs(path, edition)


def test_an_archive_whose_member_has_no_name_is_refused(tmp_path: Path):
    member = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", *[0] * 18)
    (tmp_path / "a.zip").write_bytes(member + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(member), 0, 0))
    with pytest.raises(DataError, match="is not a whole archive; download or pack it again"):
        data_place(tmp_path / "a.zip")


def test_an_encrypted_archive_is_refused(tmp_path: Path, edition: Edition):
    content = bytearray(zipped(a_csv=b"1,2\n"))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "songs.csv.zip").write_bytes(bytes(content))
    with pytest.raises(DataError, match="the archive is encrypted; unpack it with its password"):
        read_songs(tmp_path / "songs.csv.zip", edition)
    with pytest.raises(DataError, match="the archive is encrypted"):
        data_place(tmp_path / "songs.csv.zip")


def test_labels_among_the_features_are_refused(competition_folder: Path, edition: Edition):
    songs, labels = (competition_folder / name for name in ("songs.csv", "genres.csv"))
    rows, answers = lines_of(songs.read_text()), lines_of(labels.read_text())
    songs.write_text("".join(f"{row},{label}\n" for row, label in zip(rows, answers, strict=True)))
    with pytest.raises(DataError, match=r"its last column holds the labels of genres.csv; expected features"):
        load_dataset(competition_folder, edition)
    songs.write_text("".join(f"{row.split(',', 1)[1]},{label}\n" for row, label in zip(rows, answers, strict=True)))
    with pytest.raises(DataError, match="column 10 equals the labels in all 60 songs"):
        load_dataset(competition_folder, edition)


def test_swapped_files_are_named_as_such(competition_folder: Path, edition: Edition):
    songs, unknown = competition_folder / "songs.csv", competition_folder / "unknown.csv"
    training, test = songs.read_text(), unknown.read_text()
    songs.write_text(test)
    unknown.write_text(training)
    with pytest.raises(DataError, match=r"60 labels, as many as there are rows in unknown.csv, .* look swapped"):
        load_dataset(competition_folder, edition)


def test_a_mistake_in_the_features_is_said_before_missing_labels(competition_folder: Path, edition: Edition):
    songs = competition_folder / "songs.csv"
    songs.write_text("loud," + songs.read_text())
    (competition_folder / "genres.csv").unlink()
    with pytest.raises(DataError, match=r"songs.csv, line 1: 11 columns"):
        load_dataset(competition_folder, edition)
