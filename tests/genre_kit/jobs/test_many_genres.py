"""A run of many genres, end to end: small pictures and tables, and the default rule where it costs too much."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from support import run_program

import genre_kit
from competition.data.edition import Block, Edition, Files
from competition.data.edition_file import EDITION_FILE, edition_text
from competition.inference.find import find_edition
from genre_kit.jobs.steps import keep
from genre_kit.jobs.steps.plan import rule_for
from genre_kit.results.run import Result
from genre_kit.runs.manifest import Manifest, ScoresFile
from submissions.rule_search import UsualRule
from submissions.rules import Argmax, Threshold

GENRES, SONGS = 30, 6
MODEL = {"model": "logistic-regression", "folds": 3}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data whose genres are hard to tell apart, and with a run upon it, and what that said."""
    place = tmp_path_factory.mktemp("many")
    generator = np.random.default_rng(0)
    targets = generator.permutation(np.arange(GENRES * SONGS) % GENRES)
    centres, test = generator.normal(size=(GENRES, 8)), generator.integers(GENRES, size=50)
    names, files = (
        tuple(f"genre {label}" for label in range(1, GENRES + 1)),
        Files("songs.csv", "labels.csv", "test.csv"),
    )
    edition = Edition("many", "Many genres", names, names[0], files, (Block("all", 0, 8, ("mean",)),))
    data = place / "data"
    data.mkdir()
    (data / EDITION_FILE).write_text(edition_text(edition), encoding="utf-8")
    for name, numbers in (("songs.csv", targets), ("test.csv", test)):
        np.savetxt(data / name, centres[numbers] + 0.35 * generator.normal(size=(len(numbers), 8)), "%.4f", ",")
    np.savetxt(data / "labels.csv", targets + 1, "%d")
    said = run_program("submit", "--data", data, "--model", MODEL["model"], "--folds", 3, "--out", place / "run")
    assert said.returncode == 0, said.stderr
    (place / "said.txt").write_text(said.stdout, encoding="utf-8")
    return place


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave pictures and the report out, which take longer than so small a training."""
    for name in ("write_pictures", "write_report"):
        monkeypatch.setattr(keep, name, lambda place, result: None)


def labels(run: Path) -> list[int]:
    return pd.read_csv(run / "label_pred.csv")["Sample_label"].tolist()


def most_probable(run: Path) -> np.ndarray:
    return pd.read_csv(run / "label_all.csv").to_numpy()[:, 1:].argmax(axis=1) + 1


def test_labels_are_plain_where_nobody_asked_for_what_costs(place: Path):
    run, said = place / "run", (place / "said.txt").read_text(encoding="utf-8")
    assert labels(run) == most_probable(run).tolist()
    manifest, scores = Manifest.read(run), ScoresFile.read(run)
    assert (manifest.rule["name"], manifest.usual_rule) == ("argmax", Threshold(0.25, 0).to_table())
    gain = scores.usual_rule_gain
    assert gain is not None
    assert gain.accuracy < -gain.accuracy_se < 0
    size = f"which costs {-gain.accuracy:.4f} ± {gain.accuracy_se:.4f} accuracy out of fold"
    assert f"nobody asked for threshold, {size}\n" in said
    assert f"with it all the same: python -m competition submit --from {run} --rule threshold\n" in said
    assert f"It stands instead of threshold, {size}, and which nobody asked for." in (run / "report.html").read_text()


@pytest.mark.usefixtures("undrawn")
def test_the_rule_that_is_named_is_followed_by_training_and_by_models(place: Path, tmp_path: Path):
    data, run = place / "data", place / "run"
    named = genre_kit.submit(data=data, **MODEL, rule="threshold", out=tmp_path / "named")
    assert named.rule == Threshold(0.25, 0)
    assert labels(tmp_path / "named") != labels(run)
    assert Manifest.read(tmp_path / "named").usual_rule is None
    assert ScoresFile.read(tmp_path / "named").usual_rule_gain is None
    assert ScoresFile.read(tmp_path / "named").rule_gain.accuracy == ScoresFile.read(run).usual_rule_gain.accuracy
    for number, asked in enumerate(({"rule": "threshold"}, {"threshold": 0.25})):
        genre_kit.predict(run, **asked, out=tmp_path / str(number))
        assert labels(tmp_path / str(number)) == labels(tmp_path / "named")
    assert genre_kit.predict(run, out=tmp_path / "own").rule == Argmax()


@pytest.mark.usefixtures("undrawn")
def test_a_blend_and_a_score_do_as_submit_does(place: Path, tmp_path: Path):
    run, again = place / "run", tmp_path / "again"
    shutil.copytree(run, again)
    blended = genre_kit.blend([run, again], out=tmp_path / "blend")
    assert (blended.rule, labels(tmp_path / "blend")) == (Argmax(), labels(run))
    assert Manifest.read(tmp_path / "blend").usual_rule == Threshold(0.25, 0).to_table()
    assert genre_kit.blend([run, again], rule="threshold", out=tmp_path / "named").rule == Threshold(0.25, 0)
    assert genre_kit.score(data=place / "data", **MODEL, out=tmp_path / "score").rule == Argmax()


@pytest.mark.parametrize("asked", [("threshold", None, None), (None, 0.25, None), (None, None, "Pop_Rock")])
def test_a_rule_is_asked_for_by_its_name_or_by_a_part_of_it(asked: tuple):
    edition = find_edition(None, None)
    assert rule_for(edition, *asked) == Threshold(0.25, 0)
    assert rule_for(edition, None, None, None) == UsualRule(Threshold(0.25, 0))
    assert rule_for(edition, "argmax", None, None) == Argmax()


def test_the_report_is_small_and_tables_say_where_the_rest_is(place: Path):
    run = place / "run"
    assert (run / "report.html").stat().st_size < 2_000_000
    assert '<div class="scroll tall">' in (run / "report.html").read_text(encoding="utf-8")
    said = run_program("score", run).stdout.splitlines()
    rows = [line for line in said if line.startswith("  genre ")]
    assert len(rows) == 1 + 24
    assert (
        f"  and 6 genres of which fewer songs are labelled otherwise: all are in {run / 'report.html'} and scores.json"
        in said
    )
    assert len(json.loads((run / "scores.json").read_text())["genres"]) == GENRES


def test_the_seconds_of_a_run_count_its_drawing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, edition: Edition):
    drawn = []
    monkeypatch.setattr(keep, "time", SimpleNamespace(perf_counter=iter((100.0, 350.0)).__next__))
    monkeypatch.setattr(keep, "write_pictures", lambda place, result: drawn.append(place))
    known = {"data": None, "rule": Argmax(), "probabilities": None, "started": datetime.now(UTC), "seconds": 2.0}
    result = Result(name="any", edition=edition, held_out=object(), **known)
    assert keep._drawn(tmp_path, result).seconds == 252.0
    assert drawn == [tmp_path]


def test_the_files_of_a_run_say_the_same_seconds(place: Path):
    run = place / "run"
    assert Manifest.read(run).seconds == ScoresFile.read(run).seconds > 0
