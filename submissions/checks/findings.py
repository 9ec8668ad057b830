"""What a submission file is held against, and what is found wrong with it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from competition.data.edition import Edition
from submissions.layout import Layout
from submissions.submission_file import Row, SubmissionTable

Severity = Literal["broken", "unsafe", "suspicious", "note"]


@dataclass(frozen=True, eq=False)
class Expectation:
    """What a submission is checked against.

    Attributes
    ----------
    edition : Edition
    layout : Layout
        With the ids of the test songs.
    shares : ndarray of float64, shape (genres,), or None
        Each genre's share of the training songs; None where no labels are known.
    rows_of : str
        What each row is, as the end of a sentence.
    """

    edition: Edition
    layout: Layout
    shares: np.ndarray | None
    rows_of: str = "one for each test song"

    @property
    def rows(self) -> int:
        """The number of lines below the header."""
        return self.layout.rows


@dataclass(frozen=True)
class Finding:
    """One mistake in a file.

    Attributes
    ----------
    severity : str
        ``"broken"``: the file is invalid or ambiguous. ``"unsafe"``: it can be read, but the board may
        refuse or penalize it. ``"suspicious"``: it is well formed, but probably not what was intended. ``"note"``:
        it is unusual, and no mistake.
    """

    path: Path
    line: int | None
    message: str
    severity: Severity = "broken"

    def __str__(self) -> str:
        place = f"{self.path}" if self.line is None else f"{self.path}, line {self.line}"
        return f"{place}: {self.message}"


def is_any_broken(findings: Sequence[Finding]) -> bool:
    """Return whether one of the findings says that the file is invalid."""
    return any(finding.severity == "broken" for finding in findings)


def first_of(
    table: SubmissionTable, rows: Sequence[Row], say: Callable[[Row], str], severity: Severity = "broken"
) -> Iterator[Finding]:
    """Report the first of several rows with the same mistake, and how many more there are."""
    if rows:
        yield Finding(table.path, rows[0].line, f"{say(rows[0])}{and_more(len(rows))}.", severity)


def and_more(count: int, what: str = "line") -> str:
    """Return how many there are beside the first, in words."""
    return "" if count < 2 else f" (and {count - 1} more {what}{'s' if count > 2 else ''})"
