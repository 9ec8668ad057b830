"""A small stand-in for Kaggle on the loopback: what its client asks of competitions, over real HTTP.

The client's own setting KAGGLE_API_ENVIRONMENT=LOCALHOST points it at http://localhost, and `http_proxy` to the port
that the stub has been given. ``python tests/kaggle_stub.py ARCHIVE.zip`` starts one to try commands on by hand.
"""

import json
import threading
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from urllib.parse import urlsplit

import matplotlib.font_manager  # noqa: F401, fonts are looked for in the home that is there now, not a test's

from genre_kit.kaggle.clock import Clock

ACCURACY, LOSS = "tiny-accuracy", "tiny-log-loss"
KEY = "planted-key-9f31c7"
USER = "planted-user"
MODIFIED = format_datetime(datetime(2018, 10, 1, tzinfo=UTC), usegmt=True)


@dataclass(frozen=True)
class Answer:
    """What is answered once, instead of what would be."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0
    is_dropped: bool = False

    @classmethod
    def refusing(cls, status: int, message: str) -> "Answer":
        return cls(status, json.dumps({"code": status, "message": message}).encode())


DROPPED = Answer(is_dropped=True)


def garbled(text: str = "<html>Sign in</html>") -> Answer:
    return Answer(200, text.encode(), {"Content-Type": "application/json"})


def slow(seconds: float) -> Answer:
    return Answer(after=seconds)


def leading_to(place: str) -> Answer:
    return Answer(302, headers={"Location": place})


@dataclass
class Board:
    """A competition of the stub."""

    metric: str = "Categorization Accuracy"
    archive: bytes = b""
    score: Callable[[bytes], tuple[str, str]] = lambda content: ("0.6543", "")
    pending: int = 0
    entered: bool = True
    listed: bool = True
    disabled: bool = False
    notebooks: bool = False
    deadline: str = "2099-01-01T00:00:00Z"
    allowed: int = 5
    today: int = 0
    in_all: int = 0
    is_total: bool = False
    error: str = ""
    team: str = "We"
    others: list[tuple[str, str]] = field(default_factory=list)
    submissions: list[dict] = field(default_factory=list)


class Stub:
    """The stand-in: its competitions, what it was asked, and what it answers once in other ways."""

    def __init__(self) -> None:
        self.boards: dict[str, Board] = {}
        self.once: dict[str, list[Answer]] = defaultdict(list)
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.uploads: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        self.cut_at: int | None = None
        self.etag = '"one"'
        self.version = ""
        self.page = 100
        self.is_token_active = True
        self.port = 0

    def answer_once(self, name: str, *answers: Answer) -> None:
        self.once[name] += answers

    def reply(self, name: str, given: dict) -> object:
        """Return what an API call is answered: a table, or an Answer."""
        slug = given.get("competitionName", "")
        if name == "IntrospectToken":
            return {"active": self.is_token_active, "username": USER}
        if name == "ListCompetitions":
            return {"competitions": list(self._listed(given))}
        if slug not in self.boards:
            return Answer.refusing(404, "Not found")
        return getattr(self, f"_{name}")(slug, self.boards[slug], given)

    def _listed(self, given: dict) -> Iterator[dict]:
        only_entered = "ENTERED" in str(given.get("group", "")).upper()
        for slug, one in self.boards.items():
            if one.listed and given.get("search", "") in slug and (one.entered or not only_entered):
                yield {
                    "ref": f"https://www.kaggle.com/competitions/{slug}",
                    "evaluationMetric": one.metric,
                    "deadline": one.deadline,
                    "userHasEntered": one.entered,
                    "submissionsDisabled": one.disabled,
                    "isKernelsSubmissionsOnly": one.notebooks,
                }

    def _GetSubmissionLimits(self, slug: str, board: Board, given: dict) -> object:  # noqa: N802
        left = max(0, board.allowed - board.today)
        return {"numToday": board.today, "numTotal": board.in_all, "numAllowedNow": left,
                "limitedByTotal": board.is_total}  # fmt: skip

    def _StartSubmissionUpload(self, slug: str, board: Board, given: dict) -> object:  # noqa: N802
        token = f"blob{len(self.names)}"
        self.names[token] = given["fileName"]
        return {"token": token, "createUrl": f"http://127.0.0.1:{self.port}/upload/{token}"}

    def _CreateSubmission(self, slug: str, board: Board, given: dict) -> object:  # noqa: N802
        token = given["blobFileTokens"]
        content = self.uploads.pop(token)
        number = 100 + sum(len(one.submissions) for one in self.boards.values())
        public, private = board.score(content)
        status = "PENDING" if board.pending else "ERROR" if board.error else "COMPLETE"
        board.submissions.insert(0, {
            "ref": number, "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z", "fileName": self.names[token],
            "description": given.get("submissionDescription", ""), "status": status, "totalBytes": len(content),
            "publicScore": "" if board.pending or board.error else public,
            "privateScore": "" if board.pending or board.error else private,
            "errorDescription": board.error, "teamName": board.team, "late": (public, private),
        })  # fmt: skip
        board.today += 1
        board.in_all += 1
        return {"message": f"Successfully submitted to {slug}", "ref": number}

    def _ListSubmissions(self, slug: str, board: Board, given: dict) -> object:  # noqa: N802
        if board.pending:
            board.pending -= 1
            if not board.pending:
                self.score_all(slug)
        return self._paged(board.submissions, given)

    def score_all(self, slug: str) -> None:
        for one in self.boards[slug].submissions:
            if one["status"] == "PENDING":
                one["status"] = "COMPLETE"
                one["publicScore"], one["privateScore"] = one["late"]

    def _GetLeaderboard(self, slug: str, board: Board, given: dict) -> object:  # noqa: N802
        rows = list(board.others)
        scored = [one["publicScore"] for one in board.submissions if one["publicScore"]]
        if scored:
            is_loss = "loss" in board.metric.lower()
            rows.append((board.team, (min if is_loss else max)(scored, key=float)))
            rows.sort(key=lambda row: float(row[1]), reverse=not is_loss)
        teams = [{"teamId": place, "teamName": name, "submissionDate": "2026-01-01T00:00:00Z", "score": score}
                 for place, (name, score) in enumerate(rows)]  # fmt: skip
        return self._paged(teams, given)

    def _paged(self, rows: list[dict], given: dict) -> dict:
        first = int(given.get("pageToken") or 0)
        size = min(self.page, given.get("pageSize") or self.page)
        known = [{key: value for key, value in row.items() if key != "late"} for row in rows[first : first + size]]
        return {"submissions": known, "nextPageToken": str(first + size) if first + size < len(rows) else ""}

    def _DownloadDataFiles(self, slug: str, board: Board, given: dict) -> object:  # noqa: N802
        return leading_to(f"http://127.0.0.1:{self.port}/archive/{slug}.zip?signature=secret")


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._serve()

        def do_GET(self) -> None:
            self._serve()

        def do_PUT(self) -> None:
            self._serve()

        def log_message(self, *words: object) -> None:
            pass

        def _serve(self) -> None:
            path = urlsplit(self.path).path
            first, _, name = path.strip("/").rpartition("/")
            name = {"upload": "upload", "archive": "archive"}.get(first, name)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            stub.asked.append(name)
            stub.headers.append(dict(self.headers))
            other = stub.once[name].pop(0) if stub.once[name] else None
            if other is not None and other.after:
                time.sleep(other.after)
                other = None if other == slow(other.after) else other
            if other is not None:
                self._send(other)
            elif first == "upload":
                stub.uploads[path.rpartition("/")[2]] = body
                self._send(Answer())
            elif first == "archive":
                self._send_archive(path.rpartition("/")[2].removesuffix(".zip"))
            elif "Authorization" not in self.headers:
                self._send(Answer.refusing(401, "Unauthorized"))
            else:
                replied = stub.reply(name, json.loads(body or b"{}"))
                self._send(replied if isinstance(replied, Answer) else Answer(200, json.dumps(replied).encode()))

        def _send(self, answer: Answer) -> None:
            if answer.is_dropped:
                self.close_connection = True
                return
            self.send_response(answer.status)
            headers = {"Content-Type": "application/json"} | answer.headers
            headers |= {"X-Kaggle-APIVersion": stub.version} if stub.version else {}
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def _send_archive(self, slug: str) -> None:
            whole = stub.boards[slug].archive
            start = 0
            asked = self.headers.get("Range")
            if asked and self.headers.get("If-Range", stub.etag) == stub.etag:
                start = int(asked.removeprefix("bytes=").rstrip("-"))
            self.send_response(206 if start else 200)
            for key, value in {"Content-Length": str(len(whole) - start), "Accept-Ranges": "bytes", "ETag": stub.etag,
                               "Last-Modified": MODIFIED, "Content-Type": "application/zip"}.items():  # fmt: skip
                self.send_header(key, value)
            self.end_headers()
            if stub.cut_at is not None and not start:
                self.wfile.write(whole[: stub.cut_at])
                self.wfile.flush()
                self.close_connection = True
                return
            self.wfile.write(whole[start:])

    return Handler


@contextmanager
def started() -> Iterator[Stub]:
    """Yield a stub that answers, on a port of its own."""
    stub = Stub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stub))
    server.daemon_threads = True
    stub.port = server.server_address[1]
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Hours:
    """A clock that goes on when somebody waits."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)
        self.waits: list[float] = []
        self.then: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += timedelta(seconds=seconds)
        self.then()

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)


def zipped(files: dict[str, bytes]) -> bytes:
    """Return an archive of some files."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def environment(stub: Stub) -> dict[str, str]:
    """Return the variables that point Kaggle's client at a stub."""
    return {
        "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
        "http_proxy": f"http://127.0.0.1:{stub.port}",
        "no_proxy": "",
        "KAGGLE_USERNAME": USER,
        "KAGGLE_KEY": KEY,
    }


if __name__ == "__main__":
    import sys
    from pathlib import Path

    with started() as one:
        content = Path(sys.argv[1]).read_bytes()
        others = [(f"Team {number}", f"{0.70 - number / 100:.4f}") for number in range(9)]
        losses = [(f"Team {number}", f"{0.14 + number / 100:.4f}") for number in range(9)]
        year = "mlbp-data-analysis-challenge"
        one.boards[f"{year}-accuracy-2018"] = Board(archive=content, others=others, pending=2)
        one.boards[f"{year}-log-loss-2018"] = Board("Log Loss", content, lambda _: ("0.1683", ""), others=losses)
        one.boards["inclass-genres"] = Board("Mean F-Score", content)
        print("\n".join(f"export {name}='{value}'" for name, value in environment(one).items()), flush=True)
        threading.Event().wait()
