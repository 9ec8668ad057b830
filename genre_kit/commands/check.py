"""`check`: whether files are what the board expects."""

import warnings
from pathlib import Path

import click
import numpy as np

from competition.data.csv_files import locate, read_features, read_labels
from competition.data.edition import find_edition
from competition.errors import DataError, KitWarning, SubmissionError
from genre_kit.jobs import inputs
from submissions.checker import Checked, Expectation, Finding, check_agreement, check_file
from submissions.layout import LABEL_FILE, PROBABILITY_FILE


def check(
    *, data: Path | None, edition: str | None, quiet: bool, files: tuple[Path, ...], allow_suspicious: bool
) -> bool:
    """Check submission files and say what is wrong with them; the parameters are the command's options.

    Returns
    -------
    bool
        Whether all files passed.
    """
    files = tuple(file for path in files for file in _files(path))
    expected = _expectation(data, edition)
    checked = [one for one in (_try(path, expected) for path in files) if one is not None]
    if data is None and checked and not quiet:
        click.echo(f"held against the embedded sample ({expected.rows} test songs), as no --data is given")
    findings = [*(finding for one in checked for finding in one.findings), *_disagreements(checked)]
    counted = [finding for finding in findings if not (allow_suspicious and finding.severity == "suspicious")]
    for finding in findings:
        click.echo(f"{finding.severity}: {finding}", err=True)
    for one in checked:
        if not quiet and not any(finding.path == one.path for finding in counted):
            click.echo(f"{one.path}: ok, {one.kind} of {expected.rows} songs")
    return not counted and len(checked) == len(files)


def _files(path: Path) -> list[Path]:
    """Return the submission files of a run's folder, or the file itself."""
    inside = [path / name for name in (LABEL_FILE, PROBABILITY_FILE)]
    return [file for file in inside if file.is_file()] or [path]


def _try(path: Path, expected: Expectation) -> Checked | None:
    try:
        return check_file(path, expected)
    except SubmissionError as problem:
        click.echo(f"error: {problem}", err=True)
        return None


def _expectation(data: Path | None, edition: str | None) -> Expectation:
    layout = find_edition(edition, data)
    if data is None:
        dataset = inputs.open_dataset(None, edition, with_test=True)
        return Expectation(layout, len(dataset.test_features), dataset.shares)
    rows = len(read_features(locate(data, layout.files.test), layout))
    try:
        targets = read_labels(locate(data, layout.files.labels), layout)
    except DataError as problem:
        message = f"{problem} Without the training labels, class columns in a wrong order cannot be noticed."
        warnings.warn(message, KitWarning, stacklevel=2)
        return Expectation(layout, rows, None)
    return Expectation(layout, rows, np.bincount(targets, minlength=len(layout.genres)) / len(targets))


def _disagreements(checked: list[Checked]) -> list[Finding]:
    readable = [one for one in checked if one.values is not None]
    labels = [one for one in readable if one.kind == "labels"]
    probabilities = [one for one in readable if one.kind == "probabilities"]
    return [finding for left in labels for right in probabilities for finding in check_agreement(left, right)]
