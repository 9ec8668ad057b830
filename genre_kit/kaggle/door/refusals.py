"""What went wrong between here and Kaggle, each kind in its own sentence: a table, not a chain of guesses."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from competition.errors import KitError

SITE = "https://www.kaggle.com"
INSTALL = "make kaggle, or pip install -r requirements-kaggle.txt"
_LONGEST = 300
_SERVER_TROUBLE = range(500, 600)


class KaggleError(KitError):
    """Kaggle, or the way there, refused something.

    Attributes
    ----------
    kind : str
        Which refusal it is: a name of `KINDS`.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Refusal:
    """A kind of answer that refuses.

    Attributes
    ----------
    kind : str
    statuses : collection of int
        Of the answers it may come with.
    pattern : str
        A regular expression, of which something stands in the answer.
    sentence : callable
        From the competition's slug and the answer's own words to the message.
    """

    kind: str
    statuses: Collection[int]
    pattern: str
    sentence: Callable[[str, str], str]

    def fits(self, status: int, said: str) -> bool:
        """Whether an answer is of this kind."""
        return status in self.statuses and re.search(self.pattern, said, re.IGNORECASE) is not None


def page_of(slug: str, page: str = "") -> str:
    """Return the address of a competition's page.

    Examples
    --------
    >>> page_of("songs", "rules")
    'https://www.kaggle.com/competitions/songs/rules'
    """
    return f"{SITE}/competitions/{slug}" + (f"/{page}" if page else "")


def next_day(now: datetime) -> str:
    """Return when Kaggle's next day begins, and in how long that is.

    Examples
    --------
    >>> next_day(datetime(2026, 11, 26, 16, 18, tzinfo=UTC))
    '2026-11-27 00:00 UTC, in 7 h 42 min'
    """
    begins = (now.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = int((begins - now).total_seconds() / 60)
    return f"{begins:%Y-%m-%d %H:%M} UTC, in {minutes // 60} h {minutes % 60} min"


def no_more_today(slug: str, said: str) -> str:
    """Return the sentence about a day's submissions that are all used."""
    return (
        f"{slug}: your team has no submission left today{_in_its_words(said)}. Kaggle counts days in UTC: the next is "
        f"free at {next_day(datetime.now(UTC))}. Nothing was sent."
    )


def no_more_at_all(slug: str) -> str:
    """Return the sentence about a competition's submissions that are all used."""
    return f"{slug}: your team has used all submissions that the competition allows; no new day frees any."


def closed(slug: str, said: str) -> str:
    """Return the sentence about a competition that takes nothing more."""
    return f"{slug}: the competition is closed and takes no more submissions{_in_its_words(said)}. Nothing was sent."


def not_entered(slug: str, said: str) -> str:
    """Return the sentence about a competition in which the user takes no part."""
    return (
        f"{slug}: you do not take part in it{_in_its_words(said)}. Join it on {page_of(slug)}, or correct its name if "
        "there is no such page."
    )


def _rules(slug: str, said: str) -> str:
    return (
        f"{slug}: you have not accepted the competition's rules{_in_its_words(said)}. Accept them on "
        f"{page_of(slug, 'rules')}: only a person can, in a browser."
    )


def refused_credentials(slug: str = "", said: str = "") -> str:
    """Return the sentence about credentials that Kaggle does not accept."""
    return (
        f"Kaggle does not accept the credentials that its client has found{_in_its_words(said)}: they are wrong, or no "
        f"longer valid. Make new ones: kaggle auth login, or a token from {SITE}/settings/api."
    )


def no_credentials() -> str:
    """Return the sentence about credentials that are not there."""
    return (
        "Kaggle's client has found no credentials. Log in once with: kaggle auth login; or make a token on "
        f"{SITE}/settings/api and keep it where the client looks: ~/.kaggle/access_token, or KAGGLE_API_TOKEN."
    )


def too_old(installed: str, wanted: str) -> str:
    """Return the sentence about a client that is too old."""
    return f"Kaggle's client is too old: kaggle {installed} is installed, and {wanted} is needed. Update it: {INSTALL}."


def _unknown(slug: str, said: str) -> str:
    return (
        f"{slug}: Kaggle knows no such competition{_in_its_words(said)}; expected the last part of its address, as in "
        f"{page_of('titanic')}: titanic."
    )


def _old(slug: str, said: str) -> str:
    return f"Kaggle no longer answers this version of its client{_in_its_words(said)}. Update it: {INSTALL}."


def _too_many(slug: str, said: str) -> str:
    return f"{slug}: Kaggle was asked too often{_in_its_words(said)}. Wait some minutes, and try again."


def _trouble(slug: str, said: str) -> str:
    return f"{slug}: Kaggle itself has trouble{_in_its_words(said)}. Try again later."


_REFUSED = (400, 403, 404, 409, 422, 429)
REFUSALS = (
    Refusal("no-credentials", (401,), "", refused_credentials),
    Refusal("too-old", (410, 426), "", _old),
    Refusal("too-old", _REFUSED, r"(upgrade|update|outdated|unsupported|newer).*(client|version)", _old),
    Refusal("rules", _REFUSED, r"accept.*rules|rules.*accept", _rules),
    Refusal("daily-limit", _REFUSED, r"allowance|(daily|per day|today).*submission|submission.*(daily|per day|today)",
            no_more_today),
    Refusal("closed", _REFUSED, r"closed|deadline|has ended|is over|no longer accept|not accept|disabled", closed),
    Refusal("not-entered", _REFUSED, r"participat|not (entered|joined)|join|enter the competition", not_entered),
    Refusal("unknown", (404,), "", _unknown),
    Refusal("too-many", (429,), "", _too_many),
    Refusal("trouble", _SERVER_TROUBLE, "", _trouble),
)  # fmt: skip
"""The first that fits says what an answer means; those that a text decides come before those of any text."""
KINDS = (
    *dict.fromkeys(one.kind for one in REFUSALS),
    *("total-limit", "notebooks-only", "not-installed", "no-network", "dropped", "slow", "garbled", "elsewhere"),
    *("other", "already-sent"),
)


def of_answer(slug: str, status: int, said: str) -> KaggleError:
    """Return the error for an answer that refuses.

    Parameters
    ----------
    slug : str
        Of the competition that was asked about.
    status : int
        Of HTTP.
    said : str
        The answer's own words; may be empty.
    """
    said = _short(said)
    for one in REFUSALS:
        if one.fits(status, said):
            return KaggleError(one.kind, one.sentence(slug, said))
    return KaggleError("other", f"{slug}: Kaggle refuses (HTTP {status}){_in_its_words(said)}.")


def words_of(response: Any) -> str:
    """Return what an answer says in its own words; nothing where it is no JSON with a message."""
    try:
        table = response.json()
    except (ValueError, RuntimeError):  # no JSON, or a download that is not read to its end
        return ""
    said = table.get("message") if isinstance(table, dict) else None
    return said if isinstance(said, str) else ""


def _short(said: str) -> str:
    words = " ".join(said.split()).rstrip(".")
    return words if len(words) <= _LONGEST else words[:_LONGEST] + " ..."


def _in_its_words(said: str) -> str:
    return f' ("{said}")' if said else ""
