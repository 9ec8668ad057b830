"""A submission file as found on disk: its header and its rows, before any check."""

import csv
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from competition.data.formats.wrapping import describe_wrapping, open_text
from competition.errors import DataError, SubmissionError
from submissions.layout import LABEL_FILE, PROBABILITY_FILE, Kind, Layout

Packing = Literal["", "zip", "gzip"]
_LINE_END = re.compile(r"\r\r\n|\r\n|\n|\r")
_NUMBER = re.compile(r"\s*[+-]?(nan|inf|infinity|(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?)\s*", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+(e[+-]?\d+)?\s*", re.ASCII | re.IGNORECASE)
_OTHER_SEPARATORS = (";", "\t")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
KIND_OF_NAME: dict[str, Kind] = {Path(LABEL_FILE).stem: "labels", Path(PROBABILITY_FILE).stem: "probabilities"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file, which is divided into cells when they are asked for: millions of cells would take gigabytes.

    Attributes
    ----------
    line : int
        Its number, from 1.
    content : str or tuple of str
        Its text, or its cells.
    split : callable
        From the content to cells.
    """

    line: int
    content: str | tuple[str, ...]
    split: Callable[[Any], tuple[str, ...]] = tuple

    @property
    def cells(self) -> tuple[str, ...]:
        """Its cells."""
        return self.split(self.content)


@dataclass(frozen=True)
class SubmissionTable:
    """The content of a submission file.

    Attributes
    ----------
    path : Path
    kind : str
        Which of the two files this is, by its columns' names, else by their number.
    header : tuple of str, or None
        None where the first line already holds a song.
    rows : tuple of Row
        Blank lines left out; decimal commas, in files with another separator, have become points.
    blank_lines : tuple of int
        Their numbers, from 1; trailing ones are not counted.
    packing : str
        ``"zip"``, ``"gzip"`` or empty.
    is_misnamed : bool
        Whether it is packed and its name says otherwise, or the other way round.
    is_utf_16, has_byte_order_mark : bool
        The mark is that of UTF-8.
    odd_line_ends : str
        What is wrong with the line ends; empty when they are LF or CRLF.
    separator : str
    has_decimal_commas : bool
    """

    path: Path
    kind: Kind
    header: tuple[str, ...] | None
    rows: tuple[Row, ...]
    blank_lines: tuple[int, ...]
    packing: Packing
    is_misnamed: bool
    is_utf_16: bool
    has_byte_order_mark: bool
    odd_line_ends: str
    separator: str
    has_decimal_commas: bool

    @property
    def kind_by_name(self) -> Kind | None:
        """Which of the two files its name says it is; None where the name says neither."""
        return next((kind for stem, kind in KIND_OF_NAME.items() if stem in self.path.name.lower()), None)

    def with_columns(self, names: Sequence[str]) -> "SubmissionTable":
        """Return the same table with its columns in the order of `names`; rows of another width stay as they are.

        Parameters
        ----------
        names : sequence of str
            All of the header's.
        """
        assert self.header is not None
        places = [self.header.index(name) for name in names]
        rows = (
            Row(row.line, tuple(row.cells[place] for place in places)) if len(row.cells) == len(names) else row
            for row in self.rows
        )
        return replace(self, header=tuple(names), rows=tuple(rows))


def read_table(path: Path, layout: Layout) -> SubmissionTable:
    """Read a submission file, whatever it is packed in and separated by.

    Parameters
    ----------
    path : Path
    layout : Layout
        By its names and ids the header is told from songs.

    Raises
    ------
    SubmissionError
        When the file is missing, damaged, empty or not text.
    """
    data = _read_bytes(path)
    text, begin = _decode(data, path), data[: len(_BYTE_ORDER_MARK)]
    del data  # as large as all that follows
    lines, odd_line_ends = _LINE_END.split(text), _odd_line_ends(text)
    del text
    separator = _separator(next((line for line in lines if line.strip()), ""), layout.id)
    split = partial(_cells, separator=separator)
    rows = [Row(number, line, split) for number, line in enumerate(lines, 1)]
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not filled:
        raise SubmissionError(f"{path}: the file is empty; expected a header and one line for each test song.")
    has_header = not _is_numeric(filled[0].cells) and filled[0].cells[0] not in layout.ids
    header = filled[0].cells if has_header else None
    songs, has_decimal_commas = _with_points(filled[1:] if has_header else filled, separator)
    packing = _packing(path)
    filled_lines = {row.line for row in filled}
    return SubmissionTable(
        path=path,
        kind=_kind(header or (), len(filled[0].cells), layout),
        header=header,
        rows=tuple(songs),
        blank_lines=tuple(row.line for row in rows[: filled[-1].line] if row.line not in filled_lines),
        packing=packing,
        is_misnamed=any("whatever its name says" in one for one in describe_wrapping(path)),
        is_utf_16=begin.startswith(_UTF_16),
        has_byte_order_mark=begin.startswith(_BYTE_ORDER_MARK),
        odd_line_ends=odd_line_ends,
        separator=separator,
        has_decimal_commas=has_decimal_commas,
    )


def _separator(first: str, id_column: str) -> str:
    """Return what separates the cells, by the file's first line."""
    if id_column in _cells(first, ","):
        return ","
    found = [mark for mark in _OTHER_SEPARATORS if mark in first]
    return max([*found, ","], key=lambda mark: len(_cells(first, mark)))


def _cells(line: str, separator: str) -> tuple[str, ...]:
    if '"' not in line:
        return tuple(line.split(separator))
    try:
        return tuple(next(csv.reader([line], delimiter=separator, strict=True)))
    except csv.Error:  # quotes that do not close: they stay, and are found wrong
        return tuple(line.split(separator))


def _with_points(rows: list[Row], separator: str) -> tuple[list[Row], bool]:
    """Return rows with decimal points, and whether they had commas; ids stay as they are."""
    if separator == "," or not any(_DECIMAL_COMMA.fullmatch(cell) for row in rows for cell in row.cells[1:]):
        return rows, False
    return [Row(row.line, (*row.cells[:1], *map(_with_point, row.cells[1:]))) for row in rows], True


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if has_decimal_comma(cell) else cell


def _kind(header: tuple[str, ...], width: int, layout: Layout) -> Kind:
    if set(layout.classes) & set(header):
        return "probabilities"
    names = " ".join(header).lower()
    if layout.label in header or (width > 2 and "label" in names and "class" not in names):
        return "labels"
    return "probabilities" if width > 2 else "labels"


def _odd_line_ends(text: str) -> str:
    if "\r\r\n" in text:
        return r"doubled (\r\r\n)"
    return r"bare carriage returns (\r)" if "\r" in text.replace("\r\n", "") else ""


def _packing(path: Path) -> Packing:
    if zipfile.is_zipfile(path):
        return "zip"
    with path.open("rb") as file:
        return "gzip" if file.read(2) == b"\x1f\x8b" else ""


def _read_bytes(path: Path) -> bytes:
    """Return the file's bytes, unpacked."""
    if path.is_dir():
        raise SubmissionError(f"{path}: is a folder; expected a file, or a run that has submission files.")
    if not path.exists():
        raise SubmissionError(f"{path}: there is no such file.")
    try:
        with open_text(path) as text:
            return text.buffer.read()  # type: ignore[attr-defined]  # line ends as they are
    except DataError as problem:
        raise SubmissionError(str(problem)) from None


def _decode(data: bytes, path: Path) -> str:
    encoding, name = ("utf-16", "UTF-16") if data.startswith(_UTF_16) else ("utf-8-sig", "UTF-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise SubmissionError(f"{path}, line {line}: is not {name} text; write the file as plain CSV.") from None


def _is_numeric(cells: tuple[str, ...]) -> bool:
    return all(number(_with_point(cell)) is not None for cell in cells)


def number(cell: str) -> float | None:
    """Return a cell's number (also nan and infinities), or None where it is not a number."""
    return float(cell) if _NUMBER.fullmatch(cell) else None


def has_decimal_comma(cell: str) -> bool:
    """Return whether a cell is a number with a comma for its point."""
    return _DECIMAL_COMMA.fullmatch(cell) is not None


def is_whole(cell: str) -> bool:
    """Return whether a cell is a whole number in plain digits."""
    return re.fullmatch(r"\s*\d{1,15}\s*", cell, re.ASCII) is not None


def without_thousands(cell: str) -> str | None:
    """Return a whole number that has separators between thousands without them; None for any other cell."""
    marks = re.fullmatch(r"\s*\d{1,3}([,.'’ \u00a0\u202f])\d{3}(\1\d{3})*\s*", cell)
    return re.sub(r"\D", "", cell) if marks else None
