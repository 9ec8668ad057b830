"""`check`: whether files are what the board expects."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from competition.data.dataset import Entries, entries_of, numbered
from competition.data.formats import CompetitionFiles, open_files
from competition.data.wrapping import data_place
from competition.errors import DataError, KitWarning, SubmissionError
from competition.inference.find import find_edition
from genre_kit.jobs.inputs import PathLike, open_dataset
from genre_kit.results.check import Check
from submissions.checks.checker import Checked, check_agreement, check_file
from submissions.checks.findings import Expectation, Finding
from submissions.layout import LABEL_FILE, PROBABILITY_FILE, layout_of


def check(
    files: Sequence[PathLike],
    *,
    data: PathLike | None = None,
    edition: str | None = None,
    allow_suspicious: bool = False,
) -> Check:
    """Check submission files against the edition and the test data.

    Parameters
    ----------
    files : sequence of paths
        Submission files, or runs' folders that hold some.
    data, edition
        As for `submit`; without data, the files are checked against the embedded sample.
    allow_suspicious : bool
        Let pass what is well formed but looks wrong.

    Raises
    ------
    KitError
        When the data cannot be read; what is wrong with the files is in the result.
    """
    paths = [file for path in files for file in _files(Path(path))]
    expected = _expectation(None if data is None else data_place(data), edition)
    checked: list[Checked] = []
    unreadable: list[str] = []
    for path in paths:
        try:
            checked.append(check_file(path, expected))
        except SubmissionError as problem:
            unreadable.append(str(problem))
    findings = [*(finding for one in checked for finding in one.findings), *_disagreements(checked)]
    return Check(tuple(checked), tuple(unreadable), tuple(findings), expected.rows, allow_suspicious)


def _files(path: Path) -> list[Path]:
    """Return the submission files of a run's folder, or the file itself."""
    inside = [path / name for name in (LABEL_FILE, PROBABILITY_FILE)]
    return [file for file in inside if file.is_file()] or [path]


def _expectation(data: Path | None, edition: str | None) -> Expectation:
    found = find_edition(edition, data)
    if data is None:
        dataset = open_dataset(None, edition, with_test=True)
        return Expectation(found, layout_of(found, dataset.entries), dataset.shares)
    files = open_files(data, found)
    layout = layout_of(found, _entries(files))
    try:
        targets = files.targets()
    except DataError as problem:
        message = f"{problem} Without the training labels, class columns in a wrong order cannot be noticed."
        warnings.warn(message, KitWarning, stacklevel=2)
        return Expectation(found, layout, None)
    return Expectation(found, layout, np.bincount(targets, minlength=len(found.genres)) / len(targets))


def _entries(files: CompetitionFiles) -> Entries:
    """Return the lines that are expected, of which the test file must be sound."""
    rows = len(files.test_songs())
    return entries_of(files) or numbered(rows)


def _disagreements(checked: Sequence[Checked]) -> list[Finding]:
    readable = [one for one in checked if one.values is not None]
    labels = [one for one in readable if one.kind == "labels"]
    probabilities = [one for one in readable if one.kind == "probabilities"]
    return [finding for left in labels for right in probabilities for finding in check_agreement(left, right)]
