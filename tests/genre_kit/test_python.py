"""The Python face: the same jobs with keyword arguments, results in their hands, nothing printed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import ROOT, run_program

import genre_kit
from genre_kit.results.events import Advanced, Event, Planned, Started


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, write_competition) -> Path:
    return write_competition(tmp_path_factory.mktemp("face") / "data")


@pytest.fixture(scope="module")
def submitted(data: Path) -> tuple[genre_kit.Result, list[Event]]:
    events: list[Event] = []
    out = data.parent / "run"
    result = genre_kit.submit(data=data, recipe=data / "recipe.toml", folds=3, seeds=1, out=out, progress=events.append)
    return result, events


def test_submit_returns_what_stands_in_the_files(submitted: tuple[genre_kit.Result, list[Event]], capsys):
    result, _ = submitted
    # numpy reads every digit; pandas did not always.
    probabilities = np.loadtxt(result.folder / "label_all.csv", delimiter=",", skiprows=1)[:, 1:]
    np.testing.assert_array_equal(result.probabilities, probabilities)
    np.testing.assert_array_equal(result.labels, pd.read_csv(result.folder / "label_pred.csv")["Sample_label"])
    out_of_fold = np.loadtxt(result.folder / "oof.csv", delimiter=",", skiprows=1)[:, 4:]
    np.testing.assert_array_equal(result.out_of_fold, out_of_fold)
    scored = genre_kit.compare([result.folder]).runs[0].scores
    assert result.scores.board_log_loss.value == pytest.approx(scored.board_log_loss.value)
    assert capsys.readouterr() == ("", "")


def test_progress_is_told_by_events(submitted: tuple[genre_kit.Result, list[Event]], data: Path):
    planned, started, *steps = submitted[1]
    assert isinstance(planned, Planned)
    assert planned.data == data
    assert isinstance(started, Started)
    assert [(step.done, step.total) for step in steps if isinstance(step, Advanced)] == [(1, 3), (2, 3), (3, 3)]


def test_the_program_does_the_same(submitted: tuple[genre_kit.Result, list[Event]], data: Path, tmp_path: Path):
    options = ("--recipe", data / "recipe.toml", "--folds", 3, "--seeds", 1, "--out", tmp_path / "run")
    assert run_program("submit", "--data", data, *options).returncode == 0
    for name in ("label_pred.csv", "label_all.csv", "oof.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (submitted[0].folder / name).read_bytes()


def test_finished_runs_predict_blend_and_are_checked(
    submitted: tuple[genre_kit.Result, list[Event]], data: Path, tmp_path: Path
):
    first, _ = submitted
    again = genre_kit.predict(first.folder, data=data, rule="argmax", out=tmp_path / "again")
    np.testing.assert_array_equal(again.probabilities, first.probabilities)
    assert (again.scores, again.out_of_fold) == (None, None)
    folds = first.folder / "folds.csv"
    other = genre_kit.submit(data=data, model="discriminant-analysis", folds=folds, out=str(tmp_path / "other"))
    blend = genre_kit.blend([first.folder, other.folder], out=tmp_path / "blend")
    assert sum(part.weight for part in blend.known.pool.parts) == pytest.approx(1)
    assert genre_kit.check([blend.folder], data=data).is_ok
    spoiled = tmp_path / "label_pred.csv"
    spoiled.write_text("Sample_id,Sample_label\n1,9\n")
    found = genre_kit.check([spoiled], data=data)
    assert not found.is_ok
    assert {finding.severity for finding in found.findings} == {"broken"}


def test_a_score_has_its_repeats(data: Path, tmp_path: Path):
    result = genre_kit.score(data=data, model="discriminant-analysis", folds=3, repeats=2, out=tmp_path / "scored")
    means = np.mean([one.scores.accuracy.value for one in result.repeats])
    assert result.scores.accuracy.value == pytest.approx(means)
    assert result.probabilities is None


def test_files_are_scored_against_known_labels(submitted: tuple[genre_kit.Result, list[Event]], data: Path, tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("1\n2\n3\n1\n2\n3\n1\n")
    (scored,) = genre_kit.score_files([submitted[0].folder / "label_pred.csv"], truth, data=data)
    expected = np.mean(submitted[0].labels == [1, 2, 3, 1, 2, 3, 1])
    assert scored.scores.accuracy.value == expected


MISTAKES = [
    ({"model": "dense", "recipe": "x.toml"}, "`model` and `recipe` contradict each other"),
    ({"preset": "quick", "minutes": 2}, "`minutes` and `preset` contradict each other"),
    ({"rule": "argmax", "threshold": 0.3}, "`threshold` has no effect with `rule` argmax. Leave it out"),
    ({"rule": "loudest"}, "`rule` is 'loudest'; expected one of threshold, margin, per-genre, offsets, argmax, auto"),
    ({"data": "nowhere"}, "nowhere: there is no such folder; `data` takes the folder"),
]


@pytest.mark.parametrize(("arguments", "sentence"), MISTAKES)
def test_mistakes_name_arguments(data: Path, arguments: dict[str, object], sentence: str):
    with pytest.raises(genre_kit.KitError) as met:
        genre_kit.submit(**{"data": data, "model": None} | arguments)
    assert sentence in str(met.value)


@pytest.mark.process
def test_importing_it_is_quick_and_all_names_are_there():
    code = "import sys, genre_kit; assert not {'numpy', 'tensorflow', 'click'} & set(sys.modules); print('ok')"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "ok\n"
    assert all(getattr(genre_kit, name) is not None for name in genre_kit.__all__)
    assert set(genre_kit.__all__) <= set(dir(genre_kit))
    with pytest.raises(AttributeError, match="has no attribute 'submitt'"):
        genre_kit.submitt  # noqa: B018
