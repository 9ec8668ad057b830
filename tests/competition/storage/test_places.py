"""What an output place cannot take is found out before any work."""

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from support import run_program

from competition.errors import RunError
from competition.storage import places
from competition.storage.places import LEAST_BYTES, check_name, check_place

NO_TEXT = os.fsdecode(b"caf\xe9")
Usage = namedtuple("Usage", "total used free")


def test_a_good_place_is_good_whether_it_exists_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for place in (tmp_path, tmp_path / "a" / "b", Path("c"), Path("café"), Path()):
        check_place(place)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_text_is_refused_and_shown_as_it_is(tmp_path: Path):
    with pytest.raises(RunError, match=r"caf\\xe9/run: its name is not UTF-8 text.*name another place with `out`"):
        check_place(tmp_path / NO_TEXT / "run")
    with pytest.raises(RunError, match=r"caf\\xe9: its name is not UTF-8 text.*; rename it\."):
        check_name(Path(NO_TEXT), "rename it")


def test_a_file_in_the_way_is_named(tmp_path: Path):
    (tmp_path / "notes.txt").touch()
    for place in ("notes.txt", "notes.txt/run/one"):
        with pytest.raises(RunError, match=rf"{place}: cannot be written: .*notes.txt is no folder; name another"):
            check_place(tmp_path / place)


def test_a_folder_that_may_only_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(places.os, "access", lambda path, rights: Path(path) != tmp_path)
    with pytest.raises(RunError, match=rf"run: cannot be written: {tmp_path} may only be read; name another place"):
        check_place(tmp_path / "run")


def test_too_little_space_is_said_with_what_is_there_and_what_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, 12_300_000))
    check_place(tmp_path, least=12_000_000)
    assert LEAST_BYTES == 50_000_000
    with pytest.raises(RunError, match=r"only 12 MB are free there; expected at least 50 MB, .* free some space there"):
        check_place(tmp_path / "run")


COMMANDS = {
    "submit": ["submit", "--data", "{data}", "--model", "baseline", "--out", "{out}"],
    "score": ["score", "--data", "{data}", "--model", "baseline", "--out", "{out}"],
    "tune": ["tune", "--data", "{data}", "--out", "{out}"],
    "plot": ["plot", "--data", "{data}", "--out", "{out}"],
    "sample": ["sample", "--out", "{out}"],
    "edition": ["edition", "--data", "{data}", "--out", "{out}"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_writes_finds_it_out_before_it_works(
    command: str, competition_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def words(out: Path) -> list[str]:
        return [word.format(data=competition_folder, out=out) for word in COMMANDS[command]]

    def refused(out: Path, sentence: str) -> None:
        said = run_program(*words(out), cwd=tmp_path)
        assert (said.returncode, said.stdout) == (1, "")
        assert sentence in said.stderr
        assert said.stderr.startswith("error: ")
        assert said.stderr.count("\n") == 1

    (tmp_path / "file").touch()
    refused(tmp_path / NO_TEXT, "caf\\xe9: its name is not UTF-8 text")
    refused(tmp_path / "file" / "out", f"{tmp_path / 'file'} is no folder")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, 900_000))
    refused(tmp_path / "out", "only 1 MB are free there; expected at least")
    monkeypatch.undo()
    monkeypatch.setattr(places.os, "access", lambda path, rights: False)
    refused(tmp_path / "out", "may only be read; name another place with --out")
    assert {path.name for path in tmp_path.iterdir()} == {"data", "file"}


@pytest.mark.parametrize("command", ["submit", "score", "tune", "plot", "edition"])
def test_data_in_a_folder_whose_name_is_no_text_is_refused(command: str, competition_folder: Path, tmp_path: Path):
    data = competition_folder.rename(tmp_path / NO_TEXT)
    words = [word.format(data=data, out=tmp_path / "out") for word in COMMANDS[command]]
    said = run_program(*words, cwd=tmp_path)
    assert (said.returncode, said.stdout) == (1, "")
    assert "caf\\xe9: its name is not UTF-8 text" in said.stderr
    assert said.stderr.endswith("rename it.\n")


def test_a_table_whose_name_is_no_text_is_refused_where_it_is_needed(write_competition, tmp_path: Path):
    data = write_competition(tmp_path / "data")
    (data / "edition.toml").unlink()
    (data / "songs.csv").rename(data / f"train_{NO_TEXT}.csv")
    (data / "genres.csv").rename(data / "labels.csv")
    (data / "unknown.csv").rename(data / "test.csv")
    said = run_program("edition", "--data", data, cwd=tmp_path)
    assert (said.returncode, said.stdout) == (1, "")
    assert "train_caf\\xe9.csv: its name is not UTF-8 text" in said.stderr


def test_a_run_that_keeps_its_songs_asks_for_more_space(
    competition_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, LEAST_BYTES))
    words = ["submit", "--data", competition_folder, "--folds", 2, "--out", tmp_path / "out", "--quiet"]
    said = run_program(*words, "--model", "kernel-ridge", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (1, "")
    assert "out: only 50 MB are free there; expected at least 50 MB" in said.stderr  # of ten numbers a song, a few KB
    said = run_program(*words, "--model", "discriminant-analysis", cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
