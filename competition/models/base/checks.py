"""Checks on a recipe's values; each raises RecipeError with a message that begins with `where`."""

import re
from typing import Any

from competition.errors import RecipeError
from competition.storage import toml

_SIZE = re.compile(r"[1-9]\d{0,2}x[1-9]\d{0,2}", re.ASCII)
LARGEST = 1e9
"""Every number in a recipe is below this."""
WIDEST = 16384
"""The largest number of units of a layer."""


def check_choice(value: Any, choices: tuple[str, ...], *, where: str) -> None:
    """Check that a value is one of some names.

    Parameters
    ----------
    value : object
    choices : tuple of str
    where : str
        What the message begins with, such as ``"mine: activation"``.

    Raises
    ------
    RecipeError
        When it is not.
    """
    check(value in choices, value, f"one of {', '.join(choices)}", where=where)


def check_share(value: Any, *, where: str) -> None:
    """Check that a value is a number in [0, 1)."""
    check(0 <= number(value) < 1, value, "a number from 0 up to but not including 1", where=where)


def check_not_negative(value: Any, *, where: str) -> None:
    """Check that a value is a number of at least 0."""
    check(number(value) >= 0, value, "a number of at least 0", where=where)


def check_positive(value: Any, *, where: str) -> None:
    """Check that a value is a number above 0."""
    check(number(value) > 0, value, "a number above 0", where=where)


def check_whole(value: Any, least: int = 1, *, where: str) -> None:
    """Check that a value is an integer of at least `least` and below `LARGEST`.

    Parameters
    ----------
    value : object
    least : int
    where : str
        What the message begins with, such as ``"mine: activation"``.

    Raises
    ------
    RecipeError
        When it is not.
    """
    toml.check_whole(value, least, where=where, error=RecipeError)
    check(value < LARGEST, value, f"less than {LARGEST:g}", where=where)


def check_truth(value: Any, *, where: str) -> None:
    """Check that a value is true or false."""
    check(isinstance(value, bool), value, "true or false", where=where)


def check_widths(value: Any, *, where: str) -> None:
    """Check that a value is a tuple of layers' widths."""
    if not isinstance(value, tuple):
        raise RecipeError(f"{where} is {value!r}; expected a list of widths, such as [256, 128].")
    for width in value:
        check_whole(width, where=where)
        check(width <= WIDEST, value, f"widths of at most {WIDEST}", where=where)


def is_size(value: Any) -> bool:
    """Return whether a value is a size in two directions, such as ``"2x4"``."""
    return isinstance(value, str) and _SIZE.fullmatch(value) is not None


def check_sizes(value: Any, *, where: str) -> None:
    """Check that a value is a tuple of sizes in two directions, such as ``"3x3"``."""
    if not isinstance(value, tuple) or not all(map(is_size, value)):
        raise RecipeError(f'{where} is {value!r}; expected a list of sizes, steps x bands, such as ["3x3", "2x4"].')


def check(holds: bool, value: Any, expected: str, *, where: str) -> None:
    """Check a condition on a value.

    Parameters
    ----------
    holds : bool
        Whether the value is as expected.
    value : object
        Shown in the message.
    expected : str
        What the message says was expected.
    where : str
        What the message begins with, such as ``"mine: activation"``.

    Raises
    ------
    RecipeError
        When `holds` is False.
    """
    if not holds:
        raise RecipeError(f"{where} is {value!r}; expected {expected}.")


def number(value: Any) -> float:
    """Return a value if it is a number below `LARGEST` in size; else nan, for which no comparison holds."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) < LARGEST else float("nan")
