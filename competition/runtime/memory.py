"""Memory settings of the command line's own process; a program that imports the kit is left as it is."""

import ctypes
import gc
import sys
from contextlib import suppress

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h
_own = False


def take_process() -> None:
    """Let all threads take memory from one heap, where the C library is glibc, and allow `freeze_objects`.

    Each thread has a heap of its own otherwise, and what is freed there is kept for it: after some models, trained by
    threads that are gone, a hundred megabytes are unused. Call it before other threads begin.
    """
    global _own
    _own = True
    if sys.platform == "linux":
        with suppress(AttributeError):  # other C libraries have no such switch
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def freeze_objects() -> None:
    """Keep the garbage collector off all objects that there are, in a process that is the command line's own.

    Call it after large imports: every full collection would walk through a million objects that stay for good.
    """
    if _own:
        gc.freeze()
