"""Reading the competition's CSV files: fast where they are well formed, else to find the mistake.

numpy's reader takes only well-formed tables of numbers. Whatever it refuses is read a second time, slowly,
line by line, to find the first mistake and say where it is and how to fix it.
"""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from competition.data.edition import Edition
from competition.data.formats.label_forms import read_label_form
from competition.data.formats.table_forms import ROW_NAMES, TableForm, form_at
from competition.data.formats.wrapping import describe_wrapping, open_text
from competition.errors import DataError, KitWarning, among
from competition.runtime.parts import parts

_NUMBER = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LARGEST = float(np.finfo(np.float32).max)
_NOT_FINITE = {"nan", "na", "n/a", "null", "none", "inf", "infinity"}


@dataclass(frozen=True, eq=False)
class Songs:
    """The rows of a feature file.

    Attributes
    ----------
    features : ndarray of float32, shape (rows, columns)
    names : tuple of str or None
        The columns', where the file has a header.
    """

    features: np.ndarray
    names: tuple[str, ...] | None = None


def read_songs(path: Path, edition: Edition) -> Songs:
    """Read a feature file.

    Parameters
    ----------
    path : Path
        A table of numbers: plain CSV, or in another form, which a KitWarning then describes (a header, row names, other
        separators, decimal commas); packed or not.
    edition : Edition
        Says how many columns to expect.

    Returns
    -------
    Songs

    Raises
    ------
    DataError
        At the first line or cell that is not as expected.
    """
    features = _read_table(path, np.float32)
    if features is not None and features.shape[1] == edition.columns and _is_whole(features, path):
        _refuse_numbered_header(path, features[0])
        _note(path, describe_wrapping(path))
        return Songs(features)
    return _read_other_form(path, edition) or _explain_features(path, edition)


def read_features(path: Path, edition: Edition) -> np.ndarray:
    """Return the features that `read_songs` reads; float32, shape (rows, columns)."""
    return read_songs(path, edition).features


def _read_other_form(path: Path, edition: Edition) -> Songs | None:
    """Return the songs of a table in another form; None where it has other columns, or not all cells are numbers."""
    from competition.data.formats.tables import open_table  # here alone: plain files need no pyarrow

    _lines(path)  # which refuses an empty file and blank lines
    try:
        table = open_table(path)
        names = _feature_names(table.form, edition.columns)
        features = np.empty((0, 0)) if names is None else table.numbers(names)
    except DataError:
        return None
    if names is None or not np.isfinite(features).all() or (np.abs(features) > _LARGEST).any():
        return None
    form = table.form
    is_first_left_out = ["the first column, row names, is left out"] if len(names) < len(form.names) else []
    header = ["the first line is a header"] if form.has_header else []
    _note(path, [*table.notes, *header, *is_first_left_out])
    return Songs(features.astype(np.float32), names if form.has_header else None)


def _feature_names(form: TableForm, columns: int) -> tuple[str, ...] | None:
    """Return the names of an edition's columns, without those of row names; None where there are others."""
    has_row_names = len(form.names) == columns + 1 and form.names[0] == ROW_NAMES
    return form.names[has_row_names:] if len(form.names) - has_row_names == columns else None


def read_names(path: Path, edition: Edition) -> tuple[str, ...] | None:
    """Return the names of a feature file's columns; None where it has no header."""
    with open_text(path) as file:
        first = file.readline()
    if all(_is_number(cell.strip()) for cell in first.split(",")):
        return None
    form = form_at(path)
    return _feature_names(form, edition.columns) if form.has_header else None


def last_cells(path: Path) -> list[str]:
    """Return the last cell of each line of a comma-separated file."""
    return [line.rsplit(",", 1)[-1].strip().strip('"').strip() for line in _lines(path)]


def _note(path: Path, parts: Sequence[str]) -> None:
    if parts:
        warnings.warn(f"{path}: {'; '.join(parts)}.", KitWarning, stacklevel=4)


def read_labels(path: Path, edition: Edition) -> np.ndarray:
    """Read a label file: one whole number from 1 to the number of genres on each line, or in a form like that.

    A KitWarning describes another form: a header, an index before the labels, all labels in one row, names of genres.

    Returns
    -------
    ndarray of int64, shape (rows,)
        0-based genre numbers ("targets"): label minus 1.

    Raises
    ------
    DataError
        At the first line that is not as expected.
    """
    table = _read_table(path, np.float64)
    if table is not None and table.shape[1] == 1 and _is_whole(table, path):
        _note(path, describe_wrapping(path))
        return _targets(table[:, 0], path, edition)
    found = read_label_form(_lines(path), edition.genres)
    if found is None:
        _explain_labels(path, edition)
    labels, notes = found
    targets = _targets(labels, path, edition)
    _note(path, [*describe_wrapping(path), *notes])
    return targets


