"""How a file writes its table: a header or none, separators, decimal commas, what stands in front of it."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from pathlib import Path

from competition.data.formats.wrapping import open_text
from competition.errors import DataError

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MISSING = ("", "NA", "N/A", "n/a", "#N/A", "nan", "NaN", "NAN", "-nan", "null", "NULL", "None", "none", "?")
"""What stands for a missing cell."""
NUMBER = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
_LINES, _FEW_BYTES, _MANY_BYTES = 50, 2**14, 2**19
"""The form of a file is looked for in so many lines: more where they are short, fewer where they are long."""
ROW_NAMES = "row names"
"""The name of a column whose cell in the header is missing."""


@dataclass(frozen=True)
class TableForm:
    """How a file writes its table.

    Attributes
    ----------
    separator, decimal : str
    has_header : bool
    names : tuple of str
        Of the columns; "1", "2", ... where there is no header.
    skipped : int
        How many lines, blank or comments, stand in front of the table.
    """

    separator: str
    decimal: str
    has_header: bool
    names: tuple[str, ...]
    skipped: int = 0

    def describe(self) -> list[str]:
        """Return what is unusual about it, as parts of a sentence."""
        found = [f"{self.skipped} line(s) in front of the table are skipped"] if self.skipped else []
        if self.separator == ",":
            return found
        commas = ", with decimal commas" if self.decimal == "," else ""
        return [*found, f"cells are separated by {_SEPARATORS.get(self.separator, repr(self.separator))}{commas}"]


def is_missing(cell: str) -> bool:
    """Return whether a cell's text, without blanks around it, says that nothing is there."""
    return cell in MISSING


@contextmanager
def quotes_closed(path: Path, line: int = 1) -> Iterator[None]:
    """Turn csv's error at a cell that has no end into a DataError; `line` is that of the last row that was read."""
    try:
        yield
    except csv.Error:
        raise DataError(
            f"{path}: a cell behind line {line} has over {csv.field_size_limit():,} characters; expected short ones: a "
            "quotation mark seems to be opened and not closed."
        ) from None


def form_of(
    path: Path, data: bytes, header: bool | None, separator: str | None, decimal: str | None
) -> tuple[TableForm, bytes]:
    """Return the form of a file, in which what is None is looked for, and the table without what stands before it."""
    lines = _first_lines(data)
    separator = separator or _separator([line for line in lines if not line.startswith("#")] or lines)
    comments = _count_comments(lines, separator)
    begin = _begin(data, comments)
    form = _form_of_lines(path, lines[comments:], header, separator, decimal)
    return replace(form, skipped=data.count(b"\n", 0, begin)), data[begin:]


def _count_comments(lines: Sequence[str], separator: str) -> int:
    """Return how many lines in front begin with #, up to the last of them that is not as wide as the table."""
    rows = list(csv.reader(lines, delimiter=separator))
    widths = {len(rows[-1]), max(len(rows[-1]) - 1, 2)}
    begun = takewhile(lambda row: row[0].startswith("#"), rows[:-1])
    return max((number for number, row in enumerate(begun, 1) if len(row) not in widths or len(row) == 1), default=0)


def _begin(data: bytes, comments: int) -> int:
    """Return the place behind so many lines that are not blank, and behind the blank ones around them."""
    begin = 0
    while comments or data[begin : begin + 1] == b"\n":
        comments -= data[begin : begin + 1] != b"\n"
        begin = data.index(b"\n", begin) + 1
    return begin


def _form_of_lines(
    path: Path, lines: Sequence[str], header: bool | None, separator: str, decimal: str | None
) -> TableForm:
    rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    decimal = decimal or ("," if separator != "," and _has_decimal_commas(rows) else ".")
    cells = [cell.strip() for cell in rows[0]]
    width = len(rows[1]) if len(rows) > 1 else len(cells)
    has_header = _has_header(rows) if header is None else header
    if not has_header:
        return TableForm(separator, decimal, False, tuple(str(place) for place in range(1, len(cells) + 1)))
    cells[0] = cells[0].lstrip("#% ") or cells[0]  # as numpy and others mark a header
    names = [ROW_NAMES, *cells] if width == len(cells) + 1 else cells
    return TableForm(separator, decimal, True, _checked_names(path, names))


