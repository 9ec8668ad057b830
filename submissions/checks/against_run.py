"""Files held against those that a run wrote: what differs, and whether labels are still the rule's."""

from pathlib import Path

import numpy as np

from competition.data.edition import Edition
from competition.scoring.probabilities import narrowed
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


def _labels_of(rule: Rule, probabilities: Checked, edition: Edition) -> np.ndarray:
    """Return what a rule of some genres makes of probabilities of all, as numbers among all; int64, shape (rows,)."""
    return edition.places[rule.predict(narrowed(probabilities.known_values, edition.places))]


def _count_others(labels: Checked, probabilities: Checked, rule: Rule, edition: Edition) -> int:
    """Return how many labels are not those that a rule makes of probabilities."""
    return int(np.count_nonzero(_labels_of(rule, probabilities, edition) != labels.known_values))


def check_labels_of_run(labels: Checked, probabilities: Checked, rule: Rule, edition: Edition) -> list[Finding]:
    """Find, of given probabilities, how many of a run's own labels are not those that its rule makes of them.

    Parameters
    ----------
    labels, probabilities : Checked
        Without ``"broken"`` findings, of the same rows; the labels are the run's.
    rule : Rule
    edition : Edition
        The run's, among whose genres the rule chooses.
    """
    count = _count_others(labels, probabilities, rule, edition)
    if not count:
        return []
    message = (
        f"the run's rule ({rule.describe(edition.genres)}) makes {count} of {len(labels.known_values)} labels of it "
        f"that are not those in {labels.path}: hand in labels that were made with it."
    )
    return [Finding(probabilities.path, None, message, "note")]


def check_rule(labels: Checked, probabilities: Checked, rule: Rule, edition: Edition) -> list[Finding]:
    """Find labels that are not those that a run's rule makes of probabilities.

    Parameters
    ----------
    labels, probabilities : Checked
        Without ``"broken"`` findings, of the same rows.
    rule : Rule
    edition : Edition
        The run's, among whose genres the rule chooses.
    """
    count = _count_others(labels, probabilities, rule, edition)
    if not count:
        return []
    message = (
        f"labels and probabilities no longer agree: {count} of its {len(labels.known_values)} labels are not those "
        f"that the run's rule ({rule.describe(edition.genres)}) makes of {probabilities.path}."
    )
    return [Finding(labels.path, None, message, "note")]
