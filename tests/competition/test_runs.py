from pathlib import Path

import pytest

from competition.errors import RunError
from competition.files import write_whole
from competition.runs import DONE, default_folder, new_run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_appear_together_with_done(tmp_path: Path):
    folder = tmp_path / "runs" / "one"
    with new_run(folder) as place:
        write_whole(place / "a.csv", "1\n")
        (place / "plots").mkdir()
        assert names(folder) == [place.name]
    assert names(folder) == [DONE, "a.csv", "plots"]
    assert (folder / DONE).read_text() == "a.csv\nplots\n"


def test_nothing_stays_behind_when_something_goes_wrong(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), new_run(tmp_path / "runs" / "one") as place:
        write_whole(place / "a.csv", "1\n")
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path):
    write_whole(tmp_path / "notes.txt", "mine")
    with pytest.raises(ZeroDivisionError), new_run(tmp_path):
        raise ZeroDivisionError
    with new_run(tmp_path) as place:
        write_whole(place / "a.csv", "1\n")
    assert names(tmp_path) == [DONE, "a.csv", "notes.txt"]


def test_a_finished_run_is_replaced_only_by_force_and_only_by_a_finished_one(tmp_path: Path):
    with new_run(tmp_path) as place:
        write_whole(place / "a.csv", "old")
        write_whole(place / "b.csv", "old")
    with pytest.raises(RunError, match="holds a finished run; name another folder with --out"), new_run(tmp_path):
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


def test_what_a_killed_run_left_is_cleared(tmp_path: Path):
    (tmp_path / ".partial").mkdir()
    write_whole(tmp_path / ".partial" / "a.csv", "half")
    with new_run(tmp_path) as place:
        write_whole(place / "b.csv", "1\n")
    assert names(tmp_path) == [DONE, "b.csv"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    write_whole(tmp_path / "file", "")
    with pytest.raises(RunError, match=r"file/run: cannot be written: Not a directory"), new_run(tmp_path / "file/run"):
        pass


def test_the_default_folder_names_edition_and_model():
    assert str(default_folder("mlbp-2018", "dense")).startswith("runs/mlbp-2018-dense-20")