def _first_lines(data: bytes) -> list[str]:
    """Return some of the lines that are not blank, ending where no quotation mark is open."""
    lines: list[str] = []
    start = 0
    while start < min(len(data), _MANY_BYTES) and (len(lines) < _LINES or start < _FEW_BYTES):
        end = data.find(b"\n", start) + 1 or len(data)
        if line := data[start:end].decode().strip("\n"):
            lines.append(line)
        start = end
    quotes = sum(line.count('"') for line in lines)
    while start < len(data) and quotes % 2 and len(lines) > 2:
        quotes -= lines.pop().count('"')
    return lines


def _separator(lines: Sequence[str]) -> str:
    """Return the mark that divides all lines into equally many cells."""
    rows = {mark: [row for row in csv.reader(lines, delimiter=mark) if row] for mark in _SEPARATORS}

    def divides(mark: str) -> bool:
        """Return whether a mark leaves equally many cells in each line."""
        widths = [len(row) for row in rows[mark]]
        # A header may lack the cell above row names.
        return widths[-1] > 1 and len(set(widths[1:])) <= 1 and widths[-1] - widths[0] in (0, 1)

    def leaves_numbers(mark: str) -> bool:
        """Return whether a comma is nothing but a decimal mark, where another mark separates."""
        cells = (cell.strip() for row in rows[mark] for cell in row)
        return mark != "," and all(DECIMAL_COMMA.fullmatch(cell) for cell in cells if "," in cell)

    whole = [mark for mark in _SEPARATORS if divides(mark)]
    if not whole:
        return max(_SEPARATORS, key=lines[0].count)  # rows of several widths are refused later
    return max(whole, key=lambda mark: (leaves_numbers(mark), len(rows[mark][-1])))


def _has_decimal_commas(rows: Sequence[Sequence[str]]) -> bool:
    return any(DECIMAL_COMMA.fullmatch(cell.strip()) for row in rows for cell in row)


def _is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell.strip().replace(",", ".")) is not None


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first of several rows names the columns."""
    first, below = [cell.strip() for cell in rows[0]], rows[1:]
    if not below or len(below[0]) == len(first) + 1:
        return bool(below) or not any(map(_is_number, first))
    texts = [place for place, cell in enumerate(first) if not is_missing(cell) and not _is_number(cell)]
    if not texts:
        return _counts_up(first) and len(first) > 2
    columns = [[row[place].strip() for row in below if place < len(row)] for place in texts]
    if any(all(_is_number(cell) or is_missing(cell) for cell in column) for column in columns):
        return 2 * len(texts) >= len(first) or _counts_up([cell for cell in first if _is_number(cell)])
    only_texts = len(texts) == len([cell for cell in first if cell])
    return only_texts and not any(first[place] in column for place, column in zip(texts, columns, strict=True))


def _counts_up(cells: Sequence[str]) -> bool:
    """Return whether cells are 0, 1, 2, ... or 1, 2, 3, ...: the names that pandas gives columns without names."""
    return any(list(cells) == [str(number) for number in range(first, first + len(cells))] for first in (0, 1))


def _checked_names(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns; an empty one is that of row names in front, or its column's number."""
    found = [name or (ROW_NAMES if place == 0 else str(place + 1)) for place, name in enumerate(names)]
    places: dict[str, int] = {}
    for place, name in enumerate(found):
        if name in places:
            raise DataError(
                f'{path}, line 1: columns {places[name] + 1} and {place + 1} are both named "{name}"; expected '
                "different names: rename one of them, or delete it."
            )
        places[name] = place
    return tuple(found)


def form_at(path: Path) -> TableForm:
    """Return the form of a file by its beginning; raises DataError where it is empty or no table."""
    with open_text(path) as file:
        begin = "".join(islice(file, 2 * _LINES))
    if not begin.strip():
        raise DataError(f"{path}: the file is empty; download it again.")
    with quotes_closed(path):
        return form_of(path, begin.encode(), None, None, None)[0]
