"""Files of columns with names: numbers beside texts, missing cells, a header or none, any separator.

pyarrow reads them: it is fast, and refuses rows of another width instead of filling them up. What it refuses is read a
second time, slowly, to say where the mistake is.
"""

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from competition.data.wrapping import describe_wrapping, read_utf8
from competition.errors import DataError

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MISSING = ("", "NA", "N/A", "n/a", "#N/A", "nan", "NaN", "NAN", "-nan", "null", "NULL", "None", "none", "?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_INFINITE = ("inf", "infinity")
_LOOKED_AT = 50
"""Lines in which the form of a file is looked for."""
_MOST_BYTES = 2**31 - 1
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
    """

    separator: str
    decimal: str
    has_header: bool
    names: tuple[str, ...]

    def describe(self) -> list[str]:
        """Return what is unusual about it, as parts of a sentence."""
        if self.separator == ",":
            return []
        commas = ", with decimal commas" if self.decimal == "," else ""
        return [f"cells are separated by {_SEPARATORS[self.separator]}{commas}"]


@dataclass(frozen=True, eq=False)
class Table:
    """A file's rows.

    Attributes
    ----------
    path : Path
    form : TableForm
    text : bytes
        The file as UTF-8, unpacked.
    cells : pyarrow.Table
        Each column as whole numbers, numbers or texts, whatever all its cells are; null where a number is missing.
    notes : tuple of str
        What is unusual about how the file is wrapped and written, as parts of a sentence.
    """

    path: Path
    form: TableForm
    text: bytes
    cells: pa.Table
    notes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.form.names

    @property
    def rows(self) -> int:
        """The number of rows, the header not counted."""
        return self.cells.num_rows

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def column(self, name: str) -> pa.ChunkedArray:
        """Return a column as it was read."""
        return self.cells.column(self._places[name])

    def is_number(self, name: str) -> bool:
        """Return whether all cells of a column that are there are numbers, and some are."""
        kind = self.column(name).type
        return pa.types.is_integer(kind) or pa.types.is_floating(kind)

    def is_whole(self, name: str) -> bool:
        """Return whether all cells of a column that are there are whole numbers in plain digits, and some are."""
        return pa.types.is_integer(self.column(name).type)

    def is_empty(self, name: str) -> bool:
        """Return whether no cell of a column is there."""
        return pa.types.is_null(self.column(name).type)

    def count_missing(self, name: str) -> int:
        """Return how many cells of a column are missing."""
        column = self.column(name)
        nan = pc.sum(pc.is_nan(column)).as_py() or 0 if pa.types.is_floating(column.type) else 0
        blank = pc.sum(pc.equal(column, "")).as_py() or 0 if pa.types.is_string(column.type) else 0
        return int(column.null_count + nan + blank)

    def missing_cells(self, name: str) -> np.ndarray:
        """Return whether each cell of a column is missing; bool, shape (rows,)."""
        if self._holds_numbers(name):
            return np.isnan(self._numbers(name))
        return np.array([cell in _MISSING for cell in self.texts(name)], bool)

    def count_distinct(self, name: str) -> int:
        """Return how many different values a column has, missing ones not counted."""
        return int(pc.count_distinct(self.column(name)).as_py())

    def texts(self, name: str) -> list[str]:
        """Return a column's cells as they stand in the file, without blanks around them."""
        column = self.column(name)
        if not pa.types.is_string(column.type):
            column = _read(self.path, self.text, self.form, texts=[name], only=[name]).column(0)
        return [text.strip() for text in column.to_pylist()]

    def numbers(self, names: Sequence[str]) -> np.ndarray:
        """Return columns of numbers.

        Returns
        -------
        ndarray of float64, shape (rows, columns)
            NaN where a cell is missing.

        Raises
        ------
        DataError
            At the first line with a cell that is a text or infinite.
        """
        table = np.empty((self.rows, len(names)), np.float64, order="F")
        for place, name in enumerate(names):
            if not self._holds_numbers(name):
                self._refuse(names)
            table[:, place] = self._numbers(name)
        if np.isinf(table).any():
            self._refuse(names)
        return table

    def _holds_numbers(self, name: str) -> bool:
        return self.is_empty(name) or self.is_number(name)

    def _numbers(self, name: str) -> np.ndarray:
        return np.full(self.rows, np.nan) if self.is_empty(name) else _as_floats(self.column(name))

    def wrong_cells(self, name: str, *, largest: float = np.inf) -> np.ndarray:
        """Return whether each cell of a column is a text, infinite or too large; bool, shape (rows,).

        Parameters
        ----------
        name : str
        largest : float
            The largest size of a number.
        """
        if self._holds_numbers(name):
            sizes = np.abs(self._numbers(name))
            return (sizes > largest) | np.isinf(sizes)
        return np.array([not self._is_sound(cell, largest) for cell in self.texts(name)], bool)

    def _is_sound(self, cell: str, largest: float) -> bool:
        """Return whether a cell is missing or a number of at most this size."""
        plain = cell.replace(self.form.decimal, ".")
        return cell in _MISSING or (_NUMBER.fullmatch(plain) is not None and abs(float(plain)) <= largest)

    def _refuse(self, names: Sequence[str]) -> NoReturn:
        """Raise DataError about the first line of the file in which a cell is a text or infinite."""
        wrong = np.stack([self.wrong_cells(name) for name in names], axis=1)
        row, place = map(int, np.argwhere(wrong)[0])
        where, cell = self.where(row, names[place]), self.texts(names[place])[row]
        if cell.lower().lstrip("+-") in _INFINITE:
            raise DataError(f"{where}: the cell is infinite; expected a finite number: fill it in.")
        if _DECIMAL_COMMA.fullmatch(cell) or _THOUSANDS.fullmatch(cell):
            cure = "write numbers with points, and without thousands separators"
        else:
            cure = "mend the cell, or leave the column out with leave_out in the edition"
        raise DataError(f'{where}: the cell is the text "{cell[:40]}"; expected a number: {cure}.')

    def where(self, row: int, name: str) -> str:
        """Return the place of a cell, as a message begins with it; rows count from 0."""
        return f"{self.path}, line {self.line(row)}, {self.column_in_words(name)}"

    def line(self, row: int) -> int:
        """Return the line of a row that is counted from 0."""
        return row + 1 + self.form.has_header

    def column_in_words(self, name: str) -> str:
        """Return how a column is called in messages."""
        return f'column "{name}"' if self.form.has_header else f"column {name}"


def _as_floats(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column of numbers as float64, (rows,), NaN where one is missing; pyarrow's own way imports pandas."""
    array = pc.fill_null(column.cast(pa.float64()), np.nan).combine_chunks()
    return np.frombuffer(array.buffers()[1], np.float64, len(array), array.offset * np.float64().nbytes)


def open_table(
    path: Path,
    *,
    header: bool | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    texts: Collection[str | None] = (),
) -> Table:
    """Read a file of columns.

    Parameters
    ----------
    path : Path
        Plain, gzipped, or the only file in a zip archive; UTF-8, UTF-16 or Latin-1.
    header : bool or None
        Whether the first line names the columns; None where that is to be seen.
    separator, decimal : str or None
        None where they are to be seen.
    texts : collection of str
        Columns that are known to be wanted as texts, such as ids, whatever they hold.

    Raises
    ------
    DataError
        When the file is empty or no table, a row has another number of cells than the first, or two columns have one
        name.
    """
    data, encoding = read_utf8(path)
    if not data or data.isspace():
        raise DataError(f"{path}: the file is empty; download it again.")
    form = form_of_lines(path, _first_lines(data), header, separator, decimal)
    cells = _read(path, data, form, texts=texts)
    return Table(path, form, data, cells, (*describe_wrapping(path), *encoding, *form.describe()))


def form_of_lines(
    path: Path,
    lines: Sequence[str],
    header: bool | None = None,
    separator: str | None = None,
    decimal: str | None = None,
) -> TableForm:
    """Return the form of a file by its first lines, in which what is None is looked for."""
    separator = separator or _separator(lines)
    rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    decimal = decimal or ("," if separator != "," and _has_decimal_commas(rows) else ".")
    cells = [cell.strip() for cell in rows[0]]
    width = len(rows[1]) if len(rows) > 1 else len(cells)
    has_header = _has_header(rows) if header is None else header
    if not has_header:
        return TableForm(separator, decimal, False, tuple(str(place) for place in range(1, len(cells) + 1)))
    names = [ROW_NAMES, *cells] if width == len(cells) + 1 else cells
    return TableForm(separator, decimal, True, _checked_names(path, names))


def _first_lines(data: bytes) -> list[str]:
    """Return some of the lines that are not blank."""
    lines: list[str] = []
    start = 0
    while start < len(data) and len(lines) < _LOOKED_AT:
        end = data.find(b"\n", start) + 1 or len(data)
        if line := data[start:end].decode().strip("\n"):
            lines.append(line)
        start = end
    return lines


def _separator(lines: Sequence[str]) -> str:
    """Return the mark that divides all lines into equally many cells; a comma last, as it may be a decimal mark."""

    def divides(mark: str) -> bool:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
        # A header may lack the cell above row names.
        return widths[-1] > 1 and len(set(widths[1:])) <= 1 and widths[-1] - widths[0] in (0, 1)

    whole = [mark for mark in reversed(_SEPARATORS) if divides(mark)]
    return whole[0] if whole else max(_SEPARATORS, key=lines[0].count)  # rows of several widths are refused later


def _has_decimal_commas(rows: Sequence[Sequence[str]]) -> bool:
    return any(_DECIMAL_COMMA.fullmatch(cell.strip()) for row in rows for cell in row)


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip().replace(",", ".")) is not None


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first of several rows names the columns."""
    first, below = [cell.strip() for cell in rows[0]], rows[1:]
    if not below or len(below[0]) == len(first) + 1:
        return bool(below) or not any(map(_is_number, first))
    texts = [place for place, cell in enumerate(first) if cell not in _MISSING and not _is_number(cell)]
    if not texts:
        return _counts_up(first) and len(first) > 2
    columns = [[row[place].strip() for row in below if place < len(row)] for place in texts]
    if any(all(_is_number(cell) or cell in _MISSING for cell in column) for column in columns):
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


def _read(
    path: Path, data: bytes, form: TableForm, *, texts: Collection[str | None] = (), only: Collection[str] = ()
) -> pa.Table:
    """Return a text's columns, or only some of them: as texts, or as the kind that fits."""
    if len(data) > _MOST_BYTES:
        raise DataError(f"{path}: has {len(data):,} bytes; expected at most {_MOST_BYTES:,}.")
    places = {name: f"c{place}" for place, name in enumerate(form.names)}  # names may be anything
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(
                column_names=list(places.values()), skip_rows=int(form.has_header), block_size=_block_size(data)
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=form.separator, newlines_in_values=b'"' in data, ignore_empty_lines=True
            ),
            convert_options=arrow_csv.ConvertOptions(
                null_values=list(_MISSING),
                strings_can_be_null=False,
                decimal_point=form.decimal,
                true_values=[],
                false_values=[],
                column_types={place: pa.string() for name, place in places.items() if name in texts},
                include_columns=[places[name] for name in only],
            ),
        )
    except pa.ArrowInvalid as problem:
        _refuse_widths(path, data, form)
        raise DataError(f"{path}: cannot be read as a table: {problem}.") from None


def _block_size(data: bytes) -> int:
    """Return how many bytes are read at once: all, where there are so few that a column's kind shows in them."""
    return max(1 << 20, min(len(data) + 1, 1 << 30))


def _refuse_widths(path: Path, data: bytes, form: TableForm) -> None:
    """Raise DataError at the first row that has another number of cells than there are columns."""
    reader = csv.reader(io.StringIO(data.decode()), delimiter=form.separator)
    for place, row in enumerate(reader):
        if row and len(row) != len(form.names) and not (place == 0 and form.has_header):
            raise DataError(
                f"{path}, line {reader.line_num}: {len(row)} cells; expected {len(form.names)}, as many as there are "
                'columns: mend this line (a text that holds the separator must stand in "quotes").'
            )
