import os
import socket
import subprocess
from pathlib import Path

import pytest

from competition.errors import RunError
from competition.storage import folders
from competition.storage.files import write_whole
from competition.storage.folders import DONE, default_folder, new_run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_appear_together_with_done(tmp_path: Path):
    folder = tmp_path / "runs" / "one"
    with new_run(folder) as place:
        write_whole(place / "a.csv", "1\n")
        (place / "plots").mkdir()
        write_whole(place / "plots" / "b.png", "1\n")
        assert names(folder) == [place.name]
    assert names(folder) == [DONE, "a.csv", "plots"]
    assert (folder / DONE).read_text() == "a.csv\nplots/b.png\n"


def test_nothing_stays_behind_when_something_goes_wrong(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), new_run(tmp_path / "runs" / "one") as place:
        write_whole(place / "a.csv", "1\n")
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_a_folder_with_other_files_is_taken_only_by_force_and_they_stay(tmp_path: Path):
    write_whole(tmp_path / "notes.txt", "mine")
    (tmp_path / "plots").mkdir()
    write_whole(tmp_path / "plots" / "figure.png", "mine")
    with pytest.raises(RunError, match=r"is not empty and holds no run \(notes.txt\)"), new_run(tmp_path):
        pass
    with pytest.raises(ZeroDivisionError), new_run(tmp_path, force=True):
        raise ZeroDivisionError
    with new_run(tmp_path, force=True) as place:
        (place / "plots").mkdir()
        write_whole(place / "plots" / "genres.png", "1\n")
    assert names(tmp_path) == [DONE, "notes.txt", "plots"]
    assert names(tmp_path / "plots") == ["figure.png", "genres.png"]


def test_an_unfinished_run_may_be_replaced(tmp_path: Path):
    write_whole(tmp_path / "manifest.json", "{}")
    write_whole(tmp_path / "a.csv", "half")
    with new_run(tmp_path) as place:
        write_whole(place / "a.csv", "1\n")
    assert (tmp_path / "a.csv").read_text() == "1\n"


def test_pictures_are_called_pictures(tmp_path: Path):
    with new_run(tmp_path) as place:
        write_whole(place / "songs.png", "1")
    with pytest.raises(RunError, match="holds pictures that were drawn before; name another"), new_run(tmp_path):
        pass


def test_a_finished_run_is_replaced_only_by_force_and_only_by_a_finished_one(tmp_path: Path):
    with new_run(tmp_path) as place:
        write_whole(place / "a.csv", "old")
        write_whole(place / "b.csv", "old")
    with pytest.raises(RunError, match="holds a finished run; name another folder with `out`"), new_run(tmp_path):
        pass
    with pytest.raises(ZeroDivisionError), new_run(tmp_path, force=True) as place:
        write_whole(place / "a.csv", "half")
        raise ZeroDivisionError
    assert (tmp_path / "a.csv").read_text() == "old"
    assert names(tmp_path) == [DONE, "a.csv", "b.csv"]
    with new_run(tmp_path, force=True) as place:
        write_whole(place / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "new"
    assert names(tmp_path) == [DONE, "a.csv"]


@pytest.mark.parametrize("failing", range(5))
def test_a_failure_while_moving_in_puts_the_old_run_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int):
    with new_run(tmp_path) as place:
        write_whole(place / "a.csv", "old")
        write_whole(place / "b.csv", "old")
    move, calls = folders._move, []

    def move_but_once(source: Path, target: Path) -> tuple[Path, Path]:
        calls.append(source)
        if len(calls) == failing + 1:
            raise OSError(28, "No space left on device")
        return move(source, target)

    monkeypatch.setattr(folders, "_move", move_but_once)
    with pytest.raises(RunError, match="No space left on device"), new_run(tmp_path, force=True) as place:
        write_whole(place / "a.csv", "new")
        write_whole(place / "c.csv", "new")
    assert names(tmp_path) == [DONE, "a.csv", "b.csv"]
    assert (tmp_path / "a.csv").read_text() == "old"
    assert (tmp_path / DONE).read_text() == "a.csv\nb.csv\n"


@pytest.mark.parametrize("line", ["", ".", "..", "../outside.txt", "/etc/none", "\udcff"])
def test_a_strange_done_removes_nothing(tmp_path: Path, line: str):
    folder = tmp_path / "run"
    folder.mkdir()
    write_whole(tmp_path / "outside.txt", "mine")
    write_whole(folder / "thesis.txt", "mine")
    (folder / DONE).write_bytes(line.encode("utf-8", "surrogateescape") + b"\n")
    with new_run(folder, force=True) as place:
        write_whole(place / "a.csv", "1\n")
    assert names(folder) == [DONE, "a.csv", "thesis.txt"]
    assert names(tmp_path) == ["outside.txt", "run"]


@pytest.mark.process
def test_what_a_killed_run_left_is_cleared_and_what_a_living_one_writes_is_not(tmp_path: Path):
    host = socket.gethostname()
    dead = subprocess.Popen(["true"])
    dead.wait()
    for process in (dead.pid, os.getppid()):
        (tmp_path / f".partial-{host}-{process}").mkdir()
    (tmp_path / f".partial-{host}-2-{dead.pid}").mkdir()  # of a machine with a longer name
    with new_run(tmp_path) as place:
        write_whole(place / "b.csv", "1\n")
    lasting = [f".partial-{host}-2-{dead.pid}", f".partial-{host}-{os.getppid()}"]
    assert names(tmp_path) == sorted([*lasting, DONE, "b.csv"])


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    write_whole(tmp_path / "file", "")
    with pytest.raises(RunError, match=r"file/run: cannot be written: Not a directory"), new_run(tmp_path / "file/run"):
        pass


def test_the_default_folder_names_edition_and_model():
    assert str(default_folder("mlbp-2018", "dense")).startswith("runs/mlbp-2018-dense-20")


def test_the_default_folder_is_always_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    seen = set()
    for _ in range(3):
        folder = default_folder("mlbp-2018", "dense")
        folder.mkdir(parents=True)
        seen.add(folder)
    assert len(seen) == 3
