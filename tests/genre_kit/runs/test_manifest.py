"""A run's record, written and read back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from competition.errors import RunError
from competition.scoring.groups import Grouping
from genre_kit.results.facts import DataFacts
from genre_kit.runs.manifest import (
    BlendedRun,
    Board,
    GenreShares,
    Manifest,
    PoolRow,
    RuleGain,
    ScoresFile,
    YardstickRow,
)

MANIFEST = Manifest(
    command=("genre-kit", "submit"),
    started="2026-11-25T10:00:00+00:00",
    seconds=1.5,
    edition={"name": "tiny", "genres": ["Rock", "Jazz"]},
    data=DataFacts("tests", "a" * 64, "b" * 64, 60, 7, notes=("one is silent",)),
    seed=3,
    folds=5,
    rule={"name": "argmax"},
    environment={"kit": "0.1.0"},
    blend=(BlendedRun("runs/first", 0.25), BlendedRun("runs/second", 0.75)),
)
SCORES = ScoresFile(
    out_of_fold={"accuracy": 0.5, "accuracy_se": 0.1},
    board=Board(7, (0.2, 0.8), (0.1, 0.3)),
    genres=({"genre": "Rock", "songs": 3},),
    model="dense",
    folds=5,
    members=10,
    yardsticks=(YardstickRow("guessing", {"accuracy": 0.4, "board_log_loss": 0.6}),),
    pool=(PoolRow("dense", 0.9, 0.2, accuracy=0.5),),
    pool_is_fitted=True,
    pool_gain=0.01,
    pool_gain_se=0.02,
    rule_gain=RuleGain(accuracy=0.0, accuracy_se=0.01, interval=(-0.02, 0.02)),
    test_shares=GenreShares((0.5, 0.5), (0.5, 0.5), (0.4, 0.6), 0.3, False),
    seconds=2.0,
)


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path):
    MANIFEST.write(tmp_path)
    assert Manifest.read(tmp_path) == MANIFEST
    assert json.loads((tmp_path / "manifest.json").read_text())["format"] == 1


def test_scores_are_read_as_they_were_written(tmp_path: Path):
    for scores in (SCORES, replace(SCORES, board=None, test_shares=None, rule_gain=None, pool=(), genres=())):
        scores.write(tmp_path)
        assert ScoresFile.read(tmp_path) == scores


def test_scores_of_other_boards_are_read_as_they_were_written(tmp_path: Path):
    others = replace(
        SCORES,
        board=Board(7, (0.2, 0.8), others={"macro_f1": [0.1, 0.4]}),
        ranked_by=("macro_f1", "multiclass_log_loss"),
        pool=(PoolRow("dense", 0.9, loss=1.2, score=0.4),),
        late_gain=0.001,
        late_gain_se=0.002,
        rule_gain=RuleGain(score=0.03, score_se=0.01, interval=(0.01, 0.05)),
    )
    others.write(tmp_path)
    assert ScoresFile.read(tmp_path) == others
    assert others.boards == ("macro_f1", "multiclass_log_loss")
    assert others.board.interval_of("macro_f1") == [0.1, 0.4]
    assert others.board.interval_of("board_log_loss") is None
    assert (others.pool[0].labels_alone, SCORES.pool[0].labels_alone) == (0.4, 0.5)
    assert (others.pool[0].alone, others.rule_gain.value, others.rule_gain.standard_error) == (1.2, 0.03, 0.01)


def test_scores_over_groups_are_read_as_they_were_written_and_others_have_no_entries_for_them(tmp_path: Path):
    mean = {"accuracy": 0.5, "accuracy_se": 0.1, "intervals": {"accuracy": [0.3, 0.7]}}
    grouped = replace(
        SCORES,
        grouping=Grouping(20, 3.0, 2.5),
        by_group={"groups": 20, "mean": mean, "vote": mean},
        board=Board(7, (0.2, 0.8), grouping="test"),
    )
    grouped.write(tmp_path)
    assert ScoresFile.read(tmp_path) == grouped
    SCORES.write(tmp_path)
    assert not {"grouping", "by_group"} & set(json.loads((tmp_path / "scores.json").read_text()))


def test_scores_of_classic_boards_have_no_entries_for_others(tmp_path: Path):
    SCORES.write(tmp_path)
    table = json.loads((tmp_path / "scores.json").read_text())
    assert "ranked_by" not in table
    assert list(table["board"]) == [
        "rows",
        "accuracy",
        "board_log_loss",
        "expected_accuracy",
        "expected_board_log_loss",
    ]
    assert list(table["pool"][0]) == ["recipe", "weight", "board_log_loss", "accuracy"]
    assert list(table["rule_gain"]) == ["accuracy", "accuracy_se", "interval"]


def test_what_has_no_meaning_is_not_written_but_for_boards_and_shares(tmp_path: Path):
    replace(MANIFEST, blend=(), data=None, seed=None).write(tmp_path)
    assert not {"blend", "data", "seed", "models"} & set(json.loads((tmp_path / "manifest.json").read_text()))
    assert replace(SCORES, board=None, test_shares=None).to_json()["board"] is None


def test_keys_that_are_not_known_are_passed_over(tmp_path: Path):
    MANIFEST.write(tmp_path)
    path = tmp_path / "manifest.json"
    table = json.loads(path.read_text()) | {"mood": "good"}
    table["data"]["weather"] = "rain"
    path.write_text(json.dumps(table))
    assert Manifest.read(tmp_path) == MANIFEST


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "manifest.json: cannot be read"),
        ("[]", "manifest.json: cannot be read .it holds no table.; train the run again"),
        ('{"format": 2}', "a newer version of the kit .format 2; this one reads up to 1.; update the kit"),
        ('{"format": "x"}', "a newer version of the kit"),
        ("{}", "manifest.json: 'command' is missing; train the run again"),
    ],
)
def test_a_damaged_or_newer_file_is_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(RunError, match=sentence):
        Manifest.read(tmp_path)


def test_a_part_of_another_kind_is_refused_with_a_sentence(tmp_path: Path):
    MANIFEST.write(tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"data": "songs"}))
    with pytest.raises(RunError, match=r"manifest\.json: cannot be read .*; train the run again"):
        Manifest.read(tmp_path)


def test_a_manifest_that_only_names_its_edition_is_from_before_there_was_a_format(tmp_path: Path):
    MANIFEST.write(tmp_path)
    path = tmp_path / "manifest.json"
    table = json.loads(path.read_text()) | {"edition": "tiny"}
    del table["format"]
    path.write_text(json.dumps(table))
    assert Manifest.read(tmp_path).edition == {"name": "tiny"}
