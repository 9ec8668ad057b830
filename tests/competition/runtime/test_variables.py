"""No variable that a shell exports for other programs changes what a command does."""

import json
import os
import re
from pathlib import Path

import pytest
from support import run_process, run_program

from competition.errors import KitWarning
from competition.runtime.variables import (
    ARITHMETIC,
    environment_with,
    leave_out_foreign,
    machine_variables,
    warn_of_arithmetic,
)

EXPORTED = {
    "KERASTUNER_ORACLE_IP": "127.0.0.1",
    "KERASTUNER_ORACLE_PORT": "8123",
    "KERASTUNER_TUNER_ID": "chief",
    "KERAS_BACKEND": "jax",
    "KERAS_MAX_EPOCHS": "1",
    "KERAS_MAX_STEPS_PER_EPOCH": "no number",
    "KERAS_NNX_ENABLED": "1",
    "MPLBACKEND": "nonsense",
    "PANDAS_FUTURE": "nonsense",
    "PYTHONWARNINGS": "error",
    "SKLEARN_WORKING_MEMORY": "nonsense",
    "TF_CONFIG": "nonsense",
    "TF_FUNCTION_JIT_COMPILE_DEFAULT": "true",
    "TF_USE_LEGACY_KERAS": "1",
    "TF_XLA_FLAGS": "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit",
    "TQDM_MININTERVAL": "nonsense",
}
"""Each of them alone has changed a number, ended a command in a traceback, or let it wait for ever."""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Restore the environment after the test."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in (*ARITHMETIC, "OPENBLAS_CORETYPE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_other_tools_variables_are_left_out_and_all_others_stay(environment: pytest.MonkeyPatch):
    for name, value in EXPORTED.items():
        environment.setenv(name, value)
    environment.setenv("TF_NUM_INTRAOP_THREADS", "1")
    environment.setenv("MPLCONFIGDIR", "somewhere")
    leave_out_foreign()
    assert set(EXPORTED) & set(os.environ) == {"PYTHONWARNINGS"}
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "1"
    assert os.environ["MPLCONFIGDIR"] == "somewhere"
    assert not Path(os.environ["KERAS_HOME"]).exists()
    with pytest.raises(OSError):
        Path(os.environ["KERAS_HOME"]).mkdir(parents=True)


def test_variables_are_changed_for_a_while_only(environment: pytest.MonkeyPatch):
    environment.setenv("ONE", "1")
    environment.setenv("TWO", "2")
    with pytest.raises(ZeroDivisionError), environment_with({"ONE": None, "TWO": "3", "NEW": "4"}):
        assert "ONE" not in os.environ
        assert (os.environ["TWO"], os.environ["NEW"]) == ("3", "4")
        raise ZeroDivisionError
    assert (os.environ["ONE"], os.environ["TWO"]) == ("1", "2")
    assert "NEW" not in os.environ


def test_what_changes_the_last_digits_is_said(environment: pytest.MonkeyPatch):
    warn_of_arithmetic()
    assert machine_variables() == {}
    environment.setenv("OPENBLAS_CORETYPE", "Haswell")
    warn_of_arithmetic()
    environment.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    with pytest.warns(KitWarning, match="the environment sets ONEDNN_MAX_CPU_ISA: numbers may differ in their last"):
        warn_of_arithmetic()
    assert machine_variables() == {"ONEDNN_MAX_CPU_ISA": "SSE41", "OPENBLAS_CORETYPE": "Haswell"}


def test_it_is_said_and_recorded_by_a_run(competition_folder: Path, tmp_path: Path, environment: pytest.MonkeyPatch):
    environment.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    out = tmp_path / "run"
    said = run_program(
        "score", "--data", competition_folder, "--model", "discriminant-analysis", "--folds", 2, "--out", out
    )
    assert said.returncode == 0
    assert "note: the environment sets TF_ENABLE_ONEDNN_OPTS: numbers may differ" in said.stderr
    assert json.loads((out / "manifest.json").read_text())["environment"]["variables"] == {"TF_ENABLE_ONEDNN_OPTS": "0"}
    assert "TF_ENABLE_ONEDNN_OPTS" in (out / "report.html").read_text()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which Keras is set to what it does not even take."""
    home = tmp_path_factory.mktemp("home")
    (home / ".keras").mkdir()
    (home / ".keras" / "keras.json").write_text('{"floatx": "bfloat16", "epsilon": 1, "backend": "jax"}')
    return home


@pytest.mark.process
def test_a_run_in_the_worst_of_shells_has_the_bytes_of_a_run_in_a_clean_one(finished, home: Path, tmp_path: Path):
    data, run, _ = finished
    out, words = tmp_path / "run", ("--recipe", data / "recipe.toml", "--folds", 3)
    shell = os.environ | EXPORTED | {"HOME": str(home)}
    said = run_process("submit", "--data", data, *words, "--out", out, env=shell)
    assert (said.returncode, said.stderr) == (0, "")
    for name in ("label_pred.csv", "label_all.csv", "oof.csv"):
        assert (out / name).read_bytes() == (run / name).read_bytes()


@pytest.mark.process
def test_settings_that_keras_refuses_are_met_by_a_sentence_in_an_importers_process(home: Path):
    from support import run_python

    said = run_python("-c", "import competition.runtime.backend", env=os.environ | {"HOME": str(home)})
    assert re.search(r"KitError: Keras and TensorFlow cannot be imported: .*floatx.*Mend what they read", said.stderr)
