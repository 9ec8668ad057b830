"""A run is a folder: its files appear in it together, and DONE is written last."""

import json
import os
import re
import shutil
import socket
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from competition.errors import RunError
from competition.storage.exchange import exchange, is_inside, is_unfinished, undo
from competition.storage.files import STAGING_PREFIX, make_folder, write_whole, writing
from competition.storage.locks import folder_lock
from competition.storage.opening import read_once

DONE = "DONE"
MANIFEST = "manifest.json"
SCORES = "scores.json"
OUT_OF_FOLD = "oof.csv"
KEPT_OUT = "kept_out.csv"
FOLDS = "folds.csv"
GROUPS = "groups.csv"
HISTORY = "history.csv"
REPORT = "report.html"
RUNS = Path("runs")
"""Where runs are written that nobody names a folder for."""


def default_folder(edition: str, what: str) -> Path:
    """Return a folder that does not exist yet, for a run without one: ``runs/<edition>-<what>-<time>``."""
    name = f"{edition}-{what}-{datetime.now():%Y%m%d-%H%M%S}"
    candidates = (RUNS / f"{name}{suffix}" for suffix in chain([""], (f"-{n}" for n in count(2))))
    return next(folder for folder in candidates if not folder.exists())


def _content(folder: Path) -> str:
    """Return what a folder with a DONE holds, in words."""
    are_pictures = not (folder / MANIFEST).is_file() and any(folder.glob("*.png"))
    return "pictures that were drawn before" if are_pictures else "a finished run"


def check_free(folder: Path, *, force: bool) -> None:
    """Raise RunError when a run in `folder` would replace a finished run, or files that are not a run's.

    Files of a run that was never finished (there is a manifest, but no DONE) may be replaced.
    """
    put_back(folder)
    if force or not folder.is_dir():
        return
    if (folder / DONE).exists():
        raise RunError(
            f"{folder}: holds {_content(folder)}; name another folder with `out`, or replace it with `force`."
        )
    others = [path.name for path in folder.iterdir() if not path.name.startswith(STAGING_PREFIX)]
    if others and MANIFEST not in others:
        raise RunError(
            f"{folder}: is not empty and holds no run ({sorted(others)[0]}); name another folder with `out`, "
            "or add the run to it with `force`, which replaces files of the same names."
        )


def check_absent(folder: Path, names: Collection[str], *, force: bool) -> None:
    """Raise RunError where files of some names are in a folder already, and must not be replaced."""
    put_back(folder)
    for name in names:
        if (folder / name).exists() and not force:
            raise RunError(f"{folder / name}: is there already; name another folder with `out`, or use `force`.")


def check_finished(folder: Path) -> None:
    """Raise RunError when `folder` holds no finished run."""
    if not folder.is_dir():
        raise RunError(f"{folder}: there is no such folder; expected that of a finished run.")
    put_back(folder)
    if not (folder / DONE).is_file():
        raise RunError(f"{folder}: holds no finished run (there is no {DONE} in it); expected one that submit wrote.")


