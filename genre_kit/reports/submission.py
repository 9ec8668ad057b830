"""The two files: written, checked as the board would, and told of."""

import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from competition.data.edition import Edition
from competition.errors import KitWarning, SubmissionError
from competition.scoring.prior_shift import PriorShift
from competition.storage.files import write_whole
from genre_kit.reports.scores import labelled
from submissions.checker import Expectation, check_file
from submissions.layout import LABEL_FILE, PROBABILITY_FILE
from submissions.rules import Argmax, Rule
from submissions.writer import label_text, probability_text

_UNLIKELY = 0.01
_WIDTH = 108


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


def warn_of_chance(shift: PriorShift) -> None:
    """Give a KitWarning where the test songs' shares are corrected for without need."""
    if shift.chance > _UNLIKELY:
        warnings.warn(
            f"--correct-shares: the test songs' genre shares differ from the training songs' by no more than chance "
            f"(p = {shift.chance:.2g}); correcting for them is likelier to cost than to gain.",
            KitWarning,
            stacklevel=2,
        )


def describe_shares(shift: PriorShift, training: np.ndarray, genres: Sequence[str], *, corrected: bool) -> list[str]:
    """Return the lines that hold the test songs' genre shares against those of the training songs (genres,).

    There are none where the difference is no more than chance, and nothing is corrected for it.
    """
    if shift.chance > _UNLIKELY and not corrected:
        return []
    verdict = "no more than by chance" if shift.chance > _UNLIKELY else "more than by chance"
    used = "the probabilities are corrected for them" if corrected else "--correct-shares takes them into account"
    pairs = zip(genres, training, shift.estimated, strict=True)
    shares = ", ".join(f"{genre} {known:.3f}|{estimated:.3f}" for genre, known, estimated in pairs)
    lines = [f"genre shares differ between the files {verdict} (p = {shift.chance:.2g}); {used}"]
    lines += textwrap.wrap(f"training|test, estimated: {shares}", _WIDTH)
    return labelled("shares", lines)


def describe_files(
    folder: Path, probabilities: np.ndarray, rule: Rule, edition: Edition, *, is_real: bool, gain: str = ""
) -> list[str]:
    """Return the lines that say which rule was used, where the files are, and where they can be handed in.

    `gain` says what the rule does out of fold, where that is known.
    """
    lines = [f"rule      {rule.describe(edition.genres)}{_fallbacks(rule, probabilities)}"]
    if gain:
        lines.append(f"          {gain}")
    lines += [f"files     {folder / LABEL_FILE}", f"          {folder / PROBABILITY_FILE}"]
    lines += ["          both checked: they are what the boards expect"]
    if is_real:
        lines += [
            f"{board.replace('_', ' '):<10}https://www.kaggle.com/c/{slug}" for board, slug in edition.boards.items()
        ]
    return lines


def _fallbacks(rule: Rule, probabilities: np.ndarray) -> str:
    if isinstance(rule, Argmax):
        return ""
    fell_back = np.count_nonzero(rule.falls_back(probabilities))
    return f" ({fell_back} of {len(probabilities)} test songs)"
