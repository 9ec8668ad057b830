"""What version 0.1.0 wrote before its modules were moved into rooms is still read: runs, models, pickles, searches."""

import json
import pickle
import re
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import ROOT, run_program, run_python

OLDER = ROOT / "tests" / "data" / "older-runs"


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files, in which the runs' relative paths hold."""
    shutil.copytree(OLDER, tmp_path / "older")
    monkeypatch.chdir(tmp_path / "older")
    return tmp_path / "older"


def test_an_older_run_predicts_the_same(older: Path):
    said = run_program("submit", "--from", "runs/trained", "--data", "data", "--out", "again", cwd=older)
    if "cannot use" in said.stderr:  # an older scikit-learn than the one that wrote the models
        written = json.loads((older / "runs" / "trained" / "manifest.json").read_text())["environment"]["packages"]
        assert f"were written with scikit-learn {written['scikit-learn']}, which the installed" in said.stderr
        assert version("scikit-learn") < written["scikit-learn"]
        return
    assert (said.returncode, said.stderr) == (0, "")
    kept, again = (older / "runs" / "trained", older / "again")
    assert (again / "label_pred.csv").read_bytes() == (kept / "label_pred.csv").read_bytes()
    # The run was made on another machine, whose last digits may differ.
    one, other = (pd.read_csv(folder / "label_all.csv") for folder in (kept, again))
    pd.testing.assert_frame_equal(one, other, rtol=1e-4, atol=1e-7)


def test_older_runs_are_scored_and_compared(older: Path):
    said = run_program("score", "runs/trained", "runs/other", "runs/blended", "runs/scored", "--json", cwd=older)
    assert (said.returncode, said.stderr) == (0, "")
    found = json.loads(said.stdout)["runs"]
    for run, name in zip(found, ("trained", "other", "blended", "scored"), strict=True):
        kept = json.loads((older / "runs" / name / "scores.json").read_text())
        if name != "scored":  # which keeps the mean over two repeats
            assert run["scores"]["board_log_loss"] == pytest.approx(kept["out_of_fold"]["board_log_loss"])


def test_older_runs_blend(older: Path):
    said = run_program("submit", "--blend", "runs/trained", "--blend", "runs/other", "--out", "again", cwd=older)
    assert (said.returncode, said.stderr) == (0, "")
    assert (older / "again" / "label_all.csv").read_bytes() == (older / "runs/blended/label_all.csv").read_bytes()


def test_older_runs_are_listed(older: Path):
    said = run_program("runs", "runs", "--json", cwd=older)
    assert (said.returncode, said.stderr) == (0, "")
    listed = {Path(run["folder"]).name for run in json.loads(said.stdout)["runs"]}
    assert listed == {"trained", "other", "blended", "scored"}  # one that only predicted has no score


def test_older_runs_and_searches_do_not_know_their_data(older: Path):
    for arguments in (
        ("--from", "runs/trained"),
        ("--recipe", "runs/trained"),
        ("--recipe", "runs/scored"),
        ("--recipe", "found"),
    ):
        said = run_program("submit", *arguments, "--out", "again", cwd=older)
        assert (said.returncode, said.stdout) == (1, "")
        assert re.search(
            r"(trained|scored|found): does not say where its data is.*; give it with --data\.$", said.stderr
        )


def test_older_runs_are_checked_against_their_own_record(older: Path):
    (applied,) = json.loads(run_program("runs", "runs", "--json", cwd=older).stdout)["applied"]
    for folder in ("runs/trained", "runs/blended", applied["folder"]):
        said = run_program("check", folder, cwd=older)
        assert (said.returncode, said.stderr.count("\n")) == (0, 1), said.stderr
        assert f"note: {folder}: does not say where its data is" in said.stderr
        assert said.stdout.count(": ok, ") == 2


@pytest.mark.training
def test_an_older_search_is_drawn_and_its_recipe_is_used(older: Path):
    assert run_program("plot", "--tuning", "found", "--out", "pictures", cwd=older).returncode == 0
    said = run_program("score", "--data", "data", "--recipe", "found", "--folds", 2, "--seeds", 1, cwd=older)
    assert (said.returncode, said.stderr) == (0, "")


def test_a_classifier_pickled_under_the_modules_old_names_predicts_the_same(older: Path):
    classifier = pickle.loads((older / "classifier.pickle").read_bytes())
    songs = np.loadtxt(older / "data" / "unknown.csv", delimiter=",")
    np.testing.assert_allclose(classifier.predict_proba(songs), np.load(older / "classifier.npy"), atol=1e-6)


@pytest.mark.process
def test_modules_are_found_under_their_old_names_in_a_fresh_process():
    code = (
        "from competition.estimator import GenreClassifier as old; from competition.models.estimator import "
        "GenreClassifier as new; import competition.estimator as module; print(old is new, module.__spec__.name)"
    )
    said = run_python("-c", code, check=True)
    assert said.stdout.split() == ["True", "competition.models.estimator"]
