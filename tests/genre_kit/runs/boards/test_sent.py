"""What a run keeps of its boards: written and read back, damaged, and of a newer version."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.errors import RunError
from competition.scoring.by_group import GroupScores
from genre_kit.runs.boards.sent import FAILED, PENDING, SCORED, SENDING, BoardsFile, Sent, change_boards, local_score
from genre_kit.runs.boards.standings import ByHand, Neighbour, Standing, StandingsFile
from genre_kit.runs.manifest import Board, ScoresFile

SENT = Sent(
    board="accuracy",
    slug="songs",
    file="label_pred.csv",
    sha256="00ff",
    message="first",
    sent="2026-11-26T16:18:30+00:00",
    state=SCORED,
    reference=7,
    public=0.6612,
    metric="accuracy",
    board_metric="Categorization Accuracy",
    local=0.65,
    local_se=0.01,
    predicted=(0.63, 0.67),
    rows=6544,
)
SCORES = st.none() | st.floats(0, 10)


@given(
    state=st.sampled_from([SENDING, PENDING, SCORED, FAILED]),
    scores=st.tuples(SCORES, SCORES, SCORES),
    reference=st.none() | st.integers(0, 10**9),
    texts=st.tuples(st.text(), st.none() | st.text(max_size=20)),
    predicted=st.none() | st.tuples(st.floats(0, 1), st.floats(1, 2)),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, state, scores, reference, texts, predicted
):
    folder = tmp_path_factory.getbasetemp() / "sent"
    folder.mkdir(exist_ok=True)
    public, private, local = scores
    one = replace(SENT, state=state, public=public, private=private, local=local, reference=reference,
                  message=texts[0], problem=texts[1], predicted=predicted)  # fmt: skip
    BoardsFile((SENT, one)).write(folder)
    assert BoardsFile.read(folder) == BoardsFile((SENT, one))


def test_a_run_without_the_file_has_sent_nothing(tmp_path: Path):
    assert BoardsFile.read(tmp_path) == BoardsFile()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"state": "lost"}, "state is 'lost'"),
        ({"public": "0.5"}, "a score is no number"),
        ({"predicted": [0.5]}, "other than two ends"),
        ({"sha256": ...}, "sha256"),
    ],
)
def test_an_entry_that_is_none_is_named(tmp_path: Path, change: dict, sentence: str):
    BoardsFile((SENT,)).write(tmp_path)
    table = json.loads((tmp_path / "boards.json").read_text())
    table["submissions"][0] |= change
    table["submissions"][0] = {key: value for key, value in table["submissions"][0].items() if value is not ...}
    (tmp_path / "boards.json").write_text(json.dumps(table))
    with pytest.raises(RunError, match=rf"boards\.json: cannot be read \(.*{sentence}.*\); remove it"):
        BoardsFile.read(tmp_path)


def test_what_later_versions_add_is_passed_over_and_another_format_is_refused(tmp_path: Path):
    BoardsFile((SENT,)).write(tmp_path)
    table = json.loads((tmp_path / "boards.json").read_text())
    table["submissions"][0]["weather"] = "fine"
    (tmp_path / "boards.json").write_text(json.dumps(table))
    assert BoardsFile.read(tmp_path).submissions == (SENT,)
    (tmp_path / "boards.json").write_text(json.dumps(table | {"format": 2}))
    with pytest.raises(
        RunError, match=r"newer version of the kit \(format 2; this one reads up to 1\); update the kit"
    ):
        BoardsFile.read(tmp_path)


def test_nothing_is_written_where_nothing_changes(tmp_path: Path):
    assert not change_boards(tmp_path, lambda known: known)
    assert not (tmp_path / "boards.json").exists()
    assert change_boards(tmp_path, lambda known: (*known, SENT))
    assert not change_boards(tmp_path, lambda known: known)


def test_an_interval_holds_or_not_and_says_nothing_of_what_cannot_be_compared():
    assert [SENT.held(value) for value in (0.63, 0.65, 0.67, 0.6701, 0.62, None)] == [
        True,
        True,
        True,
        False,
        False,
        None,
    ]
    assert replace(SENT, is_comparable=False).held(0.65) is None
    assert replace(SENT, predicted=None).held(0.65) is None


def test_where_a_line_is_a_group_the_boards_score_is_that_of_groups():
    scores = ScoresFile(
        out_of_fold={"accuracy": 0.5, "accuracy_se": 0.1},
        by_group={"mean": {"accuracy": 0.7, "accuracy_se": 0.2}},
        genres=(),
        model="dense",
        folds=2,
        members=2,
        pool=(),
        pool_is_fitted=False,
        pool_gain=0.0,
        pool_gain_se=0.0,
        seconds=1.0,
    )
    assert local_score(scores, "accuracy") == (0.5, 0.1)
    assert local_score(scores, "macro_f1") == (None, None)
    assert local_score(replace(scores, board=Board(7, grouping="test")), "accuracy") == (0.5, 0.1)
    assert local_score(replace(scores, board=Board(7, grouping="lines")), "accuracy") == (0.7, 0.2)
    assert GroupScores.__name__  # whose table by_group is


def test_how_things_stood_is_read_back_and_newer_replaces_older(tmp_path: Path):
    first = Standing(
        slug="songs",
        seen="2026-11-26T16:18:30+00:00",
        metric="Log Loss",
        left=3,
        teams=9,
        neighbours=(Neighbour(1, "We", 0.1, True), Neighbour(2, "You", None)),
        by_hand=(ByHand(3, "2026-11-26T16:18:30+00:00", "a.csv", "", 0.2),),
    )
    known = StandingsFile().with_boards([first, replace(first, slug="others")])
    known.write(tmp_path)
    assert StandingsFile.read(tmp_path) == known
    later = replace(first, left=2)
    assert known.with_boards([later]).of("songs") == later
    assert known.of("nowhere") is None
    table = json.loads((tmp_path / "leaderboards.json").read_text())
    table["boards"][0]["neighbours"][0]["weather"] = "fine"
    (tmp_path / "leaderboards.json").write_text(json.dumps(table))
    assert StandingsFile.read(tmp_path) == known
