import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

from competition.errors import RunError
from competition.storage import exchange, folders, locks
from competition.storage.files import write_whole
from competition.storage.folders import DONE, default_folder, new_files, new_run


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
    move, calls = exchange._move, []

    def move_but_once(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) == failing + 1:
            raise OSError(28, "No space left on device")
        move(source, target)

    monkeypatch.setattr(exchange, "_move", move_but_once)
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


@pytest.mark.parametrize("end", ["", "x", "-1", "1e3", "²", "99999999999999999999", "1 2"])
def test_odd_names_of_hidden_folders_are_left_alone(tmp_path: Path, end: str):
    odd = tmp_path / f".partial-{socket.gethostname()}-{end}"
    odd.mkdir()
    with new_run(tmp_path) as place:
        write_whole(place / "b.csv", "1\n")
    assert odd.is_dir()


def test_one_process_at_a_time_writes_into_a_folder(tmp_path: Path):
    folder = tmp_path / "run"
    with new_run(folder) as place:
        sentence = "run: another process is writing there; wait for it, or name another folder"
        with pytest.raises(RunError, match=sentence), new_run(folder, force=True):
            pass
        write_whole(place / "a.csv", "1\n")
    assert names(folder) == [DONE, "a.csv"]
    with new_run(folder, force=True) as place:
        write_whole(place / "b.csv", "1\n")
    assert names(folder) == [DONE, "b.csv"]


def test_who_comes_when_the_first_has_just_ended_is_told_so_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The second looks while nothing is there yet, and is let in when the first has written all."""
    staged = folders.staged

    def first_the_other(folder: Path):
        monkeypatch.setattr(folders, "staged", staged)
        with new_run(folder) as place:
            write_whole(place / "a.csv", "first\n")
        return staged(folder)

    monkeypatch.setattr(folders, "staged", first_the_other)
    with pytest.raises(RunError, match="holds a finished run"), new_run(tmp_path / "run"):
        pytest.fail("the work was begun")
    monkeypatch.setattr(folders, "staged", first_the_other)
    with pytest.raises(RunError, match=r"a\.csv: is there already"), new_files(tmp_path / "files", ["a.csv"]):
        pytest.fail("the work was begun")
    assert (tmp_path / "files" / "a.csv").read_text() == "first\n"


@pytest.mark.process
def test_a_second_process_is_told_of_the_first_and_a_killed_one_lets_go(tmp_path: Path):
    program = (
        "import sys, time; from pathlib import Path; from competition.storage.folders import new_run\n"
        "with new_run(Path(sys.argv[1])): print('there', flush=True); time.sleep(60)"
    )
    words = [sys.executable, "-c", program, tmp_path / "run"]
    first = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "there\n"
        with pytest.raises(RunError, match="another process is writing there"), new_run(tmp_path / "run"):
            pass
        assert len(names(tmp_path / "run")) == 1
    finally:
        first.kill()
        first.wait()
    with new_run(tmp_path / "run") as place:
        write_whole(place / "a.csv", "1\n")
    assert names(tmp_path / "run") == [DONE, "a.csv"]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EBADF, errno.EOPNOTSUPP])
def test_where_the_system_has_no_locks_runs_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int):
    def refuse(descriptor: int, how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(locks.fcntl, "flock", refuse)
    with new_run(tmp_path / "one") as place:
        write_whole(place / "a.csv", "1\n")
    monkeypatch.setattr(locks, "HAS_LOCKS", False)
    with new_run(tmp_path / "two") as place:
        write_whole(place / "a.csv", "1\n")
    assert names(tmp_path / "one") == names(tmp_path / "two") == [DONE, "a.csv"]
