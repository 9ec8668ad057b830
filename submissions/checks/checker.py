"""Checks of submission files: every mistake with its line and its remedy, all in one pass."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from competition.errors import SubmissionError
from submissions.checks.findings import Expectation, Finding, is_any_broken
from submissions.checks.header import check_form, check_header, is_reordered
from submissions.checks.ids import check_rows, in_order
from submissions.checks.labels import check_labels, label_values
from submissions.checks.probabilities import check_probabilities, probability_values
from submissions.layout import Kind
from submissions.submission_file import read_table


@dataclass(frozen=True)
class Checked:
    """A file and what is wrong with it.

    Attributes
    ----------
    path : Path
    kind : str
    findings : tuple of Finding
    values : ndarray or None
        0-based genre numbers, int64 (rows,), or probabilities, float64 (rows, genres), in the order of the expected
        ids and of the edition's genres, whatever the file's; None when a finding is ``"broken"``.
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
    layout = expected.layout
    table = read_table(path, layout)
    findings = [*check_form(table), *check_header(table, layout)]
    if is_reordered(table, layout):
        table = table.with_columns(layout.columns(table.kind))
    findings += check_rows(table, expected)
    if is_any_broken(findings):
        return Checked(path, table.kind, tuple(findings), None)
    table = in_order(table, layout)
    check_values, values = (
        (check_labels, label_values) if table.kind == "labels" else (check_probabilities, probability_values)
    )
    findings += check_values(table, expected)
    return Checked(path, table.kind, tuple(findings), None if is_any_broken(findings) else values(table, layout))


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
