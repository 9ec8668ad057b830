"""The lines that `check` prints about submission files."""

from genre_kit.results.check import Check


def check_problems(check: Check) -> list[str]:
    """Return a line for each file that cannot be read, and for each finding."""
    return [*(f"error: {one}" for one in check.unreadable), *(f"{one.severity}: {one}" for one in check.findings)]


def check_lines(check: Check, *, on_sample: bool) -> list[str]:
    """Return a line for each file that passes; `on_sample` says that files are checked against the embedded sample."""
    against = f"held against the embedded sample ({check.rows} test songs), as no --data is given"
    lines = [against] if on_sample and check.checked else []
    return [*lines, *(f"{one.path}: ok, {one.kind} of {check.rows} songs" for one in check.passed)]
