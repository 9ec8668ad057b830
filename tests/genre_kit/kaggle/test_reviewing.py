"""What boards have said, beside what the runs had said: offline, and by asking the stub."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import kaggle_stub
import numpy as np
import pandas as pd
import pytest
from kaggle_stub import ACCURACY, DROPPED, LOSS, Hours, Stub
from support import run_program

import genre_kit
from competition.data.sample import SOURCE
from competition.errors import KitWarning, RunError
from genre_kit.kaggle.door.answers import Team
from genre_kit.kaggle.refreshing import neighbours_of
from genre_kit.runs.boards.sent import PENDING, SCORED, SENDING, BoardsFile
from genre_kit.runs.boards.standings import StandingsFile

board, send = genre_kit.kaggle.board, genre_kit.kaggle.send


@pytest.fixture(autouse=True)
def _drawn_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Draw nothing, which takes its time, but for the test of the picture."""
    if "picture" not in request.node.name:
        monkeypatch.setattr("genre_kit.reports.page.boards.write_boards", lambda path, review: path.touch())


def of(review: object, slug: str = ACCURACY) -> object:
    return next(one for one in review.boards if one.slug == slug)


def another(run: Path, name: str, label: int = 1) -> Path:
    """Return a copy of a run, all of whose files' labels are one, and whose held-out songs are predicted better."""
    folder = run.parent / name
    shutil.copytree(run, folder)
    table = pd.read_csv(folder / "label_pred.csv")
    table["Sample_label"] = label
    table.to_csv(folder / "label_pred.csv", index=False)
    return folder


def improve(run: Path) -> None:
    """Let a run have predicted every held-out song rightly."""
    table = pd.read_csv(run / "oof.csv")
    table["Predicted"] = table["Label"]
    table.to_csv(run / "oof.csv", index=False)
    scores = json.loads((run / "scores.json").read_text())
    scores["out_of_fold"]["accuracy"] = 1.0
    (run / "scores.json").write_text(json.dumps(scores))


def test_nothing_was_sent_and_nobody_was_asked(run: Path):
    review = board(run.parent)
    assert [one.slug for one in review.boards] == [ACCURACY, LOSS]
    assert (of(review).rows, of(review).public, of(review).standing, review.picture) == ((), None, None, None)
    assert [best.run.folder for best in of(review).nexts] == [run]
    said = run_program("board", run.parent)
    assert "nothing was sent yet" in said.stdout and "--refresh asks Kaggle" in said.stdout


def test_a_place_without_boards_is_told(without_slugs: Path, tmp_path: Path):
    shutil.copytree(without_slugs, tmp_path / "runs" / "first")
    assert "no run's edition names a Kaggle competition" in run_program("board", tmp_path / "runs").stdout
    with pytest.raises(RunError, match="there is no such folder"):
        board(tmp_path / "nowhere")


def test_runs_of_the_made_up_sample_are_none_of_a_boards(run: Path):
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["data"]["source"] = SOURCE
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert board(run.parent).boards == ()


def test_scores_stand_beside_what_was_expected(boards: Stub, run: Path, hours: Hours):
    boards.boards[ACCURACY].score = lambda content: ("0.001", "0.9")
    (sent,) = send(run, board="accuracy", clock=hours.clock)
    review = board(run.parent)
    (row,) = of(review).rows
    assert (row.name, row.local, row.public, row.private) == (str(run), sent.local, 0.001, 0.9)
    assert row.predicted is not None and sent.predicted == (row.predicted.low, row.predicted.high)
    assert (row.held(0.001), row.held(row.predicted.low), row.held(None)) == (False, True, None)
    differences = of(review).public
    assert differences is not None and differences.values == (sent.local - 0.001,) and differences.interval is None
    assert of(review).nexts == ()
    assert review.picture == run.parent / "boards.png" and review.picture.is_file()


def test_local_minus_board_has_an_interval_of_student(boards: Stub, run: Path, hours: Hours):
    scores = iter([("0.5", ""), ("0.6", ""), ("0.9", "")])
    boards.boards[ACCURACY].score = lambda content: next(scores)
    runs = [run, another(run, "ones"), another(run, "twos", 2)]
    local = [send(one, board="accuracy", clock=hours.clock, allow_suspicious=True)[0].local for one in runs]
    differences = of(board(run.parent)).public
    values = np.array(local) - [0.5, 0.6, 0.9]
    half = 4.302653 * values.std(ddof=1) / np.sqrt(3)
    assert differences.values == pytest.approx(values)
    assert (differences.interval.low, differences.interval.high) == pytest.approx(
        (values.mean() - half, values.mean() + half)
    )
    assert "on average of 3 submissions (95 %: " in run_program("board", run.parent).stdout


