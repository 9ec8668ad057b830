"""Blends of finished runs: the weights on random arrays, the command on runs of the tiny competition."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support import run_program

from competition.data.folds import Folds, stratified_folds
from competition.errors import RunError
from competition.scoring.logarithmic_pool import pooled
from competition.scoring.metrics import board_log_loss
from competition.scoring.probabilities import bounded
from genre_kit.runs.blending import Blend, blend_runs, check_alike, read_run


def random_members(seed: int, sharpness: tuple[float, ...], rows: int = 150) -> tuple[np.ndarray, np.ndarray, Folds]:
    """Targets, the probabilities of members that know them by their sharpness, and folds."""
    generator = np.random.default_rng(seed)
    targets = np.arange(rows) % 3
    logits = generator.normal(size=(len(sharpness), rows, 3))
    logits[:, np.arange(rows), targets] += np.array(sharpness)[:, None]
    return targets, np.stack([bounded(np.exp(one)) for one in logits]), stratified_folds(targets, 5, seed=0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_weights_sum_to_1_and_so_do_rows(seed: int):
    found = blend_runs(*random_members(seed, (2.0, 0.5, 0.0)))
    assert found.weights.sum() == pytest.approx(1)
    assert (found.weights >= 0).all()
    np.testing.assert_allclose(found.out_of_fold.sum(axis=1), 1)


def with_other_genres_in_a_fold(seed: int) -> tuple[Blend, Blend, np.ndarray]:
    """Blend, blend again with other targets in fold 2, and return both blends and the fold's rows."""
    targets, members, folds = random_members(seed, (2.0, 0.5, 0.0))
    rows, changed = folds.held_out(2), targets.copy()
    changed[rows] = (changed[rows] + 1) % 3
    return blend_runs(targets, members, folds), blend_runs(changed, members, folds), rows


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_rows_are_pooled_by_what_other_folds_chose(seed: int):
    found, again, rows = with_other_genres_in_a_fold(seed)
    assume(found.is_fitted and again.is_fitted)
    np.testing.assert_array_equal(again.out_of_fold[rows], found.out_of_fold[rows])


def test_a_row_is_pooled_by_what_other_folds_chose():
    """One seed of those above, with which both are sure to be pooled by found weights, which differ."""
    found, again, rows = with_other_genres_in_a_fold(0)
    assert found.is_fitted and again.is_fitted
    np.testing.assert_array_equal(again.out_of_fold[rows], found.out_of_fold[rows])
    assert not np.array_equal(np.delete(again.out_of_fold, rows, axis=0), np.delete(found.out_of_fold, rows, axis=0))


def test_a_run_that_knows_nothing_gets_no_weight_and_a_good_one_gets_most():
    targets, members, folds = random_members(3, (3.0, 0.0, 1.0), rows=600)
    found = blend_runs(targets, members, folds)
    assert found.is_fitted
    assert found.weights.argmax() == 0
    assert found.weights[1] < 0.05
    equal = pooled(members, np.full(3, 1 / 3))
    assert board_log_loss(targets, found.out_of_fold) < board_log_loss(targets, equal)


def test_equal_weights_are_kept_where_found_ones_do_not_help():
    targets, members, folds = random_members(4, (1.0, 1.0, 1.0, 1.0))
    found = blend_runs(targets, members, folds)
    assert not found.is_fitted
    np.testing.assert_array_equal(found.weights, 0.25)
    np.testing.assert_array_equal(found.out_of_fold, pooled(members, found.weights))


def test_runs_that_know_nothing_are_pooled_by_equal_weights(monkeypatch):
    targets, members, folds = random_members(5, (0.0, 0.0))
    monkeypatch.setattr("genre_kit.runs.blending.fit_weights", lambda *_: np.zeros(2))
    np.testing.assert_array_equal(blend_runs(targets, members, folds).weights, 0.5)


