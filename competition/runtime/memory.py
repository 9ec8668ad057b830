"""Memory: settings of the command line's own process, and what shows that it does not suffice.

A program that imports the kit is left as it is.
"""

import ctypes
import errno
import gc
import re
import sys
from contextlib import suppress
from pathlib import Path

from competition.errors import KitError

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # M_TRIM_THRESHOLD and so on of glibc's malloc.h
_own = False
_SAID = ("failed to map segment", "cannot allocate memory", "can't start new thread", "bad_alloc", "resource exhausted")
"""What loaders, threads and native code say where there is no memory; all in small letters."""
_NEAR = 0.9
_CURE = "raise the limit (ulimit -v), or take it away"


def take_process() -> None:
    """Let all threads take memory from one heap, where the C library is glibc, and allow the other settings.

    Each thread has a heap of its own otherwise, and what is freed there is kept for it: after some models, trained by
    threads that are gone, a hundred megabytes are unused. Call it before other threads begin.
    """
    global _own
    _own = True
    _set(_ARENA_MAX, 1)


def keep_freed() -> None:
    """Keep up to 64 MB of freed memory for what is taken next, in a process that is the command line's own.

    Sound is described in arrays of megabytes, one song like the other. Given back to the system and taken anew, page by
    page, they cost a quarter of the time.
    """
    if _own:
        _set(_MMAP_THRESHOLD, 2**25)
        _set(_TRIM_THRESHOLD, 2**26)


def _set(setting: int, value: int) -> None:
    if sys.platform == "linux":
        with suppress(AttributeError):  # other C libraries have no such switch
            ctypes.CDLL(None).mallopt(setting, value)


def freeze_objects() -> None:
    """Keep the garbage collector off all objects that there are, in a process that is the command line's own.

    Call it after large imports: every full collection would walk through a million objects that stay for good.
    """
    if _own:
        gc.freeze()


def limit() -> int | None:
    """Return the most bytes of address space that this process may have; None where there is no limit."""
    if resource is None:
        return None
    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if most == resource.RLIM_INFINITY else most


def require(least: int, what: str) -> None:
    """Raise KitError where a limit leaves less address space than something takes.

    Native code ends the whole process where it is given no memory, so that nobody could say why.

    Parameters
    ----------
    least : int
        In bytes.
    what : str
        What takes it.
    """
    most = limit()
    if most is not None and most < least:
        raise KitError(
            f"this process may have {most / 1e9:.1f} GB of memory (of address space), and {what} takes "
            f"{least / 1e9:.1f} GB; {_CURE}."
        )


def is_no_memory(problem: BaseException) -> bool:
    """Return whether an exception shows that memory has run out.

    numpy, Arrow, the loader of libraries, threads and TensorFlow say so in words of their own; others are in trouble
    because of it where the address space has been near its limit.
    """
    if isinstance(problem, MemoryError) or (isinstance(problem, OSError) and problem.errno == errno.ENOMEM):
        return True
    if isinstance(problem, OSError | KitError):
        return False
    said = f"{type(problem).__name__} {problem}".lower()
    return any(words in said for words in (*_SAID, "resourceexhausted")) or _was_near_limit()


def _was_near_limit() -> bool:
    most = limit()
    if most is None:
        return False
    with suppress(OSError):
        found = re.search(r"VmPeak:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
        return found is not None and 1024 * int(found[1]) > _NEAR * most
    return False
