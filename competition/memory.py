"""How the process holds its memory."""

import ctypes
import sys
from contextlib import suppress

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h


def share_one_heap() -> None:
    """Let all threads take memory from one heap, where the C library is glibc.

    Each has a heap of its own otherwise, and what is freed there is kept for it: after some models, trained by threads
    that are gone, a hundred megabytes lie idle. To be called before other threads begin.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # other C libraries have no such switch
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
