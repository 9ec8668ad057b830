"""Checks of submission files: every mistake with its line and its remedy, all in one pass."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from competition.data.edition import Edition
from competition.errors import SubmissionError
from submissions.layout import label_header, probability_header
from submissions.submission_file import Kind, Row, SubmissionTable, is_whole, number, read_table

SUM_TOLERANCE = 1e-6
"""How far a row's probabilities may sum from 1."""

_FAR = np.log(1.8)
"""A column mean is far from a genre's share when they differ by more than this factor."""

Severity = Literal["broken", "unsafe", "suspicious"]


@dataclass(frozen=True)
class Expectation:
    """What a submission is checked against.

    Attributes
    ----------
    edition : Edition
    rows : int
        The number of test songs.
    shares : ndarray of float64, shape (genres,), or None
        Each genre's share of the training songs; None where no labels are known.
    rows_of : str
        What each row is, as the end of a sentence.
    """

    edition: Edition
    rows: int
    shares: np.ndarray | None
    rows_of: str = "one for each test song"


@dataclass(frozen=True)
class Finding:
    """One mistake in a file.

    Attributes
    ----------
    severity : str
        ``"broken"``: the file is invalid or ambiguous. ``"unsafe"``: it can be read, but the board may
        refuse or penalize it. ``"suspicious"``: it is well formed, but probably not what was intended.
    """

    path: Path
    line: int | None
    message: str
    severity: Severity = "broken"

    def __str__(self) -> str:
        place = f"{self.path}" if self.line is None else f"{self.path}, line {self.line}"
        return f"{place}: {self.message}"


@dataclass(frozen=True)
class Checked:
    """A file and what is wrong with it.

    Attributes
    ----------
    kind : str
    findings : tuple of Finding
    values : ndarray or None
        0-based genre numbers, int64 (rows,), or probabilities, float64 (rows, genres), in the order of the
        ids; None when a finding is ``"broken"``.
    """

    path: Path
    kind: Kind
    findings: tuple[Finding, ...]
    values: np.ndarray | None

    @property
    def known_values(self) -> np.ndarray:
        """The values of a file without ``"broken"`` findings; raises SubmissionError where it has one."""
        if self.values is None:
            raise SubmissionError(str(next(one for one in self.findings if one.severity == "broken")))
        return self.values


def check_file(path: Path, expected: Expectation) -> Checked:
    """Check one submission file; its kind is read from its header.

    Raises
    ------
    SubmissionError
        When the file is missing, empty or not text.
    """
    table = read_table(path)
    findings = [*_check_bytes(table), *_check_header(table, expected), *_check_rows(table, expected)]
    if not any(finding.severity == "broken" for finding in findings):
        check_values = _check_labels if table.kind == "labels" else _check_probabilities
        findings += check_values(table, expected)
    broken = any(finding.severity == "broken" for finding in findings)
    return Checked(path, table.kind, tuple(findings), None if broken else _values(table))


def check_agreement(labels: Checked, probabilities: Checked) -> list[Finding]:
    """Compare a pair of files: most labels should be their row's most probable genre."""
    # Rows with the commonest label may owe it to a fallback rule.
    telling = labels.known_values != np.bincount(labels.known_values).argmax()
    agreement = (
        (probabilities.known_values.argmax(axis=1) == labels.known_values)[telling].mean() if telling.any() else 1.0
    )
    if agreement >= 0.5:
        return []
    message = (
        f"only {agreement:.0%} of its labels other than the commonest are the most probable genre of "
        f"{probabilities.path}; "
        "expected most of them: are both files from one run, and the columns in label order?"
    )
    return [Finding(labels.path, None, message, "suspicious")]


def read_scorable(path: Path, expected: Expectation) -> Checked:
    """Check a file that is to be scored; refuse it when it has a ``"broken"`` finding.

    Raises
    ------
    SubmissionError
        With the first ``"broken"`` finding, or when the file is missing, empty or not text.
    """
    checked = check_file(path, expected)
    checked.known_values  # noqa: B018  raises
    return checked


def _values(table: SubmissionTable) -> np.ndarray:
    if table.kind == "labels":
        return np.array([int(row.cells[1]) - 1 for row in table.rows])
    return np.array([[float(cell) for cell in row.cells[1:]] for row in table.rows])


def _check_bytes(table: SubmissionTable) -> Iterator[Finding]:
    if table.has_byte_order_mark:
        message = "starts with a byte order mark, which becomes part of the first column's name; save without it."
        yield Finding(table.path, 1, message, "unsafe")
    if table.odd_line_ends:
        message = rf"line ends are {table.odd_line_ends}; write with lineterminator='\n', or open with newline=''."
        yield Finding(table.path, 1, message, "unsafe")
    if table.blank_lines:
        more = _and_more(len(table.blank_lines))
        yield Finding(table.path, table.blank_lines[0], f"the line is blank{more}; remove it.", "unsafe")


