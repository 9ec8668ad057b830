"""`check`: whether files are what the board expects."""

import warnings
from pathlib import Path

import click
import numpy as np

from competition.commands import inputs
from competition.csv_files import count_rows, locate, read_labels
from competition.edition import find_edition
from competition.errors import DataError, KitWarning
from submissions.checker import Checked, Expectation, Finding, check_agreement, check_file


def check(
    *, data: Path | None, edition: str | None, quiet: bool, files: tuple[Path, ...], allow_suspicious: bool
) -> bool:
    """Check submission files and say what is wrong with them; the parameters are the command's options.

    Returns
    -------
    bool
        Whether all files passed.
    """
    expected = _expectation(data, edition)
    checked = [check_file(path, expected) for path in files]
    findings = [*(finding for one in checked for finding in one.findings), *_disagreements(checked)]
    counted = [finding for finding in findings if not (allow_suspicious and finding.severity == "suspicious")]
    for finding in findings:
        click.echo(f"{finding.severity}: {finding}", err=True)
    for one in checked:
        if not quiet and not any(finding.path == one.path for finding in counted):
            click.echo(f"{one.path}: ok, {one.kind} of {expected.rows} songs")
    return not counted


def _expectation(data: Path | None, edition: str | None) -> Expectation:
    layout = find_edition(edition, data)
    if data is None:
        dataset = inputs.open_dataset(None, edition)
        return Expectation(layout, len(dataset.test_features), dataset.counts / dataset.rows)
    rows = count_rows(locate(data, layout.files.test))
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
