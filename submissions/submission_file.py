"""A submission file as found on disk: its header and its rows, before any check."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from competition.errors import SubmissionError
from submissions.layout import LABEL_FILE, PROBABILITY_FILE

Kind = Literal["labels", "probabilities"]
_LINE_END = re.compile(r"\r\r\n|\r\n|\n|\r")
_QUOTED = re.compile(r'^\s*"([^"]*)"\s*$')
_NUMBER = re.compile(r"\s*[+-]?(nan|inf|infinity|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)\s*", re.ASCII | re.IGNORECASE)
KIND_OF_NAME: dict[str, Kind] = {Path(LABEL_FILE).stem: "labels", Path(PROBABILITY_FILE).stem: "probabilities"}


@dataclass(frozen=True)
class Row:
    """One line of a file: its number, from 1, and its cells, split at commas."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SubmissionTable:
    """The content of a submission file.

    Attributes
    ----------
    path : Path
    header : tuple of str, or None
        None where the first line already holds numbers.
    rows : tuple of Row
        Blank lines left out.
    blank_lines : tuple of int
        Their numbers, from 1; trailing ones are not counted.
    has_byte_order_mark : bool
    odd_line_ends : str
        What is wrong with the line ends; empty when they are LF or CRLF.
    """

    path: Path
    header: tuple[str, ...] | None
    rows: tuple[Row, ...]
    blank_lines: tuple[int, ...]
    has_byte_order_mark: bool
    odd_line_ends: str

    @property
    def kind(self) -> Kind:
        """Which of the two files this is, by its columns' names, else by their number."""
        names = " ".join(self.header or ()).lower()
        width = len(self.header or self.rows[0].cells)
        if width > 2 and "label" in names and "class" not in names:
            return "labels"
        return "probabilities" if width > 2 else "labels"

    @property
    def kind_by_name(self) -> Kind | None:
        """Which of the two files its name says it is; None where the name says neither."""
        return next((kind for stem, kind in KIND_OF_NAME.items() if stem in self.path.name.lower()), None)


def read_table(path: Path) -> SubmissionTable:
    """Read a submission file.

    Raises
    ------
    SubmissionError
        When the file is missing, empty or not UTF-8 text.
    """
    data = _read_bytes(path)
    text = _decode(data, path)
    lines = [Row(number, _cells(line)) for number, line in enumerate(_LINE_END.split(text), 1)]
    filled = [row for row in lines if any(cell.strip() for cell in row.cells)]
    if not filled:
        raise SubmissionError(f"{path}: the file is empty; expected a header and one line for each test song.")
    has_header = not _is_numeric(filled[0].cells)
    filled_lines = {row.line for row in filled}
    return SubmissionTable(
        path=path,
        header=filled[0].cells if has_header else None,
        rows=tuple(filled[1:] if has_header else filled),
        blank_lines=tuple(row.line for row in lines[: filled[-1].line] if row.line not in filled_lines),
        has_byte_order_mark=data.startswith(b"\xef\xbb\xbf"),
        odd_line_ends=_odd_line_ends(text),
    )


def has_submission_header(path: Path) -> bool:
    """Return whether a file's first line is a header of comma-separated column names, as in submission files.

    Raises
    ------
    SubmissionError
        When the file is missing or not UTF-8 text.
    """
    first = _cells(_LINE_END.split(_decode(_read_bytes(path), path), maxsplit=1)[0])
    return len(first) > 1 and not _is_numeric(first)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(_QUOTED.sub(r"\1", cell) for cell in line.split(","))


def _odd_line_ends(text: str) -> str:
    if "\r\r\n" in text:
        return r"doubled (\r\r\n)"
    return r"bare carriage returns (\r)" if "\r" in text.replace("\r\n", "") else ""


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SubmissionError(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise SubmissionError(f"{path}: is a folder; expected a file, or a run that has submission files.") from None
    except OSError as problem:
        raise SubmissionError(f"{path}: cannot be read: {problem.strerror}.") from None


def _decode(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise SubmissionError(f"{path}, line {line}: is not UTF-8 text; write the file as plain CSV.") from None


def _is_numeric(cells: tuple[str, ...]) -> bool:
    return all(number(cell) is not None for cell in cells)


def number(cell: str) -> float | None:
    """Return a cell's number (also nan and infinities), or None where it is not a number."""
    return float(cell) if _NUMBER.fullmatch(cell) else None


def is_whole(cell: str) -> bool:
    """Return whether a cell is a whole number in plain digits."""
    return re.fullmatch(r"\s*\d{1,15}\s*", cell, re.ASCII) is not None
