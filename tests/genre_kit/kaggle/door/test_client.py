"""The real client against the stub: what it is told, what it says, and what goes wrong, each in its own sentence."""

import importlib.metadata
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kaggle_stub import DROPPED, KEY, Answer, Board, Stub, garbled, leading_to, slow, started

from genre_kit.kaggle.door import limits
from genre_kit.kaggle.door.answers import Allowance, Status, Team
from genre_kit.kaggle.door.client import Kaggle, UnclearError, connect
from genre_kit.kaggle.door.refusals import KINDS, KaggleError, of_answer


@pytest.fixture
def kaggle(stub: Stub) -> Kaggle:
    stub.boards["songs"] = Board()
    return connect()


def refusal(work: Callable[[], object]) -> KaggleError:
    """Return the error of some work, which is a sentence with a full stop, and shows neither key nor address."""
    with pytest.raises(KaggleError) as caught:
        work()
    said = str(caught.value)
    assert caught.value.kind in KINDS
    assert not re.search(rf"{KEY}|127\.0\.0\.1:|/api/v1|localhost|Traceback|signature", said), said
    assert said.rstrip("/")[-1] in ".0123456789" or said.endswith(("songs", "kaggle")), said
    return caught.value


def test_it_is_asked_about_a_competition(stub: Stub, kaggle: Kaggle):
    stub.boards["songs"] = Board("Macro F-Score", deadline="2026-12-24T23:59:00Z", disabled=True, entered=False)
    found = kaggle.competition("songs")
    assert found is not None
    assert (found.metric, found.takes_submissions, found.has_entered) == ("Macro F-Score", False, False)
    assert found.deadline == datetime(2026, 12, 24, 23, 59, tzinfo=UTC)
    assert kaggle.competition("song") is None  # only one whose name is longer is there
    stub.boards["songs"].listed = False
    assert kaggle.competition("songs") is None


def test_it_is_asked_how_many_submissions_are_left(stub: Stub, kaggle: Kaggle):
    stub.boards["songs"] = Board(allowed=5, today=2, in_all=7)
    assert kaggle.allowance("songs") == Allowance(2, 7, 3)
    assert not Allowance(0, 0, 0).is_known


def test_lists_are_read_to_their_last_page(stub: Stub, kaggle: Kaggle, tmp_path: Path):
    stub.page = 2
    stub.boards["songs"].others = [(f"Team {place}", f"0.{90 - place}") for place in range(5)]
    assert kaggle.leaderboard("songs")[3:] == [Team("Team 3", 0.87), Team("Team 4", 0.86)]
    (tmp_path / "labels.csv").write_text("1\n")
    numbers = [kaggle.submit("songs", tmp_path / "labels.csv", "try") for _ in range(3)]
    found = kaggle.submissions("songs")
    assert [one.reference for one in found] == numbers[::-1]
    assert (found[0].status, found[0].public, found[0].private, found[0].message) == (
        Status.SCORED,
        0.6543,
        None,
        "try",
    )


