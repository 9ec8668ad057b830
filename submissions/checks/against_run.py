"""Files held against those that a run wrote: what differs, and whether labels are still the rule's."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from submissions.checks.checker import Checked
from submissions.checks.findings import Finding
from submissions.rules import Rule


def compare_with_written(given: Checked, written: Checked) -> Finding:
    """Say by how much a file differs from the one of its kind that a run wrote; both hold the same rows.

    Parameters
    ----------
    given, written : Checked
        Without ``"broken"`` findings.
    """
    ours, theirs = given.known_values, written.known_values
    differing = (ours != theirs).reshape(len(ours), -1).any(axis=1)
    count, what = int(differing.sum()), given.kind
    if not count:
        message = f"its {what} are the same as in {written.path}."
    elif what == "labels":
        message = f"{count} of its {len(ours)} labels differ from those in {written.path}."
    else:
        message = (
            f"its probabilities differ from those in {written.path} by at most {np.abs(ours - theirs).max():.2g}, in "
            f"{count} of {len(ours)} rows."
        )
    return Finding(given.path, None, message, "note")


def not_compared(given: Checked, run: Path) -> Finding:
    """Say that a file is of other rows than those of the run beside it."""
    message = f"is not compared with {run}, whose files are of other test songs, or name songs or genres otherwise."
    return Finding(given.path, None, message, "note")


def check_labels_of_run(labels: Checked, probabilities: Checked, rule: Rule, genres: Sequence[str]) -> list[Finding]:
    """Find, of given probabilities, how many of a run's own labels are not those that its rule makes of them.

    Parameters
    ----------
    labels, probabilities : Checked
        Without ``"broken"`` findings, of the same rows; the labels are the run's.
    rule : Rule
    genres : sequence of str
    """
    count = int(np.count_nonzero(rule.predict(probabilities.known_values) != labels.known_values))
    if not count:
        return []
    message = (
        f"the run's rule ({rule.describe(genres)}) makes {count} of {len(labels.known_values)} labels of it that are "
        f"not those in {labels.path}: hand in labels that were made with it."
    )
    return [Finding(probabilities.path, None, message, "note")]


def check_rule(labels: Checked, probabilities: Checked, rule: Rule, genres: Sequence[str]) -> list[Finding]:
    """Find labels that are not those that a run's rule makes of probabilities.

    Parameters
    ----------
    labels, probabilities : Checked
        Without ``"broken"`` findings, of the same rows.
    rule : Rule
    genres : sequence of str
    """
    count = int(np.count_nonzero(rule.predict(probabilities.known_values) != labels.known_values))
    if not count:
        return []
    message = (
        f"labels and probabilities no longer agree: {count} of its {len(labels.known_values)} labels are not those "
        f"that the run's rule ({rule.describe(genres)}) makes of {probabilities.path}."
    )
    return [Finding(labels.path, None, message, "note")]
