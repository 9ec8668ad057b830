"""A run's folder knows its data: commands that take it need no --data, and say whose data they took."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import TINY_SPACE, run_program

import genre_kit
from competition.data.sample import SOURCE
from competition.errors import RunError
from competition.inference.findings import FRAMES
from genre_kit.jobs.steps.inputs import choose_data
from genre_kit.runs.known_data import known_data, origin_table
from tuning.errors import TuningError

SMALL = {"model": "logistic-regression", "folds": 2}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, write_competition) -> tuple[Path, Path]:
    """A data folder and a run upon it."""
    data = write_competition(tmp_path_factory.mktemp("known") / "data")
    genre_kit.submit(data=data, **SMALL, out=data.parent / "run")
    return data, data.parent / "run"


@pytest.fixture
def own(made: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """Copies of both, which a test may spoil; the run knows the copy of the data."""
    data, run = shutil.copytree(made[0], tmp_path / "data"), shutil.copytree(made[1], tmp_path / "run")
    change_manifest(run, lambda table: table["origin"].update(path=str(data)))
    return data, run


def change_manifest(run: Path, change) -> None:
    table = json.loads((run / "manifest.json").read_text())
    change(table)
    (run / "manifest.json").write_text(json.dumps(table))


def test_a_run_knows_its_data_and_edition(made: tuple[Path, Path]):
    data, run = made
    for place in (run, run / "recipe.toml"):
        known = known_data(place)
        assert known is not None
        assert (known.folder, known.place, known.edition.name) == (run, data, "tiny")
    chosen = choose_data(None, None, run)
    dataset = chosen.open(with_test=True)
    assert chosen.known_by == run
    assert dataset.training_fingerprint == chosen.known.origin.training_sha256
    assert known_data(data) is known_data(data / "recipe.toml") is None


def test_named_data_comes_before_known_data(own: tuple[Path, Path], tmp_path: Path):
    data, run = own
    other = shutil.copytree(data, tmp_path / "other")
    chosen = choose_data(other, None, run)
    assert (chosen.data, chosen.known) == (other, None)


def test_commands_take_the_data_of_the_run_and_say_so(own: tuple[Path, Path], tmp_path: Path):
    data, run = own
    outs = [tmp_path / name for name in ("again", "applied", "pictures", "scored")]
    for command in (
        ("submit", "--recipe", run, "--folds", 2, "--out", outs[0]),
        ("submit", "--from", run, "--rule", "argmax", "--out", outs[1]),
        ("plot", run, "--out", outs[2]),
        ("score", "--recipe", run / "recipe.toml", "--folds", 2, "--out", outs[3]),
    ):
        said = run_program(*command)
        assert (said.returncode, said.stderr) == (0, ""), said.stderr
        assert f"data      from {run}: {data}" in said.stdout
        assert "SAMPLE" not in said.stdout
    assert (outs[0] / "label_all.csv").read_bytes() == (run / "label_all.csv").read_bytes()
    assert known_data(outs[1]).place == known_data(outs[0]).place == data


def test_data_that_is_gone_is_met_by_a_sentence(own: tuple[Path, Path], tmp_path: Path):
    data, run = own
    data.rename(tmp_path / "moved")
    for arguments in (("submit", "--from", run), ("submit", "--recipe", run), ("plot", run)):
        said = run_program(*arguments, "--out", tmp_path / "out")
        assert (said.returncode, said.stdout) == (1, "")
        assert (
            said.stderr
            == f"error: {run}: its data is no longer in {data}; give it with --data, from where it is now.\n"
        )
    assert genre_kit.predict(run, data=tmp_path / "moved", out=tmp_path / "out").labels.shape == (7,)


@pytest.mark.parametrize(
    ("name", "which"), [("genres.csv", "training"), ("songs.csv", "training"), ("unknown.csv", "test")]
)
def test_data_that_has_changed_is_met_by_a_sentence(own: tuple[Path, Path], tmp_path: Path, name: str, which: str):
    data, run = own
    rows = np.loadtxt(data / name, delimiter=",", ndmin=2)
    np.savetxt(data / name, rows[::-1], fmt="%.9g", delimiter=",")
    sentence = (
        rf"run: its data in .*data has changed \(the SHA-256 of the {which} songs was [0-9a-f]{{8}}, and is .*`data`"
    )
    with pytest.raises(RunError, match=sentence):
        genre_kit.submit(recipe=run, folds=2, out=tmp_path / "out")
    if which == "test":
        with pytest.raises(RunError, match=sentence):
            genre_kit.predict(run, out=tmp_path / "out")
    assert genre_kit.predict(run, data=data, out=tmp_path / "out").folder == tmp_path / "out"


def test_songs_that_were_kept_out_do_not_make_the_files_others(own: tuple[Path, Path], tmp_path: Path):
    data, _ = own
    (data / "unknown.csv").unlink()
    genre_kit.submit(data=data, **SMALL, test_share=0.3, out=tmp_path / "kept-out")
    again = genre_kit.submit(recipe=tmp_path / "kept-out", folds=2, test_share=0.3, out=tmp_path / "again")
    assert again.plan.known_by == tmp_path / "kept-out"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda table: table.pop("origin"), 'run: does not say where its data is, but for ".*"; give it with `data`'),
        (
            lambda table: table["data"].update(source=FRAMES),
            "run: its songs were data frames, which are in no file; give",
        ),
    ],
)
def test_runs_that_do_not_know_are_met_by_a_sentence(own: tuple[Path, Path], change, sentence: str):
    change_manifest(own[1], change)
    with pytest.raises(RunError, match=sentence):
        choose_data(None, None, own[1])


def test_a_run_on_the_sample_takes_the_sample_in_its_own_edition(own: tuple[Path, Path]):
    change_manifest(own[1], lambda table: (table.pop("origin"), table["data"].update(source=SOURCE)))
    chosen = choose_data(None, None, own[1])
    assert (chosen.data, chosen.edition.name, chosen.known_by) == (None, "tiny", own[1])


def test_a_blend_knows_the_data_of_its_runs(own: tuple[Path, Path], tmp_path: Path):
    data, run = own
    genre_kit.submit(data=data, model="discriminant-analysis", folds=2, out=tmp_path / "other")
    genre_kit.blend([run, tmp_path / "other"], out=tmp_path / "blend")
    assert known_data(tmp_path / "blend").origin == known_data(run).origin


def test_a_searchs_folder_knows_its_data(own: tuple[Path, Path], tmp_path: Path):
    _, run = own
    known, folder = known_data(run), tmp_path / "found"
    folder.mkdir()
    (folder / "search.json").write_text(json.dumps({"origin": origin_table(known.source, known.origin, known.edition)}))
    assert known_data(folder) == replace(known, folder=folder)
    (folder / "search.json").write_text("{}")
    with pytest.raises(RunError, match="found: does not say where its data is; give it with `data`"):
        known_data(folder)
    (folder / "search.json").write_text("[")
    with pytest.raises(TuningError, match=r"search\.json: cannot be read"):
        known_data(folder)


@pytest.mark.training
def test_a_search_goes_on_and_its_winner_is_trained_on_its_own_data(own: tuple[Path, Path], tmp_path: Path):
    data, found = own[0], tmp_path / "found"
    space = tmp_path / "space.toml"
    space.write_text(TINY_SPACE)
    budget = {"space": space, "trials": 2, "folds": 2, "initial": 2}
    genre_kit.tune(data=data, **budget, out=found)
    assert genre_kit.tune(**budget, out=found).was_there
    said = run_program("submit", "--recipe", found, "--folds", 2, "--seeds", 1, "--out", tmp_path / "tuned")
    assert said.returncode == 0, said.stderr
    assert f"data      from {found}: {data}: 60 training songs" in said.stdout