def _check_header(table: SubmissionTable, expected: Expectation) -> Iterator[Finding]:
    if table.kind_by_name not in (None, table.kind):
        message = f"its name says {table.kind_by_name}, but it holds {table.kind}: the two files are swapped."
        yield Finding(table.path, None, message)
    genres = len(expected.edition.genres)
    columns = label_header() if table.kind == "labels" else probability_header(genres)
    if table.header is None:
        first = ",".join(columns)
        yield Finding(table.path, 1, f'the header is missing; expected "{first}" as the first line.')
    else:
        problem = _header_problem(list(table.header), columns)
        if problem:
            yield Finding(table.path, 1, problem)


def _header_problem(found: list[str], columns: list[str]) -> str | None:
    """Return the sentence for the first thing wrong with a header, or None."""
    if found == columns:
        return None
    if found[0].lstrip().startswith("#"):
        return f'the header starts with "#"; expected "{columns[0]}": write it without comment mark (comments="").'
    if found[0].strip() == "" and found[1:] == columns:
        return "an index column without a name stands in front; write the file without it (index=False)."
    for name, mark in (("semicolons", ";"), ("tabs", "\t")):
        if mark in found[0]:
            return f"the columns are separated by {name}; expected commas."
    if len(found) != len(columns):
        return f"the header has {len(found)} columns; expected {len(columns)}: {','.join(columns)}."
    place, (name, column) = next(
        (i, pair) for i, pair in enumerate(zip(found, columns, strict=True), 1) if len({*pair}) > 1
    )
    order = " (the columns stand in another order; sort them by number, not as text)" if name in columns else ""
    return f'column {place} is named "{name}"; expected "{column}"{order}.'


def _check_rows(table: SubmissionTable, expected: Expectation) -> Iterator[Finding]:
    if len(table.rows) != expected.rows:
        message = f"{len(table.rows)} row(s); expected {expected.rows}, {expected.rows_of}."
        yield Finding(table.path, None, message)
    width = 2 if table.kind == "labels" else len(expected.edition.genres) + 1
    narrow = _where(table, lambda row: len(row.cells) != width)
    yield from _first(table, narrow, lambda row: f"{len(row.cells)} column(s); expected {width}")
    if not narrow:
        yield from _check_ids(table, expected)


def _check_ids(table: SubmissionTable, expected: Expectation) -> Iterator[Finding]:
    unreadable = _where(table, lambda row: not is_whole(row.cells[0]))
    yield from _first(table, unreadable, lambda row: f'the id is "{row.cells[0]}"; expected a whole number')
    if unreadable:
        return
    ids = np.array([int(row.cells[0]) for row in table.rows])
    if np.array_equal(ids, np.arange(1, len(ids) + 1)):
        return
    if np.array_equal(ids, np.arange(len(ids))):
        yield Finding(table.path, table.rows[0].line, "the ids start from 0; expected 1 for the first test song.")
    else:
        yield from _check_id_order(table, ids, expected.rows)


def _check_id_order(table: SubmissionTable, ids: np.ndarray, rows: int) -> Iterator[Finding]:
    names, count = np.unique(ids, return_counts=True)
    missing = np.setdiff1d(np.arange(1, rows + 1), ids)
    foreign = np.flatnonzero((ids < 1) | (ids > rows))
    unordered = np.flatnonzero(np.diff(ids) < 0)
    if (count > 1).any():
        double = names[count > 1][0]
        before, again = np.flatnonzero(ids == double)[:2]
        more = _and_more(int((count > 1).sum()), "id")
        message = f"id {double} stood in line {table.rows[before].line} already{more}; every id must stand once."
        yield Finding(table.path, table.rows[again].line, message)
    if missing.size:
        yield Finding(table.path, None, f"id {missing[0]} is missing{_and_more(missing.size, 'id')}; add its row.")
    if foreign.size:
        message = f"id {ids[foreign[0]]} is no test song's{_and_more(foreign.size)}; expected 1 to {rows}."
        yield Finding(table.path, table.rows[foreign[0]].line, message)
    if unordered.size:
        line = table.rows[unordered[0] + 1].line
        yield Finding(table.path, line, "the ids are not in ascending order; sort the rows by id.")


