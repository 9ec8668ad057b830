"""Kaggle's client: found, logged in by its own means, and asked; what goes wrong becomes a `KaggleError`.

The package `kaggle` is imported here alone, and only when it is used. Its credentials stay its own: nothing here reads
them, and no message holds an address, a header or a body that may hold them.
"""

import importlib.metadata
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar

from competition.runtime import interruption
from genre_kit.kaggle.door import refusals
from genre_kit.kaggle.door.answers import Allowance, Competition, Status, Submission, Team, in_one_line, in_utc, number
from genre_kit.kaggle.door.limits import PATIENCE, Watch, within_limits
from genre_kit.kaggle.door.refusals import KaggleError

OLDEST = (2, 2, 4)
"""The oldest version of the client that knows all that is asked of it."""
RESUMPTIONS = 3
"""How often a download that is cut off goes on by itself."""
CHUNK = 2**16
"""Bytes of a download that are kept at once."""
_PAGE = 100
_MOST_PAGES = 50
One = TypeVar("One")


def connect() -> "Kaggle":
    """Find the client and log in, by the credentials that it finds itself.

    Raises
    ------
    KaggleError
        Where it is not installed, too old or without credentials, or Kaggle cannot be reached.
    """
    _check_installed()
    with _asked("") as watch:
        try:
            api = _api()
            api.authenticate()
        except SystemExit as ended:
            if ended.code != 1:  # a signal's, not the client's
                raise
            raise _not_logged_in(watch) from None
    interruption.check()  # the client's import swallows what a signal raises
    return Kaggle(api)


def _check_installed() -> None:
    try:
        installed = importlib.metadata.version("kaggle")
    except importlib.metadata.PackageNotFoundError:
        message = f"Kaggle's own client, the package kaggle, is not installed. Install it: {refusals.INSTALL}."
        raise KaggleError("not-installed", message) from None
    if _numbers(installed) < OLDEST:
        raise KaggleError("too-old", refusals.too_old(installed, ".".join(map(str, OLDEST))))


def _not_logged_in(watch: Watch) -> KaggleError:
    """Return the error of a client that has given up: it has asked Kaggle about credentials, or found none."""
    was_refused = watch.answers > 0
    return KaggleError("no-credentials", refusals.refused_credentials() if was_refused else refusals.no_credentials())


def _api() -> Any:
    """Return the client's interface, with fewer attempts than its own."""
    from kaggle.api.kaggle_api_extended import KaggleApi

    class Api(KaggleApi):  # type: ignore[misc]
        """The client's interface, which goes on with a download a few times and then gives up."""

        args = [one for one in KaggleApi.args if one == "--local"]  # noqa: RUF012, not --verbose: it prints headers

        def download_file(self, response: Any, outfile: str, http_client: Any, quiet: bool, resume: bool) -> None:
            """Write an answer into a file, as the client does, in smaller parts and with fewer attempts."""
            super().download_file(response, outfile, http_client, quiet, resume, CHUNK, RESUMPTIONS, PATIENCE)

    return Api()


@contextmanager
def _asked(slug: str) -> Iterator[Watch]:
    """Hold the client within limits, and turn what goes wrong into KaggleErrors that name the competition."""
    with within_limits() as watch:
        try:
            yield watch
        except Exception as problem:
            found = _meaning(slug, _cause(watch, problem), has_answer=watch.answers > 0)
            if found is None:
                raise
            raise _with_hint(found, watch) from None


def _cause(watch: Watch, problem: Exception) -> Exception:
    """Return what the client has stumbled over: the last answer's refusal, where that is no JSON, else the problem."""
    from requests import HTTPError

    is_refused = isinstance(problem, ValueError) and isinstance(watch.problem, HTTPError)
    return watch.problem if is_refused and watch.problem is not None else problem


def _meaning(slug: str, problem: Exception, *, has_answer: bool) -> KaggleError | None:
    """Return what an exception of the client means; None where it is none of its own, such as a full disk."""
    from requests import RequestException

    if isinstance(problem, KaggleError):
        return problem
    if isinstance(problem, RequestException):
        return _of_request(slug, problem)
    if isinstance(problem, AttributeError | ImportError) and not has_answer:
        return KaggleError("too-old", f"Kaggle's client lacks what is asked of it ({problem}); {_UPDATE}.")
    if isinstance(problem, ValueError | TypeError | KeyError | IndexError | AttributeError):
        return KaggleError("garbled", _garbled(slug))
    return None


