"""TensorBoard's view of a search: a run a trial, whole or not there."""

import shutil
from pathlib import Path

import pytest

from competition.errors import RunError
from competition.runtime.backend import tensorflow
from tuning import hparams
from tuning.trials.outcomes import FINISHED, Outcome
from tuning.trials.spaces import load_space

OUTCOME = Outcome({"dropout": 0.1}, FINISHED, 0.2, 0.6, 0.01, (0.2,))


def test_each_trial_has_a_run_that_is_written_once(tmp_path: Path):
    hparams.write_hparams(tmp_path, load_space("dense"), [("0000", OUTCOME)])
    (file,) = (tmp_path / "0000").iterdir()
    before = file.stat().st_mtime_ns
    hparams.write_hparams(tmp_path, load_space("dense"), [("0000", OUTCOME), ("0001", OUTCOME)])
    assert {path.name for path in tmp_path.iterdir()} == {"0000", "0001"}
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("kind", ["FailedPreconditionError", "ResourceExhaustedError", "NotFoundError"])
def test_what_tensorflow_says_of_a_place_is_one_sentence(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*given: object, **named: object) -> None:
        raise getattr(tensorflow.errors, kind)(None, None, "a/events.v2;\nNot a directory")

    monkeypatch.setattr(hparams.api, "hparams", fail)
    with pytest.raises(RunError, match=r"cannot be written: a/events.v2; Not a directory; look after the disk"):
        hparams.write_hparams(tmp_path / "tensorboard", load_space("dense"), [("0000", OUTCOME)])
    assert not (tmp_path / "tensorboard" / "0000").exists()


def test_a_folder_that_is_removed_and_replaced_by_a_file_meanwhile_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "tensorboard"

    def replace(*given: object, **named: object) -> None:
        shutil.rmtree(folder)
        folder.write_text("a file\n")

    monkeypatch.setattr(hparams.api, "hparams", replace)
    with pytest.raises(RunError, match="cannot be written: "):
        hparams.write_hparams(folder, load_space("dense"), [("0000", OUTCOME)])
    assert folder.read_text() == "a file\n"
