"""`send`: a run's files to its boards, and what the boards say, back into the run."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from competition.errors import KitWarning
from competition.runtime import interruption
from genre_kit.jobs.steps.inputs import PathLike
from genre_kit.kaggle.answering import answered
from genre_kit.kaggle.clock import Clock, stamp
from genre_kit.kaggle.door import refusals
from genre_kit.kaggle.door.answers import Allowance, Competition, Submission
from genre_kit.kaggle.door.client import Kaggle, UnclearError, connect
from genre_kit.kaggle.door.refusals import KaggleError
from genre_kit.kaggle.planning import ALL, plan_sending, warn_of_left_out
from genre_kit.reports.page.again import rewrite_report
from genre_kit.results.fetched import Teller, nobody
from genre_kit.runs.boards.metrics import is_same_metric
from genre_kit.runs.boards.sent import PENDING, SENDING, Sent, change_boards
from genre_kit.runs.boards.shipment import Parcel, Shipment

LONGEST_WAIT = 600.0
"""Seconds that a score is waited for."""
_FOR_ALL = {"no-network", "no-credentials", "too-old"}
"""Refusals after which nothing else is tried: they hold for every board."""
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 30.0


@dataclass(frozen=True, eq=False)
class Ready:
    """A shipment that Kaggle is ready to take, as far as it says.

    Attributes
    ----------
    kaggle : Kaggle
    shipment : Shipment
    competitions : mapping of str to Competition
        By slug; those of which Kaggle says something.
    allowances : mapping of str to Allowance
    notes : tuple of str
        Sentences about what is unusual.
    """

    kaggle: Kaggle
    shipment: Shipment
    competitions: Mapping[str, Competition]
    allowances: Mapping[str, Allowance]
    notes: tuple[str, ...] = ()


def send(
    run: PathLike,
    *,
    board: str = ALL,
    message: str | None = None,
    again: bool = False,
    allow_suspicious: bool = False,
    dry_run: bool = False,
    wait: bool = True,
    data: PathLike | None = None,
    edition: str | None = None,
    progress: Teller = nobody,
    clock: Clock | None = None,
) -> tuple[Sent, ...]:
    """Send a run's files to its boards, and keep in the run what the boards say.

    Parameters
    ----------
    run : path
        The folder of a finished run with submission files.
    board : str
        Its name in the run's edition, or ``"all"``.
    message : str or None
        What stands beside the submission on Kaggle; by default the folder's name.
    again : bool
        Whether bytes that were sent to the same board before are sent again.
    allow_suspicious : bool
        As for `check`: what that refuses is not sent.
    dry_run : bool
        Do all but ask Kaggle anything, and return nothing.
    wait : bool
        Whether to wait for the scores, ten minutes at most.
    data, edition
        As for `check`; the edition says which boards there are, where the run's own does not.
    progress : callable
        Given a line about what is going on.
    clock : Clock or None

    Returns
    -------
    tuple of Sent
        One a board, as the run keeps it.

    Raises
    ------
    KaggleError
        When Kaggle, or the way there, refuses; `kind` says which it is. What was sent before that is kept in the run.
    SubmissionError
        When `check` refuses a file.
    RunError
        When the folder holds no run with files for these boards.
    """
    shipment = plan_sending(
        run,
        board=board,
        message=message,
        again=again,
        allow_suspicious=allow_suspicious,
        data=data,
        edition=edition,
    )
    warn_of_left_out(shipment)
    if dry_run:
        return ()
    ready = prepare(shipment, clock or Clock())
    for note in ready.notes:
        warnings.warn(note, KitWarning, stacklevel=2)
    return carry_out(ready, wait=wait, progress=progress, clock=clock or Clock())


def prepare(shipment: Shipment, clock: Clock) -> Ready:
    """Log in, and ask whether Kaggle takes a shipment; raises KaggleError, before anything is sent, where it does not.

    It is asked once for each board: whether the competition is open and takes files, whether the user takes part, and
    how many submissions are left.
    """
    kaggle = connect()
    competitions: dict[str, Competition] = {}
    allowances: dict[str, Allowance] = {}
    for slug in dict.fromkeys(one.slug for one in shipment.parcels):
        found = kaggle.competition(slug)
        if found is not None:
            _refuse_closed(found)
            competitions[slug] = found
        allowance = kaggle.allowance(slug)
        _refuse_used_up(slug, allowance)
        if allowance.is_known:
            allowances[slug] = allowance
    notes = tuple(note for one in competitions.values() for note in _notes(one, shipment, clock.now()))
    return Ready(kaggle, shipment, competitions, allowances, notes)


def _refuse_closed(found: Competition) -> None:
    """Raise KaggleError where a competition takes no files of the user."""
    if not found.takes_submissions:
        raise KaggleError("closed", refusals.closed(found.slug, ""))
    if not found.takes_files:
        message = f"{found.slug}: takes notebooks alone, no files; hand in on {refusals.page_of(found.slug)}."
        raise KaggleError("notebooks-only", message)
    if not found.has_entered:
        raise KaggleError("not-entered", refusals.not_entered(found.slug, ""))


def _refuse_used_up(slug: str, allowance: Allowance) -> None:
    if allowance.is_known and allowance.left_now <= 0:
        if allowance.is_total:
            raise KaggleError("total-limit", refusals.no_more_at_all(slug))
        raise KaggleError("daily-limit", refusals.no_more_today(slug, ""))


def _notes(found: Competition, shipment: Shipment, now: datetime) -> list[str]:
    notes = []
    if found.deadline is not None and found.deadline < now:
        notes.append(f"{found.slug}: ended on {found.deadline:%Y-%m-%d}; late submissions are scored, and not ranked.")
    for one in shipment.parcels:
        if one.slug == found.slug and not is_same_metric(one.metric.name, found.metric):
            notes.append(
                f'{found.slug}: ranks by "{found.metric}", not by {one.metric.title} as the edition says; its scores '
                "are kept as it gives them, and not compared with local ones."
            )
    return notes


def carry_out(ready: Ready, *, wait: bool, progress: Teller, clock: Clock) -> tuple[Sent, ...]:
    """Send all of a shipment, wait for the scores, and keep what is known in the run at every step.

    A board that refuses keeps none of the others from their files.

    Raises
    ------
    KaggleError
        With the sentences of all boards that refused, after all others have theirs.
    """
    done: list[Sent] = []
    refused: list[KaggleError] = []
    for parcel in ready.shipment.parcels:
        try:
            done.append(_send_one(ready, parcel, clock))
            progress(f"sent      {parcel.path} to {parcel.slug}: submission {done[-1].reference}")
        except KaggleError as problem:
            refused.append(problem)
            if problem.kind in _FOR_ALL:
                break
    try:
        if wait and done:
            done = _wait(ready, done, progress, clock)
    finally:
        if done:
            rewrite_report(ready.shipment.folder)
    if refused:
        raise KaggleError(refused[0].kind, "\n".join(dict.fromkeys(map(str, refused))))
    return tuple(done)


def _send_one(ready: Ready, parcel: Parcel, clock: Clock) -> Sent:
    """Send a file; the run knows of it before it goes, so that it is not forgotten where something ends this."""
    folder, message = ready.shipment.folder, ready.shipment.message
    begun = _entry(parcel, message, ready.competitions.get(parcel.slug), clock.now())
    change_boards(folder, lambda known: (*known, begun))
    try:
        reference = ready.kaggle.submit(parcel.slug, parcel.path, message)
    except UnclearError:
        raise
    except KaggleError:
        change_boards(folder, lambda known: tuple(one for one in known if one != begun))
        raise
    arrived = replace(begun, reference=reference, state=PENDING)
    change_boards(folder, lambda known: tuple(arrived if one == begun else one for one in known))
    return arrived


def _entry(parcel: Parcel, message: str, found: Competition | None, now: datetime) -> Sent:
    metric = "" if found is None else found.metric
    return Sent(
        board=parcel.board,
        slug=parcel.slug,
        file=parcel.path.name,
        sha256=parcel.sha256,
        message=message,
        sent=stamp(now),
        state=SENDING,
        metric=parcel.metric.name,
        board_metric=metric,
        is_comparable=is_same_metric(parcel.metric.name, metric),
        local=None if parcel.local is None else parcel.local.value,
        local_se=None if parcel.local is None else parcel.local.standard_error,
        predicted=None if parcel.predicted is None else (parcel.predicted.low, parcel.predicted.high),
        rows=parcel.rows,
    )


def _wait(ready: Ready, sent: Sequence[Sent], progress: Teller, clock: Clock) -> list[Sent]:
    """Ask for scores, ever less often, until all are known or the time is over."""
    known, begun, pause = list(sent), clock.now(), _FIRST_PAUSE
    progress("waiting   for the score ...")
    try:
        known = _ask(ready, known, clock.now())
        while any(one.is_open for one in known) and (clock.now() - begun).total_seconds() < LONGEST_WAIT:
            clock.sleep(pause)
            interruption.check()
            pause = min(1.5 * pause, _LONGEST_PAUSE)
            known = _ask(ready, known, clock.now())
    except KaggleError as problem:
        warnings.warn(
            f"{problem} What was sent has arrived: python -m competition board --refresh asks for its score.",
            KitWarning,
            stacklevel=4,
        )
    return known


def _ask(ready: Ready, known: Sequence[Sent], now: datetime) -> list[Sent]:
    """Return the same with what Kaggle says now, and keep it in the run."""
    lists: dict[str, list[Submission]] = {
        slug: ready.kaggle.submissions(slug) for slug in {one.slug for one in known if one.is_open}
    }
    changed = [answered(one, lists.get(one.slug, ()), (), now) or one for one in known]
    latest = dict(zip(known, changed, strict=True))
    change_boards(ready.shipment.folder, lambda kept: tuple(latest.get(one, one) for one in kept))
    return changed
