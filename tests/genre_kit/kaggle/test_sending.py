"""A run's files to the stub by the real client, and what it says back into the run."""

import json
from pathlib import Path

import click
import kaggle_stub
import pytest
from kaggle_stub import ACCURACY, DROPPED, KEY, LOSS, Answer, Hours, Stub, garbled
from support import run_program

import genre_kit
from competition.errors import KitWarning
from genre_kit.kaggle.door.refusals import KaggleError
from genre_kit.kaggle.sending import LONGEST_WAIT
from genre_kit.runs.boards.sent import FAILED, PENDING, SCORED, SENDING, BoardsFile

send = genre_kit.kaggle.send


def refused(run: Path, hours: Hours, **given: object) -> KaggleError:
    with pytest.raises(KaggleError) as caught:
        send(run, clock=hours.clock, **given)
    return caught.value


def test_files_go_to_their_boards_and_scores_come_back_into_the_run(boards: Stub, run: Path, hours: Hours):
    said: list[str] = []
    labels, probabilities = send(run, message="hello", clock=hours.clock, progress=said.append)
    assert (labels.reference, labels.state, labels.public, labels.private) == (100, SCORED, 0.9, None)
    assert (probabilities.reference, probabilities.public) == (101, 0.1)
    assert BoardsFile.read(run).submissions == (labels, probabilities)
    uploaded = boards.boards[ACCURACY].submissions[0]
    assert (uploaded["fileName"], uploaded["description"]) == ("label_pred.csv", "hello")
    assert uploaded["totalBytes"] == (run / "label_pred.csv").stat().st_size
    assert (labels.board_metric, labels.is_comparable, labels.sent) == (
        "Categorization Accuracy",
        True,
        hours.time.isoformat(timespec="seconds"),
    )
    assert said[0].startswith("sent      ") and hours.waits == []
    assert refused(run, hours).kind == "already-sent"
    assert boards.asked.count("CreateSubmission") == 2


def test_a_score_is_waited_for_ever_less_often(boards: Stub, run: Path, hours: Hours):
    boards.boards[ACCURACY].pending = 5
    (labels,) = send(run, board="accuracy", clock=hours.clock)
    assert (labels.state, labels.public) == (SCORED, 0.9)
    assert hours.waits == sorted(hours.waits) and len(hours.waits) == 4


def test_a_score_that_never_comes_is_not_waited_for_longer_than_ten_minutes(boards: Stub, run: Path, hours: Hours):
    boards.boards[ACCURACY].pending = 10**6
    (labels,) = send(run, board="accuracy", clock=hours.clock)
    assert labels.state == PENDING
    assert LONGEST_WAIT <= sum(hours.waits) < LONGEST_WAIT + 31


def test_it_need_not_be_waited_for(boards: Stub, run: Path, hours: Hours):
    (labels,) = send(run, board="accuracy", clock=hours.clock, wait=False)
    assert (labels.state, labels.public) == (PENDING, None)
    assert "ListSubmissions" not in boards.asked


def test_a_network_that_goes_away_while_waiting_loses_nothing(boards: Stub, run: Path, hours: Hours):
    boards.boards[ACCURACY].pending = 3
    boards.answer_once("ListSubmissions", DROPPED)
    with pytest.warns(KitWarning, match=r"cut off.*What was sent has arrived.*board --refresh"):
        (labels,) = send(run, board="accuracy", clock=hours.clock)
    assert labels.state == PENDING
    assert BoardsFile.read(run).submissions == (labels,)


def test_who_ends_the_waiting_loses_nothing(boards: Stub, reported: Path, hours: Hours):
    boards.boards[ACCURACY].pending = 3

    def interrupted() -> None:
        raise KeyboardInterrupt

    hours.then = interrupted
    with pytest.raises(KeyboardInterrupt):
        send(reported, board="accuracy", clock=hours.clock)
    assert BoardsFile.read(reported).submissions[0].reference == 100
    assert "not scored yet" in (reported / "report.html").read_text()


def test_a_file_that_the_board_cannot_score_is_told(boards: Stub, run: Path, hours: Hours):
    boards.boards[ACCURACY].error = "Evaluation Exception"
    (labels,) = send(run, board="accuracy", clock=hours.clock)
    assert (labels.state, labels.problem, labels.public) == (FAILED, "Evaluation Exception", None)


def test_a_board_that_does_not_rank_by_what_the_edition_says_is_shown_as_it_names_itself(
    boards: Stub, run: Path, hours: Hours
):
    boards.boards[ACCURACY].metric = "Mean Average Precision"
    with pytest.warns(KitWarning, match='ranks by "Mean Average Precision", not by accuracy as the edition says'):
        (labels,) = send(run, board="accuracy", clock=hours.clock)
    assert (labels.is_comparable, labels.held(labels.public)) == (False, None)


