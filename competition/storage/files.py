"""Writing files so that each appears whole or not at all, and stays so when the power is cut."""

import errno
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from competition.errors import RunError

STAGING_PREFIX = ".partial-"
_CURES = {
    errno.ENOSPC: "free some space there, or {other}",
    errno.EDQUOT: "free some of your share of the disk, or {other}",
    errno.EFBIG: "free some space there, raise the limit on the size of files (ulimit -f), or {other}",
    errno.EROFS: "it may only be read; {other}",
    errno.EACCES: "change its rights, or {other}",
    errno.EPERM: "change its rights, or {other}",
    errno.ENOENT: "a folder has been removed; run it again, or {other}",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EIO: "look after the disk, and {other}",
    errno.EMFILE: "raise the limit on open files (ulimit -n)",
    errno.ENFILE: "end other programs, which hold too many files open",
}
"""What to do about an error of the system."""
_BESIDE = re.compile(r"\..+\.[0-9a-f]{8}", re.ASCII)
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP}


def write_whole(
    path: Path, content: str | bytes | Iterable[str], *, lasting: bool = True, private: bool = False
) -> None:
    """Write a file beside its place and rename it there, so that no reader ever sees half of it.

    Parameters
    ----------
    path : Path
        Replaced when it exists.
    content : str or bytes, or iterable of str
        Text is written as UTF-8, its line ends unchanged; several, one after the other.
    lasting : bool
        Whether the file is on the disk when this returns, so that it is whole even where the power is cut then. What
        is written into a staging folder is brought there later, by `sync_all`.
    private : bool
        Whether nobody but its owner may read it.

    Raises
    ------
    RunError
        When the file cannot be written; what stood at `path` is then still there.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    lasting = lasting and not any(part.startswith(STAGING_PREFIX) for part in path.parts)
    with writing(path):
        try:
            if private:
                beside.touch(mode=0o600, exist_ok=False)
            _write(beside, content)
            if lasting:
                _sync_file(beside)
            beside.replace(path)
            if lasting:
                sync_folder(path.parent)
        finally:
            beside.unlink(missing_ok=True)


def is_beside(name: str) -> bool:
    """Return whether a file is called as what `write_whole` is writing, or was when it was killed."""
    return _BESIDE.fullmatch(name) is not None


def _write(path: Path, content: str | bytes | Iterable[str]) -> None:
    if isinstance(content, str | bytes):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return
    with path.open("wb") as file:
        for part in content:
            file.write(part.encode())


def clear_unfinished(folder: Path, age: float = 0.0) -> None:
    """Remove what `write_whole` was writing in a folder, and those inside it, when it was killed.

    Parameters
    ----------
    folder : Path
    age : float
        Seconds since the last change of what is removed, at least: other processes may be writing there.
    """
    for left in folder.rglob(".*"):
        if is_beside(left.name):
            with suppress(OSError):  # its writer has been quicker
                if time.time() - left.stat().st_mtime >= age:
                    left.unlink()


def make_folder(folder: Path) -> None:
    """Make a folder where there is none, and those above it, so that they last as what `write_whole` writes does."""
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in made:
        sync_folder(place.parent)


def sync_all(folder: Path) -> None:
    """Bring all files in a folder, and in those inside it, to the disk."""
    for place in (folder, *folder.rglob("*")):
        if place.is_file():
            _sync_file(place)
        elif place.is_dir():
            sync_folder(place)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system has it done."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno not in _NO_SYNC:  # some network file systems
            raise
    finally:
        os.close(descriptor)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's errors while writing at `path` into RunErrors that say what to do."""
    try:
        yield
    except OSError as problem:
        shown = Path(*(part for part in path.parts if not part.startswith(STAGING_PREFIX)))
        why, cure = problem.strerror or problem, cure_of(problem, "name another place with `out`")
        raise RunError(f"{shown}: cannot be written: {why}; {cure}.") from None


def cure_of(problem: OSError, other: str) -> str:
    """Return what to do about an error of the system; `other` is what helps in any case."""
    return _CURES.get(problem.errno or 0, "{other}").format(other=other)
