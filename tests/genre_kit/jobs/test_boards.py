"""A competition whose boards rank by macro F1 and multiclass log loss, from its edition to the list of runs."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, log_loss
from support import EDITION_TEXT, run_program

from competition.data.edition import Board
from competition.scoring.boards import CLASSIC, goals_of
from genre_kit.reports.scores import board_line
from genre_kit.runs import manifest
from genre_kit.runs.finished import read_finished

BOARDS = """\
[boards.score]
metric = "macro-f1"
slug = "tiny-songs"

[boards.loss]
metric = "log-loss"
file = "probabilities"

[files]
"""
MODEL = ("--model", "discriminant-analysis", "--folds", 3, "--rule", "offsets")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, write_competition) -> tuple[Path, Path, str]:
    """The data folder, the folder of a run upon it, and what the program said."""
    data = write_competition(tmp_path_factory.mktemp("boards") / "data")
    (data / "edition.toml").write_text(EDITION_TEXT.replace("[files]\n", BOARDS))
    noise = np.random.default_rng(0).normal(scale=3, size=(60, 10))
    np.savetxt(data / "songs.csv", np.loadtxt(data / "songs.csv", delimiter=",") + noise, fmt="%.9g", delimiter=",")
    said = run_program("submit", "--data", data, *MODEL, "--out", data.parent / "run")
    assert said.returncode == 0, said.stderr
    return data, data.parent / "run", said.stdout


def line_of(text: str, beginning: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith(beginning)]
    return line


def test_scores_json_holds_what_the_boards_rank_by(run: tuple[Path, Path, str]):
    _, folder, _ = run
    kept, rows = json.loads((folder / "scores.json").read_text()), pd.read_csv(folder / "oof.csv")
    probabilities = rows.filter(like="Class_").to_numpy()
    assert kept["ranked_by"] == ["macro_f1", "multiclass_log_loss"]
    assert kept["out_of_fold"]["macro_f1"] == pytest.approx(f1_score(rows["Label"], rows["Predicted"], average="macro"))
    assert kept["out_of_fold"]["multiclass_log_loss"] == pytest.approx(log_loss(rows["Label"], probabilities))
    assert set(kept["board"]["others"]) == {"macro_f1", "multiclass_log_loss"}
    assert set(kept["rule_gain"]) == {"score", "score_se", "interval"}
    assert [set(row) for row in kept["pool"]] == [{"recipe", "weight", "loss", "score"}]
    assert [set(row["scores"]) for row in kept["yardsticks"]] == [{"macro_f1", "multiclass_log_loss"}] * 2
    assert json.loads((folder / "manifest.json").read_text())["edition"]["boards"]["score"] == {
        "slug": "tiny-songs",
        "file": "labels",
        "metric": "macro-f1",
    }


def test_the_pool_is_found_by_the_metric_of_probabilities(run: tuple[Path, Path, str], tmp_path: Path):
    """Held against the same competition with classic boards."""
    data, folder, _ = run
    classic = tmp_path / "classic.toml"
    classic.write_text(EDITION_TEXT)
    said = run_program("submit", "--data", data, "--edition", classic, *MODEL, "--out", tmp_path / "run")
    assert said.returncode == 0, said.stderr
    ours, theirs = (json.loads((place / "scores.json").read_text()) for place in (folder, tmp_path / "run"))
    assert ours["pool_is_fitted"]
    assert theirs["pool_is_fitted"]
    assert ours["pool"][0]["weight"] != theirs["pool"][0]["weight"]
    assert not {"ranked_by", "macro_f1"} & {*theirs, *theirs["out_of_fold"]}
    assert "others" not in theirs["board"]


def test_submit_and_score_show_the_boards_scores(run: tuple[Path, Path, str]):
    _, folder, said = run
    kept = json.loads((folder / "scores.json").read_text())
    low, high = kept["board"]["others"]["macro_f1"]
    lines = said.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("held-out scores"))
    assert lines[place + 1].startswith("  macro F1 ")
    assert lines[place + 2].startswith("  multiclass log loss ")
    boards = f"boards    of 7 songs are likely to say (95 %): macro F1 {low:.4f} to {high:.4f}, multiclass log loss "
    assert line_of(said, "boards").startswith(boards)
    assert "score     https://www.kaggle.com/c/tiny-songs" in lines
    assert " macro F1 out of fold" in said
    again = run_program("score", folder)
    assert line_of(again.stdout, "boards") == line_of(said, "boards")


def test_the_report_shows_them(run: tuple[Path, Path, str]):
    _, folder, _ = run
    page, kept = (folder / "report.html").read_text(), json.loads((folder / "scores.json").read_text())
    for title, name in (("Macro F1", "macro_f1"), ("Multiclass log loss", "multiclass_log_loss")):
        assert f'<div class="tile">{title}<b>{kept["out_of_fold"][name]:.4f} ' in page
        low, high = kept["board"]["others"][name]
        assert f"a board of 7 songs: {low:.4f} to {high:.4f}" in page
    assert '<div class="tile">Accuracy' not in page
    assert "Multiclass log loss alone" in page
    assert "macro F1 out of fold against argmax" in page or "has the same macro F1 out of fold as argmax" in page


def test_a_finished_run_knows_its_boards_and_predicts_as_it_did(run: tuple[Path, Path, str], tmp_path: Path):
    data, folder, _ = run
    boards = {"score": "macro-f1", "loss": "log-loss"}
    assert [metric.name for metric in read_finished(folder).goals.metrics] == list(boards.values())
    said = run_program("submit", "--data", data, "--from", folder, "--out", tmp_path / "again")
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "again" / "label_pred.csv").read_bytes() == (folder / "label_pred.csv").read_bytes()


def test_blends_follow_the_boards(run: tuple[Path, Path, str], tmp_path: Path):
    data, folder, _ = run
    other = ("--model", "extra-trees", "--folds", folder / "folds.csv", "--out", tmp_path / "other")
    assert run_program("submit", "--data", data, *other).returncode == 0
    blend = ("--blend", folder, "--blend", tmp_path / "other", "--rule", "auto", "--out", tmp_path / "blend")
    said = run_program("submit", *blend)
    assert said.returncode == 0, said.stderr
    assert re.search(r"(gain|cost) -?[.\d]+ ± [.\d]+ multiclass log loss", said.stdout)
    kept = json.loads((tmp_path / "blend" / "scores.json").read_text())
    assert kept["ranked_by"] == ["macro_f1", "multiclass_log_loss"]
    assert [set(row) for row in kept["pool"]] == [{"recipe", "weight", "loss", "score"}] * 2
    assert [row["name"] for row in kept["yardsticks"]] == ["guessing", "logistic-regression"]
    compared = run_program("score", folder, tmp_path / "other")
    assert " macro F1 (95 %" in compared.stdout


def test_runs_lists_the_boards_scores(run: tuple[Path, Path, str]):
    _, folder, _ = run
    kept = json.loads((folder / "scores.json").read_text())["out_of_fold"]
    said = run_program("runs", folder.parent)
    heading, line = [one for one in said.stdout.splitlines() if "macro F1" in one or folder.name in one][:2]
    assert "macro F1" in heading
    assert f"{kept['macro_f1']:.4f} ± {kept['macro_f1_se']:.4f}" in line
    (listed,) = json.loads(run_program("runs", folder.parent, "--json").stdout)["runs"]
    assert listed["macro_f1"] == kept["macro_f1"]
    assert listed["multiclass_log_loss_se"] == kept["multiclass_log_loss_se"]


def test_given_files_are_scored_by_the_boards_metrics(run: tuple[Path, Path, str], tmp_path: Path):
    data, folder, _ = run
    truth = tmp_path / "truth.csv"
    truth.write_text("1\n2\n3\n1\n2\n3\n1\n")
    files = ("--predictions", folder / "label_pred.csv", "--predictions", folder / "label_all.csv")
    said = run_program("score", *files, "--labels", truth, "--data", data, "--for", 50, "--json")
    assert said.returncode == 0, said.stderr
    labels, probabilities = json.loads(said.stdout)["files"]
    given = pd.read_csv(folder / "label_pred.csv")["Sample_label"]
    assert labels["scores"]["macro_f1"] == pytest.approx(f1_score(np.loadtxt(truth), given, average="macro"))
    assert set(labels["board"]["others"]) == {"macro_f1"}
    assert set(probabilities["board"]["others"]) == {"multiclass_log_loss"}


def test_where_the_test_songs_are_strangers_no_forecast_is_made_for_other_boards():
    expected = manifest.Board(120, (0.4, 0.6), (0.1, 0.2), 0.5, 0.15)
    assert board_line(expected, CLASSIC) == (
        "boards    of 120 songs, not these scores, as the test songs differ: expect (95 %) accuracy 0.4000 to 0.6000, "
        "board log loss 0.1000 to 0.2000"
    )
    one, both = (goals_of({name: Board(name) for name in names}) for names in (["macro-f1"], ["macro-f1", "log-loss"]))
    assert board_line(expected, one).endswith(
        "differ: expect (95 %) board log loss 0.1000 to 0.2000; no forecast is made for macro F1"
    )
    assert board_line(expected, both).endswith("differ: no forecast is made for macro F1 and multiclass log loss")
