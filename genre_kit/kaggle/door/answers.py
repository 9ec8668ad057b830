"""What Kaggle answers, as the kit's own data."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum


class Status(Enum):
    """What has become of a submission."""

    PENDING = "pending"
    SCORED = "scored"
    FAILED = "failed"


@dataclass(frozen=True)
class Competition:
    """What Kaggle says of a competition.

    Attributes
    ----------
    slug : str
        Its name in addresses.
    metric : str
        What its board ranks by, in Kaggle's words; empty where it does not say.
    deadline : datetime or None
        UTC.
    has_entered : bool
        Whether the user takes part.
    takes_submissions, takes_files : bool
        Whether anything may be handed in; whether that may be files, not only notebooks.
    """

    slug: str
    metric: str = ""
    deadline: datetime | None = None
    has_entered: bool = True
    takes_submissions: bool = True
    takes_files: bool = True


@dataclass(frozen=True)
class Allowance:
    """How many submissions the user's team has made, and may make.

    Attributes
    ----------
    today, in_all : int
        Those made.
    left_now : int
        Those that may be made today.
    is_total : bool
        Whether it is the competition's total that leaves no more, which no new day changes.
    """

    today: int
    in_all: int
    left_now: int
    is_total: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the numbers say anything: all are 0 for who has no team yet."""
        return bool(self.in_all or self.left_now)


@dataclass(frozen=True)
class Submission:
    """A submission in Kaggle's list.

    Attributes
    ----------
    reference : int
        Its number.
    date : datetime
        UTC.
    file_name, message, team : str
    size : int
        Of the file, in bytes; 0 where Kaggle does not say.
    status : Status
    public, private : float or None
        Scores; None where they are not known yet.
    problem : str
        Why it could not be scored; empty elsewhere.
    """

    reference: int
    date: datetime
    file_name: str
    message: str
    status: Status
    public: float | None = None
    private: float | None = None
    problem: str = ""
    team: str = ""
    size: int = 0


@dataclass(frozen=True)
class Team:
    """A team on a leaderboard, and its score."""

    name: str
    score: float | None


def number(text: object) -> float | None:
    """Return a score that is written as text; None where there is none.

    Raises
    ------
    ValueError
        Where it is another text than a number.

    Examples
    --------
    >>> number("0.6612"), number(""), number(None)
    (0.6612, None, None)
    """
    words = "" if text is None else str(text).strip()
    if words.lower() in ("", "none", "null"):
        return None
    value = float(words)
    return value if math.isfinite(value) else None


def in_one_line(text: str | None) -> str:
    r"""Return what people have written, as it fits into a table.

    Examples
    --------
    >>> in_one_line("two\n lines"), in_one_line(None)
    ('two lines', '')
    """
    return " ".join((text or "").split())


def in_utc(moment: datetime | None) -> datetime | None:
    """Return a moment of which the client leaves out that it is in UTC."""
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)
