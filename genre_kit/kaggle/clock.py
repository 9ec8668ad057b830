"""Time, which tests replace."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """What tells the time, in UTC, and what waits for some seconds."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep


def stamp(moment: datetime) -> str:
    """Return a moment as it stands in files.

    Examples
    --------
    >>> stamp(datetime(2026, 11, 26, 16, 18, 30, 5, tzinfo=UTC))
    '2026-11-26T16:18:30+00:00'
    """
    return moment.astimezone(UTC).isoformat(timespec="seconds")
