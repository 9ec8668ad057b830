"""What all of a run's JSON records share: how a dataclass becomes a file, and a file the dataclass again."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from competition.errors import RunError
from competition.storage.folders import write_json
from competition.storage.reading import read_json
from competition.storage.typed import misfit

TRAIN_AGAIN = "train the run again"
"""What mends most of a run's files."""
LEFT_OUT = {"left_out": True}
"""Marks entries of a part that are left out where they are None."""
_ALWAYS = ("board", "test_shares", "notes", "groups")
One = TypeVar("One")


def table_of(record: Any) -> dict[str, Any]:
    """Return a record as a JSON-serializable dictionary, without what does not apply to it."""
    meaningless = {one.name for one in fields(record) if one.default in (None, ()) and one.name not in _ALWAYS}
    return {
        name: value
        for name, value in _plain(record).items()
        if not (name in meaningless and (value is None or value == ()))
    }


def _plain(value: Any) -> Any:
    """Return a value with all records in it as dictionaries."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if not is_dataclass(value):
        return value
    entries = [(one, getattr(value, one.name)) for one in fields(value)]
    return {one.name: _plain(part) for one, part in entries if part is not None or one.metadata != LEFT_OUT}


def write_record(path: Path, record: Any, number: int) -> None:
    """Write a record and the number of its format as JSON."""
    write_json(path, {"format": number} | table_of(record))


def read_table(path: Path, newest: int, cure: str = TRAIN_AGAIN) -> Mapping[str, Any]:
    """Read a record's table.

    Parameters
    ----------
    path : Path
    newest : int
        The format that is known; files without one are from before there was one.
    cure : str
        The end of messages about a damaged file: what to do then.

    Raises
    ------
    RunError
        When it is missing or damaged, or a newer version of the kit wrote it.
    """
    table = read_json(path, RunError, cure)
    found = table.get("format", 0)
    if not isinstance(found, int) or found > newest:
        raise RunError(
            f"{path}: was written by a newer version of the kit (format {found}; this one reads up to {newest}); "
            f"update the kit, or {cure}{' with this one' if cure == TRAIN_AGAIN else ''}."
        )
    return table


def built(kind: type[One], table: Mapping[str, Any], path: Path, cure: str = TRAIN_AGAIN) -> One:
    """Return a record of a file's table, with the records in it; unknown keys are ignored.

    Parameters
    ----------
    kind : type
        The record's dataclass.
    table : mapping
    path : Path
        Of the file, for messages.
    cure : str
        As for `read_table`.

    Raises
    ------
    RunError
        When something is missing, or is not what it should be.
    """
    try:
        record: One = _value(table, kind)
    except (TypeError, ValueError, AttributeError) as problem:
        missing = [repr(name) for name in _required(kind) if name not in table]
        what = f"{missing[0]} is missing" if missing else f"cannot be read ({problem})"
        raise RunError(f"{path}: {what}; {cure}.") from None
    if (wrong := misfit(record)) is not None:
        raise RunError(f"{path}: cannot be read ({wrong}, which the kit does not write); {cure}.")
    return record


def _value(value: Any, part: Any) -> Any:
    if isinstance(value, list):
        return tuple(_value(one, part) for one in value)
    if part is None or value is None:
        return value
    parts = _parts_of(part)
    known = {name: _value(one, parts.get(name)) for name, one in value.items() if name in _names(part)}
    return part(**known)


def _parts_of(kind: type) -> dict[str, type]:
    """Return the dataclasses of entries, or of lists of entries, by the names of these."""
    return {name: part for name, hint in get_type_hints(kind).items() if (part := _record_in(hint)) is not None}


def _record_in(hint: Any) -> type | None:
    """Return the dataclass in a type: ``Point``, ``Point | None``, ``tuple[Point, ...]``; None where there is none."""
    if is_dataclass(hint):
        return hint  # type: ignore[return-value]
    return next((found for one in get_args(hint) if (found := _record_in(one)) is not None), None)


def _names(kind: Any) -> set[str]:
    return {one.name for one in fields(kind)} if is_dataclass(kind) else set()


def _required(kind: Any) -> list[str]:
    return [one.name for one in fields(kind) if one.default.__class__.__name__ == "_MISSING_TYPE"]
