"""Files of columns with names: numbers beside texts, missing cells, a header or none, any separator.

pyarrow reads them: it is fast, and refuses rows of another width instead of filling them up. What it refuses is read a
second time, slowly, to say where the mistake is.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, takewhile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from competition.data.wrapping import describe_wrapping, read_utf8
from competition.errors import DataError

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MISSING = ("", "NA", "N/A", "n/a", "#N/A", "nan", "NaN", "NAN", "-nan", "null", "NULL", "None", "none", "?")
_BLANK = f"^({'|'.join(map(re.escape, _MISSING))})$"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_LINES, _FEW_BYTES, _MANY_BYTES = 50, 2**14, 2**19
"""The form of a file is looked for in so many lines: more where they are short, fewer where they are long."""
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


@dataclass(frozen=True, eq=False)
class Table:
    """A file's rows.

    Attributes
    ----------
    path : Path
    form : TableForm
    text : bytes
        The table as UTF-8, unpacked, without the lines in front of it.
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

    def count_distinct(self, name: str) -> int:
        """Return how many different values a column has, missing ones not counted."""
        return 0 if self.is_empty(name) else int(pc.count_distinct(self.column(name)).as_py())

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
            At the first cell that is a text or infinite.
        """
        table = np.empty((self.rows, len(names)), np.float64, order="F")
        for place, name in enumerate(names):
            table[:, place] = self._numbers(name)
        return table

    def _numbers(self, name: str) -> np.ndarray:
        if self.is_empty(name):
            return np.full(self.rows, np.nan)
        column = self.column(name)
        if pa.types.is_string(column.type):
            column = _as_numbers(column, self.form.decimal)  # it may have been wanted as texts
        if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
            self._refuse_text(name)
        values = _as_floats(column)
        if np.isinf(values).any():
            row = int(np.flatnonzero(np.isinf(values))[0])
            raise DataError(f"{self.where(row, name)}: the cell is infinite; expected a finite number: fill it in.")
        return values

    def _refuse_text(self, name: str) -> None:
        texts = self.texts(name)
        row = next(row for row, cell in enumerate(texts) if not is_missing(cell) and not _NUMBER.fullmatch(cell))
        cell = texts[row]
        if _DECIMAL_COMMA.fullmatch(cell) or _THOUSANDS.fullmatch(cell):
            cure = "write numbers with points, and without thousands separators"
        elif row == 0 and not self.form.has_header:
            cure = "where this line names the columns, say header = true in [columns] of the edition"
        else:
            cure = "mend the cell, or leave the column out with leave_out in the edition"
        raise DataError(f'{self.where(row, name)}: the cell is the text "{cell[:40]}"; expected a number: {cure}.')

    def where(self, row: int, name: str) -> str:
        """Return the place of a cell, as a message begins with it; rows count from 0."""
        return f"{self.path}, line {self.line(row)}, {self.column_in_words(name)}"

    def line(self, row: int) -> int:
        """Return the line in which a row, counted from 0, begins: blank lines and breaks in quotes count."""
        rows = islice(_numbered_rows(self.path, self.text, self.form), row + self.form.has_header, None)
        return next(rows)[0]

    def column_in_words(self, name: str) -> str:
        """Return how a column is called in messages."""
        return f'column "{name}"' if self.form.has_header else f"column {name}"


def is_missing(cell: str) -> bool:
    """Return whether a cell's text, without blanks around it, says that nothing is there."""
    return cell in _MISSING


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
        When the file is empty or no table, has a header alone, a row has another number of cells than the first, or two
        columns have one name.
    """
    data, encoding = read_utf8(path)
    if not data or data.isspace():
        raise DataError(f"{path}: the file is empty; download it again.")
    with _quotes_closed(path):
        form, data = _form(path, data, header, separator, decimal)
    cells = _read(path, data, form, texts=texts)
    if not cells.num_rows:
        raise DataError(f"{path}: has a header and no row below it; expected a row for each song: download it again.")
    return Table(path, form, data, cells, (*describe_wrapping(path), *encoding, *form.describe()))


@contextmanager
def _quotes_closed(path: Path, line: int = 1) -> Iterator[None]:
    try:
        yield
    except csv.Error:
        raise DataError(
            f"{path}: a cell behind line {line} has over {csv.field_size_limit():,} characters; expected short ones: a "
            "quotation mark seems to be opened and not closed."
        ) from None


def _form(
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
        widths = [len(row) for row in rows[mark]]
        # A header may lack the cell above row names.
        return widths[-1] > 1 and len(set(widths[1:])) <= 1 and widths[-1] - widths[0] in (0, 1)

    def leaves_numbers(mark: str) -> bool:
        """Return whether a comma is nothing but a decimal mark, where another mark separates."""
        cells = (cell.strip() for row in rows[mark] for cell in row)
        return mark != "," and all(_DECIMAL_COMMA.fullmatch(cell) for cell in cells if "," in cell)

    whole = [mark for mark in _SEPARATORS if divides(mark)]
    if not whole:
        return max(_SEPARATORS, key=lines[0].count)  # rows of several widths are refused later
    return max(whole, key=lambda mark: (leaves_numbers(mark), len(rows[mark][-1])))


def _has_decimal_commas(rows: Sequence[Sequence[str]]) -> bool:
    return any(_DECIMAL_COMMA.fullmatch(cell.strip()) for row in rows for cell in row)


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip().replace(",", ".")) is not None


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


def _read(
    path: Path, data: bytes, form: TableForm, *, texts: Collection[str | None] = (), only: Collection[str] = ()
) -> pa.Table:
    """Return a text's columns, or only some of them: as texts, or as the kind that fits."""
    if len(data) > _MOST_BYTES:
        raise DataError(f"{path}: has {len(data):,} bytes; expected at most {_MOST_BYTES:,}.")
    places = {name: f"c{place}" for place, name in enumerate(form.names)}  # names may be anything
    try:
        table = arrow_csv.read_csv(
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
    kept = {places[name] for name in texts if name in places}
    for place, (name, kind) in enumerate(zip(table.column_names, table.schema.types, strict=True)):
        if name not in kept and pa.types.is_string(kind):
            table = table.set_column(place, name, _as_numbers(table.column(place), form.decimal))
    return table


def _as_numbers(column: pa.ChunkedArray, decimal: str) -> pa.ChunkedArray:
    """Return texts as numbers, if they are some with blanks or a plus in front, or stand beside blank missing cells."""
    texts = pc.replace_substring_regex(pc.utf8_trim_whitespace(column), r"^\+([\d.])", r"\1")
    texts = pc.replace_substring(texts, ",", ".") if decimal == "," else texts
    there = pc.if_else(pc.match_substring_regex(texts, _BLANK), None, texts)
    if there.null_count == len(there):
        return pa.chunked_array([pa.nulls(len(there))])
    try:
        return there.cast(pa.float64())
    except pa.ArrowInvalid:
        return column


def _block_size(data: bytes) -> int:
    """Return how many bytes are read at once: all, where there are so few that a column's kind shows in them."""
    return max(1 << 20, min(len(data) + 1, 1 << 30))


def _refuse_widths(path: Path, data: bytes, form: TableForm) -> None:
    """Raise DataError at the first row that has another number of cells than there are columns."""
    for place, (first, last, row) in enumerate(_numbered_rows(path, data, form)):
        if len(row) != len(form.names) and not (place == 0 and form.has_header):
            where = f"line {first}" if first == last else f"lines {first} to {last}, which quotation marks make one row"
            raise DataError(
                f"{path}, {where}: {len(row)} cells; expected {len(form.names)}, as many as there are columns: mend "
                'this line (a text that holds the separator must stand in "quotes").'
            )


def _numbered_rows(path: Path, data: bytes, form: TableForm) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the rows that are not blank, the header included, with the first and the last line of each."""
    reader = csv.reader(io.StringIO(data.decode()), delimiter=form.separator)
    before = 0
    with _quotes_closed(path, form.skipped + 1):
        for row in reader:
            if row:
                yield form.skipped + before + 1, form.skipped + reader.line_num, row
            before = reader.line_num
