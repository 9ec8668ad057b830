"""Checks of label_all.csv's probabilities: whether boards can score them, and whether they look predicted."""

from collections.abc import Iterator

import numpy as np

from competition.scoring.probabilities import FLOOR
from submissions.checks.findings import Expectation, Finding, Severity, and_more, first_of
from submissions.checks.labels import FEWEST_UNFILLED, check_sorted
from submissions.layout import Layout
from submissions.submission_file import Row, SubmissionTable, has_decimal_comma, number

SUM_TOLERANCE = 1e-6
"""How far a row's probabilities may sum from 1."""

_FAR = np.log(1.8)
"""A column mean is far from a genre's share when they differ by more than this factor."""


def probability_values(table: SubmissionTable, layout: Layout) -> np.ndarray:
    """Return the numbers of a table in the layout's columns, in the order of the genres; float64, (rows, genres)."""
    cells = np.empty((len(table.rows), len(layout.class_genres)))
    for place, row in enumerate(table.rows):
        cells[place] = [float(cell) for cell in row.cells[1:]]
    return cells[:, np.argsort(layout.class_genres)]


def check_probabilities(table: SubmissionTable, expected: Expectation) -> list[Finding]:
    """Find what is no probability, rows that do not sum to 1, and what looks unlike a prediction."""
    text = [row for row in table.rows if any(number(cell) is None for cell in row.cells[1:])]
    if text:
        return list(first_of(table, text, _no_number))
    values = probability_values(table, expected.layout)
    unfilled = list(_check_unfilled(table, values))
    findings = [*_check_cells(table, values, expected.layout), *_check_sums(table, values)]
    if findings or unfilled:
        return [*unfilled, *findings]
    return [
        *_check_class_columns(table, values, expected),
        *check_sorted(table, values.argmax(axis=1)),
    ]


def _no_number(row: Row) -> str:
    cell = next(cell for cell in row.cells[1:] if number(cell) is None)
    if has_decimal_comma(cell):
        return f'"{cell}" has a decimal comma; expected a point (decimal=".")'
    return f'"{cell}" is not a number; expected a probability'


def _check_unfilled(table: SubmissionTable, values: np.ndarray) -> Iterator[Finding]:
    if len(values) >= FEWEST_UNFILLED and (values == values[0]).all():
        message = "all rows hold the same probabilities: this looks like the sample submission, unfilled."
        yield Finding(table.path, None, message, "suspicious")


def _check_cells(table: SubmissionTable, values: np.ndarray, layout: Layout) -> Iterator[Finding]:
    infinite = ~np.isfinite(values)
    outside = ~infinite & ((values < 0) | (values > 1))
    certain = (values == 0) | (values == 1)
    chance = (
        "leaves nothing to chance: where it is wrong, it costs more than all other rows; keep all digits, and "
        "probabilities strictly between 0 and 1"
    )
    yield from _first_cell(table, layout, infinite, "is not finite; expected a number between 0 and 1")
    yield from _first_cell(table, layout, outside, "is not between 0 and 1")
    yield from _first_cell(table, layout, certain, chance, "unsafe")


def _check_sums(table: SubmissionTable, values: np.ndarray) -> Iterator[Finding]:
    if np.isfinite(values).all():
        wrong = np.flatnonzero(np.abs(values.sum(axis=1) - 1) > SUM_TOLERANCE)
        rows = [table.rows[index] for index in wrong]
        yield from first_of(table, rows, lambda row: f"the row sums to {_sum(row):.8g}; expected 1", "unsafe")


def _sum(row: Row) -> float:
    return sum(float(cell) for cell in row.cells[1:])


def _first_cell(
    table: SubmissionTable, layout: Layout, wrong: np.ndarray, problem: str, severity: Severity = "broken"
) -> Iterator[Finding]:
    """Report the first of several cells (rows, genres) with the same mistake."""
    places = np.argwhere(wrong)
    if places.size:
        row, genre = table.rows[places[0][0]], int(places[0][1])
        column = layout.class_of_genre[genre]
        cell = row.cells[1 + layout.class_genres.index(genre)].strip()
        message = f"{column} is {cell}, which {problem}{and_more(int(wrong.any(axis=1).sum()))}."
        yield Finding(table.path, row.line, message, severity)


def _check_class_columns(table: SubmissionTable, values: np.ndarray, expected: Expectation) -> Iterator[Finding]:
    """Find columns that look permuted: their mean fits another genre's share of the training songs far better.

    Where a genre was left out, which its lowest probability throughout tells, its songs count among the others'.
    """
    if expected.shares is None or not expected.shares.all() or (values.max(axis=0) <= FLOOR).any():
        return
    genres, shares, means = expected.edition.genres, expected.shares, values.mean(axis=0)
    own = np.abs(np.log(means / shares))
    # In one dimension, matching by rank costs least: no other order of the columns fits better.
    better = np.empty_like(shares, np.int64)
    better[means.argsort(kind="stable")] = shares.argsort(kind="stable")
    other = np.abs(np.log(means / shares[better]))
    beyond_chance = np.abs(means - shares) > 4 * np.sqrt(shares * (1 - shares) / expected.rows)
    for column in np.flatnonzero((own > _FAR) & (other < own / 3) & beyond_chance):
        message = (
            f"column {expected.layout.class_of_genre[column]} averages {means[column]:.3f}, far from "
            f"{genres[column]}'s share of the training songs ({shares[column]:.3f}) and close to "
            f"{genres[better[column]]}'s ({shares[better[column]]:.3f}): are the columns in label order, not sorted as "
            "text (1, 10, 2, ...)? Or does the model know nothing of the training shares?"
        )
        yield Finding(table.path, None, message, "suspicious")
