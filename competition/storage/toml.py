"""TOML files, and checks on their tables that editions and recipes share: unknown keys, missing keys, wrong types."""

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import tomli_w

from competition.errors import KitError
from competition.storage.opening import read_once

_BEGIN = "# Written by genre-kit; whole where a line says END."
_END = "# END"
_NAME = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_DEEP_KEY = re.compile(rf"(?<![\w-])(?:{_NAME}[ \t]*\.[ \t]*){{1000}}")
"""Tables within tables: Python's reader takes a time that grows with the square of their number."""
_TOO_DEEP = "is nested too deeply; expected tables and lists a few levels deep, as the documentation describes them."


def toml_text(table: Mapping[str, Any]) -> str:
    """Return a table as TOML text that `read_toml` refuses when it is cut short: half of it would be valid too."""
    return f"{_BEGIN}\n{tomli_w.dumps(table)}{_END}\n"


def read_toml(path: Path, error: type[KitError]) -> dict[str, Any]:
    """Read a TOML file as a dictionary.

    Parameters
    ----------
    path : Path
    error : type of KitError
        What to raise when the file is missing, not UTF-8, not TOML, or cut short where the kit has written it.
    """
    try:
        text = read_once(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        if _DEEP_KEY.search(text):
            raise error(f"{path}: {_TOO_DEEP}")
        table = tomllib.loads(text)
    except FileNotFoundError:
        raise error(f"{path}: there is no such file.") from None
    except OSError as problem:
        raise error(f"{path}: cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise error(f"{path}: is not UTF-8 text; save it as UTF-8.") from None
    except RecursionError:
        raise error(f"{path}: {_TOO_DEEP}") from None
    except ValueError as problem:  # also numbers of more digits than Python reads
        raise error(f"{path}: is not valid TOML: {problem}.") from None
    lines = text.splitlines()
    if _BEGIN in lines and _END not in lines:
        raise error(
            f'{path}: is cut short: there is no line "{_END}", as its first line says; get it whole again, or remove '
            "that line if nothing is missing."
        )
    return table


def check_keys(
    table: Mapping[str, Any],
    required: Collection[str],
    optional: Collection[str],
    *,
    where: str,
    error: type[KitError],
) -> None:
    """Check that a table has all required keys, and none but required and optional ones.

    Parameters
    ----------
    table : mapping of str to object
    required, optional : collection of str
    where : str
        What the message begins with, such as the file's path and the key.
    error : type of KitError
        What to raise.

    Raises
    ------
    KitError
        `error`, when a key is missing or unknown.
    """
    known = list(dict.fromkeys([*required, *optional]))
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"expected only {', '.join(known)}."
            raise error(f'{where}: unknown key "{key}"; {hint}')
    for key in required:
        if key not in table:
            raise error(f'{where}: the key "{key}" is missing.')


def check_text(value: Any, *, where: str, error: type[KitError]) -> str:
    """Return `value` if it is a string that is not blank.

    Parameters
    ----------
    value : object
    where : str
        What the message begins with, such as the file's path and the key.
    error : type of KitError
        What to raise.

    Raises
    ------
    KitError
        `error`, when it is not.
    """
    if not isinstance(value, str) or not value.strip():
        raise error(f"{where}: expected text, found {value!r}.")
    return value


def check_name(value: Any, *, where: str, error: type[KitError]) -> str:
    """Return `value` if it can be part of a file's name: letters, digits, ``_``, ``-`` and ``.``.

    Parameters
    ----------
    value : object
    where : str
        What the message begins with, such as the file's path and the key.
    error : type of KitError
        What to raise.

    Raises
    ------
    KitError
        `error`, when it cannot.
    """
    if not isinstance(value, str) or not re.fullmatch(r"\w[\w.-]*", value):
        raise error(f"{where}: expected a name of letters, digits, '_', '-' and '.', found {value!r}.")
    return value


def check_whole(value: Any, least: int, *, where: str, error: type[KitError]) -> int:
    """Return `value` if it is an integer of at least `least`.

    Parameters
    ----------
    value : object
    least : int
    where : str
        What the message begins with, such as the file's path and the key.
    error : type of KitError
        What to raise.

    Raises
    ------
    KitError
        `error`, when it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise error(f"{where}: expected a whole number of at least {least}, found {value!r}.")
    return value


def check_names(value: Any, least: int, *, where: str, error: type[KitError]) -> tuple[str, ...]:
    """Return `value` as a tuple if it is a list of different strings that are not blank.

    Parameters
    ----------
    value : object
    least : int
        The smallest number of strings.
    where : str
        What the message begins with, such as the file's path and the key.
    error : type of KitError
        What to raise.

    Raises
    ------
    KitError
        `error`, when it is not.
    """
    if not isinstance(value, list) or len(value) < least:
        raise error(f"{where}: expected a list of at least {least} name(s), found {value!r}.")
    names = tuple(check_text(name, where=where, error=error) for name in value)
    for name in names:
        if names.count(name) > 1:
            raise error(f'{where}: "{name}" stands in the list {names.count(name)} times; names must differ.')
    return names


def name_from(path: Path) -> str:
    """Return a name that `check_name` accepts, made of a file's."""
    return re.sub(r"[^\w.-]+", "-", path.stem).strip("-._") or "unnamed"
