"""`board`: what boards have said, beside what the runs had said themselves."""

import warnings
from dataclasses import replace
from pathlib import Path

from competition.errors import KitWarning
from competition.storage.folders import RUNS
from genre_kit.jobs.steps.inputs import PathLike
from genre_kit.kaggle.clock import Clock
from genre_kit.kaggle.door.client import connect
from genre_kit.kaggle.door.refusals import KaggleError
from genre_kit.kaggle.refreshing import refresh as ask_kaggle
from genre_kit.runs.boards.review import Review, all_runs, known_boards, review_of
from genre_kit.runs.boards.standings import StandingsFile
from genre_kit.runs.listing import list_runs

PICTURE = "boards.png"
"""Its name in the folder of the runs."""


def board(
    place: PathLike = RUNS,
    *,
    edition: str | None = None,
    refresh: bool = False,
    out: PathLike | None = None,
    clock: Clock | None = None,
) -> Review:
    """Say what boards have said of the runs in a folder, and what to send next.

    Parameters
    ----------
    place : path
        The folder of the runs.
    edition : str or None
        Only boards of the edition of this name, or of this slug.
    refresh : bool
        Ask Kaggle for scores that came late, and how things stand; where it cannot be asked, what is known is said.
    out : path or None
        Where the picture goes; by default ``boards.png`` in the folder.
    clock : Clock or None

    Returns
    -------
    Review

    Raises
    ------
    RunError
        When there is no such folder, or the picture cannot be written.

    Warns
    -----
    KitWarning
        Where Kaggle cannot be asked.
    """
    folder, clock = Path(place), clock or Clock()
    found = list_runs(folder, "time")
    boards = known_boards(found, edition)
    if refresh and boards:
        folders = [run.folder for run in all_runs(found)]
        try:
            ask_kaggle(folder, folders, [one.slug for one in boards], connect(), clock)
        except KaggleError as problem:
            warnings.warn(f"{problem} What follows is what was known before.", KitWarning, stacklevel=2)
        found = list_runs(folder, "time")
    standings = StandingsFile.read(folder)
    reviews = tuple(review_of(one, found, standings.of(one.slug), clock.now()) for one in boards)
    return _drawn(Review(folder, reviews, found.unreadable), None if out is None else Path(out))


def _drawn(review: Review, out: Path | None) -> Review:
    """Draw a review where there is something to draw, and say where."""
    if not any(row.public is not None or row.private is not None for one in review.boards for row in one.rows):
        return review
    from genre_kit.reports.page.boards import write_boards  # here alone: nothing else of this draws

    path = review.place / PICTURE if out is None else out
    write_boards(path, review)
    return replace(review, picture=path)