def test_what_to_send_next_is_the_best_unsent_run_and_by_how_much(boards: Stub, run: Path, hours: Hours):
    better, twin = another(run, "better"), run.parent / "twin"
    improve(better)
    shutil.copytree(run, twin)
    (best,) = of(board(run.parent)).nexts
    assert (best.run.folder, best.against) == (better, None)
    send(run, board="accuracy", clock=hours.clock)
    (best,) = of(board(run.parent)).nexts  # the twin's bytes have been sent
    assert best.run.folder == better
    assert best.against is not None and best.against.folder in (run, twin)
    assert best.gain is not None
    assert best.gain.value == pytest.approx(1 - best.against.accuracy.value)
    assert best.chance is not None and 0.5 < best.chance <= 1
    said = run_program("board", run.parent).stdout
    assert f"{best.gain.value:.4f} ± {best.gain.standard_error:.4f} better than" in " ".join(said.split())


def test_late_scores_come_into_the_runs_and_the_report(boards: Stub, reported: Path, hours: Hours):
    boards.boards[ACCURACY].pending = 10**6
    send(reported, board="accuracy", clock=hours.clock, wait=False)
    assert of(board(reported.parent, refresh=True)).rows[0].state == PENDING
    boards.score_all(ACCURACY)
    review = board(reported.parent, refresh=True, clock=hours.clock)
    assert (of(review).rows[0].state, of(review).rows[0].public) == (SCORED, 0.9)
    assert BoardsFile.read(reported).submissions[0].public == 0.9
    assert "0.9000" in (reported / "report.html").read_text()
    boards.boards[ACCURACY].submissions[0]["privateScore"] = "0.8"
    assert of(board(reported.parent, refresh=True)).rows[0].private == 0.8


def test_how_things_stand_is_kept_and_said_offline(boards: Stub, run: Path, hours: Hours, monkeypatch):
    boards.boards[ACCURACY].others = [(f"Team {place}", f"{0.99 - place / 20:.2f}") for place in range(6)]
    send(run, board="accuracy", clock=hours.clock)
    asked = len(boards.asked)
    review = board(run.parent, refresh=True, clock=hours.clock)
    assert len(boards.asked) > asked
    assert of(review).left == 4
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.warns(KitWarning, match=r"is there a connection.*What follows is what was known before"):
        offline = board(run.parent, refresh=True, clock=hours.clock)
    assert of(offline) == of(review)
    near = of(offline).standing.neighbours
    assert [(one.rank, one.team, one.is_own) for one in near] == [
        (1, "Team 0", False),
        (2, "Team 1", False),
        (3, "We", True),
        (4, "Team 2", False),
        (5, "Team 3", False),
    ]
    said = run_program("board", run.parent)
    assert "left      4 submissions today" in said.stdout
    assert "3  0.9000  We (you)" in said.stdout and "of 7 teams" in said.stdout
    hours.time += timedelta(days=1)
    assert of(board(run.parent, clock=hours.clock)).left is None  # another day


