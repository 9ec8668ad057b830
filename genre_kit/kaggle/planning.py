"""What is to be sent where, found out before anything is asked of Kaggle."""

import warnings
from collections.abc import Mapping
from pathlib import Path

from competition.data.edition import Board, Edition
from competition.data.sample import SOURCE
from competition.errors import ArgumentError, KitWarning, RunError, SubmissionError, meant
from competition.inference.find import find_edition
from competition.scoring.boards import METRICS, Metric
from competition.scoring.intervals import Interval
from competition.scoring.metrics import Estimate
from competition.storage.folders import KEPT_OUT, SCORES, check_finished
from genre_kit.jobs.check import check
from genre_kit.jobs.steps.inputs import PathLike
from genre_kit.kaggle.door.refusals import KaggleError
from genre_kit.results.check import Check
from genre_kit.runs.boards.sent import FILES, SENDING, Sent, local_score, sent_beside, sha256_of
from genre_kit.runs.boards.shipment import Parcel, Shipment
from genre_kit.runs.known_data import known_data
from genre_kit.runs.manifest import ScoresFile

ALL = "all"
_MOST_LETTERS = 500


def plan_sending(
    run: PathLike,
    *,
    board: str = ALL,
    message: str | None = None,
    again: bool = False,
    allow_suspicious: bool = False,
    data: PathLike | None = None,
    edition: str | None = None,
) -> Shipment:
    """Check a run's files, and say which goes to which board; the arguments are those of `send`.

    Raises
    ------
    KitError
        As `send` does, but for what only Kaggle can say.
    """
    folder = Path(run)
    check_finished(folder)
    _refuse_kept_out(folder)
    boards = _chosen(_boards_of(folder, edition), board, folder)
    found = check(folder, data=data, edition=edition, allow_suspicious=allow_suspicious)
    paths = {name: _file(folder, one) for name, one in boards.items()}
    _refuse_what_check_refuses(found, set(paths.values()))
    parcels = [_parcel(folder, name, boards[name], path) for name, path in paths.items()]
    kept = tuple(one for one in parcels if again or one.before is None)
    if not kept:
        raise KaggleError("already-sent", "\n".join(already_sent(one) for one in parcels))
    notes = tuple(one for one in found.findings if one.path in paths.values())
    left_out = tuple(one for one in parcels if one not in kept)
    return Shipment(folder, _message(message, folder), kept, left_out, notes)


def _refuse_kept_out(folder: Path) -> None:
    if (folder / KEPT_OUT).is_file():
        raise RunError(
            f"{folder}: its files are of songs that were kept out of the training file, which no board scores; apply "
            "it to a test file: submit --from RUN --data DIR."
        )


def _boards_of(folder: Path, edition: str | None) -> Mapping[str, Board]:
    """Return the boards of a run's edition, or of another that is named; the classic ones where it names none."""
    known = known_data(folder)
    if known is None:
        raise RunError(f"{folder}: holds no run.")
    if known.source == SOURCE:
        raise RunError(f"{folder}: is of the embedded sample, which is made up: no board knows its songs.")
    return boards_of(known.edition if edition is None else find_edition(edition, None))


def boards_of(edition: Edition) -> Mapping[str, Board]:
    """Return an edition's boards by their names; the two classic ones, which have no slug, where it names none."""
    return edition.boards or {"accuracy": Board("accuracy"), "log_loss": Board("binary-log-loss")}


def _chosen(boards: Mapping[str, Board], name: str, folder: Path) -> dict[str, Board]:
    if name != ALL and name not in boards:
        names = [*boards, ALL]
        raise ArgumentError(f"`board` is {name!r}; expected {' or '.join(names)}.{meant(name, names)}")
    chosen = {key: one for key, one in boards.items() if name in (ALL, key)}
    unknown = [key for key, one in chosen.items() if one.slug is None]
    if unknown:
        raise RunError(
            f"{folder}: its edition does not say which Kaggle competition the board {unknown[0]} is; write its slug, "
            f'the last part of its address, into the edition.toml of the data (docs/boards.md: slug = "..."), and give '
            "that file with `edition`."
        )
    return chosen


def _file(folder: Path, board: Board) -> Path:
    path = folder / FILES[board.file]
    if not path.is_file():
        raise RunError(f"{folder}: has no {path.name} to send; expected a run of submit.")
    return path


def _refuse_what_check_refuses(found: Check, paths: set[Path]) -> None:
    """Raise SubmissionError where the files that are to be sent do not pass."""
    problems = [*found.unreadable, *(f"{one.severity}: {one}" for one in found.counted if one.path in paths)]
    if problems:
        is_suspicious = not found.unreadable and {one.severity for one in found.counted} == {"suspicious"}
        cure = " If it is meant so, `allow_suspicious` lets it pass." if is_suspicious else ""
        raise SubmissionError("\n".join([*problems, f"Nothing was sent, as check refuses this.{cure}"]))


def _parcel(folder: Path, name: str, board: Board, path: Path) -> Parcel:
    metric, slug, sha256 = METRICS[board.metric], board.slug or "", sha256_of(path)
    local, predicted, rows = _expected(folder, metric)
    before = _sent_before(folder, slug, sha256)
    return Parcel(name, slug, metric, path, sha256, path.stat().st_size, local, predicted, rows, before)


def _expected(folder: Path, metric: Metric) -> tuple[Estimate | None, Interval | None, int | None]:
    """Return a run's own score, and what boards of how many songs are likely to say."""
    if not (folder / SCORES).is_file():
        return None, None, None
    scores = ScoresFile.read(folder)
    value, error = local_score(scores, metric.score)
    local = None if value is None or error is None else Estimate(value, error)
    pair = None if scores.board is None else scores.board.interval_of(metric.score)
    if scores.board is None or pair is None:
        return local, None, None
    return local, Interval(*pair), scores.board.rows


def _sent_before(folder: Path, slug: str, sha256: str) -> tuple[Path, Sent] | None:
    try:
        known = [(place, one) for place, one in sent_beside(folder) if (one.slug, one.sha256) == (slug, sha256)]
    except RunError as problem:
        raise RunError(f"{problem} Until then it is not known what was sent before, and nothing is sent.") from None
    return known[-1] if known else None


def already_sent(one: Parcel) -> str:
    """Return the sentence about bytes that were sent before."""
    assert one.before is not None  # it says so
    place, sent = one.before
    when = sent.sent[:16].replace("T", " ")
    if sent.state == SENDING:
        return (
            f"{one.path}: was sent to the board {one.board} on {when} UTC, and it is not known whether it arrived: "
            "python -m competition board --refresh finds out; `again` sends it all the same."
        )
    scored = "" if sent.public is None else f", and scored {sent.public:g}"
    return (
        f"{one.path}: the same bytes were sent to the board {one.board} on {when} UTC, of {place}{scored}; they would "
        "score the same and cost one of the day's submissions. `again` sends them all the same."
    )


def _message(message: str | None, folder: Path) -> str:
    text = folder.resolve().name if message is None else message.strip()
    if not text or len(text) > _MOST_LETTERS:
        raise ArgumentError(
            f"`message` has {len(text)} letters; expected some, at most {_MOST_LETTERS}: it stands beside the "
            "submission on Kaggle."
        )
    return text


def warn_of_left_out(shipment: Shipment) -> None:
    """Give a KitWarning for each file that was sent before, and is left out beside others."""
    for one in shipment.left_out:
        warnings.warn(already_sent(one), KitWarning, stacklevel=3)
