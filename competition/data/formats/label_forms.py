"""Labels in other forms than one number a line: under a header, beside an index, in one row, as names of genres."""

import re
from collections.abc import Sequence

import numpy as np

_MARKS = re.compile("[,;\t]")


def read_label_form(lines: Sequence[str], genres: Sequence[str]) -> tuple[np.ndarray, list[str]] | None:
    """Read labels that are not one number a line.

    Parameters
    ----------
    lines : sequence of str
    genres : sequence of str
        The edition's.

    Returns
    -------
    labels : ndarray of float64, shape (rows,)
        From 1; not checked against the number of genres.
    notes : list of str
        What is unusual about the form, as parts of a sentence.
        None stands for both where the lines are in no such form.
    """
    table, notes = [[cell.strip().strip('"').strip() for cell in _MARKS.split(line)] for line in lines], []
    if len(table) == 1 and len(table[0]) > 1:
        table, notes = [[cell] for cell in table[0]], ["the labels stand in one row"]
    if len({len(row) for row in table}) != 1:
        return None
    numbers = {genre.casefold(): float(number) for number, genre in enumerate(genres, 1)}
    if len(table) > 1 and _label(table[0][-1], numbers) is None:
        table, notes = table[1:], [*notes, "the first line is a header"]
    if len(table[0]) == 2 and _is_index([row[0] for row in table]):
        table, notes = [row[1:] for row in table], [*notes, "the first column counts the rows and is left out"]
    labels = [_label(row[-1], numbers) for row in table]
    if len(table[0]) != 1 or any(label is None for label in labels):
        return None
    texts = [row[0].casefold() in numbers for row in table]
    if any(texts) and not all(texts):
        return None
    return np.array(labels, np.float64), [*notes, *(["labels are names of genres"] if any(texts) else [])]


def _label(cell: str, numbers: dict[str, float]) -> float | None:
    """Return a label's number; None for what is neither a genre's name nor a number."""
    if cell.casefold() in numbers:
        return numbers[cell.casefold()]
    return float(cell) if re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", cell, re.ASCII) else None


def _is_index(cells: Sequence[str]) -> bool:
    return any(list(cells) == [str(number) for number in range(first, first + len(cells))] for first in (0, 1))
