"""The two files: written, checked as the board would, and told of."""

import warnings
from pathlib import Path

import numpy as np

from competition.edition import Edition
from competition.errors import KitWarning, SubmissionError
from competition.files import write_whole
from submissions.checker import Expectation, check_file
from submissions.layout import LABEL_FILE, PROBABILITY_FILE
from submissions.rules import Rule, Threshold
from submissions.writer import label_text, probability_text


def write_submission(
    place: Path, probabilities: np.ndarray, rule: Rule, edition: Edition, shares: np.ndarray | None
) -> None:
    """Write both files and check them.

    Parameters
    ----------
    place : Path
    probabilities : ndarray of float64, shape (test rows, genres)
    rule : Rule
    edition : Edition
    shares : ndarray of float64, shape (genres,), or None
        Of the training songs, where they are known: predictions far from them are suspicious.
    """
    write_whole(place / LABEL_FILE, label_text(rule.predict(probabilities)))
    write_whole(place / PROBABILITY_FILE, probability_text(probabilities))
    expected = Expectation(edition, len(probabilities), shares)
    for name in (LABEL_FILE, PROBABILITY_FILE):
        for finding in check_file(place / name, expected).findings:
            if finding.severity != "suspicious":
                raise SubmissionError(f"the written file did not pass its own check: {finding}")
            warnings.warn(f"{name}: {finding.message}", KitWarning, stacklevel=2)


def describe_files(
    folder: Path, probabilities: np.ndarray, rule: Rule, edition: Edition, *, is_real: bool
) -> list[str]:
    """Return the lines that say which rule was used, where the files are, and where they can be handed in."""
    lines = [f"rule      {rule.describe(edition.genres)}"]
    if isinstance(rule, Threshold):
        fell_back = int(np.count_nonzero(rule.falls_back(probabilities)))
        lines += [f"          {fell_back} of {len(probabilities)} test songs fell back"]
    lines += [f"files     {folder / LABEL_FILE}", f"          {folder / PROBABILITY_FILE}"]
    lines += ["          both checked: they are what the boards expect"]
    if is_real:
        lines += [
            f"{board.replace('_', ' '):<10}https://www.kaggle.com/c/{slug}" for board, slug in edition.boards.items()
        ]
    return lines