def test_a_late_submission_is_sent_with_a_note(boards: Stub, run: Path, hours: Hours):
    boards.boards[ACCURACY].deadline = "2018-12-01T00:00:00Z"
    with pytest.warns(KitWarning, match="ended on 2018-12-01; late submissions are scored, and not ranked"):
        send(run, board="accuracy", clock=hours.clock)


@pytest.mark.parametrize(
    ("state", "kind", "sentence"),
    [
        ({"disabled": True}, "closed", "is closed and takes no more submissions"),
        ({"notebooks": True}, "notebooks-only", "takes notebooks alone"),
        ({"entered": False}, "not-entered", "you do not take part in it"),
        ({"today": 5, "in_all": 9}, "daily-limit", r"no submission left today.*next is free at .* 00:00 UTC, in \d+ h"),
        ({"today": 5, "in_all": 9, "is_total": True}, "total-limit", "all submissions that the competition allows"),
    ],
)
def test_what_kaggle_would_not_take_is_said_before_anything_is_sent(
    boards: Stub, run: Path, hours: Hours, state: dict, kind: str, sentence: str
):
    for name, value in state.items():
        setattr(boards.boards[LOSS], name, value)
    problem = refused(run, hours)
    assert problem.kind == kind
    with pytest.raises(KaggleError, match=sentence):
        raise problem
    assert not {"StartSubmissionUpload", "CreateSubmission"} & set(boards.asked)
    assert not (run / "boards.json").exists()


def test_who_has_no_team_yet_has_all_submissions(boards: Stub, run: Path, hours: Hours):
    boards.boards[ACCURACY].allowed = 0  # Kaggle says 0 of everything
    assert send(run, board="accuracy", clock=hours.clock)


def test_a_competition_that_no_list_shows_is_sent_to_all_the_same(boards: Stub, run: Path, hours: Hours):
    boards.boards[ACCURACY].listed = False
    assert send(run, board="accuracy", clock=hours.clock)[0].is_comparable


def test_what_is_refused_when_it_is_sent_keeps_others_from_nothing(boards: Stub, run: Path, hours: Hours):
    words = "Submission not allowed: Your team has used its daily Submission allowance (5) today"
    boards.answer_once("CreateSubmission", Answer.refusing(400, words))
    problem = refused(run, hours)
    assert (problem.kind, words in str(problem)) == ("daily-limit", True)
    assert [one.board for one in BoardsFile.read(run).submissions] == ["log_loss"]
    assert boards.asked.count("CreateSubmission") == 2


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (403, "You cannot submit until you accept the competition rules", "rules"),
        (403, "Permission 'competitions.participate' was denied", "not-entered"),
        (400, "Submission not allowed: the competition is closed", "closed"),
        (401, "Unauthorized", "no-credentials"),
        (404, "Not found", "unknown"),
        (426, "Upgrade Required", "too-old"),
    ],
)
@pytest.mark.parametrize("step", ["StartSubmissionUpload", "CreateSubmission"])
def test_each_refusal_is_told_and_the_run_is_as_it_was(
    boards: Stub, run: Path, hours: Hours, step: str, status: int, words: str, kind: str
):
    boards.answer_once(step, Answer.refusing(status, words))
    problem = refused(run, hours, board="accuracy")
    assert (problem.kind, words in str(problem)) == (kind, True)
    assert BoardsFile.read(run).submissions == ()
    assert boards.boards[ACCURACY].submissions == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("KAGGLE_KEY", None, "found no credentials"),
        ("http_proxy", "http://127.0.0.1:9", "is there a connection"),
    ],
)
def test_what_keeps_the_command_from_kaggle_is_one_sentence(
    boards: Stub, run: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, sentence: str
):
    monkeypatch.delenv(name)
    if value is not None:
        monkeypatch.setenv(name, value)
    for words in (("send", run, "--yes"), ("fetch", "--edition", "songs", "--out", run.parent / "data")):
        said = run_program(*words)
        assert (said.returncode, said.stderr.count("\n")) == (1, 1)
        assert said.stderr.startswith("error: ") and sentence in said.stderr
    assert not (run.parent / "data").exists()


def test_without_a_network_the_others_are_not_tried(
    boards: Stub, run: Path, hours: Hours, monkeypatch: pytest.MonkeyPatch
):
    from genre_kit.kaggle.door.client import Kaggle

    tried: list[str] = []

    def unreachable(self: Kaggle, slug: str, path: Path, message: str) -> int:
        tried.append(slug)
        raise KaggleError("no-network", "no network")

    monkeypatch.setattr(Kaggle, "submit", unreachable)
    assert refused(run, hours).kind == "no-network"
    assert (tried, BoardsFile.read(run).submissions) == ([ACCURACY], ())


