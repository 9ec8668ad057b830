"""Runs and searches in an MLflow store, read back by MLflow's own client."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from support import ROOT, run_program

import genre_kit
from competition.errors import ArgumentError, RunError
from genre_kit.tracking.mlflow_store import Store, address_of, opened, shown
from genre_kit.tracking.records import run_record, search_record

OLDER = ROOT / "tests" / "data" / "older-runs"
needs_mlflow = pytest.mark.skipif(
    not any((Path(place) / "mlflow").is_dir() for place in sys.path), reason="needs requirements-mlflow.txt"
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with two runs, one that applied another's models, and a search."""
    for name in ("runs/trained", "runs/blended", "runs/predicted", "found"):
        shutil.copytree(OLDER / name, tmp_path / "place" / Path(name).name)
    return tmp_path / "place"


def read_back(address: str) -> list:
    """Return all runs in a store, by MLflow's client."""
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    from mlflow import MlflowClient

    client = MlflowClient(address)
    return [run for one in client.search_experiments() for run in client.search_runs([one.experiment_id])]


@needs_mlflow
def test_runs_searches_and_trials_are_written_once(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    store = tmp_path / "store"
    said = run_program("runs", place, "--to-mlflow", store)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == f"mlflow    4 written to file://{store}, 3 trials with them\n"
    by_name = {run.info.run_name: run for run in read_back(store.as_uri())}
    assert set(by_name) == {"trained", "blended", "predicted", "found", "trial 0000", "trial 0001", "trial 0002"}
    trained, trial = by_name["trained"], by_name["trial 0001"]
    record = run_record(place / "trained")
    assert trained.data.params == record.parameters
    assert trained.data.metrics == pytest.approx(record.metrics)
    assert trained.info.status == "FINISHED"
    assert trained.info.start_time == int(1000 * record.started)
    assert trial.data.params == {"units": "6"}
    assert trial.data.metrics["accuracy"] == pytest.approx(0.4666666666666667)
    assert trial.data.tags["mlflow.parentRunId"] == by_name["found"].info.run_id
    artifacts = Path(trained.info.artifact_uri.removeprefix("file://"))
    for name, path in record.files.items():
        assert (artifacts / name).read_bytes() == path.read_bytes()
    again = run_program("runs", place, "--to-mlflow", store)
    assert again.stdout == f"mlflow    0 written to file://{store}; 4 were there\n"
    assert len(read_back(store.as_uri())) == 7


@needs_mlflow
def test_what_a_killed_process_left_is_written_again(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    address, record = (tmp_path / "store").as_uri(), run_record(place / "trained")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt), opened(address) as store:
        patched.setattr(Store, "_fill", _interrupt)
        store.add(record)
    with opened(address) as store:
        assert store.add(record)
    assert [run.data.metrics for run in read_back(address)] == [pytest.approx(record.metrics)]


def _interrupt(*given: object) -> None:
    raise KeyboardInterrupt


@needs_mlflow
@pytest.mark.training  # it makes the database's tables, which takes seconds
def test_an_sqlite_file_keeps_files_beside_it(place: Path, tmp_path: Path):
    tracked = genre_kit.track(place, tmp_path / "new" / "mlflow.db")
    assert (len(tracked.written), tracked.known) == (4, ())
    assert len(read_back(tracked.address)) == 7
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"mlflow.db", "mlflow-files"}


def test_records_tell_what_decided_a_run_and_what_it_scored(place: Path):
    trained, applied, search = (
        run_record(place / "trained"),
        run_record(place / "predicted"),
        search_record(place / "found"),
    )
    assert trained.parameters["seed"] == "0"
    assert any(name.endswith(".epochs") for name in trained.parameters)
    assert {"accuracy", "board_log_loss", "board_log_loss_se", "seconds"} <= set(trained.metrics)
    assert trained.tags["training_sha256"]
    assert {"report.html", "scores.json", "manifest.json"} & set(trained.files)
    assert applied.parameters["models_of"]
    assert search.metrics == {"trials": 3}
    assert [child.parameters for child in search.children] == [{"units": "4"}, {"units": "6"}, {"units": "15"}]
    keys = [trained.key, applied.key, search.key, *(child.key for child in search.children)]
    assert len(set(keys)) == len(keys)


def test_places_become_addresses_and_passwords_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert address_of("store") == f"file://{tmp_path}/store"
    assert address_of("mlflow.db") == f"sqlite:///{tmp_path}/mlflow.db"
    for given in ("http://127.0.0.1:1", "sqlite:////x/y", "file:/x"):
        assert address_of(given) == given
    assert shown("https://me:secret@host/x") == "https://host/x"


@needs_mlflow
def test_a_store_that_cannot_be_reached_is_a_sentence(place: Path):
    said = run_program("runs", place, "--to-mlflow", "http://me:planted@127.0.0.1:9/x")
    assert said.returncode == 1
    assert said.stderr.startswith("error: http://127.0.0.1:9/x: the MLflow store cannot be written: ")
    assert "planted" not in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_misuse_is_met_by_a_sentence(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    said = run_program("runs", place, "--to-mlflow", tmp_path, "--json")
    assert (said.returncode, "--json has no effect with --to-mlflow. Leave it out." in said.stderr) == (2, True)
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match="there is no such folder"):
        genre_kit.track(tmp_path / "nowhere", tmp_path / "store")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(ArgumentError, match=r"needs the package mlflow; run pip install -r requirements-mlflow\.txt"):
        genre_kit.track(place, tmp_path / "store")
