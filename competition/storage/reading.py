"""Reading files that the kit has written: one that is empty, cut short or something else is named by a sentence."""

import json
from pathlib import Path
from typing import Any

from competition.errors import KitError
from competition.storage.opening import read_once


def read_json(path: Path, error: type[KitError], cure: str) -> dict[str, Any]:
    """Read a JSON file that holds a table.

    Parameters
    ----------
    path : Path
    error : type of KitError
        What to raise when it is missing, empty, cut short or no table.
    cure : str
        The end of the message: what to do then.
    """
    text = _read(path, error, cure)
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise error(f"{path}: cannot be read (it is cut short, or no JSON: {problem}); {cure}.") from None
    if not isinstance(table, dict):
        raise error(f"{path}: cannot be read (it holds no table); {cure}.")
    return table


def read_whole(path: Path, error: type[KitError], cure: str) -> str:
    """Read a text whose last line is ended, as every text is that the kit writes.

    Parameters
    ----------
    path : Path
    error : type of KitError
        What to raise when it is missing, empty or cut short.
    cure : str
        The end of the message: what to do then.
    """
    text = _read(path, error, cure)
    if not text.endswith("\n"):
        raise error(f"{path}: cannot be read (it is cut short: its last line has no end); {cure}.")
    return text


def _read(path: Path, error: type[KitError], cure: str) -> str:
    try:
        text = read_once(path).decode()
    except OSError as problem:
        raise error(f"{path}: cannot be read ({problem.strerror}); {cure}.") from None
    except UnicodeDecodeError:
        raise error(f"{path}: cannot be read (it is no UTF-8 text); {cure}.") from None
    if not text:
        raise error(f"{path}: cannot be read (it is empty); {cure}.")
    if "\0" in text:
        raise error(f"{path}: cannot be read (it is damaged: there are zeros in it, as after a power cut); {cure}.")
    return text
