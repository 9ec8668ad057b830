"""Opening what somebody names: files, and pipes where they are read just once; nothing that hangs or never ends."""

import errno
import lzma
import os
import stat
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, cast

DAMAGED_ARCHIVE = (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError)
"""What reading from an archive raises that is damaged, or packed in a way that is not known."""
_MOST_PIPED = 2**28
_NO_FILE = "it is no file, but a pipe or a device; save it as a file first"
_ENDLESS = "it is a pipe out of which more than 256 MB come; save it as a file first"


def open_archive(file: Path | BinaryIO) -> zipfile.ZipFile:
    """Open a zip archive; raises `DAMAGED_ARCHIVE`, also for names in it that are empty or no text."""
    try:
        archive = zipfile.ZipFile(file)
    except UnicodeDecodeError:
        raise zipfile.BadZipFile("a name in it is no text") from None
    if not all(archive.namelist()):
        archive.close()
        raise zipfile.BadZipFile("a name in it is empty")
    return archive


def open_file(path: Path) -> BinaryIO:
    """Open a file to read its bytes, in a folder or in an archive.

    Raises
    ------
    OSError
        When it cannot be opened, or is no file: a pipe that nobody writes into would be waited for, and a device may
        never end. Its ``strerror`` says so.
    """
    if isinstance(path, os.PathLike) and not stat.S_ISREG(kind := _kind(path)):
        number, reason = (errno.EISDIR, os.strerror(errno.EISDIR)) if stat.S_ISDIR(kind) else (errno.EINVAL, _NO_FILE)
        raise OSError(number, reason, str(path))
    return cast(BinaryIO, path.open("rb"))


def _kind(path: Path) -> int:
    try:
        return path.stat().st_mode
    except ValueError as problem:  # names with zeros in them
        raise OSError(errno.EINVAL, str(problem), str(path)) from None


def read_once(path: Path) -> bytes:
    """Return the bytes of a file, in a folder or in an archive, or those that come out of a pipe.

    Raises
    ------
    OSError
        As `open_file` does; when an archive is damaged; when more than 256 MB come out of a pipe.
    """
    if isinstance(path, os.PathLike) and stat.S_ISFIFO(_kind(path)):
        return _piped(path)
    try:
        with open_file(path) as file:
            return file.read()
    except DAMAGED_ARCHIVE as problem:
        raise OSError(
            errno.EIO, f"its archive is damaged, or packed in an unknown way ({problem})", str(path)
        ) from None


def _piped(path: Path) -> bytes:
    """Return what comes out of a pipe; nothing where nobody has opened it to write."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as pipe:
        os.set_blocking(pipe.fileno(), True)
        content = pipe.read(_MOST_PIPED + 1)
    if len(content) > _MOST_PIPED:
        raise OSError(errno.EFBIG, _ENDLESS, str(path))
    return content
