"""Limits on what the client does by itself: it would wait for ever, try ten times, and print on the terminal."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from threading import RLock
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 60.0
"""Seconds without a byte after which nothing more is waited for."""
_ONE_AT_A_TIME = RLock()


@dataclass
class Watch:
    """What was seen of the client's traffic, which it does not always tell.

    Attributes
    ----------
    asked : str
        The last part of the address that was asked last, which names the service.
    answers : int
        How many there were.
    problem : Exception or None
        That of the last answer; where it refuses, an HTTPError.
    newest : str or None
        The client's newest version, where the answers say so.
    """

    asked: str = ""
    answers: int = 0
    problem: Exception | None = None
    newest: str | None = None


@contextmanager
def within_limits() -> Iterator[Watch]:
    """Hold the client, and whatever it imports, within limits: time, attempts, redirects, and what it prints.

    The client sends all it sends by `requests.Session.send`, with no time limit of its own. While this is entered,
    that waits `PATIENCE` seconds at most, tries once, and follows no redirect but that of a download: other requests
    carry credentials or submissions, which are meant for Kaggle alone.
    """
    import requests
    from urllib3.util.retry import Retry

    original, watch = requests.Session.send, Watch()

    def send(session: requests.Session, request: requests.PreparedRequest, **settings: Any) -> requests.Response:
        """Send a request within the limits."""
        is_download = bool(settings.get("stream"))
        watch.asked = urlsplit(str(request.url)).path.rpartition("/")[2]
        settings["timeout"] = settings.get("timeout") or PATIENCE
        if not is_download:
            settings["allow_redirects"] = False
        session.get_adapter(str(request.url)).max_retries = Retry(0, read=False)  # type: ignore[attr-defined]
        try:
            response = original(session, request, **settings)
            _look_at(response, watch, may_lead_elsewhere=is_download)
        except Exception as problem:
            watch.problem = problem
            raise
        return response

    with _ONE_AT_A_TIME, redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        requests.Session.send = send  # type: ignore[method-assign, assignment]
        try:
            yield watch
        finally:
            requests.Session.send = original  # type: ignore[method-assign]


def _look_at(response: Any, watch: Watch, *, may_lead_elsewhere: bool) -> None:
    """Note what an answer says; raise TooManyRedirects where it leads elsewhere and must not."""
    import requests

    watch.answers += 1
    watch.problem = None
    watch.newest = response.headers.get("X-Kaggle-APIVersion") or watch.newest
    if response.is_redirect and not may_lead_elsewhere:
        place = urlsplit(response.headers["location"]).hostname or "another page"
        raise requests.TooManyRedirects(place, response=response)
    if response.request.method == "POST" and response.ok and not may_lead_elsewhere and not _is_table(response.content):
        raise requests.exceptions.InvalidJSONError("no table", response=response)  # for the client, an empty one
    if response.status_code >= 400:
        watch.problem = requests.HTTPError("", response=response)


def _is_table(content: bytes) -> bool:
    return content.lstrip().startswith(b"{")
