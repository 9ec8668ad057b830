"""How many processors there are to use."""

import os


def usable_processors() -> int:
    """Return how many processors this process may use: fewer than the machine has where a scheduler says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
