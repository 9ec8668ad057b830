"""A downloaded archive becomes files: inside its folder alone, and of bounded size."""

import shutil
import zipfile
from pathlib import Path, PurePosixPath

from competition.data.formats.wrapping import check_member
from competition.errors import DataError, RunError
from competition.storage.opening import DAMAGED_ARCHIVE, open_archive

MOST_BYTES = 20_000_000_000
"""What an archive may unpack to, in all."""
_SPARE = 50_000_000
_WEB = (b"<!doctype html", b"<html")


def unpack(archive: Path, folder: Path) -> tuple[str, ...]:
    """Unpack a zip archive into a folder.

    Parameters
    ----------
    archive : Path
    folder : Path
        Empty; nothing is written outside it.

    Returns
    -------
    tuple of str
        The files' paths in the folder, in the archive's order.

    Raises
    ------
    DataError
        When it is no whole archive, or one of its files leads outside, is encrypted, or is far larger than tables are.
    RunError
        When there is not enough space for what it holds.
    """
    try:
        with open_archive(archive) as opened:
            members = [one for one in opened.infolist() if not one.is_dir() and not _is_clutter(one)]
            _check(members, archive, folder)
            return tuple(_write(opened, one, folder) for one in members)
    except DAMAGED_ARCHIVE:
        raise DataError(f"{archive.name}: {_what_it_is(archive)}; fetch it again.") from None


def _is_clutter(member: zipfile.ZipInfo) -> bool:
    return member.filename.startswith("__MACOSX/")


def _what_it_is(archive: Path) -> str:
    with archive.open("rb") as file:
        start = file.read(64).lstrip().lower()
    if start.startswith(_WEB):
        return "is a web page, not the competition's archive: does the network ask for a login in a browser first"
    return "is not a whole archive"


def _check(members: list[zipfile.ZipInfo], archive: Path, folder: Path) -> None:
    """Refuse an archive before anything of it is written."""
    if not members:
        raise DataError(f"{archive.name}: the archive is empty; look at the competition's page of its data.")
    for one in members:
        check_member(one, archive)
    total, free = sum(one.file_size for one in members), shutil.disk_usage(folder).free
    if total > MOST_BYTES:
        raise DataError(
            f"{archive.name}: would unpack to {total:,} bytes; expected at most {MOST_BYTES:,}: download and unpack "
            "by hand what you need of it."
        )
    if total + _SPARE > free:
        raise RunError(
            f"{folder}: only {free / 1e6:.0f} MB are free there, and the files need {total / 1e6:.0f} MB; free some "
            "space there, or name another place with `out`."
        )


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> str:
    """Write one file; zipfile gives no more of it than its entry says, and checks its sum."""
    name = PurePosixPath(member.filename.replace("\\", "/")).as_posix()
    target = folder / name
    if not target.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{opened.filename}: the archive holds {name}, whose path leads outside; unpack it by hand.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(member) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
    except (OSError, ValueError) as problem:
        raise DataError(f"{name}: cannot be unpacked ({problem}); unpack the archive by hand.") from None
    return name
