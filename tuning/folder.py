"""A search's folder: its study, its files, and a lock that lets one process at a time continue it."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from competition.errors import KitWarning
from competition.models.ensembles import RECIPE_FILE
from competition.storage.files import STAGING_PREFIX, is_beside, make_folder, write_whole, writing
from competition.storage.folders import DONE, write_json
from competition.storage.locks import lock
from competition.storage.reading import read_json
from competition.storage.toml import read_toml
from tuning.errors import TuningError
from tuning.trials.study import Study

SEARCH, RESULT, FOLDS = "search.json", "result.json", "folds.csv"
WORKERS = "workers"
"""The folder of workers' heartbeats, in a study's."""
SILENT_SECONDS = 60
"""After how long without a heartbeat a worker is taken for dead."""
_CURE = "give the options that the search was begun with"
_AGAIN = "the trials are all kept"
_LOCK = ".lock"
_ORIGIN = "origin"
_PARTS = {
    "space": "the space",
    "data": "the data",
    "left_out": "the genres",
    "folds": "the folds",
    "objective": "the objective",
    "pooled_by": "the metric of the probabilities' board",
    "seed": "the seed",
    "seeds": "the number of seeds",
    "settings": "the settings",
    "format": "the kit",
}


def project_of(folder: Path, study: Study) -> Path:
    """Return the folder within a search's folder that belongs to one study alone."""
    return folder / f"project-{study.identity}"


def read_search(folder: Path) -> Mapping[str, Any] | None:
    """Return the description of a folder's last study, or None; raises TuningError where it is damaged."""
    table = _read(folder)
    return None if table is None else {key: value for key, value in table.items() if key != _ORIGIN}


def read_origin(folder: Path) -> Mapping[str, Any] | None:
    """Return where the songs of a folder's last study are; None where it does not say; raises as `read_search` does."""
    return (_read(folder) or {}).get(_ORIGIN)


def _read(folder: Path) -> dict[str, Any] | None:
    path = folder / SEARCH
    return read_json(path, TuningError, _CURE) if path.exists() else None


def read_result(folder: Path, study: Study) -> Mapping[str, Any] | None:
    """Return the result of a finished search for `study` in a folder, or None where there is none.

    A KitWarning says where its files cannot be read: the trials are all there, and the result is made again.
    """
    if not (folder / DONE).exists():
        return None
    try:
        if read_search(folder) != study.description:
            return None
        table = read_json(folder / RESULT, TuningError, _AGAIN)
        read_toml(folder / RECIPE_FILE, TuningError)
    except TuningError as problem:
        warnings.warn(f"{problem} The search's result is made again.", KitWarning, stacklevel=2)
        return None
    return table


def check_folder(folder: Path, study: Study, *, force: bool) -> None:
    """Raise TuningError when a folder holds another finished search, or files that are no search's.

    An unfinished search of another study is left in its place, with a KitWarning that says what differs.

    Parameters
    ----------
    folder : Path
        Need not exist.
    study : Study
    force : bool
        Whether to allow both.
    """
    if not folder.is_dir():
        return
    earlier = _earlier(folder, study)
    if earlier is None:
        others = sorted(path.name for path in folder.iterdir() if not _is_left(path.name))
        if others and not force:
            raise TuningError(
                f"{folder}: is not empty and holds no search ({others[0]}); name another folder with `out`, "
                "or search in it with `force`."
            )
    elif earlier != study.description:
        different = _differences(earlier, study.description)
        if (folder / DONE).exists() and not force:
            raise TuningError(
                f"{folder}: holds another finished search ({different} differ); name another folder with `out`, "
                "or start a new search beside it with `force`."
            )
        message = f"{folder}: {different} differ from the last search there: a new one starts. Its trials stay there."
        warnings.warn(message, KitWarning, stacklevel=2)


def _is_left(name: str) -> bool:
    """Return whether a search that was killed as it began may have left a file."""
    return name.startswith((STAGING_PREFIX, _LOCK)) or is_beside(name)


def _earlier(folder: Path, study: Study) -> Mapping[str, Any] | None:
    """Return the description of a folder's last study; where it is lost, this one's if it has been searched there."""
    try:
        return read_search(folder)
    except TuningError as problem:
        if not project_of(folder, study).is_dir():
            raise
        warnings.warn(f"{problem} This search has trials there, and goes on.", KitWarning, stacklevel=3)
        return study.description


def _differences(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    return ", ".join(name for key, name in _PARTS.items() if earlier.get(key) != now.get(key)) or "the kit"


def claim(folder: Path, study: Study, origin: Mapping[str, Any] | None = None) -> Path:
    """Make a folder a study's: record the study, remove the mark of a finished search, and return its project.

    `origin` says where the songs are, and is no part of the study, which goes on wherever they have been moved.
    """
    project = project_of(folder, study)
    with writing(folder):
        make_folder(folder)
        (folder / DONE).unlink(missing_ok=True)
    # The first file, so that a search that is killed right after it is known as one.
    write_json(folder / SEARCH, {**study.description, **({} if origin is None else {_ORIGIN: origin})})
    write_whole(folder / FOLDS, study.folds.to_text())
    with writing(folder):
        make_folder(project)
    return project


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder against a second search; a process that is killed releases it.

    Raises
    ------
    TuningError
        When another process holds it.
    """
    with writing(folder):
        make_folder(folder)
        file = (folder / _LOCK).open("w")
    with file:
        if not lock(file.fileno()):
            raise TuningError(
                f"{folder}: another search is at work there; wait for it, or name another folder with `out`."
            )
        yield
