"""``explain.json``: what explaining a run found; docs/files.md describes it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from competition.errors import RunError
from competition.storage.folders import write_json
from competition.storage.reading import read_json
from genre_kit.runs.explained.content import Explanation

EXPLANATION = "explain.json"
FORMAT = 1
"""Raised when a reader of today could misread the file."""
_CURE = "explain the run again"


def write_explanation(place: Path, found: Explanation) -> None:
    """Write ``explain.json`` into a folder."""
    write_json(place / EXPLANATION, {"format": FORMAT} | asdict(found))


def read_explanation(folder: Path) -> Explanation:
    """Read ``explain.json`` from a folder.

    Raises
    ------
    RunError
        When it is missing, damaged, lacks something, or a newer version of the kit wrote it.
    """
    path = folder / EXPLANATION
    table = read_json(path, RunError, _CURE)
    found = table.pop("format", 0)
    if not isinstance(found, int) or found > FORMAT:
        raise RunError(
            f"{path}: was written by a newer version of the kit (format {found}; this one reads up to {FORMAT}); "
            f"update the kit, or {_CURE} with this one."
        )
    try:
        built: Explanation = _built(Explanation, table)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise RunError(f"{path}: cannot be read ({problem!r}); {_CURE}.") from None
    return built


def _built(kind: Any, value: Any) -> Any:
    """Return a JSON value as what a type hint says; unknown keys are ignored."""
    if get_origin(kind) in (Union, UnionType):
        return None if value is None else _built(next(one for one in get_args(kind) if one is not NoneType), value)
    if get_origin(kind) is tuple:
        first, *rest = get_args(kind)
        hints = [first] * len(value) if rest == [...] else get_args(kind)
        return tuple(_built(hint, one) for hint, one in zip(hints, value, strict=True))
    if not is_dataclass(kind):
        return kind(value)
    if not isinstance(value, Mapping):
        raise TypeError(f"{kind} is {value!r}")
    hints_of, make = get_type_hints(kind), cast(Callable[..., Any], kind)
    return make(**{one.name: _built(hints_of[one.name], value[one.name]) for one in fields(kind)})