@pytest.fixture(scope="module")
def place(tmp_path_factory, write_competition) -> Path:
    """A data folder, two runs upon it that share folds, one with other folds, and one of score's."""
    place = tmp_path_factory.mktemp("blend")
    data = write_competition(place / "data")
    for command, model, folds, name in (
        ("submit", "kernel-ridge", 3, "ridge"),
        ("submit", "logistic-regression", 3, "logistic"),
        ("submit", "kernel-ridge", 4, "other-folds"),
        ("score", "kernel-ridge", 3, "scored"),
    ):
        options = ("--model", model, "--folds", folds, "--out", place / name, "--quiet")
        said = run_program(command, "--data", data, *options)
        assert (said.returncode, said.stderr) == (0, "")
    return place


def blended(place: Path, *names: str, out: Path, options: tuple[object, ...] = ()):
    runs = [part for name in names for part in ("--blend", place / name)]
    return run_program("submit", *runs, "--out", out, *options)


@pytest.fixture(scope="module")
def finished_blend(place: Path):
    out = place / "blend"
    return out, blended(place, "ridge", "logistic", out=out)


def test_the_blend_is_a_run_like_any_other(place: Path, finished_blend):
    out, said = finished_blend
    assert (said.returncode, said.stderr) == (0, "")
    assert {path.name for path in out.iterdir()} == {
        "DONE", "label_pred.csv", "label_all.csv", "scores.json", "manifest.json", "oof.csv", "folds.csv",
        "edition.toml", "report.html", "plots",
    }  # fmt: skip
    checked = run_program("check", out / "label_pred.csv", out / "label_all.csv", "--data", place / "data")
    assert checked.returncode == 0
    assert (out / "folds.csv").read_bytes() == (place / "ridge" / "folds.csv").read_bytes()
    assert "blend" in run_program("runs", place).stdout


def test_its_numbers_are_those_of_the_runs_weighted(place: Path, finished_blend):
    out, said = finished_blend
    manifest, scores = (json.loads((out / name).read_text()) for name in ("manifest.json", "scores.json"))
    weights = [run["weight"] for run in manifest["blend"]]
    assert [run["run"] for run in manifest["blend"]] == [str(place / "ridge"), str(place / "logistic")]
    assert [one["weight"] for one in scores["pool"]] == weights
    test = [pd.read_csv(place / name / "label_all.csv").to_numpy()[:, 1:] for name in ("ridge", "logistic")]
    np.testing.assert_allclose(
        pd.read_csv(out / "label_all.csv").to_numpy()[:, 1:], pooled(np.stack(test), np.array(weights)), rtol=1e-12
    )
    runs = [read_run(place / name) for name in ("ridge", "logistic")]
    expected = blend_runs(runs[0].scored.targets, np.stack([run.out_of_fold for run in runs]), runs[0].folds)
    rows = pd.read_csv(out / "oof.csv")
    probabilities = rows.filter(like="Class_").to_numpy()
    np.testing.assert_allclose(probabilities, expected.out_of_fold, rtol=1e-12)
    loss = board_log_loss(rows["Label"].to_numpy() - 1, probabilities)
    assert scores["out_of_fold"]["board_log_loss"] == pytest.approx(loss)
    assert re.search(rf"board log loss +{loss:.4f}", said.stdout)
    best = min(board_log_loss(run.scored.targets, run.out_of_fold) for run in runs)
    assert scores["gain_over_best"] == pytest.approx(best - loss)
    assert "over the best run alone" in said.stdout
    labels = rows["Predicted"].to_numpy()
    assert scores["out_of_fold"]["accuracy"] == pytest.approx((labels == rows["Label"]).mean())


def test_a_blend_is_scored_and_compared_like_any_run(place: Path, finished_blend):
    said = run_program("score", finished_blend[0], place / "ridge")
    assert (said.returncode, said.stderr) == (0, "")
    assert "paired by song" in said.stdout


