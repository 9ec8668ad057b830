"""Where a text file is, and what it is wrapped in: packed or not, whatever its name says, and in which encoding."""

import codecs
import gzip
import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, cast

from competition.errors import DataError
from competition.storage.opening import DAMAGED_ARCHIVE, open_archive, open_file

_GZIP, _ZIP, _EMPTY_ZIP = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_MOST_TIMES, _SMALL = 1000, 2**24
"""No large table of numbers shrinks to a thousandth."""
_LOOKED_AT = 2**16
_ENCRYPTED = 1
_OTHER_KINDS = (
    (b"<!doctype html", "a web page", "log in where it comes from, accept the rules, and download it again"),
    (b"<html", "a web page", "log in where it comes from, accept the rules, and download it again"),
    (b"{", "JSON", "save it as CSV"),
    (b"par1", "a Parquet file", "save it as CSV"),
    (b"pk\x03\x04", "a spreadsheet or an archive", "save it as CSV, or unpack it"),
)


def locate(folder: Path, name: str) -> Path:
    """Return the path of `name` in `folder`, or in the only folder inside it; else of ``name.gz`` or ``name.zip``.

    Raises
    ------
    DataError
        When there is neither, or no such folder.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder; `data` takes the folder that holds the CSV files.")
    for place in (folder, *only_folder(folder)):
        for candidate in (place / name, place / f"{name}.gz", place / f"{name}.zip"):
            if candidate.is_file():
                return candidate
    raise DataError(
        f"{folder / name}: there is no such file (nor {name}.gz or {name}.zip); put the competition's download there."
    )


def only_folder(folder: Path) -> list[Path]:
    """Return the folder inside a folder, where it is the only one."""
    inside = [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith((".", "__"))]
    return inside if len(inside) == 1 else []


@contextmanager
def open_text(path: Path) -> Iterator[IO[str]]:
    """Open a file as text: plain, gzipped, or the only file in a zip archive; UTF-8 or, by its mark, UTF-16.

    Any line ends will do.

    Raises
    ------
    DataError
        When it cannot be read, is damaged or encrypted, or is not such text; errors while it is read included.
    """
    try:
        with _reading(path), _unpacked(path) as stream:
            start = stream.read(2)
            stream.seek(0)
            with io.TextIOWrapper(stream, encoding="utf-16" if start in _UTF_16 else "utf-8-sig") as text:
                yield text
    except UnicodeDecodeError as problem:
        found = problem.object[problem.start : problem.end]
        raise DataError(
            f"{path}: is not UTF-8 text ({found!r} is not a UTF-8 character); save it as a plain CSV file."
        ) from None


def read_utf8(path: Path) -> tuple[bytes, list[str]]:
    r"""Return a file's text as UTF-8, its lines ending in ``\n``, and what is unusual about its encoding.

    Other than `open_text` it takes text that is not UTF-8 for Latin-1 (as Windows has it).

    Raises
    ------
    DataError
        When it cannot be read, is damaged or encrypted, or is no text: a web page, a spreadsheet, another format.
    """
    with _reading(path), _unpacked(path) as stream:
        data = stream.read()
    _refuse_other_kinds(path, data)
    found: list[str] = []
    if data[:2] in _UTF_16:
        data = _decoded(path, data, "utf-16").encode()
    elif not (data.isascii() or _is_utf8(data)):
        data, found = data.decode("cp1252", errors="replace").encode(), ["is not UTF-8; read as Latin-1 text"]
    data = data.removeprefix(codecs.BOM_UTF8)
    return (data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data), found


def _bomb(size: int) -> str:
    return f"would unpack to {size:,} bytes, over {_MOST_TIMES} times its size; that is no table of songs."


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not {encoding.upper()} text, as it begins; save it as UTF-8.") from None


def _refuse_other_kinds(path: Path, data: bytes) -> None:
    begin = data[:_LOOKED_AT].lstrip()
    for mark, kind, cure in _OTHER_KINDS:
        if begin[: len(mark)].lower() == mark:
            raise DataError(f"{path}: is {kind}, not a table; {cure}.")
    if b"\0" in data[:_LOOKED_AT] and data[:2] not in _UTF_16:
        raise DataError(f"{path}: is no text; expected a table of rows and columns: save it as CSV.")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn what can go wrong with a file or an archive into DataErrors."""
    try:
        yield
    except (gzip.BadGzipFile, *DAMAGED_ARCHIVE):
        raise DataError(f"{path}: is not a whole archive; download or pack it again.") from None
    except OSError as problem:
        raise DataError(f"{path}: cannot be read: {problem.strerror}.") from None