def _check_labels(table: SubmissionTable, expected: Expectation) -> list[Finding]:
    genres = len(expected.edition.genres)
    wanted = f"expected a whole number from 1 to {genres}"
    text = _where(table, lambda row: not is_whole(row.cells[1]))
    if text:
        return list(_first(table, text, lambda row: f'the label is "{row.cells[1]}"; {wanted}, no point'))
    outside = _where(table, lambda row: not 1 <= int(row.cells[1]) <= genres)
    shift = ": labels start from 1, so add 1 to each" if any(int(row.cells[1]) == 0 for row in outside) else ""
    return list(_first(table, outside, lambda row: f"the label is {row.cells[1].strip()}; {wanted}{shift}"))


def _check_probabilities(table: SubmissionTable, expected: Expectation) -> list[Finding]:
    text = _where(table, lambda row: any(number(cell) is None for cell in row.cells[1:]))
    if text:
        return list(_first(table, text, lambda row: f'"{_first_text(row)}" is not a number; expected a probability'))
    values = _values(table)
    infinite = ~np.isfinite(values)
    outside = ~infinite & ((values < 0) | (values > 1))
    certain = (values == 0) | (values == 1)
    sums = np.abs(values.sum(axis=1) - 1)
    findings = [
        *_first_cell(table, infinite, "is not finite; expected a number between 0 and 1"),
        *_first_cell(table, outside, "is not between 0 and 1"),
        *_first_cell(
            table,
            certain,
            "leaves nothing to chance: where it is wrong, it costs more than all other rows; keep all digits, and "
            "probabilities strictly between 0 and 1",
            "unsafe",
        ),
    ]
    if not infinite.any():
        rows = [table.rows[index] for index in np.flatnonzero(sums > SUM_TOLERANCE)]
        findings += _first(table, rows, lambda row: f"the row sums to {_sum(row):.8g}; expected 1", "unsafe")
    return findings or list(_check_class_columns(table, values.mean(axis=0), expected))


def _check_class_columns(table: SubmissionTable, means: np.ndarray, expected: Expectation) -> Iterator[Finding]:
    """Find columns that look permuted: their mean fits another genre's share of the training songs far better."""
    if expected.shares is None or not expected.shares.all():
        return
    genres, shares = expected.edition.genres, expected.shares
    own = np.abs(np.log(means / shares))
    # In one dimension, matching by rank costs least: no other order of the columns fits better.
    better = np.empty_like(shares, np.int64)
    better[means.argsort(kind="stable")] = shares.argsort(kind="stable")
    other = np.abs(np.log(means / shares[better]))
    beyond_chance = np.abs(means - shares) > 4 * np.sqrt(shares * (1 - shares) / expected.rows)
    for column in np.flatnonzero((own > _FAR) & (other < own / 3) & beyond_chance):
        message = (
            f"column Class_{column + 1} averages {means[column]:.3f}, far from {genres[column]}'s share of the "
            f"training songs ({shares[column]:.3f}) and close to {genres[better[column]]}'s "
            f"({shares[better[column]]:.3f}): are the columns in label order, not sorted as text (1, 10, 2, ...)? "
            "Or does the model know nothing of the training shares?"
        )
        yield Finding(table.path, None, message, "suspicious")


def _where(table: SubmissionTable, is_wrong: Callable[[Row], bool]) -> list[Row]:
    return [row for row in table.rows if is_wrong(row)]


def _first(
    table: SubmissionTable, rows: Sequence[Row], say: Callable[[Row], str], severity: Severity = "broken"
) -> Iterator[Finding]:
    """Report the first of several rows with the same mistake, and how many more there are."""
    if rows:
        yield Finding(table.path, rows[0].line, f"{say(rows[0])}{_and_more(len(rows))}.", severity)


def _first_cell(
    table: SubmissionTable, wrong: np.ndarray, problem: str, severity: Severity = "broken"
) -> Iterator[Finding]:
    """Report the first of several cells (rows, genres) with the same mistake."""
    places = np.argwhere(wrong)
    if places.size:
        row = table.rows[places[0][0]]
        label = places[0][1] + 1
        message = (
            f"Class_{label} is {row.cells[label].strip()}, which {problem}{_and_more(int(wrong.any(axis=1).sum()))}."
        )
        yield Finding(table.path, row.line, message, severity)


def _first_text(row: Row) -> str:
    return next(cell for cell in row.cells[1:] if number(cell) is None)


def _sum(row: Row) -> float:
    return sum(float(cell) for cell in row.cells[1:])


def _and_more(count: int, what: str = "line") -> str:
    return "" if count < 2 else f" (and {count - 1} more {what}{'s' if count > 2 else ''})"
