"""A run's report written again, when something has come to the run since."""

import warnings
from pathlib import Path

from competition.errors import KitError, KitWarning
from competition.storage.folders import REPORT
from genre_kit.reports.page.html import write_report
from genre_kit.runs.manifest import Manifest
from submissions.rules import rule_from_table


def rewrite_report(folder: Path) -> None:
    """Write a run's report anew of its files; a run without one gets none.

    Warns
    -----
    KitWarning
        Where the run's files are damaged: its report stays as it is.
    """
    if not (folder / REPORT).is_file():
        return
    try:
        manifest = Manifest.read(folder)
        rule = rule_from_table(manifest.rule, manifest.labels)
        write_report(folder, rule.describe(manifest.edition["genres"]))
    except (KitError, OSError, ValueError, KeyError, TypeError) as problem:
        warnings.warn(f"{folder / REPORT}: stays as it is ({problem}).", KitWarning, stacklevel=3)
