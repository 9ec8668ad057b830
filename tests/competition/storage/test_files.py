import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from competition.errors import RunError
from competition.storage import files
from competition.storage.files import clear_unfinished, make_folder, sync_folder, write_whole
from competition.storage.folders import DONE, new_run

Events = list[tuple[str, int]]
"""What was done to the disk: synced, or renamed, and the number of the file or folder."""


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Events:
    """Record what is brought to the disk, and what is renamed, in their order."""
    seen: Events = []
    sync, replace = os.fsync, Path.replace

    def record_sync(descriptor: int) -> None:
        seen.append(("synced", os.fstat(descriptor).st_ino))
        sync(descriptor)

    def record_replace(self: Path, target: Path) -> Path:
        seen.append(("renamed", self.stat().st_ino))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(Path, "replace", record_replace)
    return seen


def test_text_is_written_as_it_is(tmp_path: Path):
    write_whole(tmp_path / "a.csv", "ä,1\n")
    assert (tmp_path / "a.csv").read_bytes() == b"\xc3\xa4,1\n"
    write_whole(tmp_path / "a.csv", b"\x00")
    assert (tmp_path / "a.csv").read_bytes() == b"\x00"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def write_half(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(
        RunError,
        match=r"a.csv: cannot be written: No space left on device; free some space there, or name",
    ):
        write_whole(path, "new content")
    assert path.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_is_on_the_disk_before_it_has_its_name_and_its_name_is_before_the_work_goes_on(
    tmp_path: Path, events: Events
):
    write_whole(tmp_path / "a.csv", "1\n")
    number, folder = (tmp_path / "a.csv").stat().st_ino, tmp_path.stat().st_ino
    assert events == [("synced", number), ("renamed", number), ("synced", folder)]


def test_what_promises_nothing_does_not_wait_for_the_disk(tmp_path: Path, events: Events):
    write_whole(tmp_path / "pulse", "1\n", lasting=False)
    assert [what for what, _ in events] == ["renamed"]


def test_the_names_of_new_folders_are_on_the_disk(tmp_path: Path, events: Events):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert {number for _, number in events} == {tmp_path.stat().st_ino, (tmp_path / "a").stat().st_ino}


def test_all_files_of_a_run_and_their_names_are_on_the_disk_before_done_is(tmp_path: Path, events: Events):
    folder = tmp_path / "run"
    with new_run(folder) as place:
        write_whole(place / "a.csv", "1\n")
        (place / "models").mkdir()
        (place / "models" / "m.keras").write_bytes(b"another writer's")
    moved = ("renamed", (folder / DONE).stat().st_ino)
    done = max(place for place, event in enumerate(events) if event == moved)
    for path in (folder / "a.csv", folder / "models" / "m.keras", folder / DONE):
        assert events.index(("synced", path.stat().st_ino)) < done
    renamed = [place for place, (what, _) in enumerate(events[:done]) if what == "renamed"]
    for place in (folder, folder / "models"):
        assert ("synced", place.stat().st_ino) in events[renamed[-1] : done]
    assert ("synced", folder.stat().st_ino) in events[done:]


@pytest.mark.parametrize(("number", "is_raised"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)])
def test_systems_that_cannot_sync_folders_are_left_alone_and_broken_disks_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_raised: bool
):
    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    if is_raised:
        with pytest.raises(OSError):
            sync_folder(tmp_path)
        with pytest.raises(RunError, match=r"a.csv: cannot be written: Input/output error"):
            write_whole(tmp_path / "a.csv", "1\n")
        assert list(tmp_path.iterdir()) == []
    else:
        sync_folder(tmp_path)


def test_systems_without_folders_to_open_do_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: Events):
    monkeypatch.delattr(files.os, "O_DIRECTORY")
    write_whole(tmp_path / "a.csv", "1\n")
    assert [what for what, _ in events] == ["synced", "renamed"]


def test_what_a_killed_writer_left_is_cleared_and_nothing_else(tmp_path: Path):
    inside = tmp_path / "inside"
    inside.mkdir()
    left = [tmp_path / ".a.csv.0123abcd", inside / ".b.json.ffffffff"]
    kept = [tmp_path / ".lock", tmp_path / ".a.csv.0123ABCD", tmp_path / "a.csv.0123abcd", inside / ".c.0123abcde"]
    for path in (*left, *kept):
        path.touch()
    clear_unfinished(tmp_path, age=60)
    assert all(path.exists() for path in left)
    clear_unfinished(tmp_path)
    assert [path for path in (*left, *kept) if path.exists()] == kept


def test_what_comes_in_parts_is_one_file(tmp_path: Path):
    write_whole(tmp_path / "a.csv", (f"{number},ä\n" for number in range(3)))
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "0,ä\n1,ä\n2,ä\n"


def test_parts_that_end_in_a_mistake_leave_what_was_there(tmp_path: Path):
    def parts() -> Iterator[str]:
        yield "new"
        raise OSError(errno.ENOSPC, "No space left on device")

    write_whole(tmp_path / "a.csv", "old")
    with pytest.raises(RunError, match="free some space there"):
        write_whole(tmp_path / "a.csv", parts())
    assert (tmp_path / "a.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
