"""What Kaggle's list of submissions says of what was sent."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from genre_kit.kaggle.clock import stamp
from genre_kit.kaggle.door.answers import Status, Submission, in_one_line
from genre_kit.runs.boards.sent import FAILED, PENDING, SCORED, SENDING, Sent

_STATES = {Status.PENDING: PENDING, Status.SCORED: SCORED, Status.FAILED: FAILED}
_CLOCKS_DIFFER = timedelta(minutes=5)
_ARRIVES_WITHIN = timedelta(minutes=15)


def answered(sent: Sent, listed: Sequence[Submission], taken: Collection[int], now: datetime) -> Sent | None:
    """Return an entry with what Kaggle says of it now; None where it has never arrived.

    Parameters
    ----------
    sent : Sent
    listed : sequence of Submission
        All of the user's, of its competition.
    taken : collection of int
        The numbers of those that are known to be others'.
    now : datetime
        UTC.

    Returns
    -------
    Sent or None
        The same where Kaggle does not list it: a list may be minutes behind.
    """
    found = _arrived(sent, listed, taken) if sent.reference is None else _numbered(sent.reference, listed)
    if found is not None:
        return replace(
            sent,
            reference=found.reference,
            state=_STATES[found.status],
            sent=stamp(found.date) if sent.state == SENDING else sent.sent,
            public=sent.public if found.public is None else found.public,
            private=sent.private if found.private is None else found.private,
            problem=found.problem or None,
        )
    is_lost = sent.state == SENDING and now - datetime.fromisoformat(sent.sent) > _ARRIVES_WITHIN
    return None if is_lost else sent


def _numbered(reference: int, listed: Sequence[Submission]) -> Submission | None:
    return next((one for one in listed if one.reference == reference), None)


def _arrived(sent: Sent, listed: Sequence[Submission], taken: Collection[int]) -> Submission | None:
    """Return the submission that something was, of which it was not known whether it arrived."""
    earliest = datetime.fromisoformat(sent.sent) - _CLOCKS_DIFFER
    alike = (
        one
        for one in listed
        if one.reference not in taken
        and one.date >= earliest
        and (one.file_name, one.message) == (sent.file, in_one_line(sent.message))
    )
    return min(alike, key=lambda one: one.date, default=None)