def test_nothing_is_printed_and_requests_is_as_it_was(stub: Stub, capfd: pytest.CaptureFixture[str]):
    import requests

    before = requests.Session.send
    stub.boards["songs"], stub.version = Board(), "99.0.0"
    connect().submissions("songs")
    assert requests.Session.send is before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (
            Answer.refusing(401, "Unauthorized"),
            "no-credentials",
            r"not accept the credentials.*Unauthorized.*auth login",
        ),
        (
            Answer.refusing(403, "You must accept this competition's rules before you'll be able to continue"),
            "rules",
            r"songs: you have not accepted.*rules \(\"You must.*competitions/songs/rules",
        ),
        (
            Answer.refusing(400, "Submission not allowed: Your team has used its daily Submission allowance (5) today"),
            "daily-limit",
            r"no submission left today \(\"Submission not.*next is free at \d{4}-\d\d-\d\d 00:00 UTC, in \d+ h \d+ min",
        ),
        (
            Answer.refusing(400, "Submission not allowed: the deadline has passed"),
            "closed",
            r"songs: the competition is closed.*deadline has passed",
        ),
        (
            Answer.refusing(403, "Permission 'competitions.participate' was denied"),
            "not-entered",
            r"you do not take part in it.*participate.*Join it on .*competitions/songs",
        ),
        (Answer.refusing(404, "Not found"), "unknown", r"knows no such competition.*last part of its address"),
        (Answer.refusing(426, "Upgrade Required"), "too-old", r"no longer answers this version.*make kaggle"),
        (Answer.refusing(400, "Please upgrade your client"), "too-old", r"no longer answers this version"),
        (Answer.refusing(429, "Too many requests"), "too-many", r"asked too often.*Wait some minutes"),
        (Answer(503), "trouble", r"Kaggle itself has trouble.*Try again later"),
        (Answer.refusing(418, "I am a teapot " * 50), "other", r"refuses \(HTTP 418\) \(\"I am a teapot.{,320} \.\.\."),
        (DROPPED, "dropped", r"connection was cut off.*try again"),
        (garbled(), "garbled", r"answer is not what Kaggle's client understands"),
        (garbled("[1, 2]"), "garbled", r"not what"),
        (garbled('{"submissions": [{"ref": 1, "status": "COMPLETE", "publicScore": "high"}]}'), "garbled", r"not what"),
        (
            garbled('{"submissions": [{"ref": 1, "date": "2026-01-01T00:00:00Z", "status": "?"}]}'),
            "garbled",
            "not what",
        ),
    ],
)
def test_each_refusal_has_its_own_sentence(stub: Stub, kaggle: Kaggle, answer: Answer, kind: str, sentence: str):
    stub.answer_once("ListSubmissions", answer)
    found = refusal(lambda: kaggle.submissions("songs"))
    assert found.kind == kind
    assert re.search(sentence, str(found)), found
    assert stub.asked.count("ListSubmissions") == 1  # nothing is tried again


def test_a_slow_answer_is_waited_for_and_one_that_never_comes_is_not(
    stub: Stub, kaggle: Kaggle, monkeypatch: pytest.MonkeyPatch
):
    stub.answer_once("ListSubmissions", slow(0.05))
    assert kaggle.submissions("songs") == []
    monkeypatch.setattr(limits, "PATIENCE", 0.05)
    stub.answer_once("ListSubmissions", slow(0.3))
    found = refusal(lambda: kaggle.submissions("songs"))
    assert (found.kind, "did not answer in time" in str(found)) == ("slow", True)


@pytest.mark.parametrize("status", [302, 307])
def test_an_answer_that_leads_elsewhere_is_not_followed(stub: Stub, kaggle: Kaggle, status: int):
    with started() as elsewhere:
        place = f"http://127.0.0.1:{elsewhere.port}/login"
        stub.answer_once("ListSubmissions", Answer(status, headers=leading_to(place).headers))
        stub.answer_once("login", Answer(200, b"{}"))
        with pytest.raises(KaggleError, match=r"leads to 127\.0\.0\.1, which is not Kaggle's service") as caught:
            kaggle.submissions("songs")
        assert caught.value.kind == "elsewhere"
        assert elsewhere.asked == []
    assert "login" not in stub.asked


def test_no_network(stub: Stub, kaggle: Kaggle, monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free.getsockname()[1]}")
        found = refusal(lambda: kaggle.submissions("songs"))
    assert (found.kind, "is there a connection" in str(found)) == ("no-network", True)


