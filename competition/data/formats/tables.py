"""Files of columns with names: numbers beside texts, missing cells, a header or none, any separator.

pyarrow reads them: it is fast, and refuses rows of another width instead of filling them up. What it refuses is read a
second time, slowly, to say where the mistake is.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from competition.data.formats.table_forms import (
    DECIMAL_COMMA,
    MISSING,
    NUMBER,
    TableForm,
    form_of,
    is_missing,
    quotes_closed,
)
from competition.data.formats.wrapping import describe_wrapping, read_utf8
from competition.errors import DataError

_BLANK = f"^({'|'.join(map(re.escape, MISSING))})$"
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_INFINITE = ("inf", "infinity")
_MOST_BYTES = 2**31 - 1


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

    def missing_cells(self, name: str) -> np.ndarray:
        """Return whether each cell of a column is missing; bool, shape (rows,)."""
        if self._holds_numbers(name):
            return np.isnan(self._numbers(name))
        return np.array([is_missing(cell) for cell in self.texts(name)], bool)

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
        kind = self._as_read(name).type
        return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind)

    def _as_read(self, name: str) -> pa.ChunkedArray:
        """Return a column, as numbers if it is one of them that was wanted as texts."""
        column = self.column(name)
        return _as_numbers(column, self.form.decimal) if pa.types.is_string(column.type) else column

    def _numbers(self, name: str) -> np.ndarray:
        return _as_floats(self._as_read(name))

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
        return is_missing(cell) or (NUMBER.fullmatch(plain) is not None and abs(float(plain)) <= largest)

    def _refuse(self, names: Sequence[str]) -> NoReturn:
        """Raise DataError about the first line of the file in which a cell is a text or infinite."""
        wrong = np.stack([self.wrong_cells(name) for name in names], axis=1)
        row, place = map(int, np.argwhere(wrong)[0])
        where, cell = self.where(row, names[place]), self.texts(names[place])[row]
        if cell.lower().lstrip("+-") in _INFINITE:
            raise DataError(f"{where}: the cell is infinite; expected a finite number: fill it in.")
        if DECIMAL_COMMA.fullmatch(cell) or _THOUSANDS.fullmatch(cell):
            cure = "write numbers with points, and without thousands separators"
        elif row == 0 and not self.form.has_header:
            cure = "where this line names the columns, say header = true in [columns] of the edition"
        else:
            cure = "mend the cell, or leave the column out with leave_out in the edition"
        raise DataError(f'{where}: the cell is the text "{cell[:40]}"; expected a number: {cure}.')

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
    with quotes_closed(path):
        form, data = form_of(path, data, header, separator, decimal)
    cells = _read(path, data, form, texts=texts)
    if not cells.num_rows:
        raise DataError(f"{path}: has a header and no row below it; expected a row for each song: download it again.")
    return Table(path, form, data, cells, (*describe_wrapping(path), *encoding, *form.describe()))


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
                null_values=list(MISSING),
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
    with quotes_closed(path, form.skipped + 1):
        for row in reader:
            if row:
                yield form.skipped + before + 1, form.skipped + reader.line_num, row
            before = reader.line_num
