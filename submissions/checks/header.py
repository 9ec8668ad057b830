"""Checks of a submission file's form: how it is packed and written, and the names of its columns."""

from collections.abc import Iterator, Sequence

from submissions.checks.findings import Finding, and_more
from submissions.layout import Layout
from submissions.submission_file import SubmissionTable

_SEPARATORS = {";": "semicolons", "\t": "tabs"}


def check_form(table: SubmissionTable) -> Iterator[Finding]:
    """Find what is unusual about how the file is packed and written."""
    if table.packing and not table.is_misnamed:
        yield _packed(table)
    elif table.is_misnamed:
        found = {"zip": "is a zip archive", "gzip": "is gzipped", "": "is not packed"}[table.packing]
        message = f"{found}, whatever its name says; give it the name of what it is, or write it as plain CSV."
        yield Finding(table.path, None, message, "unsafe")
    if table.is_utf_16:
        yield Finding(table.path, 1, 'is UTF-16 text; save it as UTF-8 (in Excel "CSV (comma delimited)").', "unsafe")
    if table.has_byte_order_mark:
        message = "starts with a byte order mark, which becomes part of the first column's name; save without it."
        yield Finding(table.path, 1, message, "unsafe")
    if table.odd_line_ends:
        message = rf"line ends are {table.odd_line_ends}; write with lineterminator='\n', or open with newline=''."
        yield Finding(table.path, 1, message, "unsafe")
    if table.blank_lines:
        more = and_more(len(table.blank_lines))
        yield Finding(table.path, table.blank_lines[0], f"the line is blank{more}; remove it.", "unsafe")
    if table.separator != ",":
        yield Finding(table.path, 1, _separated(table), "unsafe")


def _packed(table: SubmissionTable) -> Finding:
    if table.packing == "zip":
        return Finding(table.path, None, "is a zip archive, which the board unpacks.", "note")
    return Finding(table.path, None, "is gzipped; hand in the CSV file itself, or a .zip of it.", "unsafe")


def _separated(table: SubmissionTable) -> str:
    name = _SEPARATORS[table.separator]
    if table.has_decimal_commas:
        return (
            f"the columns are separated by {name}, and numbers have decimal commas; expected commas between columns "
            'and points in numbers (sep=",", decimal=".").'
        )
    return f'the columns are separated by {name}; expected commas (sep=",").'


def check_header(table: SubmissionTable, layout: Layout) -> Iterator[Finding]:
    """Find what is wrong with the names of the columns; their order does not matter."""
    if table.kind_by_name not in (None, table.kind):
        message = f"its name says {table.kind_by_name}, but it holds {table.kind}: the two files are swapped."
        yield Finding(table.path, None, message)
    columns = layout.columns(table.kind)
    if table.header is None:
        first = ",".join(columns)
        yield Finding(table.path, 1, f'the header is missing; expected "{first}" as the first line.')
    elif table.header != columns and is_reordered(table, layout):
        message = (
            "the columns stand in another order than expected; the board matches them by name "
            f"({_listed(table.header)}; expected {_listed(columns)})."
        )
        yield Finding(table.path, 1, message, "note")
    elif table.header != columns:
        yield Finding(table.path, 1, _problem(list(table.header), list(columns)))


def is_reordered(table: SubmissionTable, layout: Layout) -> bool:
    """Return whether the header has the expected names, in whatever order."""
    return table.header is not None and sorted(table.header) == sorted(layout.columns(table.kind))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _problem(found: list[str], columns: list[str]) -> str:
    """Return the sentence for the first thing wrong with a header."""
    if found[0].lstrip().startswith("#"):
        return f'the header starts with "#"; expected "{columns[0]}": write it without comment mark (comments="").'
    if (found[0].strip() == "" or found[0].startswith("Unnamed")) and found[1:] == columns:
        return "an index column without a name stands in front; write the file without it (index=False)."
    if len(found) != len(columns):
        return f"the header has {len(found)} columns; expected {len(columns)}: {','.join(columns)}."
    return _wrong_name(found, columns)


def _wrong_name(found: list[str], columns: list[str]) -> str:
    """Return the sentence for the first wrong name of a header with as many names as expected."""
    missing = [column for column in columns if column not in found]
    place = next((place for place, name in enumerate(found) if name not in columns), None)
    if place is None:
        double = next(name for name in found if found.count(name) > 1)
        return f'the column "{double}" stands twice, and "{missing[0]}" is missing; expected each once.'
    alike = next((column for column in missing if _folded(column) == _folded(found[place])), None)
    expected = alike or (columns[place] if columns[place] in missing else missing[0])
    hint = ": capitals and blanks count" if alike else ""
    return f'column {place + 1} is named "{found[place]}"; expected "{expected}"{hint}.'


def _folded(name: str) -> str:
    return "".join(name.split()).casefold()
