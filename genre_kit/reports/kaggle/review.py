"""The lines about what boards have said, and the same for machines."""

import textwrap
from dataclasses import asdict
from datetime import datetime
from typing import Any

from competition.scoring.intervals import Interval
from genre_kit.reports.kaggle.sending import STATES
from genre_kit.reports.lines import WIDTH, aligned, labelled
from genre_kit.runs.boards.review import BoardReview, Differences, Review, Row
from genre_kit.runs.boards.sent import SCORED
from genre_kit.runs.boards.standings import Standing
from genre_kit.runs.recommending import Next

_UNKNOWN = "-"


def review_table(review: Review) -> dict[str, Any]:
    """Return what boards have said as a JSON-serializable dictionary."""
    return {"boards": [_board_table(one) for one in review.boards]}


def _board_table(one: BoardReview) -> dict[str, Any]:
    return {
        "board": one.board,
        "slug": one.slug,
        "ranked_by": one.title,
        "submissions": [
            {**asdict(row), "public_held": row.held(row.public), "private_held": row.held(row.private)}
            for row in one.rows
        ],
        "local_minus_public": _differences_table(one.public),
        "local_minus_private": _differences_table(one.private),
        "next": [_next_table(best) for best in one.nexts],
        "left_today": one.left,
        "standing": None if one.standing is None else asdict(one.standing),
    }


def _differences_table(one: Differences | None) -> dict[str, Any] | None:
    return None if one is None else {"mean": one.mean, **asdict(one)}


def _next_table(best: Next) -> dict[str, Any]:
    table: dict[str, Any] = {"run": str(best.run.folder), "score": best.metric.score}
    if best.against is not None and best.gain is not None:
        table |= {"against": str(best.against.folder), "gain": best.gain.value}
        table |= {"gain_se": best.gain.standard_error, "chance": best.chance}
    return table


def review_lines(review: Review) -> list[str]:
    """Return what boards have said: a table for each, and what follows from it."""
    if not review.boards:
        return [
            f"{review.place}: no run's edition names a Kaggle competition, and nothing was sent; fetch writes the slug "
            "into the edition, send sends."
        ]
    lines: list[str] = []
    for one in review.boards:
        lines += [f"{one.board}: {one.slug}, ranked by {one.title}", *_rows(one)]
        for part in (_difference_lines(one), _next_lines(one), _standing_lines(one)):
            lines += part
        lines.append("")
    if any(row.predicted is not None for one in review.boards for row in one.rows):
        lines += _wrapped(
            "Intervals hold for scores on all test songs. A public score is of some of them, and lies outside more "
            "often: score RUN --for ROWS says what to expect of so many."
        )
    return [*lines, *([] if review.picture is None else [f"drawn in {review.picture}"])]


def _rows(board: BoardReview) -> list[str]:
    if not board.rows:
        return ["nothing was sent yet"]
    heads = ["run", "sent (UTC)", "local", "predicted", "public", "private"]
    lines = aligned([heads, *(_cells(row) for row in board.rows)])
    if any(row.is_replaced for row in board.rows):
        lines += ["* the run's file is another one now"]
    return lines


def _cells(row: Row) -> list[str]:
    star = "*" if row.is_replaced else ""
    scores = [_score(row, row.public), _score(row, row.private)]
    if row.state != SCORED:
        scores = [STATES[row.state] + (f": {row.problem}" if row.problem else ""), ""]
    return [f"{row.name}{star}", _when(row.sent), _number(row.local), _interval(row.predicted), *scores]


def _score(row: Row, value: float | None) -> str:
    held = row.held(value)
    return _number(value) + ("" if held is None else " held" if held else " outside")


def _difference_lines(board: BoardReview) -> list[str]:
    """Return by how much local scores and the board have differed."""
    said = [
        _difference(kind, one)
        for kind, one in (("public", board.public), ("private", board.private))
        if one is not None
    ]
    return labelled("differs", said)


def _difference(kind: str, one: Differences) -> str:
    count = len(one.values)
    if one.interval is None:
        return f"local minus {kind}: {one.mean:+.4f}, of one submission"
    return f"local minus {kind}: {one.mean:+.4f} on average of {count} submissions (95 %: {one.interval})"


def _next_lines(board: BoardReview) -> list[str]:
    """Return which run to send next."""
    if not board.nexts:
        why = (
            "every run's file has been sent"
            if board.is_comparable
            else "own scores do not say what this board ranks by"
        )
        return labelled("next", [f"nothing: {why}"])
    return labelled("next", [line for best in board.nexts for line in _wrapped(_next(best, len(board.nexts) > 1))])


def _next(best: Next, is_one_of_several: bool) -> str:
    of_data = f", of the runs on {best.run.source}" if is_one_of_several else ""
    said = f"{best.run.folder}{of_data}: {best.metric.title} {best.run.score(best.metric.score)} out of fold"
    if best.against is None or best.gain is None:
        return f"{said}, the best of the runs not sent"
    chance = "" if best.chance is None else f"; the better one with a probability of {_percent(best.chance)}"
    verb = "better" if best.gain.value >= 0 else "worse"
    amount = f"{abs(best.gain.value):.4f} ± {best.gain.standard_error:.4f}"
    return f"{said}, {amount} {verb} than {best.against.folder}, the best that was sent{chance}"


def _standing_lines(board: BoardReview) -> list[str]:
    """Return how things stood when Kaggle was last asked."""
    standing = board.standing
    if standing is None:
        return labelled("left", ["not known: --refresh asks Kaggle, also for how things stand"])
    left = (
        f"{board.left} submission{'' if board.left == 1 else 's'} today"
        if board.left is not None
        else "not known today: --refresh asks Kaggle"
    )
    return [*labelled("left", [f"{left} (Kaggle was asked on {_when(standing.seen)} UTC)"]), *_around(standing)]


def _around(standing: Standing) -> list[str]:
    if not standing.neighbours:
        return labelled("around", ["your team is not on the public leaderboard"] if standing.teams else [])
    rows = [
        [str(one.rank), _number(one.score), f"{one.team}{' (you)' if one.is_own else ''}"]
        for one in standing.neighbours
    ]
    head = f"the public leaderboard near your best, of {standing.teams} teams"
    return labelled("around", [head, *aligned(rows)])


def _percent(chance: float) -> str:
    return f"{100 * min(max(chance, 0.01), 0.99):.0f} %" + (" or more" if chance > 0.99 else "")


def _interval(interval: Interval | None) -> str:
    return _UNKNOWN if interval is None else str(interval)


def _number(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.4f}"


def _when(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp):%Y-%m-%d %H:%M}"


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False)
