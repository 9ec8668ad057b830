"""Whether a place can be written to, found out before any work is done for it."""

import os
import shutil
from pathlib import Path

from competition.errors import RunError

LEAST_BYTES = 50_000_000
"""What must be free on the disk for a run without large models, or for a search."""
_CURE = "name another place with `out`"


def check_place(place: Path, least: int = LEAST_BYTES) -> None:
    """Raise RunError where files cannot be written into a folder, which need not exist yet.

    Parameters
    ----------
    place : Path
    least : int
        How many bytes are going to be written, at most: so many must be free.
    """
    check_name(place, _CURE)
    there = next(one for one in (place.absolute(), *place.absolute().parents) if one.exists())
    if not there.is_dir():
        raise RunError(f"{place}: cannot be written: {there} is no folder; {_CURE}.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise RunError(f"{place}: cannot be written: {there} may only be read; {_CURE}, or change its rights.")
    free = shutil.disk_usage(there).free
    if free < least:
        raise RunError(
            f"{place}: only {free / 1e6:.0f} MB are free there; expected at least {least / 1e6:.0f} MB, which may be "
            f"written: free some space there, or {_CURE}."
        )


def check_name(place: Path, cure: str) -> None:
    """Raise RunError where a path is not UTF-8 text, as reports and records are; `cure` says what to do then."""
    try:
        str(place).encode()
    except UnicodeEncodeError:
        shown = os.fsencode(place).decode("utf-8", "backslashreplace")
        raise RunError(f"{shown}: its name is not UTF-8 text, as what is written about it must be; {cure}.") from None
