"""Checks of a submission file's rows: how many there are, how many cells they have, and whose they are."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from submissions.checks.findings import Expectation, Finding, and_more, first_of
from submissions.layout import Layout, counted
from submissions.submission_file import Row, SubmissionTable, is_whole, without_thousands


def check_rows(table: SubmissionTable, expected: Expectation) -> Iterator[Finding]:
    """Find missing and surplus rows, rows that are not as wide as the header should be, and wrong ids."""
    if len(table.rows) != expected.rows:
        message = f"{len(table.rows)} row(s); expected {expected.rows}, {expected.rows_of}."
        yield Finding(table.path, None, message)
    width = len(expected.layout.columns(table.kind))
    narrow = [row for row in table.rows if len(row.cells) != width]
    yield from first_of(table, narrow, lambda row: f"{len(row.cells)} column(s); expected {width}{_split(row, width)}")
    if not narrow:
        yield from _check_ids(table, expected.layout)


def _split(row: Row, width: int) -> str:
    """Return the hint for a row in which decimal commas make two cells of a number."""
    return ": do decimal commas split its numbers?" if len(row.cells) == 2 * width - 1 and width > 2 else ""


def in_order(table: SubmissionTable, layout: Layout) -> SubmissionTable:
    """Return a table whose ids are those of the layout with its rows in their order."""
    ids = ids_of(table, layout)
    if tuple(ids) == layout.ids:
        return table
    rows = dict(zip(ids, table.rows, strict=True))
    return replace(table, rows=tuple(rows[one] for one in layout.ids))


def ids_of(table: SubmissionTable, layout: Layout) -> list[str]:
    """Return the id of each row, numbers in their shortest form where all expected ids are whole numbers."""
    ids = [row.cells[0] for row in table.rows]
    return [str(int(one)) if is_whole(one) else one for one in ids] if layout.has_whole_ids else ids


def _check_ids(table: SubmissionTable, layout: Layout) -> Iterator[Finding]:
    is_wrong = layout.has_whole_ids and layout.rows > 0
    unreadable = [row for row in table.rows if is_wrong and not is_whole(row.cells[0])]
    yield from first_of(table, unreadable, _unreadable)
    ids = ids_of(table, layout)
    if unreadable or tuple(ids) == layout.ids:
        return
    if (message := _counting(ids, layout)) is not None:
        yield Finding(table.path, table.rows[0].line, message)
        return
    mistakes = [*_doubles(table, ids), *_missing(table, ids, layout), *_foreign(table, ids, layout)]
    yield from mistakes
    if not mistakes:
        message = "the rows stand in another order than expected; the board matches them by their ids."
        yield Finding(table.path, None, message, "note")


def _unreadable(row: Row) -> str:
    plain = without_thousands(row.cells[0])
    if plain is not None:
        return f'the id is "{row.cells[0]}", with a mark between thousands; expected {plain}: write plain digits'
    return f'the id is "{row.cells[0]}"; expected a whole number'


def _counting(ids: list[str], layout: Layout) -> str | None:
    """Return the sentence for ids that count the rows, but are not those expected."""
    for first in (0, 1):
        if ids and tuple(ids) == counted(len(ids), first):
            if layout.is_counted and first == 0:
                return "the ids start from 0; expected 1 for the first test song."
            if not set(ids) & set(layout.ids):
                return f"the ids count the rows from {first}; expected the test songs' own: {_some(layout.ids)}."
    return None


def _doubles(table: SubmissionTable, ids: Sequence[str]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    again = [place for place, one in enumerate(ids) if first.setdefault(one, place) != place]
    if again:
        one, more = ids[again[0]], and_more(len({ids[place] for place in again}), "id")
        message = f"id {one} stood in line {table.rows[first[one]].line} already{more}; every id must stand once."
        yield Finding(table.path, table.rows[again[0]].line, message)


def _missing(table: SubmissionTable, ids: Sequence[str], layout: Layout) -> Iterator[Finding]:
    found = set(ids)
    missing = [one for one in layout.ids if one not in found]
    if missing:
        message = f"id {missing[0]} is missing{and_more(len(missing), 'id')}; add its row."
        yield Finding(table.path, None, message)


def _foreign(table: SubmissionTable, ids: Sequence[str], layout: Layout) -> Iterator[Finding]:
    known = set(layout.ids)
    foreign = [place for place, one in enumerate(ids) if one not in known]
    if foreign:
        one = ids[foreign[0]]
        wanted = f"1 to {layout.rows}" if layout.is_counted else _some(layout.ids)
        message = f"id {one} is no test song's{and_more(len(foreign))}; expected {wanted}{_did_you_mean(one, layout)}."
        yield Finding(table.path, table.rows[foreign[0]].line, message)


def _did_you_mean(text: str, layout: Layout) -> str:
    alike = next((one for one in layout.ids if one != text and _folded(one) == _folded(text)), None)
    return f'; did you mean "{alike}"? Capitals and blanks count' if alike else ""


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
