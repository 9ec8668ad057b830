"""Reading numpy's own files: whatever is wrong with one is one kind of error, and nothing in it is run."""

import io
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from competition.storage.opening import open_file

DAMAGED = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, IndexError, OverflowError, MemoryError, SyntaxError),
    *(TokenError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile),
)
"""What numpy raises for files that are cut short or damaged: it reads headers as Python's literals."""


def read_array(path: Path, *, mapped: bool = False) -> Any:
    """Return what a file in numpy's format holds: an array, or an archive of arrays; pickled objects are refused.

    Parameters
    ----------
    path : Path
    mapped : bool
        Whether the array stays in the file until it is used.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When it cannot be read; the message is a reason without the file's name.
    """
    try:
        if mapped:
            return np.load(path, mmap_mode="r", allow_pickle=False)
        with open_file(path) as file:
            content = file.read()  # or numpy leaves a damaged archive open
        return np.load(io.BytesIO(content), allow_pickle=False)
    except FileNotFoundError:
        raise
    except DAMAGED as problem:
        raise ValueError(str(problem) or type(problem).__name__) from None
