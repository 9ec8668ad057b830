"""Tables of numbers in other forms than plain CSV: a header, row names, quotes, other separators, decimal commas."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_SEPARATORS = {"\t": "tabs", ";": "semicolons"}
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
_LOOKED_AT = 50
"""Lines in which a decimal comma is looked for."""


@dataclass(frozen=True)
class Form:
    """How a file writes its table.

    Attributes
    ----------
    separator, decimal : str
    names : tuple of str or None
        The columns', of a file with a header.
    has_row_names : bool
        Whether a column of names or numbers stands before the features.
    """

    separator: str
    decimal: str
    names: tuple[str, ...] | None
    has_row_names: bool

    def describe(self) -> list[str]:
        """Return what is unusual about it, as parts of a sentence."""
        found = []
        if self.separator != ",":
            commas = ", with decimal commas" if self.decimal == "," else ""
            found.append(f"cells are separated by {_SEPARATORS[self.separator]}{commas}")
        if self.names is not None:
            found.append("the first line is a header")
        if self.has_row_names:
            found.append("the first column, row names, is left out")
        return found


def form_of(lines: Sequence[str], columns: int) -> Form | None:
    """Return the form of a file's lines; None where it is plain, or no form that holds `columns` features."""
    separator = next((mark for mark in _SEPARATORS if mark in lines[0]), ",")
    first, last = cells_of(lines[0], separator), cells_of(lines[-1], separator)
    decimal = "," if separator != "," and _has_decimal_commas(lines, separator) else "."
    has_header = len(lines) > 1 and is_header(first)
    has_row_names = has_header and len(last) == columns + 1 and (not first[0] or len(first) == columns)
    if len(last) != columns + has_row_names or (has_header and len(first) not in (columns, len(last))):
        return None
    if separator == "," and not has_header:
        return None
    return Form(separator, decimal, tuple(first[-columns:]) if has_header else None, has_row_names)


def _has_decimal_commas(lines: Sequence[str], separator: str) -> bool:
    some = (cell for line in lines[:_LOOKED_AT] for cell in cells_of(line, separator))
    return any(map(_DECIMAL_COMMA.fullmatch, some))


def cells_of(line: str, separator: str) -> list[str]:
    """Return a line's cells, without blanks around them and quotes."""
    return [cell.strip().strip('"').strip() for cell in line.split(separator)]


def is_header(cells: Sequence[str]) -> bool:
    """Return whether cells are the names of columns: texts, all different, none of them a number."""
    names = [cell for cell in cells if cell]
    return len(names) >= len(cells) - 1 > 0 and len(set(cells)) == len(cells) and not any(map(_is_number, names))


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True  # nan and inf are no names either


def read_form(lines: Sequence[str], form: Form, columns: int) -> np.ndarray | None:
    """Return the numbers of a file in a form, float32, (rows, columns); None where they are not all numbers."""
    rows = lines if form.names is None else lines[1:]
    if form.decimal == ",":
        rows = [row.replace(",", ".") for row in rows]
    kept = range(form.has_row_names, columns + form.has_row_names)
    try:
        return np.loadtxt(
            rows, np.float32, comments=None, delimiter=form.separator, quotechar='"', usecols=kept, ndmin=2
        )
    except ValueError:
        return None


def order_of(names: Sequence[str], wanted: Sequence[str]) -> np.ndarray | None:
    """Return which column of `names` each of `wanted` is; int64, shape (columns,); None where they are not the same.

    Examples
    --------
    >>> order_of(["b", "a"], ["a", "b"])
    array([1, 0])
    """
    places = {name: place for place, name in enumerate(names)}
    if set(places) != set(wanted):
        return None
    return np.array([places[name] for name in wanted])