def _with_hint(found: KaggleError, watch: Watch) -> KaggleError:
    """Return an error that may be the client's own, with what Kaggle says of its version."""
    installed = importlib.metadata.version("kaggle")
    if found.kind not in ("garbled", "other", "too-old") or _numbers(watch.newest or "") <= _numbers(installed):
        return found
    return type(found)(found.kind, f"{found} Kaggle has version {watch.newest} of its client; {installed} is here.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


_UPDATE = f"update it: {refusals.INSTALL}"


def _garbled(slug: str) -> str:
    return (
        f"{slug or 'Kaggle'}: the answer is not what Kaggle's client understands; was it cut short, or does something "
        "between here and Kaggle answer instead? Try again, and look at the page: " + refusals.page_of(slug or "")
    )


def _of_request(slug: str, problem: Any) -> KaggleError:
    """Return the error for a request that failed: by an answer, or on the way."""
    import requests

    what, response = slug or "Kaggle", problem.response
    if isinstance(problem, requests.TooManyRedirects):
        message = (
            f"{what}: the answer leads to {problem}, which is not Kaggle's service; nothing was sent there. Does the "
            "network ask for a login in a browser first?"
        )
        return KaggleError("elsewhere", message)
    if response is not None and response.status_code >= 400:
        return refusals.of_answer(what, response.status_code, refusals.words_of(response))
    if isinstance(problem, requests.exceptions.InvalidJSONError):
        return KaggleError("garbled", _garbled(slug))
    causes = set(_causes(problem))
    kind, message = next(((kind, message) for kind, known, message in _ON_THE_WAY if known & causes), _NO_NETWORK)
    return KaggleError(kind, f"{what}: {message}")


_NO_NETWORK = ("no-network", "Kaggle cannot be reached: is there a connection to the network? Try again then.")
_ON_THE_WAY = (
    (
        "no-network",
        {"SSLError"},
        "Kaggle's certificate cannot be checked: does something between here and Kaggle open connections, or are this "
        "machine's certificates or its clock out of date?",
    ),
    (
        "slow",
        {"ReadTimeout", "ReadTimeoutError"},
        "Kaggle was reached and did not answer in time; try again later.",
    ),
    (
        "dropped",
        {"ChunkedEncodingError", "ProtocolError", "IncompleteRead", "ConnectionResetError", "BrokenPipeError"},
        "the connection was cut off before the answer was complete; try again.",
    ),
)
"""Kinds of what goes wrong on the way, the exceptions that tell it, and the sentence; anything else is no network."""


def _causes(problem: BaseException) -> Iterator[str]:
    """Yield the names of an exception's kinds, and of those of what it wraps or follows."""
    yield from (kind.__name__ for kind in type(problem).__mro__)
    wrapped = (*problem.args, getattr(problem, "reason", None), problem.__cause__)
    for one in wrapped:
        if isinstance(one, BaseException):
            yield from _causes(one)


@dataclass(frozen=True, eq=False)
class Kaggle:
    """Kaggle, through its client. All methods raise KaggleError.

    Attributes
    ----------
    api : object
        The client's own `KaggleApi`, logged in.
    """

    api: Any

    def competition(self, slug: str) -> Competition | None:
        """Return what Kaggle says of a competition; None where its list does not show it, as of some in classes."""
        with _asked(slug):
            for group in ("entered", None):
                listed = self.api.competitions_list(group=group, search=slug)
                for one in getattr(listed, "competitions", listed) or ():
                    if str(one.ref).rstrip("/").rpartition("/")[2] == slug:
                        return _competition(slug, one, has_entered=group is not None)
        return None

    def allowance(self, slug: str) -> Allowance:
        """Return how many submissions may be made."""
        with _asked(slug):
            found = self.api.competition_get_submission_limits(slug)
            return Allowance(
                int(found.num_today), int(found.num_total), int(found.num_allowed_now), bool(found.limited_by_total)
            )

    def submissions(self, slug: str) -> list[Submission]:
        """Return the user's submissions to a competition, the latest first."""
        return self._pages(slug, "list_submissions", "ApiListSubmissionsRequest", _submission)

    def leaderboard(self, slug: str) -> list[Team]:
        """Return the public leaderboard, the best first."""
        return self._pages(slug, "get_leaderboard", "ApiGetLeaderboardRequest", _team)

    def _pages(self, slug: str, name: str, request_name: str, convert: Callable[[Any], One]) -> list[One]:
        """Return all entries of a list that the client gives in pages."""
        with _asked(slug), self.api.build_kaggle_client() as client:
            from kagglesdk.competitions.types import competition_api_service as types

            call = getattr(client.competitions.competition_api_client, name)
            found: list[One] = []
            token = ""
            for _ in range(_MOST_PAGES):
                request = getattr(types, request_name)()
                request.competition_name, request.page_size, request.page_token = slug, _PAGE, token
                response = call(request)
                found += map(convert, response.submissions or ())
                token = response.next_page_token
                if not token:
                    break
            return found

    def download(self, slug: str, folder: Path) -> None:
        """Download a competition's files as one archive into a folder; one that was begun there goes on."""
        with _asked(slug):
            self.api.competition_download_files(slug, path=str(folder), quiet=True)

    def submit(self, slug: str, path: Path, message: str) -> int:
        """Hand a file in, and return the submission's number.

        Raises
        ------
        KaggleError
            Where it is refused; `UnclearError` where it is not known whether Kaggle has taken it.
        """
        watch = Watch()
        try:
            with _asked(slug) as watch:
                answer = self.api.competition_submit(str(path), message, slug, quiet=True)
                if answer.message == self.api.COMPETITION_SUBMIT_UPLOAD_FAILED_MESSAGE:
                    raise _not_uploaded(slug, watch)
                return int(answer.ref) or _no_reference(answer)
        except KaggleError as problem:
            raise _perhaps_taken(problem) if _may_be_taken(watch, problem) else problem from None


class UnclearError(KaggleError):
    """A submission of which it is not known whether Kaggle has taken it."""


def _may_be_taken(watch: Watch, problem: KaggleError) -> bool:
    """Whether the last step, which alone hands in, was begun, and Kaggle has not refused it."""
    return watch.asked == "CreateSubmission" and problem.kind in _UNCLEAR


_UNCLEAR = ("dropped", "slow", "garbled", "trouble", "elsewhere")


def _perhaps_taken(problem: KaggleError) -> UnclearError:
    return UnclearError(
        problem.kind,
        f"{problem} It is not known whether Kaggle has taken the file: python -m competition board --refresh looks, "
        "and nothing is sent again until then.",
    )


def _no_reference(answer: Any) -> int:
    raise ValueError("an answer without the submission's number")


def _not_uploaded(slug: str, watch: Watch) -> KaggleError:
    """Return the error of an upload that failed, which the client says only on the terminal."""
    import requests

    problem = watch.problem
    if isinstance(problem, requests.RequestException) and not isinstance(problem, requests.HTTPError):
        found = _of_request(slug, problem)
        return KaggleError(found.kind, f"{found} The file was not handed in.")
    response = getattr(problem, "response", None)
    status = "" if response is None else f" (HTTP {response.status_code})"
    return KaggleError("other", f"{slug}: the file could not be uploaded{status}, and was not handed in; try again.")


def _competition(slug: str, one: Any, *, has_entered: bool) -> Competition:
    return Competition(
        slug,
        metric=str(one.evaluation_metric or ""),
        deadline=in_utc(one.deadline),
        has_entered=has_entered or bool(one.user_has_entered),
        takes_submissions=not one.submissions_disabled,
        takes_files=not one.is_kernels_submissions_only,
    )


def _team(one: Any) -> Team:
    return Team(in_one_line(one.team_name), number(one.score))


_STATUSES = {"PENDING": Status.PENDING, "COMPLETE": Status.SCORED, "ERROR": Status.FAILED}


def _submission(one: Any) -> Submission:
    date = in_utc(one.date)
    if date is None:
        raise ValueError("a submission without a date")
    return Submission(
        reference=int(one.ref),
        date=date.astimezone(UTC),
        file_name=str(one.file_name or ""),
        message=in_one_line(one.description),
        status=_STATUSES[one.status.name],
        public=number(one.public_score),
        private=number(one.private_score),
        problem=in_one_line(one.error_description),
        team=in_one_line(one.team_name),
        size=int(one.total_bytes or 0),
    )
