"""What boards have said, beside what the runs had said themselves: made of what the runs' folders hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from competition.data.edition import Board
from competition.data.sample import SOURCE
from competition.scoring.boards import METRICS, Metric
from competition.scoring.intervals import Interval, t_interval
from genre_kit.runs.boards.metrics import is_same_metric
from genre_kit.runs.boards.sent import FILES, SCORED, Sent, sha256_of
from genre_kit.runs.boards.standings import Standing
from genre_kit.runs.listing import AppliedRun, RunList, RunSummary
from genre_kit.runs.recommending import Next, candidates_of, likeliest


@dataclass(frozen=True)
class Row:
    """A submission to a board, as it is compared.

    Attributes
    ----------
    name : str
        The run's folder, or the message of a submission that no run here has sent.
    sent : str
        ISO 8601, UTC.
    state : str
        As in `genre_kit.runs.boards.sent.Sent`.
    public, private : float or None
    local : float or None
        The run's own score; None where there is none, or the board ranks by something else.
    predicted : Interval or None
        What the board was likely to say, 95 %; None as above.
    is_replaced : bool
        Whether the run's file is another one now.
    problem : str or None
        Why the board could not score it.
    """

    name: str
    sent: str
    state: str
    public: float | None = None
    private: float | None = None
    local: float | None = None
    predicted: Interval | None = None
    is_replaced: bool = False
    problem: str | None = None

    def held(self, score: float | None) -> bool | None:
        """Return whether a score lies in the predicted interval; None where one of them is not known."""
        return None if score is None or self.predicted is None else score in self.predicted


@dataclass(frozen=True)
class Differences:
    """By how much local scores and a board's have differed: local minus board.

    Attributes
    ----------
    values : tuple of float
        One a submission.
    interval : Interval or None
        Of their mean, 95 %; None of a single one.
    """

    values: tuple[float, ...]
    interval: Interval | None

    @property
    def mean(self) -> float:
        """Their mean."""
        return sum(self.values) / len(self.values)


@dataclass(frozen=True)
class BoardReview:
    """All that is known of one board.

    Attributes
    ----------
    board : str
        Its name in the edition.
    slug : str
    title : str
        What it ranks by: in the kit's words where that is the same, else in the board's own.
    is_loss : bool
        Whether lower is better.
    is_comparable : bool
        Whether the kit computes what it ranks by.
    rows : tuple of Row
        The first first.
    public, private : Differences or None
        None where no submission has both scores.
    nexts : tuple of Next
        What to send next: one for each data that runs were trained on.
    standing : Standing or None
        How things stood when Kaggle was last asked.
    left : int or None
        Submissions left today; None where that is not known.
    """

    board: str
    slug: str
    title: str
    is_loss: bool
    is_comparable: bool = True
    rows: tuple[Row, ...] = ()
    public: Differences | None = None
    private: Differences | None = None
    nexts: tuple[Next, ...] = ()
    standing: Standing | None = None
    left: int | None = None


@dataclass(frozen=True)
class Review:
    """What boards have said of the runs in a folder.

    Attributes
    ----------
    place : Path
    boards : tuple of BoardReview
    unreadable : tuple of str
        A sentence for each run whose files cannot be read.
    picture : Path or None
        Where it is drawn; None where no score is known.
    """

    place: Path
    boards: tuple[BoardReview, ...]
    unreadable: tuple[str, ...] = ()
    picture: Path | None = None


@dataclass(frozen=True)
class KnownBoard:
    """A board that runs' editions name, or that something was sent to."""

    name: str
    slug: str
    metric: Metric


def known_boards(found: RunList, edition: str | None) -> list[KnownBoard]:
    """Return the boards with slugs, in the order of the runs' editions; each slug once."""
    known: dict[str, KnownBoard] = {}
    for name, one, of_edition in _named(found):
        if one.slug is not None and edition in (None, of_edition, one.slug):
            known.setdefault(one.slug, KnownBoard(name, one.slug, METRICS[one.metric]))
    return list(known.values())


