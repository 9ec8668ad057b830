"""An archive from elsewhere: nothing of it leaves its folder, and none of it fills the disk."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competition.errors import DataError, KitError, RunError
from genre_kit.kaggle import unpacking
from genre_kit.kaggle.unpacking import unpack


def packed(place: Path, files: dict[str, bytes]) -> Path:
    path = place / "songs.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "inside" / "unpacked"
    place.mkdir(parents=True)
    return place


def test_files_are_as_they_were_packed(tmp_path: Path, folder: Path):
    files = {"train.csv": b"a,b\n", "more/test.csv": b"1,2\n", "__MACOSX/train.csv": b"clutter"}
    assert unpack(packed(tmp_path, files), folder) == ("train.csv", "more/test.csv")
    assert (folder / "more" / "test.csv").read_bytes() == b"1,2\n"
    assert not (folder / "__MACOSX").exists()


@pytest.mark.parametrize("name", ["../out.csv", "/tmp/out.csv", "more/../../out.csv", "..\\out.csv", "more/../../../x"])
def test_no_path_leads_outside_and_nothing_is_written_then(tmp_path: Path, folder: Path, name: str):
    archive = packed(tmp_path, {"train.csv": b"1\n", name: b"2\n"})
    with pytest.raises(DataError, match="leads outside"):
        unpack(archive, folder)
    assert list(folder.iterdir()) == []
    assert {one.name for one in tmp_path.rglob("*")} == {"songs.zip", "inside", "unpacked"}


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["..", ".", "", "a", "b", "~", "C:", "\\", "..\\.."]), min_size=1, max_size=5))
def test_whatever_a_path_is_what_is_written_is_inside(tmp_path_factory: pytest.TempPathFactory, parts: list[str]):
    place = tmp_path_factory.mktemp("any")
    folder = place / "unpacked"
    folder.mkdir()
    archive = packed(place, {"/".join(parts) + "x": b"1\n"})
    try:
        names = unpack(archive, folder)
    except KitError:
        names = ()
    everything = {one for one in place.rglob("*") if one.is_file()}
    assert everything - {archive} == {folder / name for name in names}


def test_a_bomb_is_refused(tmp_path: Path, folder: Path):
    with pytest.raises(DataError, match="over 1000 times its size"):
        unpack(packed(tmp_path, {"train.csv": b"0" * 2**25}), folder)
    assert list(folder.iterdir()) == []


def test_what_is_too_large_in_all_is_refused(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 100)
    with pytest.raises(DataError, match=r"would unpack to 102 bytes; expected at most 100"):
        unpack(packed(tmp_path, {"train.csv": b"0" * 51, "test.csv": b"1" * 51}), folder)
    monkeypatch.setattr(unpacking, "MOST_BYTES", 102)
    assert len(unpack(packed(tmp_path, {"train.csv": b"0" * 51, "test.csv": b"1" * 51}), folder)) == 2


def test_what_does_not_fit_on_the_disk_is_refused(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unpacking, "_SPARE", 10**18)
    with pytest.raises(RunError, match="free some space"):
        unpack(packed(tmp_path, {"train.csv": b"0"}), folder)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "songs.zip: is not a whole archive; fetch it again"),
        (b"PK\x03\x04 and no more", "is not a whole archive"),
        (b"<!DOCTYPE html><title>Sign in</title>", "is a web page, not the competition's archive"),
    ],
)
def test_what_is_no_archive_is_named(tmp_path: Path, folder: Path, content: bytes, sentence: str):
    path = tmp_path / "songs.zip"
    path.write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        unpack(path, folder)


def test_an_empty_archive_and_one_that_is_cut_or_changed_are_named(tmp_path: Path, folder: Path):
    with pytest.raises(DataError, match="the archive is empty"):
        unpack(packed(tmp_path, {}), folder)
    whole = packed(tmp_path, {"train.csv": bytes(range(256)) * 50}).read_bytes()
    path = tmp_path / "songs.zip"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="not a whole archive"):
        unpack(path, folder)
    place = whole.index(b"train.csv") + 60
    path.write_bytes(whole[:place] + b"\0\0\0\0" + whole[place + 4 :])
    with pytest.raises(DataError, match="not a whole archive"):
        unpack(path, folder)


def test_a_name_that_is_a_folder_and_a_file_is_named(tmp_path: Path, folder: Path):
    with pytest.raises(DataError, match=r"train\.csv/x: cannot be unpacked"):
        unpack(packed(tmp_path, {"train.csv": b"1\n", "train.csv/x": b"2\n"}), folder)
