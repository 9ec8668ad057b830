"""A run once more from its manifest: the same bytes, elsewhere too, or a sentence."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from support import ROOT, run_process, run_program

import genre_kit
from competition.errors import KitWarning, RunError
from competition.runtime.environment import differences, environment
from genre_kit.jobs.steps import keep
from genre_kit.runs.manifest import Manifest

SMALL = {"model": "discriminant-analysis", "folds": 3}
PREDICTED = ("label_pred.csv", "label_all.csv", "oof.csv", "folds.csv", "recipe.toml", "edition.toml")
WAYS = {
    "plain": {},
    "like the test file": {"folds": "like-test:2"},
    "another seed": {"seed": 5},
    "a rule": {"rule": "margin", "fallback": "Polka"},
    "a rule that is found": {"rule": "auto"},
    "shares": {"correct_shares": True},
    "some genres": {"without": ["Rock"]},
    "no test file": {"test_share": 0.2},
}


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing: that takes most of such a run's time."""
    for name in ("write_pictures", "write_report"):
        monkeypatch.setattr(keep, name, lambda *given: None)


@pytest.fixture
def data(tmp_path: Path, write_competition) -> Path:
    return write_competition(tmp_path / "data")


def assert_same(first: Path, again: Path) -> None:
    for name in PREDICTED:
        assert (again / name).read_bytes() == (first / name).read_bytes(), name


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore::competition.errors.KitWarning")
def test_a_run_is_repeated_whatever_it_was_asked_for(data: Path, tmp_path: Path, way: str):
    if way == "no test file":
        (data / "unknown.csv").unlink()
    genre_kit.submit(data=data, **SMALL | WAYS[way], out=tmp_path / "run")
    again = genre_kit.repeat(tmp_path / "run", out=tmp_path / "again")
    assert again.plan.asked == Manifest.read(tmp_path / "run").asked
    assert_same(tmp_path / "run", tmp_path / "again")


def test_folds_and_groups_of_files_are_those_that_the_run_keeps(data: Path, tmp_path: Path):
    groups, folds = tmp_path / "artists.csv", tmp_path / "numbers.csv"
    numbers = np.arange(60) // 2
    np.savetxt(groups, numbers, fmt="%d")
    np.savetxt(folds, numbers % 3, fmt="%d")
    genre_kit.submit(data=data, **SMALL | {"folds": folds}, groups=groups, out=tmp_path / "run")
    alone = shutil.copy(tmp_path / "run" / "manifest.json", tmp_path / "alone.json")
    genre_kit.repeat(alone, out=tmp_path / "by-files")
    assert_same(tmp_path / "run", tmp_path / "by-files")
    groups.unlink()
    folds.unlink()
    genre_kit.repeat(tmp_path / "run", out=tmp_path / "by-run")
    assert_same(tmp_path / "run", tmp_path / "by-run")
    with pytest.raises(genre_kit.KitError, match=r"artists\.csv"):
        genre_kit.repeat(alone, out=tmp_path / "nothing")


@pytest.mark.process
def test_a_manifest_alone_repeats_a_run_of_networks_in_another_process_and_folder(finished, tmp_path: Path):
    data, run, _ = finished
    shutil.copytree(data, tmp_path / "moved")
    manifest = shutil.copy(run / "manifest.json", tmp_path / "manifest.json")
    words = ("submit", "--manifest", manifest, "--data", tmp_path / "moved", "--out", "again", "--quiet")
    said = run_process(*words, cwd=tmp_path)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    assert_same(run, tmp_path / "again")


def test_other_songs_are_refused(data: Path, tmp_path: Path):
    genre_kit.submit(data=data, **SMALL, out=tmp_path / "run")
    songs = np.loadtxt(data / "unknown.csv", delimiter=",")
    np.savetxt(data / "unknown.csv", songs + 1, fmt="%.9g", delimiter=",")
    for given in ({}, {"data": data}):
        with pytest.raises(RunError, match=r"SHA-256 of the test songs .* needs the songs as they were: give their"):
            genre_kit.repeat(tmp_path / "run", **given, out=tmp_path / "again")
    shutil.rmtree(data)
    with pytest.raises(RunError, match=r"its data is no longer in .*; give it with `data`"):
        genre_kit.repeat(tmp_path / "run", out=tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_what_cannot_be_repeated_says_how_it_was_made(data: Path, tmp_path: Path):
    genre_kit.submit(data=data, **SMALL, out=tmp_path / "run")
    genre_kit.score(data=data, **SMALL, out=tmp_path / "score")
    genre_kit.predict(tmp_path / "run", out=tmp_path / "predicted")
    for name in ("score", "predicted"):
        with pytest.raises(RunError, match=r"repeats nothing: only runs that trained .* It was made by: genre-kit"):
            genre_kit.repeat(tmp_path / name, out=tmp_path / "again")
    with pytest.raises(RunError, match=r"older.*manifest\.json: repeats nothing"):
        genre_kit.repeat(ROOT / "tests" / "data" / "older-runs" / "runs" / "trained", out=tmp_path / "again")
    with pytest.raises(RunError, match=r"nowhere: "):
        genre_kit.repeat(tmp_path / "nowhere", out=tmp_path / "again")


def test_what_a_manifest_says_is_not_said_twice(tmp_path: Path):
    for words in (["--seed", "1"], ["--rule", "argmax"], ["--from", "run"], ["--correct-shares"]):
        said = run_program("submit", "--manifest", tmp_path, *words)
        assert said.returncode == 2
        assert f"{words[0]} has no effect with --manifest, which says all that is done. Leave it out." in said.stderr


def test_another_machine_is_noted(data: Path, tmp_path: Path):
    genre_kit.submit(data=data, **SMALL, out=tmp_path / "run")
    path = tmp_path / "run" / "manifest.json"
    table = json.loads(path.read_text())
    table["environment"]["packages"]["numpy"] = "2.1.0"
    path.write_text(json.dumps(table))
    with pytest.warns(KitWarning, match=r"was made elsewhere \(numpy 2\.1\.0, here .*\): last digits may differ"):
        genre_kit.repeat(tmp_path / "run", out=tmp_path / "again")


def test_differences_are_of_versions_machine_and_variables(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    here = environment()
    assert differences(here) == []
    assert differences({}) == [f"{name} not set, here {value}" for name, value in here.get("variables", {}).items()]
    assert differences(here | {"python": "3.0"}) == [f"python 3.0, here {here['python']}"]
    monkeypatch.setitem(os.environ, "ONEDNN_MAX_CPU_ISA", "SSE41")
    assert differences(here) == ["ONEDNN_MAX_CPU_ISA not set, here SSE41"]
