"""Many sound files, listened to by one process a processor."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from competition.audio.keeping import Kept, content_of
from competition.audio.listening import listen
from competition.errors import DataError, RunError
from competition.runtime.memory import keep_freed, take_process

_FEW = 8  # songs that are done before a second process has started


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    Attributes
    ----------
    content : str
        The SHA-256 of its bytes; empty where it could not be opened.
    problem : str
        Why it cannot be used; empty where it can.
    is_new : bool
        Whether it was listened to now, rather than in an earlier call.
    """

    content: str
    problem: str
    is_new: bool


def listen_to_all(paths: Sequence[Path], kept: Kept, processes: int, tell: Callable[[int], None]) -> list[Outcome]:
    """Listen to files and keep what was heard; those that are kept already are left out.

    Parameters
    ----------
    paths : sequence of Path
    kept : Kept
    processes : int
        How many work side by side; what is kept does not depend on it.
    tell : callable
        Given how many files are done, after each.

    Returns
    -------
    list of Outcome
        One a file.

    Raises
    ------
    RunError
        When results cannot be written, or a process was ended from outside.
    """
    outcomes: list[Outcome] = []
    with _mapping(min(processes, len(paths) // _FEW)) as over:
        try:
            for outcome in over(partial(_listened, kept), paths):
                outcomes.append(outcome)
                tell(len(outcomes))
        except BrokenProcessPool:
            raise RunError(
                f"a process ended while it listened to {paths[len(outcomes)]} or one of the next songs, perhaps for "
                "lack of memory; what is finished is kept: run it again, with `processes` 1."
            ) from None
    return outcomes


def _listened(kept: Kept, path: Path) -> Outcome:
    try:
        content = content_of(path)
    except OSError as problem:
        return Outcome("", f"cannot be opened: {problem.strerror}", is_new=True)
    if kept.find(content) is not None:
        return Outcome(content, "", is_new=False)
    try:
        with threadpool_limits(1):  # products over several threads may round otherwise
            song = listen(path, kept.settings)
    except DataError as problem:
        return Outcome(content, str(problem), is_new=True)
    kept.keep(content, song)
    return Outcome(content, "", is_new=True)


@contextmanager
def _mapping(processes: int) -> Iterator[Callable[..., Iterator[Outcome]]]:
    """Yield what applies a function to all files, in order, in this process or in several others."""
    if processes < 2:
        keep_freed()
        yield map
        return
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin)
    try:
        yield partial(pool.map, chunksize=2)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Prepare a process: it keeps memory, leaves signals to its parent, silences decoders, and ends with its parent."""
    take_process()
    keep_freed()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
