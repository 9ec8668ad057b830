"""The picture of what boards have said of a folder's runs."""

from pathlib import Path

from competition.pictures.boards import Panel, Submission, boards
from competition.pictures.style import save
from competition.storage.files import make_folder, writing
from genre_kit.runs.boards.review import BoardReview, Review, Row

_MOST = 25
_LONGEST = 34


def write_boards(path: Path, review: Review) -> None:
    """Draw a review of boards, of which at least one has a score, as a PNG; raises RunError where it cannot be kept."""
    panels = [_panel(one) for one in review.boards if any(map(_has_score, one.rows))]
    with writing(path):
        make_folder(path.parent)
    save(boards(panels), path)


def _has_score(row: Row) -> bool:
    return row.public is not None or row.private is not None


def _panel(board: BoardReview) -> Panel:
    rows = [row for row in board.rows if _has_score(row)]
    more = "" if len(rows) <= _MOST else f", the last {_MOST} of {len(rows)}"
    drawn = [Submission(_short(row.name), row.local, row.public, row.private, row.predicted) for row in rows[-_MOST:]]
    better = "lower" if board.is_loss else "higher"
    return Panel(f"{board.board.replace('_', ' ')}: {board.slug}{more}", f"{board.title} ({better} is better)", drawn)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"...{name[3 - _LONGEST :]}"
