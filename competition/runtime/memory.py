"""Memory settings of the command line's own process; a program that imports the kit is left as it is."""

import ctypes
import gc
import sys
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # M_TRIM_THRESHOLD and so on of glibc's malloc.h
_own = False


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
