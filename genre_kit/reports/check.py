"""The lines that `check` prints about submission files."""

from genre_kit.reports.data import said_by
from genre_kit.results.check import Against, Check


def check_problems(check: Check) -> list[str]:
    """Return a line for each file that cannot be read, and for each finding."""
    return [*(f"error: {one}" for one in check.unreadable), *(f"{one.severity}: {one}" for one in check.findings)]


def check_lines(check: Check) -> list[str]:
    """Return the lines that say what files were held against, and a line for each file that passes."""
    told = [line for one in check.against for line in _against(one)] if check.checked else []
    return [*told, *(f"{one.path}: ok, {one.kind} of {len(one.known_values)} songs" for one in check.passed)]


def _against(one: Against) -> list[str]:
    """Return the line about data that nobody named."""
    if one.known_by is not None:
        return [f"data      {said_by(one.known_by)}{one.source}: {one.rows} test songs"]
    if one.source is None:
        return [f"held against the embedded sample ({one.rows} test songs), as neither --data nor a run is given"]
    return []