def test_without_the_client_what_is_known_is_said(run: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.metadata.version", lambda name: "1.5.0")
    with pytest.warns(KitWarning, match="Kaggle's client is too old"):
        assert len(board(run.parent, refresh=True).boards) == 2


def test_a_refresh_that_is_cut_off_keeps_what_it_has(boards: Stub, run: Path, hours: Hours):
    boards.answer_once("GetLeaderboard", DROPPED)
    with pytest.warns(KitWarning, match="cut off"):
        board(run.parent, refresh=True)
    assert StandingsFile.read(run.parent).boards == ()
    board(run.parent, refresh=True)
    assert {one.slug for one in StandingsFile.read(run.parent).boards} == {ACCURACY, LOSS}


def unclear(boards: Stub, run: Path, hours: Hours, *, arrived: bool) -> None:
    """Let a run have sent something, of which it does not know whether it arrived."""
    send(run, board="accuracy", clock=hours.clock, message="which\none?")
    (sent,) = BoardsFile.read(run).submissions
    begun = replace(sent, state=SENDING, reference=None, public=None)
    BoardsFile((begun,)).write(run)
    if not arrived:
        boards.boards[ACCURACY].submissions.clear()


def test_what_has_arrived_after_all_is_found_again(boards: Stub, run: Path, hours: Hours):
    unclear(boards, run, hours, arrived=True)
    board(run.parent, refresh=True)
    (sent,) = BoardsFile.read(run).submissions
    assert (sent.reference, sent.state, sent.public) == (100, SCORED, 0.9)


def test_what_has_never_arrived_is_forgotten_after_a_while(boards: Stub, run: Path, hours: Hours):
    unclear(boards, run, hours, arrived=False)
    board(run.parent, refresh=True, clock=hours.clock)
    assert BoardsFile.read(run).submissions[0].state == SENDING  # the list may be behind
    hours.time += timedelta(hours=1)
    with pytest.warns(KitWarning, match="has never arrived; it may be sent again"):
        board(run.parent, refresh=True, clock=hours.clock)
    assert BoardsFile.read(run).submissions == ()
    assert send(run, board="accuracy", clock=hours.clock)


def test_what_was_handed_in_by_hand_stands_in_the_table_once(boards: Stub, run: Path, hours: Hours):
    board_there = boards.boards[ACCURACY]
    board_there.submissions.append({"ref": 7, "date": "2026-11-01T08:00:00.000Z", "fileName": "old.csv",
                                    "description": "before the kit", "status": "COMPLETE", "totalBytes": 10,
                                    "publicScore": "0.55", "privateScore": "", "errorDescription": "",
                                    "teamName": "We"})  # fmt: skip
    send(run, board="accuracy", clock=hours.clock)
    rows = of(board(run.parent, refresh=True)).rows
    assert [(row.name, row.public, row.local is None) for row in rows] == [
        ("by hand: before the kit", 0.55, True),
        (str(run), 0.9, False),
    ]


def test_a_score_of_another_metric_is_shown_as_the_board_names_it_and_not_compared(
    boards: Stub, run: Path, hours: Hours
):
    boards.boards[ACCURACY].metric = "Mean Average Precision"
    with pytest.warns(KitWarning):
        send(run, board="accuracy", clock=hours.clock)
    review = of(board(run.parent, refresh=True))
    assert (review.title, review.is_comparable, review.public, review.nexts) == (
        "Mean Average Precision",
        False,
        None,
        (),
    )
    assert (review.rows[0].local, review.rows[0].predicted, review.rows[0].public) == (None, None, 0.9)
    assert "ranked by Mean Average Precision" in run_program("board", run.parent).stdout


def test_a_file_that_was_replaced_since_is_marked(boards: Stub, run: Path, hours: Hours):
    send(run, board="accuracy", clock=hours.clock)
    assert not of(board(run.parent)).rows[0].is_replaced
    (run / "label_pred.csv").write_text((run / "label_pred.csv").read_text() + "\n")
    assert of(board(run.parent)).rows[0].is_replaced
    assert "* the run's file is another one now" in run_program("board", run.parent).stdout


def test_only_one_edition_or_board_may_be_asked_for(run: Path):
    assert [one.slug for one in board(run.parent, edition=LOSS).boards] == [LOSS]
    assert len(board(run.parent, edition="tiny").boards) == 2
    assert board(run.parent, edition="other").boards == ()


def test_machines_get_all_of_it(boards: Stub, run: Path, hours: Hours):
    send(run, clock=hours.clock)
    table = json.loads(run_program("board", run.parent, "--refresh", "--json").stdout)
    first = table["boards"][0]
    assert (first["slug"], first["ranked_by"], first["left_today"]) == (ACCURACY, "accuracy", 4)
    assert first["submissions"][0]["public"] == 0.9
    assert first["local_minus_public"]["interval"] is None
    assert first["standing"]["neighbours"][0]["is_own"]


def test_the_picture_goes_where_it_is_asked_for(boards: Stub, run: Path, hours: Hours, tmp_path: Path):
    send(run, clock=hours.clock)
    assert board(run.parent, out=tmp_path / "new" / "here.png").picture == tmp_path / "new" / "here.png"
    assert (tmp_path / "new" / "here.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(RunError, match="cannot be written"):
        board(run.parent, out=run / "DONE" / "here.png")


@pytest.mark.parametrize("name", ["boards.json", "leaderboards.json"])
def test_a_damaged_record_is_met_by_a_sentence(run: Path, name: str):
    path = run / name if name == "boards.json" else run.parent / name
    path.write_text('{"format": 1')
    said = run_program("board", run.parent)
    assert f"{name}: cannot be read" in said.stderr and "remove it" in said.stderr
    path.write_text('{"format": 99}')
    assert "was written by a newer version of the kit" in run_program("board", run.parent).stderr


def test_neighbours_are_at_most_two_above_and_two_below():
    teams = [Team(str(place), 1.0 - place / 10) for place in range(5)]
    for place in range(5):
        near = neighbours_of(teams, {str(place)})
        assert [one.rank for one in near] == [rank for rank in range(place - 1, place + 4) if 1 <= rank <= 5]
        assert [one.team for one in near if one.is_own] == [str(place)]
    assert neighbours_of(teams, {"nobody"}) == neighbours_of([], {"nobody"}) == ()


def test_days_are_those_of_utc():
    from genre_kit.kaggle.door.refusals import next_day

    assert next_day(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == "2027-01-01 00:00 UTC, in 0 h 1 min"
    assert kaggle_stub.Board().allowed == 5
