"""Late scores into the runs, and how things stand on the boards, by what Kaggle says now."""

import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from competition.errors import KitWarning, RunError
from genre_kit.kaggle.answering import answered
from genre_kit.kaggle.clock import Clock, stamp
from genre_kit.kaggle.door.answers import Submission, Team
from genre_kit.kaggle.door.client import Kaggle
from genre_kit.reports.page.again import rewrite_report
from genre_kit.runs.boards.metrics import is_same_metric
from genre_kit.runs.boards.sent import BoardsFile, Sent, change_boards
from genre_kit.runs.boards.standings import ByHand, Neighbour, Standing, StandingsFile

_NEAR = 2
"""Teams shown above and below the user's."""


def refresh(place: Path, folders: Sequence[Path], slugs: Sequence[str], kaggle: Kaggle, clock: Clock) -> None:
    """Ask Kaggle about some competitions, and keep what it says: in each run, and in the folder of the runs.

    Parameters
    ----------
    place : Path
        The folder of the runs.
    folders : sequence of Path
        The runs'.
    slugs : sequence of str
        Of the competitions.
    kaggle : Kaggle
    clock : Clock

    Raises
    ------
    KaggleError
        When Kaggle, or the way there, refuses.
    RunError
        When a file cannot be read or written.
    """
    for slug in slugs:
        listed = kaggle.submissions(slug)
        found = kaggle.competition(slug)
        metric = "" if found is None else found.metric
        taken: set[int] = set()
        for folder in folders:
            taken |= _update(folder, slug, listed, metric, taken, clock)
        allowance = kaggle.allowance(slug)
        board = kaggle.leaderboard(slug)
        standing = Standing(
            slug=slug,
            seen=stamp(clock.now()),
            metric=metric,
            left=allowance.left_now if allowance.is_known else None,
            is_total=allowance.is_total,
            deadline=None if found is None or found.deadline is None else stamp(found.deadline),
            teams=len(board) or None,
            neighbours=neighbours_of(board, {one.team for one in listed if one.team}),
            by_hand=tuple(_by_hand(one) for one in reversed(listed) if one.reference not in taken),
        )
        StandingsFile.read(place).with_boards([standing]).write(place)


def _update(
    folder: Path, slug: str, listed: Sequence[Submission], metric: str, taken: Collection[int], clock: Clock
) -> set[int]:
    """Bring what a run knows of a board up to date; return the numbers of its submissions."""
    try:
        known = BoardsFile.read(folder).submissions
    except RunError as problem:
        warnings.warn(str(problem), KitWarning, stacklevel=4)
        return set()
    others = {one.reference for one in known if one.reference is not None} | set(taken)
    changed: dict[Sent, Sent | None] = {
        one: answered(_said(one, metric), listed, others, clock.now()) for one in known if one.slug == slug
    }
    if change_boards(folder, lambda kept: _with(kept, changed)):
        rewrite_report(folder)
    for one, now in changed.items():
        if now is None:
            warnings.warn(
                f"{folder}: what was sent to the board {one.board} on {one.sent[:16].replace('T', ' ')} UTC has never "
                "arrived; it may be sent again.",
                KitWarning,
                stacklevel=4,
            )
    return {one.reference for one in changed.values() if one is not None and one.reference is not None}


def _said(one: Sent, metric: str) -> Sent:
    """Return an entry with what the board says now that it ranks by, where it says something."""
    if not metric or metric == one.board_metric:
        return one
    return replace(one, board_metric=metric, is_comparable=is_same_metric(one.metric, metric))


def _with(kept: Sequence[Sent], changed: Mapping[Sent, Sent | None]) -> tuple[Sent, ...]:
    latest = (changed.get(one, one) for one in kept)
    return tuple(one for one in latest if one is not None)


def neighbours_of(board: Sequence[Team], own: Collection[str]) -> tuple[Neighbour, ...]:
    """Return the user's team on a leaderboard, and those next to it; none where it is not there.

    Parameters
    ----------
    board : sequence of Team
        The best first.
    own : collection of str
        What the user's team is called.
    """
    place = next((number for number, team in enumerate(board) if team.name in own), None)
    if place is None:
        return ()
    first = max(0, place - _NEAR)
    near = board[first : place + _NEAR + 1]
    return tuple(Neighbour(first + number + 1, one.name, one.score, one.name in own) for number, one in enumerate(near))


def _by_hand(one: Submission) -> ByHand:
    return ByHand(one.reference, stamp(one.date), one.file_name, one.message, one.public, one.private)