@pytest.mark.parametrize("answer", [DROPPED, garbled()])
def test_of_what_may_have_arrived_the_run_knows_and_it_is_not_sent_again(
    boards: Stub, run: Path, hours: Hours, answer: Answer
):
    boards.answer_once("CreateSubmission", answer)
    assert "not known whether Kaggle has taken" in str(refused(run, hours, board="accuracy"))
    (begun,) = BoardsFile.read(run).submissions
    assert (begun.state, begun.reference) == (SENDING, None)
    assert refused(run, hours, board="accuracy").kind == "already-sent"
    assert boards.asked.count("CreateSubmission") == 1
    assert send(run, board="accuracy", clock=hours.clock, again=True)


def test_the_report_and_the_list_of_runs_show_what_boards_said(boards: Stub, reported: Path, hours: Hours):
    before = (reported / "report.html").read_text()
    send(reported, clock=hours.clock)
    page = (reported / "report.html").read_text()
    assert 'id="boards"' not in before and 'id="boards"' in page and "0.9000" in page
    listed = run_program("runs", reported.parent)
    assert "board accuracy" in listed.stdout and "0.9000" in listed.stdout
    table = json.loads(run_program("runs", reported.parent, "--json").stdout)
    assert [one["public"] for one in table["runs"][0]["sent"]] == [0.9, 0.1]


def test_a_damaged_record_does_not_take_a_run_from_the_list(run: Path):
    (run / "boards.json").write_text("{")
    said = run_program("runs", run.parent)
    assert "boards.json: cannot be read" in said.stderr
    assert str(run) in said.stdout


def test_a_run_is_replaced_and_what_boards_said_stays(boards: Stub, run: Path, hours: Hours, tmp_path: Path):
    send(run, board="accuracy", clock=hours.clock)
    listed = (run / "DONE").read_text()
    assert "boards.json" not in listed
    from competition.storage.folders import new_run

    with new_run(run, force=True) as place:
        (place / "label_pred.csv").write_text("another file")
    assert BoardsFile.read(run).submissions[0].public == 0.9
    assert not (run / "oof.csv").exists()


# The command


def test_nobody_is_asked_where_there_is_no_terminal(run: Path):
    said = run_program("send", run)
    assert (said.returncode, "Give --yes, or --dry-run" in said.stderr) == (2, True)


def test_a_dry_run_says_what_would_be_sent_and_asks_nothing(boards: Stub, run: Path):
    said = run_program("send", run, "--dry-run")
    assert said.returncode == 0, said.stderr
    assert f"to accuracy: {ACCURACY}" in said.stdout and "a board of 7 songs is likely to say" in said.stdout
    assert "this was a dry run" in said.stdout
    assert boards.asked == []


def test_yes_sends(boards: Stub, run: Path):
    said = run_program("send", run, "--yes", "--board", "accuracy", "--message", "hello")
    assert said.returncode == 0, said.stderr
    assert "left      5 today" in said.stdout
    assert "board     accuracy: 0.9 public, " in said.stdout
    again = run_program("send", run, "--yes", "--board", "accuracy")
    assert (again.returncode, "--again sends" in again.stderr) == (1, True)
    later = run_program("send", run, "--yes", "--board", "log_loss", "--no-wait", "--quiet")
    assert later.stdout.startswith("board     log_loss: not scored yet")


@pytest.mark.parametrize("answer", [True, False])
def test_a_terminal_is_asked(boards: Stub, run: Path, monkeypatch: pytest.MonkeyPatch, answer: bool):
    monkeypatch.setattr("genre_kit.commands.kaggle.send._check_can_ask", lambda *, yes: None)
    monkeypatch.setattr(click, "confirm", lambda words: answer)
    said = run_program("send", run, "--board", "accuracy")
    assert ("nothing was sent" in said.stdout) != answer
    assert ("CreateSubmission" in boards.asked) == answer


def test_the_key_is_in_no_file_and_no_message(boards: Stub, run: Path, tmp_path: Path, client_home: Path):
    """All of it, with everything that can go wrong on the way: the key is in what the client sends alone."""
    reflected = Answer.refusing(403, "no")
    said = [run_program("send", run, "--yes", "--message", "first")]
    for name in ("GetSubmissionLimits", "StartSubmissionUpload", "upload", "CreateSubmission", "ListCompetitions"):
        for answer in (DROPPED, reflected, kaggle_stub.leading_to("http://localhost/x")):
            boards.answer_once(name, answer)
            said.append(run_program("send", run, "--yes", "--again", "--board", "accuracy"))
            boards.once.clear()
    said.append(run_program("board", run.parent, "--refresh"))
    said.append(run_program("fetch", "--edition", ACCURACY, "--out", tmp_path / "data"))
    words = "".join(one.stdout + one.stderr for one in said)
    assert len([one for one in said if one.returncode == 1]) > 12
    kept = [one for place in (tmp_path, client_home) for one in place.rglob("*") if one.is_file()]
    assert KEY not in words
    assert [one for one in kept if KEY.encode() in one.read_bytes()] == []
    assert "Traceback" not in words
    import base64

    basic = base64.b64encode(f"{kaggle_stub.USER}:{KEY}".encode()).decode()
    assert basic not in words
    assert any(basic in one.get("Authorization", "") for one in boards.headers)
