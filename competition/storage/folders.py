"""A run is a folder: its files appear in it together, and DONE is written last."""

import json
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from competition.errors import RunError
from competition.storage.files import STAGING_PREFIX, write_whole, writing

DONE = "DONE"
MANIFEST = "manifest.json"
SCORES = "scores.json"
OUT_OF_FOLD = "oof.csv"
KEPT_OUT = "kept_out.csv"
FOLDS = "folds.csv"
GROUPS = "groups.csv"
HISTORY = "history.csv"
REPORT = "report.html"


def default_folder(edition: str, what: str) -> Path:
    """Return a folder that does not exist yet, for a run without one: ``runs/<edition>-<what>-<time>``."""
    name = f"{edition}-{what}-{datetime.now():%Y%m%d-%H%M%S}"
    candidates = (Path("runs") / f"{name}{suffix}" for suffix in chain([""], (f"-{n}" for n in count(2))))
    return next(folder for folder in candidates if not folder.exists())


def _content(folder: Path) -> str:
    """Return what a folder with a DONE holds, in words."""
    are_pictures = not (folder / MANIFEST).is_file() and any(folder.glob("*.png"))
    return "pictures that were drawn before" if are_pictures else "a finished run"


def check_free(folder: Path, *, force: bool) -> None:
    """Raise RunError when a run in `folder` would replace a finished run, or files that are not a run's.

    Files of a run that was never finished (there is a manifest, but no DONE) may be replaced.
    """
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


def check_finished(folder: Path) -> None:
    """Raise RunError when `folder` holds no finished run."""
    if not folder.is_dir():
        raise RunError(f"{folder}: there is no such folder; expected that of a finished run.")
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
        yield staging
        check_free(folder, force=force)
        names = _files(staging)
        write_whole(staging / DONE, "".join(f"{name}\n" for name in names))
        _exchange(staging, folder, [*names, DONE])


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Make an empty folder inside `folder`, and remove it afterwards, with every folder that stays empty."""
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    staging = folder / f"{STAGING_PREFIX}{socket.gethostname()}-{os.getpid()}"
    try:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            _clear_abandoned(folder)
            staging.mkdir()
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        for place in made:
            if place.is_dir() and not any(place.iterdir()):
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
    """Replace a run's old files with staged ones; when a move fails, undo all of them."""
    aside = staging / ".replaced"
    moved: list[tuple[Path, Path]] = []
    with writing(folder):
        try:
            for name in dict.fromkeys([DONE, *_listed(folder), *names]):
                if (folder / name).is_file():
                    moved.append(_move(folder / name, aside / name))
            for name in names:
                moved.append(_move(staging / name, folder / name))
        except BaseException:
            for source, target in reversed(moved):
                _move(target, source)
            raise


def _move(source: Path, target: Path) -> tuple[Path, Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    return source, target


def _listed(folder: Path) -> list[str]:
    """Return the files that a run's DONE lists; names that lead outside the folder are skipped."""
    try:
        lines = (folder / DONE).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [line for line in lines if line and not Path(line).is_absolute() and ".." not in Path(line).parts]


def _clear_abandoned(folder: Path) -> None:
    """Remove the staging folders of killed runs of this machine."""
    for left in folder.glob(f"{STAGING_PREFIX}*-*"):
        begun_on, _, process = left.name.rpartition("-")
        if begun_on == f"{STAGING_PREFIX}{socket.gethostname()}" and not _is_alive(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return process != os.getpid()
