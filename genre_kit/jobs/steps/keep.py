"""From a result to a run's folder: all its files or none."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from competition.storage.folders import RUNS, check_free, default_folder, new_run
from competition.storage.places import LEAST_BYTES, check_place
from genre_kit.reports.page.html import write_report
from genre_kit.reports.page.pictures import write_pictures
from genre_kit.results.run import Result
from genre_kit.runs.writing import write_run


def check_out(out: str | os.PathLike[str] | None, *, force: bool, least: int = LEAST_BYTES) -> None:
    """Raise RunError where a run must not or cannot be written into a folder, before any work is done for it.

    Parameters
    ----------
    out : path or None
        The folder; None for a new one in ``runs/``.
    force : bool
        Whether a finished run there is replaced.
    least : int
        How many bytes must be free.
    """
    if out is not None:
        check_free(Path(out), force=force)
    check_place(RUNS if out is None else Path(out), least)


def keep(
    make: Callable[[Path], Result] | Result,
    out: str | os.PathLike[str] | None,
    default: tuple[str, str],
    *,
    force: bool,
) -> Result:
    """Write a job's result into a run's folder, complete or not at all.

    Parameters
    ----------
    make : Result or callable
        The result; or what does the job and returns it, given the place where the run's files are gathered, for what it
        writes during the job.
    out : path or None
        The folder; None for a new one in ``runs/``.
    default : (str, str)
        The edition's name and what was done, of which a new folder's name is made.
    force : bool
        Whether a finished run there is replaced.

    Returns
    -------
    Result
        With its folder.
    """
    folder = default_folder(*default) if out is None else Path(out)
    with new_run(folder, force=force) as place:
        result = make if isinstance(make, Result) else make(place)
        result = _drawn(place, result)
        write_run(place, result)
        if result.held_out is not None:
            write_report(place, result.rule.describe(result.edition.genres))
    return replace(result, folder=folder)


def _drawn(place: Path, result: Result) -> Result:
    """Draw a scored result's pictures, and return it with the seconds that they took."""
    clock = time.perf_counter()
    if result.held_out is not None:
        write_pictures(place, result)
    return replace(result, seconds=result.seconds + time.perf_counter() - clock)
