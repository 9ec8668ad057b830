"""Who is chief, worker or neither is said by the kit's options, not by Keras Tuner's variables in the environment."""

import importlib
import os
import socket
from concurrent import futures
from pathlib import Path
from types import ModuleType

import grpc
import pytest

from tuning import distributed
from tuning.keras_tuner import tuner
from tuning.keras_tuner.service import as_no_worker, as_worker
from tuning.trials import finals
from tuning.trials.study import Budget
from tuning.trials_file import read_trials

VARIABLES = ("KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT")


@pytest.fixture(params=["chief", "worker-7", "only an id", "no port"])
def exported(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Set Keras Tuner's variables as shells have them."""
    told = dict(zip(VARIABLES, (request.param, "127.0.0.1", "8123"), strict=True))
    kept = {"only an id": VARIABLES[:1], "no port": VARIABLES[:2]}.get(request.param, VARIABLES)
    for name in kept:
        monkeypatch.setenv(name, told[name])
    return {name: told[name] for name in kept}


@pytest.fixture
def quick_search(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a search whose trials take no time, for this test."""
    for module in (tuner, finals):
        monkeypatch.setattr(module, "evaluate", module.evaluate)
    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    return importlib.import_module("quick_search")


def test_a_search_runs_its_own_trials_whatever_the_environment_says(
    exported: dict[str, str], quick_search: ModuleType, tmp_path: Path
):
    quick_search.search(tmp_path / "out", 3)
    assert len(read_trials(tmp_path / "out")) == 3
    assert {name: os.environ.get(name) for name in VARIABLES} == dict.fromkeys(VARIABLES) | exported


def test_a_tuner_is_a_worker_where_the_kit_says_so_and_there_alone(
    exported: dict[str, str], quick_search: ModuleType, tmp_path: Path
):
    def make() -> tuner.CrossFitTuner:
        return tuner.CrossFitTuner(quick_search.STUDY, Budget(1), tmp_path / "project", lambda _: None)

    with as_no_worker():
        one = make()
        assert (one._is_worker(), one.tuner_id) == (False, "tuner0")
    with as_worker("w1", "localhost", 9):
        one = make()
        assert (one._is_worker(), one.tuner_id) == (True, "w1")
        assert [os.environ[name] for name in VARIABLES] == ["w1", "localhost", "9"]


def test_a_chief_is_reached_past_the_environments_proxy(monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(distributed, "REACH_SECONDS", 10)
    server = grpc.server(futures.ThreadPoolExecutor(1))
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        with as_worker("w1", "127.0.0.1", port):
            distributed._reach(f"127.0.0.1:{port}")
    finally:
        server.stop(None).wait()
