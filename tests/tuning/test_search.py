"""Searches as a user meets them: real processes, killed and started again, handed out to workers, refused."""

import json
import multiprocessing
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import pandas as pd
import pytest
from support import ROOT, run_process, run_program

from genre_kit.commands.tune import _as_worker
from tuning import distributed
from tuning.errors import TuningError
from tuning.trials_file import read_trials

ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def start_tune(*arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "competition", "tune", *map(str, arguments)]
    return subprocess.Popen(
        command, env=ENVIRONMENT, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def wait_until(happens, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def rows_of(folder: Path) -> int:
    return len(read_trials(folder)) if (folder / "trials.csv").exists() else 0


@pytest.fixture
def start_quick(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, int], BaseProcess]:
    """Start quick searches, each in a process of its own, forked from one that has imported all it needs."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (ROOT, Path(__file__).parent))))
    monkeypatch.syspath_prepend(Path(__file__).parent)
    import quick_search

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["quick_search"])

    def start(folder: Path, trials: int) -> BaseProcess:
        process = context.Process(target=quick_search.search, args=(folder, trials))
        process.start()
        return process

    return start


@pytest.mark.process
def test_a_search_that_is_killed_at_any_moment_goes_on_and_ends_as_if_it_had_not_been(start_quick, tmp_path: Path):
    trials, chance = 25, random.Random(5)
    whole, killed = tmp_path / "whole" / "search", tmp_path / "killed" / "search"
    assert ended(start_quick(whole, trials)) == 0
    codes = []
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL, signal.SIGKILL):
        process, before = start_quick(killed, trials), rows_of(killed)
        wait_until(lambda before=before, process=process: rows_of(killed) > before or not process.is_alive())
        time.sleep(chance.uniform(0, 0.3))
        with suppress(ProcessLookupError):  # on a fast machine it may have ended
            os.kill(process.pid, number)
        codes.append(ended(process))
        assert list(read_trials(killed).columns) == list(read_trials(whole).columns)
        assert rows_of(killed) >= before
    assert codes[0] == -signal.SIGKILL
    assert ended(start_quick(killed, trials)) == 0
    told = (killed.parent / "evaluated.txt").read_text().split()
    assert "twice" not in told
    assert len(told) <= len((whole.parent / "evaluated.txt").read_text().split()) + 4  # those that kills have cut off
    pd.testing.assert_frame_equal(read_trials(killed), read_trials(whole))
    for name in ("recipe.toml", "search.json", "folds.csv"):
        assert (killed / name).read_bytes() == (whole / name).read_bytes()
    assert not [path for path in killed.rglob(".*") if path.is_file() and ".json" in path.name and path.stat().st_size]


def ended(process: BaseProcess) -> int:
    process.join()
    return process.exitcode


@pytest.fixture(scope="module")
def competition(tmp_path_factory: pytest.TempPathFactory, write_competition) -> Path:
    return write_competition(tmp_path_factory.mktemp("tune") / "data")


@pytest.fixture(scope="module")
def options(competition: Path, space_file: Path) -> tuple[object, ...]:
    return ("--data", competition, "--space", space_file, "--folds", 3, "--initial", 2)


@pytest.fixture(scope="module")
def handed_out(options, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[str]]:
    """A search by one chief and three workers, of which one is killed in its trial and comes back."""
    out = tmp_path_factory.mktemp("handed") / "out"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    shared = (*options, "--out", out)
    chief = start_tune(*shared, "--trials", 6, "--chief", address)
    wait_until(lambda: (out / "trials.csv").exists())
    workers = [start_tune(*shared, "--worker", address, "--id", f"w{number}") for number in (1, 2, 3)]
    oracle = next(out.glob("project-*")) / "oracle.json"
    wait_until(lambda: oracle.exists() and "w2" in json.loads(oracle.read_text())["ongoing_trials"])
    workers[1].kill()
    workers[1].wait()
    lost = json.loads(oracle.read_text())["ongoing_trials"].get("w2")
    workers[1] = start_tune(*shared, "--worker", address, "--id", "w2")
    said, problems = chief.communicate(timeout=300)
    assert chief.returncode == 0, problems
    for worker in workers:
        assert (worker.wait(60), worker.stderr.read()) == (0, "")
    return out, said, lost


@pytest.mark.process
def test_a_chief_and_workers_search_together_and_a_killed_one_gets_its_trial_again(handed_out):
    out, said, lost = handed_out
    table = read_trials(out)
    assert table["trial_id"].tolist() == [f"{number:04d}" for number in range(6)]
    assert lost in set(table["trial_id"])
    assert table["board_log_loss"].notna().all()
    assert "winner" in said
    assert (out / "DONE").exists()


@pytest.mark.process
def test_a_finished_search_is_printed_again_at_once(handed_out, options):
    out, said, _ = handed_out
    before = (out / "result.json").stat().st_mtime_ns
    again = run_program("tune", *options, "--trials", 6, "--out", out)
    assert (again.returncode, again.stderr) == (0, "")
    assert "holds this search, finished" in again.stdout
    assert said.split("\n\n")[-1] in again.stdout
    assert (out / "result.json").stat().st_mtime_ns == before


@pytest.mark.process
def test_more_trials_of_a_finished_search_go_on_where_it_ended_in_one_process(handed_out, options):
    out, _, _ = handed_out
    before = read_trials(out)
    said = run_program("tune", *options, "--trials", 7, "--out", out)
    assert said.returncode == 0, said.stderr
    assert "trial 0006 of 7: " in said.stdout
    pd.testing.assert_frame_equal(read_trials(out).head(6), before)


@pytest.mark.process
def test_a_finished_search_is_drawn(handed_out):
    out, _, _ = handed_out
    said = run_program("plot", "--tuning", out)
    assert (said.returncode, said.stderr) == (0, "")
    pictures = {path.name for path in (out / "plots").glob("*.png")}
    assert pictures == {"best-so-far.png", "hyperparameters.png", "parallel-coordinates.png"}
    assert "importance is not drawn: 7 trials have ended, it takes 8" in said.stdout


@pytest.mark.process
def test_local_workers_and_a_time_budget(options, tmp_path: Path):
    out = tmp_path / "out"
    said = run_process("tune", *options, "--workers", 2, "--minutes", 0.05, "--holdout", 0.2, "--out", out)
    assert said.returncode == 0, said.stderr
    result = json.loads((out / "result.json").read_text())
    assert 1 <= result["trials"] < 30
    assert result["holdout"]["rows"] == 12
    assert "kept out of the whole search, scored once" in said.stdout
    assert re.search(r"holdout   12 of the training songs are kept out", said.stdout)


MISTAKES = {
    ("--trials", 0): "--trials is 0; expected a whole number from 1 to 9999",
    ("--trials", -3): "--trials is -3; expected a whole number from 1",
    ("--minutes", 0): "--minutes is 0; expected a number above 0",
    (
        "--model",
        "baseline",
    ): 'there is no space for "baseline"; expected one of classic-frames-lstm, classic-lstm, cnn,',
    ("--space", "nowhere.toml"): "nowhere.toml: there is no such file",
    ("--worker", "localhost", "--id", "a"): '--worker: "localhost" is no address; expected HOST:PORT',
    ("--worker", "localhost:1", "--id", "chief-1"): 'cannot be called "chief-1"; expected .* without "chief"',
    ("--folds", 1): "1 fold.* asked for; expected at least 2",
}


@pytest.mark.parametrize("wrong", MISTAKES)
def test_mistakes_are_met_by_one_sentence(competition: Path, tmp_path: Path, wrong: tuple[object, ...]):
    said = run_program("tune", "--data", competition, "--out", tmp_path / "out", *wrong)
    assert (said.returncode, said.stdout) == (1, "")
    assert re.fullmatch(rf"error: .*{MISTAKES[wrong]}.*\n", said.stderr), said.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("--model", "dense", "--space", "x.toml"), "--model and --space contradict each other"),
        (("--chief", "a:1", "--workers", 2), "--workers and --chief contradict each other"),
        (("--worker", "a:1"), "--worker and --id belong together"),
        (("--holdout", 0.7), "0.7 is not in the range"),
    ],
)
def test_contradictions_are_wrong_command_lines(competition: Path, wrong: tuple[object, ...], sentence: str):
    said = run_program("tune", "--data", competition, *wrong)
    assert said.returncode == 2
    assert sentence in said.stderr


@pytest.mark.process
def test_a_port_in_use_is_met_by_a_sentence(options, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = run_process("tune", *options, "--chief", address, "--out", tmp_path / "out")
    assert said.returncode == 1
    assert f"error: --chief: {address} cannot be listened at: Address already in use; name another" in said.stderr


def test_a_chief_that_is_not_there_is_given_up(study_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(distributed, "REACH_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(TuningError, match=rf"no chief answers at {address}, tried for 1 seconds; start it first"):
        distributed.work(study_of(), tmp_path, address, "a")


def test_a_worker_with_other_options_than_its_chief_is_refused(study_of, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(distributed, "_reach", lambda address: None)
    with pytest.raises(TuningError, match="the chief there searches for something else"):
        distributed.work(study_of(), tmp_path, "localhost:1", "a")


def test_the_arguments_of_local_workers_are_those_of_the_command():
    given = ["tune", "--workers", "3", "--trials", "5"]
    assert _as_worker(given, "h:1", "w") == ["tune", "--trials", "5", "--worker", "h:1", "--id", "w"]
    assert _as_worker(["tune", "--workers=3"], "h:1", "w") == ["tune", "--worker", "h:1", "--id", "w"]


def test_silence_is_told_by_the_pulses_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    now = 100.0
    monkeypatch.setattr(distributed.time, "monotonic", lambda: now)
    pulses = distributed._Pulses(tmp_path)
    assert pulses.silence("a") == 0
    now = 130.0
    assert pulses.silence("a") == 30
    (tmp_path / "a").write_text("beat")
    assert pulses.silence("a") == 0
    now = 150.0
    assert pulses.silence("a") == 20