def read_groups(path: Path) -> np.ndarray:
    """Read a file of group ids: one on each line, a number or a text.

    Returns
    -------
    ndarray of int64, shape (rows,)
        Equal numbers for equal ids, from 0.

    Raises
    ------
    DataError
        When the file is empty, unreadable or has a blank line.
    """
    _, groups = np.unique([line.strip() for line in _lines(path)], return_inverse=True)
    return groups.astype(np.int64)


def count_rows(path: Path) -> int:
    """Return the number of lines of a file up to its last line that is not blank."""
    count = 0
    with open_text(path) as file:
        for number, line in enumerate(file, 1):
            if not line.isspace():
                count = number
    return count


def _read_table(path: Path, dtype: type[np.floating]) -> np.ndarray | None:
    """Return the file's numbers, or None when it is not a table of numbers."""
    try:
        with open_text(path) as file, warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*input contained no data.*")
            return np.loadtxt(file, dtype=dtype, delimiter=",", comments=None, ndmin=2)
    except ValueError:
        return None


def _is_whole(table: np.ndarray, path: Path) -> bool:
    """Return whether there are rows, every cell is finite and no blank line was skipped."""
    is_finite = all(np.isfinite(table[part]).all() for part in parts(len(table)))
    return bool(len(table)) and is_finite and len(table) == count_rows(path)


def _targets(labels: np.ndarray, path: Path, edition: Edition) -> np.ndarray:
    genres = len(edition.genres)
    expected = f"expected a whole number from 1 to {genres} (edition {edition.name})"
    if labels.min() == 0 and labels.max() < genres:
        line = int(np.argmin(labels)) + 1
        raise DataError(f"{path}, line {line}: the label is 0; {expected}: labels start from 1, so add 1 to each.")
    wrong = np.flatnonzero((labels != np.floor(labels)) | (labels < 1) | (labels > genres))
    if wrong.size:
        more = among(wrong.size, len(labels))
        raise DataError(f"{path}, line {wrong[0] + 1}: the label is {labels[wrong[0]]:g}; {expected}.{more}")
    return labels.astype(np.int64) - 1


def _lines(path: Path) -> list[str]:
    """Return the file's lines without trailing blank ones; raise DataError for an empty or unreadable file."""
    with open_text(path) as file:
        lines = [line.rstrip("\n") for line in file]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise DataError(f"{path}: the file is empty; download it again.")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise DataError(
                f"{path}, line {number}: the line is blank; remove it (blank lines throughout come from doubled "
                "line ends: convert the file once, not twice)."
            )
    return lines


def _explain_features(path: Path, edition: Edition) -> NoReturn:
    lines = _lines(path)
    _refuse_other_formats(path, lines[0])
    if len(lines[0].split(",")) in (edition.columns, edition.columns + 1) or _is_number(lines[-1].split(",")[0]):
        _refuse_header(path, lines[0].split(","), f"{edition.columns} numbers")
    wrong = [number for number, line in enumerate(lines, 1) if not _holds_song(line.split(","), edition)]
    if wrong:
        mistake = _mistake_in_line(lines[wrong[0] - 1].split(","), f"{path}, line {wrong[0]}", edition, path)
        raise DataError(mistake + among(len(wrong), len(lines)))
    raise DataError(f"{path}: could not be read as a table of numbers.")


def _holds_song(cells: Sequence[str], edition: Edition) -> bool:
    return len(cells) == edition.columns and all(_is_feature(cell.strip()) for cell in cells)


def _mistake_in_line(cells: Sequence[str], where: str, edition: Edition, path: Path) -> str:
    """Return the sentence about a line that holds no song."""
    if len(cells) != edition.columns:
        return _wrong_width(where, len(cells), edition)
    column, cell = next((column, cell.strip()) for column, cell in enumerate(cells) if not _is_feature(cell.strip()))
    return _wrong_cell(f"{where}, column {column + 1} ({edition.block_of(column).name})", cell, path)


