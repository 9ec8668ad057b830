"""The oracle: what it suggests, that it goes on where it was stopped, that it survives what Keras Tuner does not."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.errors import RunError
from tuning.keras_tuner.oracle import SearchOracle, to_hyperparameters
from tuning.keras_tuner.records import _may_be
from tuning.trials.spaces import Space, built_in_spaces, load_space, space_from_table, tidy
from tuning.trials.study import Budget, Settings, Study

MakeStudy = Callable[..., Study]


def open_oracle(study: Study, folder: Path, trials: int | None = 99, on_trial_end=lambda _: None) -> SearchOracle:
    oracle = SearchOracle(study, Budget(trials), on_trial_end)
    oracle._set_project_dir(str(folder), "project")
    if (folder / "project" / "oracle.json").exists():
        oracle.reload()
    return oracle


def cost_of(values: dict) -> float:
    return (np.log(values["learning_rate"] / 0.03)) ** 2 + 0.02 * values["units"] + (values["clip"] == 0)


def finish(oracle: SearchOracle, trial, cost: float | None = None) -> None:
    metrics = {"board_log_loss": cost_of(trial.hyperparameters.values) if cost is None else cost, "seconds": 1.0}
    oracle.update_trial(trial.trial_id, metrics)
    trial.status = "COMPLETED"
    oracle.end_trial(trial)


def run(oracle: SearchOracle, trials: int) -> list[dict]:
    tried = []
    for _ in range(trials):
        trial = oracle.create_trial("one")
        if trial.status == "STOPPED":
            break
        tried.append(dict(trial.hyperparameters.values))
        finish(oracle, trial)
    return tried


@pytest.mark.parametrize("name", built_in_spaces())
def test_keras_tuner_is_told_the_whole_space(name: str):
    space = load_space(name)
    told = to_hyperparameters(space)
    assert [one.name for one in told.space] == [one.name for one in space.hyperparameters]
    assert told.values == space.defaults
    assert {one.name: one.default for one in told.space} == {one.name: one.default for one in space.hyperparameters}


def test_the_first_trial_has_the_defaults_and_seed_0_is_a_seed(study_of: MakeStudy, tmp_path: Path):
    first, again = (run(open_oracle(study_of(seed=0), tmp_path / name), 8) for name in "ab")
    other = run(open_oracle(study_of(seed=1), tmp_path / "c"), 8)
    assert first[0] == other[0] == study_of().space.defaults
    assert first == again
    assert first[1:] != other[1:]


@pytest.mark.parametrize("initial", [3, 40])  # 40: all of them at random
def test_no_point_is_tried_twice_and_a_space_can_be_exhausted(study_of: MakeStudy, tmp_path: Path, initial: int):
    table = {
        "recipe": {"family": "dense", "learning_rate": 0.03},
        "hyperparameters": {
            "block_means": {"kind": "boolean"},
            "clip": {"kind": "float", "min": 0.0, "max": 0.9, "step": 0.3},
            "batches": {"kind": "int", "min": 1, "max": 3, "when": {"block_means": [True]}},
        },
    }
    study = study_of(space=space_from_table("finite", table, "here"), settings=Settings(initial=initial))
    oracle = open_oracle(study, tmp_path)
    tried = []
    while (trial := oracle.create_trial("one")).status != "STOPPED":
        tried.append(tuple(sorted(trial.hyperparameters.values.items())))
        finish(oracle, trial, cost=trial.hyperparameters.values["clip"])
    assert len(set(tried)) == len(tried) == 16  # 4 clips, each alone or with 3 batches
    assert oracle.is_exhausted
    again = open_oracle(study, tmp_path, trials=16)
    assert again.create_trial("one").status == "STOPPED"
    assert not again.is_exhausted  # it was asked for no more


@pytest.mark.parametrize("stops", [(1,), (2, 5), (4, 6)])
def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(
    study_of: MakeStudy, tmp_path: Path, stops: tuple[int, ...]
):
    whole = run(open_oracle(study_of(), tmp_path / "whole"), 9)
    parts = []
    for first, stop in zip((0, *stops), (*stops, 9), strict=True):
        parts += run(open_oracle(study_of(), tmp_path / "parts"), stop - first)
    assert parts == whole


def test_a_trial_whose_end_the_oracles_file_has_missed_is_not_run_again(study_of: MakeStudy, tmp_path: Path):
    oracle = open_oracle(study_of(), tmp_path)
    run(oracle, 2)
    trial = oracle.create_trial("one")
    before = (tmp_path / "project" / "oracle.json").read_text()
    finish(oracle, trial)
    (tmp_path / "project" / "oracle.json").write_text(before)  # killed between the two files
    again = open_oracle(study_of(), tmp_path)
    assert again.create_trial("one").trial_id == "0003"
    assert [one.trial_id for one in again.ended] == again.end_order == ["0000", "0001", "0002"]


def test_a_trial_that_the_oracles_file_does_not_know_of_is_run(study_of: MakeStudy, tmp_path: Path):
    oracle = open_oracle(study_of(), tmp_path)
    run(oracle, 2)
    before = (tmp_path / "project" / "oracle.json").read_text()
    begun = oracle.create_trial("one")
    oracle.update_trial(begun.trial_id, {"board_log_loss": 5.0})
    (tmp_path / "project" / "oracle.json").write_text(before)
    again = open_oracle(study_of(), tmp_path)
    trial = again.create_trial("one")
    assert (trial.trial_id, trial.hyperparameters.values) == (begun.trial_id, begun.hyperparameters.values)
    finish(again, trial, cost=1.0)
    assert trial.score == 1.0


def test_a_dead_workers_trial_goes_to_the_next_one_and_its_own_to_one_that_comes_back(
    study_of: MakeStudy, tmp_path: Path
):
    oracle = open_oracle(study_of(), tmp_path)
    lost = oracle.create_trial("dies")
    kept = oracle.create_trial("comes-back")
    assert oracle.create_trial("comes-back") is kept
    oracle.forget_worker("dies")
    assert oracle.at_work == {"comes-back"}
    assert oracle.create_trial("other").trial_id == lost.trial_id


def test_running_trials_are_guessed_pessimistically_from_the_first_suggestion_on(study_of: MakeStudy, tmp_path: Path):
    oracle = open_oracle(study_of(), tmp_path)
    run(oracle, 3)
    oracle.create_trial("a")
    points, costs = oracle._vectorize_trials()
    assert points.shape == (4, 4)
    assert min(costs) <= costs[-1] <= max(costs[:-1]) + 2 * np.std(costs[:-1])


def test_a_diverged_trial_does_not_flatten_the_others(study_of: MakeStudy, tmp_path: Path):
    oracle = open_oracle(study_of(), tmp_path)
    for cost in (0.2, 0.21, 0.22, 0.23, 1e6):
        finish(oracle, oracle.create_trial("one"), cost)
    _, costs = oracle._vectorize_trials()
    np.testing.assert_allclose(sorted(costs), [0.2, 0.21, 0.22, 0.23, 0.26])


def test_the_model_beats_chance_on_a_noisy_function(study_of: MakeStudy, tmp_path: Path):
    names = ("learning_rate", "clip", "input_dropout", "dropout", "weight_decay", "l2")
    table = {
        "recipe": {"family": "dense"},
        "hyperparameters": {name: {"kind": "float", "min": 0.1, "max": 0.9} for name in names},
    }
    space, means = space_from_table("toy", table, "here"), {}
    for initial in (15, 40):  # 40: all of them at random
        study = study_of(space=space, settings=Settings(initial=initial))
        oracle, noise, true = open_oracle(study, tmp_path / str(initial)), np.random.default_rng(0), []
        for _ in range(40):
            trial = oracle.create_trial("one")
            true.append(sum((value - 0.4) ** 2 for value in trial.hyperparameters.values.values()))
            finish(oracle, trial, cost=true[-1] + noise.normal(scale=0.02))
        means[initial] = np.mean(true[-10:])
    assert means[15] < means[40] / 3


def test_budgets(study_of: MakeStudy, tmp_path: Path):
    oracle = open_oracle(study_of(), tmp_path, trials=3)
    assert len(run(oracle, 9)) == 3
    more = open_oracle(study_of(), tmp_path, trials=5)
    assert len(run(more, 9)) == 2
    more.budget = Budget(seconds=more.seconds + 50)
    assert not more.is_spent
    more.budget = replace(more.budget, reserved=60)  # 60 trials of one second each
    assert more.is_spent
    more.budget = Budget(seconds=more.seconds)
    assert more.is_spent


def test_what_cannot_be_written_is_remembered_and_leaves_no_lock_behind(
    study_of: MakeStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(path: Path, content: str, *, lasting: bool = True) -> None:
        raise RunError(f"{path}: no space")

    def also_full(oracle: SearchOracle) -> None:
        raise RunError("the table: no space")

    oracle = open_oracle(study_of(), tmp_path, on_trial_end=also_full)
    trial = oracle.create_trial("one")
    assert oracle.problem is None
    finish(oracle, trial)
    assert "the table" in str(oracle.problem)
    monkeypatch.setattr("tuning.keras_tuner.oracle.write_whole", full)
    oracle.create_trial("one")
    assert "no space" in str(oracle.problem)
    oracle.forget_worker("one")


def test_files_are_json_that_keras_tuner_reads(study_of: MakeStudy, tmp_path: Path):
    run(open_oracle(study_of(), tmp_path), 2)
    state = json.loads((tmp_path / "project" / "trial_0001" / "trial.json").read_text())
    assert state["status"] == "COMPLETED"
    assert state["metrics"]["metrics"]["board_log_loss"]["observations"][0]["value"] == [state["score"]]


def test_whole_numbers_stay_within_their_bounds_at_the_end_of_a_logarithmic_scale(study_of: MakeStudy, tmp_path: Path):
    study = study_of(space=load_space("dense"))
    oracle = open_oracle(study, tmp_path)
    values = next(iter([oracle._first_new([np.ones(len(study.space.hyperparameters))])]))
    bounds = {one.name: one.bounds[1] for one in study.space.hyperparameters if one.kind == "int"}
    assert values is not None
    assert {name: values[name] for name in bounds if name in values} == {
        name: most for name, most in bounds.items() if name in values
    }


ODD_SPACE = {
    "recipe": {"family": "dense", "hidden_units": ["units"]},
    "hyperparameters": {
        "units": {"kind": "int", "min": 4, "max": 64, "sampling": "log"},
        "epochs": {"kind": "int", "min": 15, "max": 60, "step": 10, "default": 30},
        "learning_rate": {"kind": "float", "min": 0.0066666667, "max": 0.0333333333, "sampling": "log"},
        "clip": {"kind": "choice", "values": [0.0012345678, 3.0]},
        "block_means": {"kind": "boolean"},
    },
}


@pytest.mark.parametrize("space", [*map(load_space, built_in_spaces()), space_from_table("odd", ODD_SPACE, "here")])
def test_a_trial_may_have_whatever_keras_tuner_draws_from_a_space(space: Space):
    described = {one.name: one for one in to_hyperparameters(space).space}
    for one in space.hyperparameters:
        drawn = [described[one.name].prob_to_value(place) for place in (0.0, 0.3, 0.5, 0.999, 1.0)]
        assert [value for value in (one.default, *drawn, *map(tidy, drawn)) if not _may_be(one, value)] == []
        assert not _may_be(one, "another")
        assert not _may_be(one, -1e9)
