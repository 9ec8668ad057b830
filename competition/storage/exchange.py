"""Moving a staging folder's files into their places: all or none, also where the process is killed in between."""

import json
from pathlib import Path

from competition.storage.files import sync_all, sync_folder, write_whole, writing

_LIST = ".moving"
"""Which files are moved; in the staging folder, before the first of them is."""
_ASIDE = ".replaced"


def exchange(staging: Path, folder: Path, names: list[str], old: list[str]) -> None:
    """Replace old files of a folder with staged ones; when a move fails, undo all of them.

    Parameters
    ----------
    staging, folder : Path
    names : list of str
        The staged files, in the order in which they are moved. The last one says that all are there: the names of the
        others are on the disk before it is moved.
    old : list of str
        Files that go, where they are there.

    Raises
    ------
    RunError
        When a file cannot be moved.
    """
    with writing(folder):
        try:
            write_whole(staging / _LIST, json.dumps(names))
            sync_all(staging)
            for name in dict.fromkeys([*old, *names]):
                if (folder / name).is_file():
                    _move(folder / name, staging / _ASIDE / name)
            for name in names:
                if name == names[-1]:
                    _sync_places(folder, names)
                _move(staging / name, folder / name)
            _sync_places(folder, names)
        except BaseException:
            undo(staging, folder)
            raise


def is_unfinished(staging: Path) -> bool:
    """Return whether an exchange of this staging folder has begun, and has not come to its end."""
    return any((staging / name).is_file() for name in _listed(staging))


def undo(staging: Path, folder: Path) -> None:
    """Put back what an exchange has moved; where this is killed too, the next call goes on."""
    for name in _listed(staging):
        if (folder / name).is_file() and not (staging / name).exists():
            _move(folder / name, staging / name)
    aside = staging / _ASIDE
    for path in sorted(aside.rglob("*")):
        if path.is_file():
            _move(path, folder / path.relative_to(aside))


def _listed(staging: Path) -> list[str]:
    """Return which files were to be moved; none where the list is not there, or not whole: then none was moved."""
    try:
        names = json.loads((staging / _LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str) and is_inside(staging.parent, name)]


def is_inside(folder: Path, name: str) -> bool:
    """Return whether a name is that of a place in a folder, and no link in it leads elsewhere."""
    try:
        return "\0" not in name and (folder / name).parent.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a circle, or a name that is too long
        return False


def _sync_places(folder: Path, names: list[str]) -> None:
    """Bring the names of moved files to the disk."""
    for place in {(folder / name).parent for name in names} | {folder}:
        if place.is_dir():
            sync_folder(place)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
