import errno
from pathlib import Path

import pytest

from competition.errors import RunError
from competition.storage.files import write_whole


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