@contextmanager
def new_run(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield a folder to write a run's files to, and move them into the run's own when all are written.

    Parameters
    ----------
    folder : Path
        Created if missing; left as it was when anything goes wrong.
    force : bool
        Whether a finished run in it may be replaced: the files that its DONE lists go, and no others.

    Yields
    ------
    Path
        An empty folder inside `folder`.

    Raises
    ------
    RunError
        When `folder` is taken (see `check_free`), or cannot be written.
    """
    check_free(folder, force=force)
    with staged(folder) as staging:
        check_free(folder, force=force)  # another process may have been quicker
        yield staging
        check_free(folder, force=force)
        names = _files(staging)
        write_whole(staging / DONE, "".join(f"{name}\n" for name in names))
        _exchange(staging, folder, [*names, DONE])


@contextmanager
def new_files(folder: Path, names: Collection[str], *, force: bool = False) -> Iterator[Path]:
    """Yield a folder to write files to, and move them into their own, which need not be empty, when all are written.

    Parameters
    ----------
    folder : Path
        Created if missing; left as it was when anything goes wrong.
    names : collection of str
        Files that must not be there.
    force : bool
        Whether they, and whatever is written, may be replaced.

    Raises
    ------
    RunError
        When a file is there, another process is writing there, or `folder` cannot be written.
    """
    check_absent(folder, names, force=force)
    with staged(folder) as staging:
        check_absent(folder, names, force=force)  # another process may have been quicker
        yield staging
        move_in(staging, folder)


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Make an empty folder inside `folder`, and remove it afterwards, with every folder that stays empty.

    Raises
    ------
    RunError
        When `folder` cannot be written, or another process is writing there.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    staging = folder / f"{STAGING_PREFIX}{socket.gethostname()}-{os.getpid()}"
    with ExitStack() as stack:
        with writing(folder):
            make_folder(folder)
            stack.callback(_remove_empty, made)
            is_ours = stack.enter_context(folder_lock(folder))
        if not is_ours:
            raise RunError(
                f"{folder}: another process is writing there; wait for it, or name another folder with `out`."
            )
        stack.callback(shutil.rmtree, staging, ignore_errors=True)
        with writing(folder):
            _clear_abandoned(folder)
            staging.mkdir()
        yield staging


def _remove_empty(places: list[Path]) -> None:
    for place in places:
        with suppress(OSError):  # some are not empty, or another process has been quicker
            place.rmdir()


def move_in(staging: Path, folder: Path) -> None:
    """Move all of a staging folder's files into its folder, replacing files of the same names, or none of them."""
    _exchange(staging, folder, _files(staging))


def write_json(path: Path, table: Mapping[str, Any]) -> None:
    """Write a table as indented JSON; raises ValueError for numbers that are not finite, which JSON lacks."""
    write_whole(path, json.dumps(table, indent=2, allow_nan=False) + "\n")


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _exchange(staging: Path, folder: Path, names: list[str]) -> None:
    """Replace a run's old files with staged ones, all or none.

    They are on the disk before any of them is moved, and all of them before DONE says that they are there.
    """
    _refuse_links(folder, names)
    exchange(staging, folder, names, [DONE, *_listed(folder)])


def _refuse_links(folder: Path, names: Sequence[str]) -> None:
    """Raise RunError where a file's place inside a folder is a link to elsewhere, where nothing may be replaced."""
    for place in sorted({folder / parent for name in names for parent in Path(name).parents if parent != Path()}):
        if place.is_symlink():
            raise RunError(
                f"{place}: is a link to {place.readlink()}, and files would be written there; remove it, or name "
                "another place with `out`."
            )


def _listed(folder: Path) -> list[str]:
    """Return the files that a run's DONE lists; names that lead outside the folder, by a link too, are skipped."""
    try:
        lines = read_once(folder / DONE).decode("utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [line for line in lines if line and is_inside(folder, line)]


def put_back(folder: Path) -> None:
    """Put back what stood in a folder when a process was killed that was replacing it, unless one is at work there."""
    if any(map(is_unfinished, _abandoned(folder))):
        with suppress(OSError), folder_lock(folder) as is_ours:  # which may only be read
            if is_ours:
                _put_back(folder)


def _put_back(folder: Path) -> None:
    for left in _abandoned(folder):
        if is_unfinished(left):
            undo(left, folder)


def _clear_abandoned(folder: Path) -> None:
    """Remove the staging folders of killed runs of this machine, and put back what they were replacing."""
    _put_back(folder)
    for left in _abandoned(folder):
        shutil.rmtree(left, ignore_errors=True)


def _abandoned(folder: Path) -> list[Path]:
    """Return the staging folders whose processes, on this machine, are no more."""
    ours = re.compile(rf"{re.escape(STAGING_PREFIX + socket.gethostname())}-(\d{{1,9}})", re.ASCII)
    found = ((left, ours.fullmatch(left.name)) for left in folder.glob(f"{STAGING_PREFIX}*"))
    return [left for left, name in found if name and not _is_alive(int(name[1]))]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return process != os.getpid()
