"""Which runs to hand in: by pairs of runs, compared song by song."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import run_program

import genre_kit
from genre_kit.reports.runs import advice_lines
from genre_kit.runs.comparing import compare, differences_in
from genre_kit.runs.finished import read_finished
from genre_kit.runs.listing import RunSummary, list_runs, read_summary
from genre_kit.runs.recommending import Advice, Recommendation, recommend


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, write_competition) -> Path:
    """A place with two runs on one data, and one that applied the first's models."""
    place = tmp_path_factory.mktemp("recommended")
    data, runs = write_competition(place / "data"), place / "runs"
    for model in ("logistic-regression", "extra-trees"):
        genre_kit.submit(data=data, model=model, folds=2, rule="argmax", out=runs / model)
    genre_kit.predict(runs / "logistic-regression", rule="threshold", threshold=0.7, out=runs / "applied")
    return place


def variant(run: Path, folder: Path, share: float, models: int, seed: int = 0) -> RunSummary:
    """Return a copy of a run whose held-out probabilities are mixed with the truth, or with noise where below 0."""
    shutil.copytree(run, folder)
    table = pd.read_csv(folder / "oof.csv")
    classes = [name for name in table if name.startswith("Class_")]
    truth = np.eye(len(classes))[table["Label"] - 1]
    noise = np.random.default_rng(seed).dirichlet(np.ones(len(classes)), len(table))
    table[classes] = (1 - abs(share)) * table[classes] + abs(share) * (truth if share > 0 else noise)
    table["Predicted"] = table[classes].to_numpy().argmax(axis=1) + 1
    table.to_csv(folder / "oof.csv", index=False)
    found = read_finished(folder)
    scores = json.loads((folder / "scores.json").read_text())
    scores["out_of_fold"] |= {name: float(rows.mean()) for name, rows in found.row_scores.items()}
    (folder / "scores.json").write_text(json.dumps(scores))
    return replace(read_summary(folder), size=(models, models))


def losses(runs: list[RunSummary]) -> Recommendation:
    labels, probabilities = recommend(runs).recommendations
    assert (labels.metric.score, probabilities.metric.score) == ("accuracy", "board_log_loss")
    return probabilities


def test_the_best_run_is_handed_in_where_it_is_clearly_better(made: Path, tmp_path: Path):
    run = made / "runs" / "logistic-regression"
    runs = [variant(run, tmp_path / "worse", -0.6, 1), variant(run, tmp_path / "better", 0.5, 50)]
    one = losses(runs)
    assert (one.best.folder.name, one.simpler, one.gain) == ("better", None, None)


def exchanged(run: Path, folder: Path, models: int, places: int) -> RunSummary:
    """Return a copy of a run in which songs of one genre have exchanged their predictions: it scores the same."""
    shutil.copytree(run, folder)
    table = pd.read_csv(folder / "oof.csv")
    for _, rows in table.groupby("Label").groups.items():
        table.iloc[rows, 3:] = np.roll(table.iloc[rows, 3:].to_numpy(), places, axis=0)
    table.astype({"Predicted": int}).to_csv(folder / "oof.csv", index=False)
    return replace(read_summary(folder), size=(models, models))


def test_the_simplest_run_is_named_than_which_the_best_is_not_clearly_better(made: Path, tmp_path: Path):
    run = made / "runs" / "logistic-regression"
    best = exchanged(run, tmp_path / "best", 50, 0)
    best = replace(best, board_log_loss=replace(best.board_log_loss, value=best.board_log_loss.value - 1e-9))
    runs = [
        exchanged(run, tmp_path / "as-good", 20, 1),
        best,
        exchanged(run, tmp_path / "simplest", 3, 2),
        variant(run, tmp_path / "bad", -0.8, 1),
    ]
    one = losses(runs)
    assert (one.best.folder.name, one.simpler.folder.name) == ("best", "simplest")
    assert one.gain.value == pytest.approx(0, abs=1e-12)
    assert one.gain.standard_error > 0
    said = " ".join(" ".join(advice_lines(Advice((one,)))).split())
    assert said.startswith(
        f"hand in board log loss: {tmp_path / 'simplest' / 'label_all.csv'} (the simpler run: 3 recipes"
    )
    assert f"instead of 50; {tmp_path / 'best'} is better by 0.0000 ± " in said
    assert one.run.folder.name == "simplest"


