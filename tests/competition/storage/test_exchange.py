"""A process that is killed while it moves files leaves the old ones or the new ones, never some of both."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from competition.errors import RunError
from competition.storage import exchange, folders
from competition.storage.files import write_whole
from competition.storage.folders import DONE, check_absent, check_finished, check_free, new_files, new_run

MOVES = 8
"""Three old files aside, three new ones to their places, and one more than there are."""


class Killed(BaseException):
    """Stands in for SIGKILL: nothing that would be done afterwards is done."""


def kill_at(monkeypatch: pytest.MonkeyPatch, move: int) -> None:
    """Let the process be as if it were killed before a move, counted from 0; to be undone by the caller."""
    rename, remove, calls, killed = exchange._move, shutil.rmtree, [], []

    def count(source: Path, target: Path) -> None:
        if len(calls) == move:
            monkeypatch.setattr(exchange, "undo", lambda *_: None)
            killed.append(move)
            raise Killed
        calls.append(source)
        rename(source, target)

    monkeypatch.setattr(exchange, "_move", count)
    monkeypatch.setattr(shutil, "rmtree", lambda *given, **more: None if killed else remove(*given, **more))


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def write(folder: Path, text: str) -> None:
    with new_run(folder, force=True) as place:
        for name in ("a.csv", "b.csv"):
            write_whole(place / name, text)


@pytest.mark.parametrize("move", range(MOVES))
def test_whoever_looks_at_a_run_after_a_kill_finds_the_old_one_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: int
):
    write(tmp_path, "old")
    old = texts(tmp_path)
    with monkeypatch.context() as patch, suppress(Killed):
        kill_at(patch, move)
        write(tmp_path, "new")
    check_finished(tmp_path)
    assert texts(tmp_path) == (old if move < 6 else old | {"a.csv": "new", "b.csv": "new"})
    with pytest.raises(RunError, match="holds a finished run"):
        check_free(tmp_path, force=False)
    write(tmp_path, "newer")
    assert texts(tmp_path) == old | {"a.csv": "newer", "b.csv": "newer"}
    assert not list(tmp_path.glob(".partial-*"))


@pytest.mark.parametrize("move", range(3))
def test_a_first_run_that_is_killed_leaves_a_folder_that_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: int
):
    with monkeypatch.context() as patch, suppress(Killed):
        kill_at(patch, move)
        write(tmp_path, "new")
    with pytest.raises(RunError, match="holds no finished run"):
        check_finished(tmp_path)
    check_free(tmp_path, force=False)
    assert texts(tmp_path) == {}


@pytest.mark.parametrize("move", range(3))
def test_files_that_are_no_run_are_put_back_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: int):
    with monkeypatch.context() as patch, suppress(Killed):
        kill_at(patch, move)
        with new_files(tmp_path, ["a.csv"]) as place:
            write_whole(place / "a.csv", "new")
            write_whole(place / "b.csv", "new")
    if move < 2:
        check_absent(tmp_path, ["a.csv", "b.csv"], force=False)
    else:
        assert texts(tmp_path) == {"a.csv": "new", "b.csv": "new"}


@pytest.mark.parametrize("move", range(MOVES))
@pytest.mark.parametrize("again", range(6))
def test_putting_back_may_be_killed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: int, again: int):
    write(tmp_path, "old")
    old = texts(tmp_path)
    with monkeypatch.context() as patch, suppress(Killed):
        kill_at(patch, move)
        write(tmp_path, "new")
    with monkeypatch.context() as patch, suppress(Killed):
        kill_at(patch, again)
        check_finished(tmp_path)
    check_finished(tmp_path)
    assert texts(tmp_path) == (old if move < 6 else old | {"a.csv": "new", "b.csv": "new"})


def test_a_process_at_work_is_not_disturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, "old")
    move = exchange._move

    def look(source: Path, target: Path) -> None:
        move(source, target)
        with suppress(RunError):
            check_finished(tmp_path)  # as another process would

    monkeypatch.setattr(exchange, "_move", look)
    monkeypatch.setattr(folders, "_is_alive", lambda process: process != os.getpid())
    write(tmp_path, "new")
    assert texts(tmp_path)["b.csv"] == "new"
    assert sorted(texts(tmp_path)) == [DONE, "a.csv", "b.csv"]
