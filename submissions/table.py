"""A submission file as found on disk: its header and its rows, before anyone judges them."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from competition.errors import SubmissionError
from submissions.writer import LABEL_FILE, PROBABILITY_FILE

Kind = Literal["labels", "probabilities"]
KIND_OF_NAME: dict[str, Kind] = {Path(LABEL_FILE).stem: "labels", Path(PROBABILITY_FILE).stem: "probabilities"}


@dataclass(frozen=True)
class Row:
    """One line of a file, counted from 1, cut at its commas."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SubmissionTable:
    """What stands in a submission file.

    Attributes
    ----------
    path : Path
    header : tuple of str, or None
        None where the first line holds numbers already.
    rows : tuple of Row
        Blank lines left out.
    blank_lines : tuple of int
    has_byte_order_mark, has_doubled_line_ends : bool
    """

    path: Path
    header: tuple[str, ...] | None
    rows: tuple[Row, ...]
    blank_lines: tuple[int, ...]
    has_byte_order_mark: bool
    has_doubled_line_ends: bool

    @property
    def kind(self) -> Kind:
        """Which of the two files this is, by its columns' names, else by their number."""
        names = " ".join(self.header or ()).lower()
        if "class" in names or "label" in names:
            return "probabilities" if "class" in names else "labels"
        width = len(self.header or self.rows[0].cells)
        return "labels" if width <= 2 else "probabilities"

    @property
    def kind_by_name(self) -> Kind | None:
        """Which of the two files its name says it is; None where the name says neither."""
        return next((kind for stem, kind in KIND_OF_NAME.items() if stem in self.path.name), None)


def read_table(path: Path) -> SubmissionTable:
    """Read a submission file.

    Raises
    ------
    SubmissionError
        When the file is missing, empty or no UTF-8 text: then there is nothing to judge.
    """
    data = _read_bytes(path)
    text = _decode(data, path).replace("\r\r\n", "\n").replace("\r\n", "\n")
    lines = [Row(number, tuple(cells)) for number, cells in enumerate(csv.reader(io.StringIO(text)), 1)]
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
        has_doubled_line_ends=b"\r\r\n" in data,
    )


def has_submission_header(path: Path) -> bool:
    """Tell whether a file's first line names columns with commas between them, as submission files' do."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = next(csv.reader(file), [])
    return len(first) > 1 and not _is_numeric(tuple(first))


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SubmissionError(f"{path}: there is no such file.") from None
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
    """Return a cell's number (also nan and infinities), or None where it is none."""
    try:
        return float(cell)
    except ValueError:
        return None