def test_the_blends_report_names_the_runs(finished_blend, place: Path):
    text = (finished_blend[0] / "report.html").read_text()
    assert f"{place / 'logistic'}</th>" in text
    assert '<th scope="col">Run</th>' in text
    assert "has the same value in all songs" in text


def test_a_blend_can_be_blended_with_a_rule_of_its_own(place: Path, finished_blend, tmp_path: Path):
    said = blended(place, "blend", "ridge", out=tmp_path / "out", options=("--rule", "argmax", "--quiet"))
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["rule"] == {"name": "argmax"}


REFUSED = [
    (("ridge", "other-folds"), "other-folds: holds out other songs together than .*ridge/folds.csv"),
    (("ridge", "scored"), "scored: there is no label_all.csv in it; only runs that submit has trained"),
    (("ridge", "none"), "none: there is no such folder"),
    (("ridge", "data"), "data: holds no finished run .there is no DONE"),
    (("ridge", "logistic", "ridge"), "ridge: is given twice"),
]


@pytest.mark.parametrize(("names", "sentence"), REFUSED, ids=[names[-1] for names, _ in REFUSED])
def test_runs_that_do_not_fit_are_refused(place: Path, names, sentence: str):
    with pytest.raises(RunError, match=sentence):
        check_alike([read_run(place / name) for name in names])


def test_the_command_meets_runs_that_do_not_fit_by_one_sentence(place: Path, tmp_path: Path):
    said = blended(place, "ridge", "other-folds", out=tmp_path / "out")
    assert (said.returncode, said.stdout) == (1, "")
    assert re.match("error: .*other-folds: holds out other songs together", said.stderr)
    assert len(said.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def spoil_manifest(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["data"]["sha256"] = "f" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))


def drop_last_line(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def change(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


SPOILED = [
    ("other data", spoil_manifest, "was trained on other data than .*hashes differ: ffffffff and"),
    ("other edition", lambda run: change(run / "edition.toml", "Polka", "Ska"), "is of another edition than"),
    ("rows", lambda run: drop_last_line(run / "oof.csv"), "oof.csv: 59 rows; its manifest says 60"),
    ("test rows", lambda run: drop_last_line(run / "label_all.csv"), "label_all.csv: 6 rows; its manifest says 7"),
    (
        "columns",
        lambda run: change(run / "oof.csv", "Class_3", "Class_4"),
        "oof.csv: the columns are .*Class_4; expected",
    ),
    ("text", lambda run: change(run / "label_all.csv", "\n7,", "\n7,x"), "label_all.csv: cannot be read"),
    (
        "corrected",
        lambda run: change(run / "scores.json", '"corrected": false', '"corrected": true'),
        "are corrected for the test songs' genre shares",
    ),
    (
        "manifest",
        lambda run: (run / "manifest.json").write_text("{}"),
        "manifest.json: 'command' is missing; train",
    ),
]


@pytest.mark.parametrize(("spoil", "sentence"), [bad[1:] for bad in SPOILED], ids=[bad[0] for bad in SPOILED])
def test_spoiled_runs_are_refused_by_a_sentence(place: Path, tmp_path: Path, spoil, sentence: str):
    shutil.copytree(place / "logistic", tmp_path / "logistic")
    spoil(tmp_path / "logistic")
    with pytest.raises(RunError, match=sentence):
        check_alike([read_run(place / "ridge"), read_run(tmp_path / "logistic")])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "--blend takes at least two runs"),
        (("--blend", "y", "--data", "z"), "--data has no effect with --blend"),
        (("--blend", "y", "--folds", "3"), "--folds has no effect with --blend"),
        (("--from", "y"), "--from and --blend contradict each other"),
    ],
)
def test_a_wrong_command_line_exits_with_2(tmp_path: Path, options: tuple[str, ...], sentence: str):
    said = run_program("submit", "--blend", "x", *options, cwd=tmp_path)
    assert (said.returncode, said.stdout) == (2, "")
    assert sentence in said.stderr
