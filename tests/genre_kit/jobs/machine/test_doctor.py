"""What `doctor` says of a machine, without saying whose it is."""

import getpass
import json
from dataclasses import replace
from pathlib import Path

import pytest
from support import run_program

from competition.runtime import packages as packages_module
from competition.runtime import variables
from competition.runtime.packages import Package, packages
from competition.runtime.processors import usable_processors
from genre_kit.jobs.machine import doctor as job
from genre_kit.jobs.machine.tiny_job import graphics, tiny_job
from genre_kit.reports.machine.doctor import anonymous, doctor_lines, doctor_problems
from genre_kit.results.machine import Diagnosis, TinyJob

DONE = TinyJob(1.25, None, ("A card",))


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Diagnosis:
    """What there is here, without the tiny job."""
    monkeypatch.setattr(job, "_tiny_job", lambda: DONE)
    return job.doctor()


@pytest.mark.training
def test_the_tiny_job_is_done_here(tmp_path: Path):
    tiny_job(tmp_path)
    assert {"label_pred.csv", "label_all.csv", "DONE"} <= {path.name for path in (tmp_path / "run").iterdir()}
    assert all(isinstance(name, str) for name in graphics())


@pytest.mark.process
def test_a_job_that_fails_or_hangs_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "seen.py").write_text('print("a word before"); print(\'["A card"]\')')
    (tmp_path / "failing.py").write_text('import sys; sys.exit("the reason")')
    (tmp_path / "killed.py").write_text("import os; os.kill(os.getpid(), 9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert job._tiny_job("seen").graphics == ("A card",)
    assert job._tiny_job("failing").problem == "it ended with exit code 1: the reason"
    assert job._tiny_job("killed").problem == "it was ended by signal 9"
    assert job._tiny_job("seen", seconds=0.001).problem == "it did not end within 0.001 s"


def test_it_says_what_there_is(found: Diagnosis, monkeypatch: pytest.MonkeyPatch):
    said = "\n".join(doctor_lines(found))
    for words in ("tensorflow 2.", "logical processors", " GB free in ", "A card", "done in 1.2 s", "kit       0."):
        assert words in said
    assert found.is_well
    assert doctor_problems(found) == []
    assert found.machine.usable_processors == usable_processors() <= found.machine.processors
    assert 0 < found.machine.free_memory <= found.machine.memory
    assert {one.name for one in found.packages} >= {"numpy", "keras", "soundfile"}
    assert not any(one.is_untested for one in found.packages)


def test_the_command_prints_lines_or_json_and_its_exit_code_says_whether_all_is_well(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job, "_tiny_job", lambda: DONE)
    assert run_program("doctor").returncode == 0
    table = json.loads(run_program("doctor", "--json").stdout)
    assert table["is_well"] is True
    assert table["tiny_job"] == {"seconds": 1.25, "problem": None, "graphics": ["A card"]}
    monkeypatch.setattr(job, "_tiny_job", lambda: TinyJob(1, "it was ended by signal 4"))
    said = run_program("doctor")
    assert (said.returncode, said.stderr) == (1, "error: the tiny job was not done: it was ended by signal 4.\n")


def test_neither_name_nor_home_is_told(found: Diagnosis, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    home = tmp_path / "people" / "maria.x"
    (home / ".keras").mkdir(parents=True)
    (home / ".keras" / "keras.json").write_text("{}")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(getpass, "getuser", lambda: "maria.x")
    monkeypatch.setenv("PYTHONPATH", f"{home}/lib:/mnt/maria.x:{home}")
    monkeypatch.setattr(job, "_tiny_job", lambda: TinyJob(1, f"{home}/kit: no module"))
    said = run_program("doctor")
    as_json = run_program("doctor", "--json").stdout
    for text in (said.stdout, said.stderr, as_json):
        assert "maria" not in text
    assert "PYTHONPATH=~/lib:/mnt/USER:~" in said.stdout
    assert "~/.keras/keras.json: not read by the kit" in said.stdout
    assert json.loads(as_json)["ignored_files"] == ["~/.keras/keras.json"]


def test_only_whole_names_are_left_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/jo")
    monkeypatch.setattr(getpass, "getuser", lambda: "jo")
    assert anonymous("/home/jo/x /home/john /srv/jo: /srv/jojo jo") == "~/x /home/john /srv/USER: /srv/jojo jo"


def test_other_tools_variables_are_named(found: Diagnosis, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(variables, "_left_out", ["TF_XLA_FLAGS", "KERAS_BACKEND"])
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    again = job.doctor()
    assert again.left_out == ("KERAS_BACKEND", "TF_XLA_FLAGS")
    said = "\n".join(doctor_lines(again))
    assert "OMP_NUM_THREADS=1" in said
    assert "left out of the kit's process: KERAS_BACKEND, TF_XLA_FLAGS" in said


def test_packages_that_are_missing_or_others_are_told_with_what_to_do(found: Diagnosis):
    numpy = Package("numpy", "<2.5,>=2.1", "1.9")
    missing, optional = Package("keras", ">=3.13", None), Package("soxr", ">=1", None, "audio")
    told = replace(found, packages=(numpy, missing, optional))
    assert not told.is_well
    assert doctor_problems(told) == [
        "keras is not installed; run pip install 'keras>=3.13'.",
        "numpy 1.9 is not among the versions that the kit was tested with; if something is wrong, run pip install "
        "'numpy<2.5,>=2.1'.",
    ]
    said = "\n".join(doctor_lines(told))
    assert "numpy 1.9 (tested: <2.5,>=2.1), keras not installed" in said
    assert "soxr not installed (for audio)" in said
    assert replace(found, packages=(numpy, optional)).is_well


def test_a_kit_that_is_not_installed_knows_no_ranges(found: Diagnosis, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packages_module, "KIT", "no-such-kit")
    assert packages() is None
    alone = replace(found, packages=None)
    assert "not known: the kit is not installed as a package" in "\n".join(doctor_lines(alone))
    assert doctor_problems(alone) == [
        "the kit is not installed as a package: in its folder, run pip install --no-deps -e ."
    ]
