"""What a search optimizes, where an edition's boards rank by other metrics."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, log_loss
from support import EDITION_TEXT, run_program

from competition.data.dataset import Dataset
from competition.data.edition import Board
from competition.scoring.boards import CLASSIC, goals_of
from competition.scoring.pooling import fit_pool
from tuning.folder import check_folder, claim
from tuning.trials.evaluation import score
from tuning.trials.outcomes import Outcome, Outcomes, best_first, key_of
from tuning.trials.study import Study, objectives_of

BOARDS = {"score": Board("macro-f1"), "loss": Board("log-loss")}
MakeStudy = Callable[..., Study]


@pytest.fixture(scope="module")
def make(study_of: MakeStudy, dataset: Dataset) -> MakeStudy:
    """Make a study of the tiny competition with other boards, by the name of its objective."""
    rows = replace(dataset.without_test(), edition=replace(dataset.edition, boards=BOARDS))
    return lambda objective: study_of(dataset=rows, objective=objectives_of(goals_of(BOARDS))[objective])


def members(rows: int) -> np.ndarray:
    """Return probabilities (rows, 1, 3) that know nothing."""
    return np.random.default_rng(0).dirichlet(np.ones(3), size=(rows, 1))


def test_objectives_are_the_metrics_of_the_boards():
    classic, others = (
        {option: (one.name, one.direction) for option, one in objectives_of(goals).items()}
        for goals in (CLASSIC, goals_of(BOARDS))
    )
    assert classic == {"log-loss": ("board_log_loss", "min"), "accuracy": ("accuracy", "max")}
    assert others == {"log-loss": ("multiclass_log_loss", "min"), "accuracy": ("macro_f1", "max")}


@pytest.mark.parametrize(("objective", "name"), [("log-loss", "multiclass_log_loss"), ("accuracy", "macro_f1")])
def test_a_trial_is_calibrated_and_scored_by_the_boards_metrics(make: MakeStudy, objective: str, name: str):
    study = make(objective)
    targets, by_seed = study.dataset.targets, members(60)
    outcome, probabilities = score(study, study.folds, {}, by_seed)
    pool = fit_pool(targets, [by_seed], study.folds, study.goals.probabilities)
    np.testing.assert_array_equal(probabilities, pool.out_of_fold)
    expected = {
        "multiclass_log_loss": log_loss(targets, probabilities),
        "macro_f1": f1_score(targets, probabilities.argmax(axis=1), average="macro"),
    }
    assert outcome.others == {name: pytest.approx(expected[name])}
    assert outcome.value(study.objective) == outcome.metrics()[name] == outcome.others[name]


def test_outcomes_keep_it_and_those_of_classic_boards_say_nothing_of_it(make: MakeStudy, tmp_path: Path):
    objective, probabilities = make("accuracy").objective, members(2)[:, 0]
    worse, better = (Outcome({}, "finished", 0.3, 0.5, 0.1, (0.5,), others={"macro_f1": one}) for one in (0.2, 0.4))
    Outcomes(tmp_path).write(key_of({}), better, probabilities)
    assert Outcomes(tmp_path).read(key_of({})) == better
    assert best_first([worse, better], objective) == [better, worse]
    Outcomes(tmp_path).write(f"{key_of({})}-1", replace(better, others={}), probabilities)
    assert "others" not in json.loads((tmp_path / f"{key_of({})}-1.json").read_text())
    assert Outcomes(tmp_path).read(f"{key_of({})}-1") == replace(better, others={})


def test_another_metric_of_probabilities_is_another_search(make: MakeStudy, study_of: MakeStudy, tmp_path: Path):
    study = study_of()
    other = replace(make("log-loss"), objective=study.objective)
    assert "pooled_by" not in study.description
    claim(tmp_path, study)
    with pytest.warns(UserWarning, match="the metric of the probabilities' board differ from the last search there"):
        check_folder(tmp_path, other, force=False)


@pytest.mark.training
def test_a_search_for_macro_f1_is_told_and_drawn(competition_folder: Path, space_file: Path, tmp_path: Path):
    (competition_folder / "edition.toml").write_text(
        EDITION_TEXT.replace("[files]", '[boards.score]\nmetric = "macro-f1"\n[files]', 1)
    )
    budget = ("--trials", 2, "--initial", 2, "--folds", 3, "--holdout", 0.3)
    options = ("--data", competition_folder, "--space", space_file, "--objective", "accuracy", *budget)
    said = run_program("tune", *options, "--out", tmp_path / "search")
    assert said.returncode == 0, said.stderr
    assert "\nmacro F1 " in said.stdout
    result = json.loads((tmp_path / "search" / "result.json").read_text())
    assert result["objective"] == "macro_f1"
    assert 0 <= result["holdout"]["macro_f1"] <= 1
    assert len(pd.read_csv(tmp_path / "search" / "trials.csv")["macro_f1"]) == 2
    drawn = run_program("plot", "--tuning", tmp_path / "search")
    assert drawn.returncode == 0, drawn.stderr
