"""Whether files are whole, by what their kind ends with, and whether two outputs are alike but for their times."""

import json
import re
import struct
import tomllib
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from competition.storage.files import STAGING_PREFIX

_TIMES = {"seconds", "started", "command", "seconds_by_model", "date_saved", "message"}
_DATED = "metadata.json"
"""The member of a saved network that holds the time."""
_ADDRESS = re.compile(rb'\d{12,}(\.npy)?|"shared_object_id": \d+')
_TIMED = {"report.html", "events", "oracle.json", "trials.csv"}
"""Files of which times are a part that cannot be taken out: their names are compared, and that they are whole."""


def files_of(folder: Path) -> dict[str, Path]:
    """Return the files under their final names; what begins with a dot is the program's own."""
    if folder.is_file():
        return {folder.name: folder}
    found = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path for name, path in names.items() if not _is_hidden(name)}


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", STAGING_PREFIX)) for part in Path(name).parts)


def broken(folder: Path) -> list[str]:
    """Return what is wrong with each file that is not whole, and what a DONE lists that is not there."""
    files = files_of(folder)
    wrong = [f"{name}: {why}" for name, path in files.items() if (why := _broken(path))]
    listed = (folder / "DONE").read_text().splitlines() if (folder / "DONE").is_file() else []
    return wrong + [f"{name}: DONE lists it" for name in listed if name not in files]


def _broken(path: Path) -> str:
    content = path.read_bytes()
    if not content:
        return "is empty"
    try:
        _KINDS.get(path.suffix, _text)(content)
    except Exception as problem:
        return repr(problem)[:200]
    return ""


def _text(content: bytes) -> None:
    if not content.decode().endswith("\n"):
        raise ValueError("the last line has no end")


def _page(content: bytes) -> None:
    if not content.decode().rstrip().endswith("</html>"):
        raise ValueError("the page has no end")


def _picture(content: bytes) -> None:
    Image.open(BytesIO(content)).load()
    if not content.endswith(b"IEND\xaeB`\x82"):
        raise ValueError("the picture has no end")


def _archive(content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if (bad := archive.testzip()) is not None:
            raise ValueError(f"{bad} is damaged")


def _table(content: bytes) -> None:
    _text(content)
    tomllib.loads(content.decode())
    if content.startswith(b"# Written by") and b"\n# END\n" not in content:
        raise ValueError("the table has no end")


def _records(content: bytes) -> None:
    """Walk through TensorBoard's records: a length of 8 bytes, its sum of 4, as many bytes, their sum of 4."""
    place = 0
    while place < len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        place += 8 + 4 + length + 4
    if place != len(content):
        raise ValueError("a record is cut short")


_KINDS: dict[str, Callable[[bytes], object]] = {
    ".html": _page,
    ".json": lambda content: json.loads(content),
    ".keras": _archive,
    ".npy": lambda content: np.load(BytesIO(content)),
    ".npz": _archive,
    ".png": _picture,
    ".skops": _archive,
    ".toml": _table,
    ".v2": _records,
}


def different(found: Path, wanted: Path) -> set[str]:
    """Return the files that are not alike in two outputs, but for their times."""
    there, expected = _by_kind(found), _by_kind(wanted)
    return {name for name in there | expected if not _alike(name, there.get(name), expected.get(name))}


def _by_kind(folder: Path) -> dict[str, Path]:
    """Return files by their names, but for the times in them."""
    return {re.sub(r"events\.out\..*", "events", name): path for name, path in files_of(folder).items()}


def _alike(name: str, found: Path | None, wanted: Path | None) -> bool:
    if found is None or wanted is None:
        return False
    return Path(name).name in _TIMED or _content(found) == _content(wanted)


def _content(path: Path) -> Any:
    """Return what is in a file but for times and the command line."""
    if path.suffix == ".json":
        return _without_times(json.loads(path.read_text()))
    if path.suffix in (".keras", ".skops"):
        with zipfile.ZipFile(path) as archive:
            return sorted(_without_addresses(archive.read(name)) for name in archive.namelist() if name != _DATED)
    return path.read_bytes()


def _without_addresses(member: bytes) -> bytes:
    """Return a member of a saved model without the numbers by which objects were told apart in memory."""
    return _ADDRESS.sub(b"", member) if member.startswith(b"{") else member


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(one) for key, one in value.items() if key not in _TIMES}
    return [_without_times(one) for one in value] if isinstance(value, list) else value