def _named(found: RunList) -> Iterator[tuple[str, Board, str]]:
    """Yield each board of each run, with its name and the edition's."""
    for run in reversed([run for run in found.runs if run.source != SOURCE]):
        yield from ((name, one, run.edition) for name, one in run.boards.items())
    for other in all_runs(found):
        yield from ((one.board, Board(one.metric, one.slug), other.edition) for one in other.sent)


def all_runs(found: RunList) -> list[RunSummary | AppliedRun]:
    """Return the runs that scored something, and those that applied others' models."""
    return [*found.runs, *found.applied]


def review_of(board: KnownBoard, found: RunList, standing: Standing | None, now: datetime) -> BoardReview:
    """Return all that is known of one board.

    Parameters
    ----------
    board : KnownBoard
    found : RunList
    standing : Standing or None
        How things stood when Kaggle was last asked.
    now : datetime
        UTC.
    """
    sent = [(run, one) for run in all_runs(found) for one in run.sent if one.slug == board.slug]
    shown = next((one.board_metric for _, one in sent if one.board_metric), "" if standing is None else standing.metric)
    is_same = is_same_metric(board.metric.name, shown)
    rows = [_row(run.folder, one, board) for run, one in sent]
    rows += [] if standing is None else [
        Row(f"by hand: {one.message or one.file}", one.sent, SCORED, one.public, one.private)
        for one in standing.by_hand
    ]  # fmt: skip
    rows.sort(key=lambda row: row.sent)
    return BoardReview(
        board=board.name,
        slug=board.slug,
        title=board.metric.title if is_same else shown,
        is_loss=board.metric.is_loss,
        is_comparable=is_same,
        rows=tuple(rows),
        public=_differences([(row.local, row.public) for row in rows]),
        private=_differences([(row.local, row.private) for row in rows]),
        nexts=tuple(_nexts(board, found, {one.sha256 for _, one in sent})) if is_same else (),
        standing=standing,
        left=_left_today(standing, now),
    )


def _row(folder: Path, one: Sent, board: KnownBoard) -> Row:
    file = folder / FILES[board.metric.file]
    return Row(
        name=str(folder),
        sent=one.sent,
        state=one.state,
        public=one.public,
        private=one.private,
        local=one.local if one.is_comparable else None,
        predicted=Interval(*one.predicted) if one.is_comparable and one.predicted is not None else None,
        is_replaced=not file.is_file() or sha256_of(file) != one.sha256,
        problem=one.problem,
    )


def _differences(pairs: Sequence[tuple[float | None, float | None]]) -> Differences | None:
    values = tuple(local - said for local, said in pairs if local is not None and said is not None)
    return Differences(values, t_interval(values)) if values else None


def _nexts(board: KnownBoard, found: RunList, sent: set[str]) -> Iterator[Next]:
    """Yield what to send next, of the runs on each data: runs whose file the board has seen are its rivals."""
    for group in found.groups:
        real = [run for run in group if run.source != SOURCE and board.slug in _slugs(run.boards)]
        candidates = candidates_of(real)
        have_gone = [sha256_of(run.folder / FILES[board.metric.file]) in sent for run in candidates]
        rivals = [run for run, gone in zip(candidates, have_gone, strict=True) if gone]
        waiting = [run for run, gone in zip(candidates, have_gone, strict=True) if not gone]
        best = likeliest(board.metric, waiting, rivals)
        if best is not None:
            yield best


def _slugs(boards: Mapping[str, Board]) -> set[str | None]:
    return {one.slug for one in boards.values()}


def _left_today(standing: Standing | None, now: datetime) -> int | None:
    """Return how many submissions are left, where that was seen today: Kaggle's days are those of UTC."""
    if standing is None or standing.left is None:
        return None
    is_today = datetime.fromisoformat(standing.seen).astimezone(UTC).date() == now.astimezone(UTC).date()
    return standing.left if is_today or standing.is_total else None
