"""A run is a folder: its files appear in it together, and DONE is written last."""

import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import competition
from competition.errors import RunError
from competition.files import write_whole, writing

DONE = "DONE"
_STAGING = ".partial"
_PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn")


def default_folder(edition: str, what: str) -> Path:
    """Return the folder for a run that was given none: ``runs/<edition>-<what>-<time>``."""
    return Path("runs") / f"{edition}-{what}-{datetime.now():%Y%m%d-%H%M%S}"


@contextmanager
def new_run(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Give a place to write a run's files to, and move them into its folder when all of them are there.

    Parameters
    ----------
    folder : Path
        Made when it is not there; not touched when anything goes wrong.
    force : bool
        Whether a finished run in it may be replaced.

    Yields
    ------
    Path
        An empty folder inside `folder`.

    Raises
    ------
    RunError
        When `folder` holds a finished run and `force` is false, or cannot be written.
    """
    if (folder / DONE).exists() and not force:
        raise RunError(
            f"{folder}: holds a finished run; name another folder with --out, or replace the run with --force."
        )
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    staging = folder / _STAGING
    try:
        with writing(folder):
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(parents=True)
        yield staging
        _move_in(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        _remove_empty(made)


def write_json(path: Path, table: Mapping[str, Any]) -> None:
    """Write a table as indented JSON."""
    write_whole(path, json.dumps(table, indent=2, ensure_ascii=False) + "\n")


def environment() -> dict[str, Any]:
    """Return what a run's manifest says of the kit, the machine and the packages it ran on."""
    return {
        "kit": competition.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "packages": {name: version(name) for name in _PACKAGES},
    }


def _move_in(staging: Path, folder: Path) -> None:
    with writing(folder):
        _remove_old(folder)
        names = sorted(path.name for path in staging.iterdir())
        for name in names:
            _remove(folder / name)
            (staging / name).replace(folder / name)
    write_whole(folder / DONE, "".join(f"{name}\n" for name in names))


def _remove_old(folder: Path) -> None:
    """Remove a finished run's files, which its DONE lists; DONE itself first."""
    done = folder / DONE
    names = done.read_text(encoding="utf-8").splitlines() if done.exists() else []
    done.unlink(missing_ok=True)
    for name in names:
        _remove(folder / Path(name).name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
