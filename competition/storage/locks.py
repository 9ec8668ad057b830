"""Locks on folders and files, which a process that is killed lets go of."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl

    HAS_LOCKS = True
except ImportError:  # Windows has no such locks
    HAS_LOCKS = False

_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}


def lock(descriptor: int) -> bool:
    """Lock an open file or folder; return False where another process, or another opening of it, holds the lock.

    Where the system knows no such locks, as some network file systems do not, nobody is kept off.
    """
    if not HAS_LOCKS:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        return problem.errno not in _TAKEN
    return True


@contextmanager
def folder_lock(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder itself, which leaves no file in it; yield False where another process holds it."""
    if not HAS_LOCKS:
        yield True
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield lock(descriptor)
    finally:
        os.close(descriptor)