def test_no_credentials(stub: Stub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("KAGGLE_KEY")
    found = refusal(connect)
    assert found.kind == "no-credentials"
    assert re.search(r"found no credentials.*kaggle auth login.*KAGGLE_API_TOKEN", str(found))
    assert stub.asked == []


def test_a_token_is_the_clients_own_and_one_that_is_refused_is_told(stub: Stub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("KAGGLE_KEY")
    monkeypatch.setenv("KAGGLE_API_TOKEN", KEY)
    stub.boards["songs"] = Board()
    assert connect().submissions("songs") == []
    assert stub.headers[-1]["Authorization"] == f"Bearer {KEY}"
    stub.is_token_active = False
    found = refusal(connect)
    assert (found.kind, "not accept the credentials" in str(found)) == ("no-credentials", True)


def test_a_client_that_is_not_there_or_too_old(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.6.17")
    found = refusal(connect)
    assert (found.kind, "kaggle 1.6.17 is installed, and 2.2.4 is needed" in str(found)) == ("too-old", True)

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    found = refusal(connect)
    assert found.kind == "not-installed"
    assert re.search(r"not installed.*make kaggle, or pip install -r requirements-kaggle.txt", str(found))


def test_a_client_that_lacks_something_and_one_that_kaggle_has_a_newer_version_of(stub: Stub, kaggle: Kaggle):
    stub.version = "99.1"
    stub.answer_once("GetSubmissionLimits", garbled())
    assert "Kaggle has version 99.1 of its client" in str(refusal(lambda: kaggle.allowance("songs")))
    found = refusal(lambda: Kaggle(object()).allowance("songs"))
    assert (found.kind, "lacks what is asked of it" in str(found)) == ("too-old", True)


def test_a_signal_ends_the_client_as_it_ends_anything(stub: Stub, kaggle: Kaggle, monkeypatch: pytest.MonkeyPatch):
    from kaggle.api.kaggle_api_extended import KaggleApi

    def ended(self: object) -> None:
        raise SystemExit(143)

    monkeypatch.setattr(KaggleApi, "authenticate", ended)
    with pytest.raises(SystemExit) as caught:
        connect()
    assert caught.value.code == 143


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "label_pred.csv"
    path.write_text("Sample_id,Sample_label\n1,2\n")
    return path


def test_a_file_is_handed_in(stub: Stub, kaggle: Kaggle, file: Path):
    reference = kaggle.submit("songs", file, "hello")
    assert stub.asked[-3:] == ["StartSubmissionUpload", "upload", "CreateSubmission"]
    found = kaggle.submissions("songs")[0]
    assert (found.reference, found.file_name, found.size) == (reference, file.name, file.stat().st_size)
    upload = stub.headers[stub.asked.index("upload")]
    assert "Authorization" not in upload


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (Answer(500), "other", r"could not be uploaded \(HTTP 500\), and was not handed in"),
        (DROPPED, "dropped", r"cut off.*The file was not handed in"),
        (leading_to("http://localhost/login"), "elsewhere", r"leads to localhost.*was not handed in"),
    ],
)
def test_an_upload_that_fails_hands_nothing_in(
    stub: Stub, kaggle: Kaggle, file: Path, answer: Answer, kind: str, sentence: str
):
    stub.answer_once("upload", answer)
    with pytest.raises(KaggleError, match=sentence) as caught:
        kaggle.submit("songs", file, "hello")
    assert (caught.value.kind, isinstance(caught.value, UnclearError)) == (kind, False)
    assert stub.asked.count("upload") == 1
    assert "CreateSubmission" not in stub.asked


@pytest.mark.parametrize("answer", [DROPPED, garbled(), Answer(502), Answer(200, b'{"message": "taken"}')])
def test_where_the_last_step_fails_it_is_not_known_whether_it_arrived(
    stub: Stub, kaggle: Kaggle, file: Path, answer: Answer
):
    stub.answer_once("CreateSubmission", answer)
    with pytest.raises(UnclearError, match="not known whether Kaggle has taken the file"):
        kaggle.submit("songs", file, "hello")


def test_a_last_step_that_is_refused_is_clear(stub: Stub, kaggle: Kaggle, file: Path):
    stub.answer_once("CreateSubmission", Answer.refusing(400, "Submission not allowed: daily submission limit"))
    found = refusal(lambda: kaggle.submit("songs", file, "hello"))
    assert (found.kind, isinstance(found, UnclearError)) == ("daily-limit", False)


def test_a_full_disk_is_none_of_kaggles_business(kaggle: Kaggle, file: Path):
    with pytest.raises(OSError, match="Not a directory"):
        kaggle.submit("songs", file / "below", "hello")


@pytest.mark.parametrize("status", range(400, 600, 7))
def test_every_refusal_is_of_a_known_kind(status: int):
    assert of_answer("songs", status, "").kind in KINDS
