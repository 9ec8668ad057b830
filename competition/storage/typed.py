"""Whether a value that was read from JSON is of the type that a record's entry is declared with."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

_LARGEST = 2**63


def misfit(record: Any) -> str | None:
    """Return the first entry of a dataclass's record that is not as declared, in words; None where all are.

    Numbers are finite and of at most 64 bits; a tuple may be a list as well. Entries that are records are looked into.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Point:
    ...     x: float
    ...     name: str | None
    >>> misfit(Point(1, None)), misfit(Point("1", None))
    (None, "x is '1'")
    """
    for name, kind in get_type_hints(type(record)).items():
        value = getattr(record, name)
        if not fits(value, kind):
            inside = misfit(value) if is_dataclass(value) else None
            return f"{name}.{inside}" if inside else f"{name} is {value!r}"
    return None


def fits(value: Any, kind: Any) -> bool:
    """Return whether a value is of a declared type.

    Parameters
    ----------
    value : object
    kind : type
        As in annotations: plain types, dataclasses, unions, tuples, sequences and mappings of such.

    Examples
    --------
    >>> fits(["a"], tuple[str, ...]), fits([1.0, 2], tuple[float, float]), fits(True, int), fits(float("inf"), float)
    (True, True, False, False)
    """
    if kind is Any:
        return True
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is tuple:
        return isinstance(value, list | tuple) and _fit_each(value, parts)
    if origin is Sequence:
        return isinstance(value, list | tuple) and all(fits(one, parts[0]) for one in value)
    if origin is Mapping or kind is Mapping:
        return isinstance(value, Mapping) and all(
            fits(one, part) for pair in value.items() for one, part in zip(pair, parts, strict=False)
        )
    if is_dataclass(kind):
        return isinstance(value, kind) and misfit(value) is None  # type: ignore[arg-type]
    return _fits_plain(value, kind)


def _fit_each(values: Sequence[Any], parts: Sequence[Any]) -> bool:
    if parts[-1] is Ellipsis:
        return all(fits(one, parts[0]) for one in values)
    return len(values) == len(parts) and all(map(fits, values, parts))


def _fits_plain(value: Any, kind: type) -> bool:
    if kind in (int, float):
        is_number = isinstance(value, int | kind) and not isinstance(value, bool)
        return is_number and math.isfinite(value) and abs(value) < (_LARGEST if isinstance(value, int) else math.inf)
    return isinstance(value, kind)