def test_differences_are_those_of_comparing_whole_runs(made: Path):
    first, other = (made / "runs" / name for name in ("logistic-regression", "extra-trees"))
    (whole,) = compare([first, other]).differences
    (one,) = differences_in("board_log_loss", read_finished(other), [read_finished(first)])
    expected = whole.differences.board_log_loss
    assert (one.value, one.standard_error) == pytest.approx((expected.value, expected.standard_error))
    assert (one.bounds.low, one.bounds.high) == pytest.approx((expected.bounds.low, expected.bounds.high))
    assert differences_in("accuracy", read_finished(first), []) == []


def test_runs_without_files_or_on_folds_that_promise_too_much_are_not_handed_in(made: Path, tmp_path: Path):
    run = made / "runs" / "logistic-regression"
    better, worse = variant(run, tmp_path / "better", 0.5, 3), variant(run, tmp_path / "worse", -0.5, 3)
    assert losses([better, worse]).best.folder.name == "better"
    assert losses([better, replace(worse, is_like_test=True)]).best.folder.name == "worse"
    assert losses([replace(better, has_files=False), worse]).best.folder.name == "worse"
    assert recommend([replace(better, has_files=False)]).recommendations == ()


def test_a_run_whose_rows_cannot_be_read_is_told_and_left_out(made: Path, tmp_path: Path):
    run = made / "runs" / "logistic-regression"
    runs = [variant(run, tmp_path / "better", 0.5, 3), variant(run, tmp_path / "worse", -0.5, 3)]
    (tmp_path / "better" / "oof.csv").write_text("spoiled\n1,2\n")
    advice = recommend(runs)
    assert {one.best.folder.name for one in advice.recommendations} == {"worse"}
    (problem,) = advice.unreadable
    assert str(tmp_path / "better" / "oof.csv") in problem


def test_a_blend_has_as_many_models_as_its_runs(made: Path, tmp_path: Path):
    runs = [made / "runs" / name for name in ("logistic-regression", "extra-trees")]
    genre_kit.blend(runs, out=tmp_path / "blend")
    assert read_summary(tmp_path / "blend").models == sum(read_summary(run).models for run in runs) == 4


def test_the_command_groups_filters_and_recommends(made: Path):
    runs = made / "runs"
    said = run_program("runs", runs, "--data", made / "data", "--edition", "tiny")
    assert (said.returncode, said.stderr) == (0, "")
    hash_of_songs = read_summary(runs / "extra-trees").data[:8]
    title = f"data {hash_of_songs}: {made / 'data'}, 60 training songs (edition tiny)"
    assert said.stdout.splitlines()[0] == title
    words = " ".join(said.stdout.split())  # long paths are wrapped
    applied = f"{runs / 'applied'}: without scores; 7 test songs labelled by the models of "
    assert f"{applied}{runs / 'logistic-regression'}, rule threshold (" in words
    assert re.search(rf"hand in accuracy: {runs}/\S+/label_pred.csv", words)
    assert re.search(rf"board log loss: {runs}/\S+/label_all.csv", words)
    assert hash_of_songs in (runs / "extra-trees" / "report.html").read_text()
    table = json.loads(run_program("runs", runs, "--json").stdout)
    assert [one["score"] for one in table["recommended"]] == ["accuracy", "board_log_loss"]
    assert [one["folder"] for one in table["applied"]] == [str(runs / "applied")]
    assert list_runs(runs, "time", data="other").applied == ()


def test_a_run_that_applied_lost_models_is_listed_by_itself(made: Path, tmp_path: Path):
    shutil.copytree(made / "runs" / "applied", tmp_path / "applied")
    table = json.loads((tmp_path / "applied" / "manifest.json").read_text())
    (tmp_path / "applied" / "manifest.json").write_text(json.dumps(table | {"models": "gone"}))
    line = " ".join(run_program("runs", tmp_path).stdout.split())
    assert line.startswith(f"{tmp_path / 'applied'}: without scores; 7 test songs of ")


def test_labels_that_differ_are_counted(made: Path, tmp_path: Path):
    first, other = (made / "runs" / name for name in ("logistic-regression", "extra-trees"))
    ours, theirs = (pd.read_csv(run / "label_pred.csv")["Sample_label"] for run in (first, other))
    differing = int((ours != theirs).sum())
    (found,) = compare([first, other]).differences
    assert (found.labels.differing, found.labels.lines) == (differing, 7)
    said = run_program("score", first, other)
    assert f"  {differing} of the 7 labels in their label_pred.csv differ" in said.stdout
    (one,) = json.loads(run_program("score", first, other, "--json").stdout)["comparisons"]
    assert one["test_labels"] == {"differing": differing, "lines": 7}
    shutil.copytree(other, tmp_path / "without")
    (tmp_path / "without" / "label_pred.csv").unlink()
    assert compare([first, tmp_path / "without"]).differences[0].labels is None