def describe_wrapping(path: Path) -> list[str]:
    """Return what is unusual about how a file is wrapped, as parts of a sentence; it can be opened by `open_text`."""
    with open_file(path) as file:
        start = file.read(4)
    found = []
    if start == _ZIP and path.suffix == ".zip":
        found.append("unpacked")
    if start.startswith(_GZIP) and path.suffix != ".gz":
        found.append("is gzipped, whatever its name says")
    elif start == _ZIP and path.suffix != ".zip":
        found.append("is a zip archive, whatever its name says")
    elif path.suffix in (".gz", ".zip") and not start.startswith((_GZIP, _ZIP)):
        found.append("is not packed, whatever its name says")
    with _unpacked(path) as stream:
        begun = stream.read(_LOOKED_AT)
    if begun[:2] in _UTF_16:
        found.append("is UTF-16 text")
    elif b"\r" in begun and b"\n" not in begun:
        found.append("its lines end in carriage returns")
    return found


def data_place(data: str | os.PathLike[str]) -> Path:
    """Return the folder that data is in: a folder itself, or what a zip archive holds, which is read without unpacking.

    Raises
    ------
    DataError
        When the archive is damaged or encrypted, holds no file or one whose path leads outside, or would unpack to far
        more than tables do.
    """
    if isinstance(data, zipfile.Path):
        return cast(Path, data)
    path = Path(data)
    if not path.is_file() or path.suffix != ".zip":
        return path
    with _reading(path):
        archive = open_archive(path)
    if not any(not one.is_dir() for one in archive.infolist()):
        raise DataError(f"{path}: the archive is empty; download it again.")
    for one in archive.infolist():
        check_member(one, path)
    return cast(Path, zipfile.Path(archive))


@contextmanager
def _unpacked(path: Path) -> Iterator[BinaryIO]:
    with open_file(path) as file:
        start = file.read(4)
        most = max(_SMALL, _MOST_TIMES * file.seek(0, os.SEEK_END))
        file.seek(0)
        if start.startswith(_GZIP):
            with gzip.open(file) as stream:
                yield io.BufferedReader(_Bounded(stream, path, most), _LOOKED_AT)
        elif start in (_ZIP, _EMPTY_ZIP):
            with open_archive(file) as archive, archive.open(_only_file(archive, path)) as stream:
                yield io.BufferedReader(_Bounded(stream, path, most), _LOOKED_AT)
        else:
            yield file


class _Bounded(io.RawIOBase):
    """What is unpacked out of a file; DataError where it is so much more than the file that it is no table.

    Parameters
    ----------
    stream : file of bytes
        Can be read, and set back to its beginning.
    path : Path
        Of the file.
    most : int
        How many bytes may come out of it.
    """

    def __init__(self, stream: Any, path: Path, most: int) -> None:
        self._stream, self._path, self._most, self._taken = stream, path, most, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True: it can be set back to its beginning."""
        return True

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        """Set it back, or tell where it is."""
        self._taken = int(self._stream.seek(place, whence))
        return self._taken

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Read bytes into a buffer."""
        part = self._stream.read(len(buffer))
        self._taken += len(part)
        if self._taken > self._most:
            raise DataError(f"{self._path}: {_bomb(self._taken)}")
        buffer[: len(part)] = part
        return len(part)


def _only_file(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    files = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    if not files:
        raise DataError(f"{path}: the archive is empty; download it again.")
    if len(files) != 1:
        names = ", ".join(one.filename for one in files[:3])
        raise DataError(f"{path}: the archive holds {len(files)} files ({names}); expected one: unpack it.")
    check_member(files[0], path)
    return files[0]


def check_member(member: zipfile.ZipInfo, path: Path) -> None:
    """Raise DataError where a file in an archive leads outside, is encrypted, or would unpack to far more than tables.

    Parameters
    ----------
    member : zipfile.ZipInfo
    path : Path
        Of the archive, for messages.
    """
    place = PurePosixPath(member.filename.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts:
        raise DataError(
            f"{path}: the archive holds {member.filename}, whose path leads outside; expected paths inside it: "
            "pack them again, or unpack it by hand."
        )
    if member.flag_bits & _ENCRYPTED:
        raise DataError(f"{path}: the archive is encrypted; unpack it with its password.")
    if member.file_size > _SMALL and member.file_size > _MOST_TIMES * member.compress_size:
        raise DataError(f"{path}: {member.filename} {_bomb(member.file_size)}")
