"""What the second half of a training bought."""

from pathlib import Path

import pytest

import genre_kit
from genre_kit.runs.manifest import ScoresFile

MODELS = '[[models]]\nrecipe = "discriminant-analysis"\n[[models]]\nrecipe = "kernel-ridge"\n'


def test_it_is_the_difference_to_the_models_that_were_there_by_then(competition_folder: Path, tmp_path: Path):
    (tmp_path / "both.toml").write_text(MODELS)
    where = {"data": competition_folder, "folds": 3}
    timed = genre_kit.score(**where, recipe=tmp_path / "both.toml", minutes=5, out=tmp_path / "a")
    first = genre_kit.score(**where, model="discriminant-analysis", out=tmp_path / "b")
    assert len(timed.trained) == 2
    difference = first.scores.board_log_loss.value - timed.scores.board_log_loss.value
    assert timed.late_gain.value == pytest.approx(difference, abs=1e-12)
    assert ScoresFile.read(tmp_path / "a").late_gain == timed.late_gain.value
    assert (first.late_gain, ScoresFile.read(tmp_path / "b").late_gain) == (None, None)