def _explain_labels(path: Path, edition: Edition) -> NoReturn:
    lines = _lines(path)
    if _looks_like_header(lines[0].split(",")) and all(_NUMBER.fullmatch(line.strip()) for line in lines[1:]):
        _refuse_header(path, lines[0].split(","), "a label")
    wrong = [number for number, line in enumerate(lines, 1) if not _is_label(line.strip(), edition)]
    if wrong:
        mistake = _wrong_label(lines[wrong[0] - 1], edition)
        raise DataError(f"{path}, line {wrong[0]}: {mistake}{among(len(wrong), len(lines))}")
    raise DataError(f"{path}: could not be read as a list of labels.")


def _is_label(cell: str, edition: Edition) -> bool:
    return _is_number(cell) and float(cell) in range(1, len(edition.genres) + 1)


def _wrong_label(line: str, edition: Edition) -> str:
    cells = re.split("[,;\t]", line)
    if len(cells) != 1:
        return f"{len(cells)} cells; expected one label and nothing else: remove the other columns."
    if not _is_number(line.strip()):
        return (
            f'the label is the text "{line.strip()}"; expected a whole number: write each genre as its number, 1 for '
            "the edition's first."
        )
    genres = len(edition.genres)
    return f"the label is {line.strip()}; expected a whole number from 1 to {genres} (edition {edition.name})."


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _looks_like_header(cells: list[str]) -> bool:
    """Return whether a first line holds column names: no cell is a number, and some text is not a missing value."""
    cells = [cell.strip().strip('"') for cell in cells]
    names = [cell for cell in cells if cell and cell.lower().lstrip("+-") not in _NOT_FINITE]
    return bool(names) and not any(map(_is_number, cells)) and not any(mark in names[0] for mark in ";\t")


def _refuse_header(path: Path, cells: list[str], expected: str) -> None:
    if _looks_like_header(cells):
        raise DataError(
            f'{path}, line 1: a header row ("{cells[0].strip()[:40]}"...); expected {expected}: '
            "the competition's files have no header, so delete this line."
        )


def _refuse_other_formats(path: Path, line: str) -> None:
    """Refuse a file whose first line shows that its cells are not separated by commas."""
    for name, mark in (("semicolons", ";"), ("tabs", "\t")):
        if mark in line:
            raise DataError(
                f"{path}, line 1: cells are separated by {name}; expected commas (and points in decimal numbers): "
                "save the file with commas."
            )
    if "," not in line and len(line.split()) > 1:
        raise DataError(
            f'{path}, line 1: found "{line[:40]}"; expected numbers separated by commas: save the file with commas, '
            "or download it again if this is another kind of file."
        )


def _refuse_numbered_header(path: Path, first: np.ndarray) -> None:
    """Refuse a first row that counts up: the header of column numbers that pandas writes for a table without names."""
    if len(first) > 1 and np.array_equal(first - first[0], np.arange(len(first))) and first[0] in (0, 1):
        raise DataError(
            f"{path}, line 1: a header row of column numbers ({first[0]:g}, {first[1]:g}, ...); expected a song: "
            "delete this line, or write the file with header=False."
        )


def _wrong_width(where: str, width: int, edition: Edition) -> str:
    expected = f"{edition.columns} columns (edition {edition.name})"
    if width == edition.columns + 1:
        return (
            f"{where}: {width} columns; expected {expected}: remove the extra one, "
            "most often an id or index column in front, or a comma at the line's end."
        )
    return (
        f"{where}: {width} columns; expected {expected}: take the file as downloaded, "
        "or name its edition with `edition`."
    )


def _is_feature(cell: str) -> bool:
    return _is_number(cell) and abs(float(cell)) <= _LARGEST


def _wrong_cell(where: str, cell: str, path: Path) -> str:
    if not cell or cell.lower().lstrip("+-") in _NOT_FINITE:
        found = f'is "{cell}"; expected a finite number' if cell else "is empty; expected a number"
        return (
            f'{where}: the cell {found}: fill it in, or say missing = "median" in an edition, which puts the median of '
            f"the training songs there: python -m competition edition --data {path.parent} --missing median."
        )
    if not _is_number(cell):
        cure = ": remove the quotes" if '"' in cell else ""
        return f'{where}: the cell is the text "{cell[:40]}"; expected a number{cure}.'
    return f"{where}: {cell} is too large; expected at most {_LARGEST:g} in size."
