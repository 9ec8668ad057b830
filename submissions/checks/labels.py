"""Checks of label_pred.csv's labels: whether they are genres of the edition, and look predicted."""

import difflib
import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from competition.data.edition import Edition
from submissions.checks.findings import Expectation, Finding, Severity, and_more, first_of
from submissions.layout import Layout
from submissions.submission_file import Row, SubmissionTable, is_whole

FEWEST_UNFILLED = 10
"""So many equal rows look like a sample submission's."""

_CHANCE = -6 * math.log(10)
_LISTED = 12


def label_values(table: SubmissionTable, layout: Layout) -> np.ndarray:
    """Return 0-based genre numbers of a table whose labels are sound; int64, shape (rows,)."""
    first = layout.first_label
    if first is not None:
        return np.array([int(row.cells[1]) - first for row in table.rows], np.int64)
    numbers = {text: number for number, text in enumerate(layout.label_texts)}
    return np.array([numbers[row.cells[1]] for row in table.rows], np.int64)


def check_labels(table: SubmissionTable, expected: Expectation) -> list[Finding]:
    """Find labels that are no genres; else, what looks unlike a prediction."""
    layout, edition = expected.layout, expected.edition
    first = layout.first_label
    wrong = list(
        _check_names(table, layout, edition) if first is None else _check_numbers(table, first, edition.genres)
    )
    if wrong and first is not None and not is_whole(table.rows[0].cells[1]):
        return wrong  # names or points, whose cure has been said
    severity: Severity = "broken" if wrong else "suspicious"
    return list(_check_unfilled(table, severity)) or wrong or list(check_sorted(table, label_values(table, layout)))


def _check_unfilled(table: SubmissionTable, severity: Severity) -> Iterator[Finding]:
    """Find labels that are all the same; where they are no labels either, no other cure is as good."""
    if len(table.rows) >= FEWEST_UNFILLED and len({row.cells[1] for row in table.rows}) == 1:
        label = table.rows[0].cells[1]
        message = f'all {len(table.rows)} labels are "{label}": this looks like the sample submission, unfilled.'
        yield Finding(table.path, None, message, severity)


def check_sorted(table: SubmissionTable, labels: np.ndarray) -> Iterator[Finding]:
    """Find that each genre's rows stand together, in the order of the ids, where that can hardly be chance.

    Parameters
    ----------
    table : SubmissionTable
    labels : ndarray of int64, shape (rows,)
        In the order of the ids; of probabilities, the most probable genres.
    """
    _, counts = np.unique(labels, return_counts=True)
    blocks = 1 + sum(one != other for one, other in pairwise(labels.tolist()))
    if len(counts) < 2 or blocks != len(counts):
        return
    # Of all orders of these labels, so many have each genre's rows together.
    chance = math.lgamma(len(counts) + 1) + sum(map(math.lgamma, counts + 1)) - math.lgamma(len(labels) + 1)
    if chance < _CHANCE:
        kind = "labels ascend" if (np.diff(labels) >= 0).all() else "labels stand genre by genre"
        message = f"the {kind} through the whole file; were the rows sorted by genre, and numbered anew?"
        yield Finding(table.path, None, message, "suspicious")


def _check_numbers(table: SubmissionTable, first: int, genres: Sequence[str]) -> Iterator[Finding]:
    last = first + len(genres) - 1
    wanted = f"expected a whole number from {first} to {last}"
    texts = [row for row in table.rows if not is_whole(row.cells[1])]
    if texts:
        folded = {_folded(genre) for genre in genres}
        named = [row for row in texts if _folded(row.cells[1]) in folded]
        others = [row for row in texts if _folded(row.cells[1]) not in folded]
        yield from first_of(table, others, lambda row: f'the label is "{row.cells[1]}"; {wanted}, no point')
        if named:
            found = f'the label is "{named[0].cells[1]}"{and_more(len(named))}'
            message = f"{found}; {wanted}, not a genre's name: {_meanings(genres, first)}."
            yield Finding(table.path, named[0].line, message)
        return
    outside = [row for row in table.rows if not first <= int(row.cells[1]) <= last]
    shift = _shift({int(row.cells[1]) for row in table.rows}, first, last)
    yield from first_of(table, outside, lambda row: f"the label is {row.cells[1].strip()}; {wanted}{shift}")


def _meanings(genres: Sequence[str], first: int) -> str:
    some = [f"{genre} is {number}" for number, genre in enumerate(genres[:_LISTED], first)]
    return ", ".join([*some, "..."] if len(genres) > _LISTED else some)


def _shift(labels: set[int], first: int, last: int) -> str:
    """Return the hint for labels that count from another number than the expected one."""
    if first - 1 in labels:
        return f": labels start from {first}, so add 1 to each"
    if last + 1 in labels and first not in labels:
        return f": labels start from {first}, so subtract 1 from each"
    return ""


def _check_names(table: SubmissionTable, layout: Layout, edition: Edition) -> Iterator[Finding]:
    genres = {_folded(genre): genre for genre in layout.label_texts}
    unknown = [row for row in table.rows if row.cells[1] not in layout.label_texts]
    spelled = [row for row in unknown if _folded(row.cells[1]) in genres]
    others = [row for row in unknown if _folded(row.cells[1]) not in genres]
    yield from first_of(
        table,
        spelled,
        lambda row: (
            f'the label is "{row.cells[1]}"; expected "{genres[_folded(row.cells[1])]}": genres are written as in '
            f"{edition.name}, capitals and blanks included"
        ),
    )
    yield from first_of(table, others, lambda row: f'the label is "{row.cells[1]}"; {_wanted(row, layout)}')


def _wanted(row: Row, layout: Layout) -> str:
    names = layout.label_texts
    some = ", ".join(names[:_LISTED]) + (f", ... ({len(names)} genres)" if len(names) > _LISTED else "")
    if is_whole(row.cells[1]):
        return f"expected the genre's name, one of {some}"
    folded = {_folded(name): name for name in names}
    near = difflib.get_close_matches(_folded(row.cells[1]), list(folded), n=1)
    return f"expected one of {some}" + (f'; did you mean "{folded[near[0]]}"?' if near else "")


def _folded(name: str) -> str:
    """Return a name without what spellings of it differ in: capitals, blanks, hyphens, underscores."""
    return re.sub(r"[\s_-]+", "", name).casefold()
