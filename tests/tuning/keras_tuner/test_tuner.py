"""Trials: each is a full cross-validation, recorded whatever happens; finals, holdouts and racing."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.data.dataset import Dataset
from competition.data.folds import Folds, check_groups_whole, stratified_folds
from competition.errors import KitError, RunError
from competition.models.base.crossfit import derived_seed
from competition.models.classical.engine import cross_fit_classical
from competition.models.ensembles import single
from competition.models.networks.engine import cross_fit
from competition.models.recipes import load_recipe, read_recipe
from competition.scoring import metrics
from competition.scoring.pooling import fit_pool
from tuning import report
from tuning.errors import TuningError
from tuning.folder import check_folder, claim, locked, read_result
from tuning.keras_tuner import tuner
from tuning.progress import SearchProgress
from tuning.search import Search, run_search
from tuning.trials import evaluation, finals
from tuning.trials.holdout import split_holdout, subset
from tuning.trials.outcomes import DIVERGED, FAILED, FINISHED, STOPPED, Outcome, Outcomes, best_first, key_of
from tuning.trials.racing import Race
from tuning.trials.spaces import Space, space_from_table
from tuning.trials.study import OBJECTIVES, REPEATS, Budget, Settings, Study
from tuning.trials_file import read_trials

MakeStudy = Callable[..., Study]
TRIALS = 5
PLAIN = replace(single(load_recipe("discriminant-analysis")), name="dense-quick")
"""Stands for a preset, and takes no time."""


def silent(study: Study, budget: Budget) -> SearchProgress:
    return SearchProgress(study.objective, budget, None, quiet=True)


@pytest.fixture(scope="module")
def searched(study_of: MakeStudy, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> report.Found:
    """One small search with a holdout, shared by the tests; its folder is `searched.folder`."""
    study, kept_out = study_of(), subset(dataset, np.arange(0, 60, 5))
    folder = tmp_path_factory.mktemp("search") / "out"
    found = run_search(
        Search(study, Budget(TRIALS), folder, finalists=2, holdout=kept_out, plain=PLAIN),
        silent(study, Budget(TRIALS)),
    )
    return found, folder


def outcome_of(values: dict, loss: float, state: str = FINISHED, curve: tuple = ()) -> Outcome:
    return Outcome(values, state, loss, 1 - loss, 0.01, (loss, loss), curve)


def test_a_trial_is_a_cross_validation_with_its_folds_in_its_record(searched, study_of: MakeStudy):
    found, folder = searched
    study, (trial_id, outcome) = study_of(), found.trials[-1]
    members = cross_fit(study.dataset, study.space.to_recipe(outcome.values), study.folds, study.seed).by_seed
    probabilities = fit_pool(study.dataset.targets, [members], study.folds).out_of_fold
    rows = metrics.row_board_log_loss(study.dataset.targets, probabilities)
    by_fold = [rows[study.folds.held_out(fold)].mean() for fold in range(3)]
    assert outcome.board_log_loss == pytest.approx(rows.mean())
    np.testing.assert_allclose(outcome.folds, by_fold)
    assert outcome.spread == pytest.approx(np.std(by_fold, ddof=1))
    record = json.loads(next(folder.glob(f"project-*/trial_{trial_id}/trial.json")).read_text())
    recorded = {name: each["observations"][0]["value"][0] for name, each in record["metrics"]["metrics"].items()}
    assert recorded == outcome.metrics()
    assert recorded["fold_3"] == outcome.folds[2]
    assert record["score"] == outcome.board_log_loss


def test_the_table_has_one_row_a_trial_and_shows_what_had_an_effect(searched):
    found, folder = searched
    table = read_trials(folder)
    assert list(table.columns[:5]) == ["trial_id", "units", "clip", "scaling", "learning_rate"]
    assert table["trial_id"].tolist() == [f"{number:04d}" for number in range(TRIALS)]
    assert (table["scaling"].isna() == (table["clip"] == 0)).all()
    np.testing.assert_allclose(table["board_log_loss"], [outcome.board_log_loss for _, outcome in found.trials])
    assert set(table["state"]) <= {FINISHED, STOPPED}


def test_a_search_leaves_what_it_promises(searched, study_of: MakeStudy):
    found, folder = searched
    for name in (folder / "DONE").read_text().splitlines():
        assert (folder / name).is_file()
    assert read_recipe(folder / "recipe.toml") == found.recipe
    result = read_result(folder, study_of())
    assert result["winner"]["values"] == dict(found.finalists[0].values)
    assert result["holdout"]["rows"] == 12
    assert len(list(folder.glob("tensorboard/*/*/events*"))) == TRIALS
    assert len(list(folder.glob("project-*/outcomes/*.npy"))) == 2
    lines = "\n".join(report.result_lines(result, folder))
    for number in (result["winner"]["searched"], result["winner"]["afresh"], result["holdout"]["board_log_loss"]):
        assert f"{number:.4f}" in lines


def test_the_probabilities_of_the_best_trials_are_kept(searched, study_of: MakeStudy):
    _, folder = searched
    outcomes = Outcomes(next(folder.glob("project-*")) / "outcomes")
    best = best_first(iter(outcomes), OBJECTIVES["log-loss"])
    targets = study_of().dataset.targets
    for place, outcome in enumerate(best):
        kept = outcomes.probabilities(key_of(outcome.values))
        assert (kept is not None) == (place < 2)
        if kept is not None:
            assert metrics.board_log_loss(targets, kept) == outcome.board_log_loss


def test_finalists_are_scored_on_fresh_folds_and_the_first_trial_is_among_them(searched):
    found, _ = searched
    by_trial = {one.trial_id: one for one in found.finalists}
    assert len(by_trial) == 3
    assert by_trial["0000"].gain.value == 0
    assert all(one.searched != one.fresh.value for one in found.finalists)
    assert [one.fresh.value for one in found.finalists] == sorted(one.fresh.value for one in found.finalists)
    for one in found.finalists:
        assert one.gain.value == pytest.approx(by_trial["0000"].fresh.value - one.fresh.value)


def test_a_preset_is_scored_on_the_finalists_folds(searched, study_of: MakeStudy):
    found, folder = searched
    study, first = study_of(), next(one for one in found.finalists if one.trial_id == "0000")
    rows = []
    for repeat in range(REPEATS):
        fresh = finals._fresh(study, repeat, own_folds=False)
        (model,) = PLAIN.models
        fit = cross_fit_classical(fresh.dataset, model.recipe, fresh.folds, derived_seed(fresh.seed, 0))
        pooled = fit_pool(fresh.dataset.targets, [fit.by_seed], fresh.folds).out_of_fold
        rows.append(metrics.row_board_log_loss(fresh.dataset.targets, pooled))
    assert found.plain.fresh.value == pytest.approx(np.mean(rows), abs=1e-12)
    assert found.plain.gain.value == pytest.approx(first.fresh.value - found.plain.fresh.value)
    assert found.plain.over_winner.value == pytest.approx(found.finalists[0].fresh.value - found.plain.fresh.value)
    kept = read_result(folder, study)["plain"]
    assert kept["afresh"] == found.plain.fresh.value
    assert kept["over_winner_se"] == found.plain.over_winner.standard_error


def test_a_search_says_that_its_space_holds_no_other_recipe(searched, study_of: MakeStudy):
    found, folder = searched
    result = read_result(folder, study_of())
    assert "exhausted" not in result
    ended = replace(found, is_exhausted=True).to_table()
    assert ended == dict(result) | {"exhausted": True}
    sentence = "          it ends here: no recipe is left in the space that has not been tried"
    assert report.result_lines(ended, folder)[1] == sentence
    assert sentence not in report.result_lines(result, folder)


def test_outcomes_that_cannot_be_kept_are_an_error_that_names_the_place(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"file/outcomes: cannot be written: Not a directory"):
        Outcomes(tmp_path / "file" / "outcomes").write("key", outcome_of({"units": 1}, 0.3), np.eye(3))


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (0.02, "is better than the winner alone by 0.0200 ± 0.0100"),
        (-0.02, "is worse than the winner alone by 0.0200 ± 0.0100"),
        (0.005, "and the winner alone do not differ clearly (by 0.0050 ± 0.0100)"),
    ],
)
def test_a_search_ends_with_the_preset_beside_its_winner_and_the_next_command(
    searched, study_of: MakeStudy, over: float, words: str
):
    _, folder = searched
    result = dict(read_result(folder, study_of()))
    result["plain"] = result["plain"] | {"over_winner": over, "over_winner_se": 0.01}
    lines = report.result_lines(result, folder, Path("songs"))
    assert f"compare   a plain submit with preset quick, a pool of models, {words}" in lines
    (row,) = [line for line in lines if line.startswith("        preset quick")]
    assert f"{result['plain']['afresh']:.4f} ± {result['plain']['afresh_se']:.4f}" in row
    assert f"next      python -m competition submit --data songs --add-recipe {folder} --out runs/with" in lines
    assert lines[-1].strip() == "python -m competition score runs/without runs/with"
    kept_out = report.result_lines(result, folder, Path("songs"), has_test=False)
    assert sum("submit --data songs --test-share 0.3" in line for line in kept_out) == 2
    older = report.result_lines({key: value for key, value in result.items() if key != "plain"}, folder)
    assert not [line for line in older if "preset" in line]
    assert f"next      python -m competition submit --add-recipe {folder} --out runs/with" in older


def test_a_finished_search_trains_nothing_when_it_is_run_again(
    searched, study_of: MakeStudy, monkeypatch: pytest.MonkeyPatch
):
    found, folder = searched
    for module in (tuner, finals):
        monkeypatch.setattr(module, "evaluate", lambda *_, **__: pytest.fail("a trial was run again"))
    study = study_of()
    again = run_search(Search(study, Budget(TRIALS), folder, finalists=2), silent(study, Budget(TRIALS)))
    assert again.trials == found.trials
    assert again.finalists == found.finalists


def test_a_point_that_comes_again_costs_nothing(study_of: MakeStudy, tmp_path: Path, monkeypatch):
    study, calls = study_of(), []
    monkeypatch.setattr(
        tuner,
        "evaluate",
        lambda study, values, best: calls.append(values) or (outcome_of(values, 0.2), np.ones((1, 1))),
    )
    cross_fit_tuner = tuner.CrossFitTuner(study, Budget(3), tmp_path / "project", lambda _: None)
    trial = cross_fit_tuner.oracle.create_trial("one")
    assert cross_fit_tuner.run_trial(trial) == cross_fit_tuner.run_trial(trial)
    assert calls == [study.space.defaults]


@pytest.mark.training
def test_a_trial_that_diverges_scores_as_guessing_and_one_that_fails_too(
    study_of: MakeStudy, tmp_path: Path, monkeypatch
):
    table = {
        "recipe": {
            "family": "dense",
            "hidden_units": [4],
            "epochs": 4,
            "optimizer": "sgd",
            "learning_rate": 1e8,
            "batch_size": 16,
        },
        "hyperparameters": {"block_means": {"kind": "boolean"}},
    }
    study = study_of(space=space_from_table("wild", table, "here"))
    shares = np.broadcast_to(study.dataset.counts / 60, (60, 3))
    guessing = metrics.board_log_loss(study.dataset.targets, shares)
    outcome, probabilities = evaluation.evaluate(study, study.space.defaults, None)
    assert (outcome.state, outcome.board_log_loss) == (DIVERGED, pytest.approx(guessing, abs=0.005))
    assert "training diverged" in outcome.message
    assert probabilities.shape == (60, 3)
    Outcomes(tmp_path / "outcomes").write(key_of(outcome.values), outcome, probabilities)
    assert Outcomes(tmp_path / "outcomes").read(key_of(outcome.values)) == outcome
    monkeypatch.setattr(evaluation, "cross_fit", lambda *_, **__: 1 / 0)
    outcome, _ = evaluation.evaluate(study, study.space.defaults, None)
    assert (outcome.state, outcome.message) == (FAILED, "ZeroDivisionError: division by zero")
    assert np.isfinite(list(outcome.metrics().values())).all()


def test_a_search_in_which_everything_fails_stops_with_a_sentence(study_of: MakeStudy, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(evaluation, "cross_fit", lambda *_, **__: 1 / 0)
    study = study_of()
    with pytest.raises(TuningError, match="3 trials in a row failed, the last with: ZeroDivisionError"):
        run_search(Search(study, Budget(9), tmp_path / "out"), silent(study, Budget(9)))
    assert read_trials(tmp_path / "out")["state"].tolist() == [FAILED, FAILED]


def test_a_full_disk_stops_a_search_and_loses_nothing(study_of: MakeStudy, tmp_path: Path, monkeypatch):
    study, search = study_of(), Search(study_of(), Budget(5), tmp_path / "out", finalists=1)
    evaluated = []

    def quick(study: Study, values: dict, best: Outcome | None) -> tuple[Outcome, np.ndarray]:
        evaluated.append(key_of(values))
        return outcome_of(values, values["learning_rate"]), np.full((60, 3), 1 / 3)

    def full(self: Outcomes, key: str, *outcome: object) -> None:
        raise RunError("no space")

    for module in (tuner, finals):
        monkeypatch.setattr(module, "evaluate", quick)
    write = Outcomes.write
    with monkeypatch.context() as patch, pytest.raises(RunError, match="no space"):
        patch.setattr(Outcomes, "write", lambda *given: (full if len(evaluated) == 3 else write)(*given))
        run_search(search, silent(study, search.budget))
    assert len(read_trials(tmp_path / "out")) == 2
    found = run_search(search, silent(study, search.budget))
    assert [trial_id for trial_id, _ in found.trials] == ["0000", "0001", "0002", "0003", "0004"]
    assert evaluated[2] == evaluated[3]  # the one that could not be written
    assert len(set(evaluated)) == 5


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"objective": OBJECTIVES["accuracy"]}, "the objective"),
        ({"seed": 1}, "the seed"),
        ({"seeds": 2}, "the number of seeds"),
        ({"settings": Settings(beta=2.0)}, "the settings"),
    ],
)
def test_another_search_is_known_from_this_one(study_of: MakeStudy, tmp_path: Path, changes: dict, difference: str):
    study, other = study_of(), study_of(**changes)
    assert study.identity == study_of().identity != other.identity
    claim(tmp_path, study)
    check_folder(tmp_path, study, force=False)
    with pytest.warns(UserWarning, match=f"{difference} differ from the last search there: a new one starts"):
        check_folder(tmp_path, other, force=False)
    (tmp_path / "DONE").touch()
    with pytest.raises(TuningError, match=rf"holds another finished search \({difference} differ\); name another"):
        check_folder(tmp_path, other, force=False)


def test_space_data_and_folds_are_part_of_a_searchs_identity(study_of: MakeStudy, dataset: Dataset, space: Space):
    table = json.loads(json.dumps(space.table))
    table["hyperparameters"]["units"]["max"] = 17
    others = [
        study_of(space=space_from_table("tiny", table, "here")),
        study_of(dataset=replace(dataset, features=dataset.features + 1)),
        study_of(folds=stratified_folds(dataset.targets, 3, seed=1)),
    ]
    assert len({study.identity for study in [study_of(), *others]}) == 4


def test_a_folder_is_held_against_a_second_search_and_foreign_files(study_of: MakeStudy, tmp_path: Path):
    with locked(tmp_path), pytest.raises(TuningError, match="another search is at work there"), locked(tmp_path):
        pass
    with locked(tmp_path):
        check_folder(tmp_path, study_of(), force=False)
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(TuningError, match=r"is not empty and holds no search \(thesis.txt\)"):
        check_folder(tmp_path, study_of(), force=False)
    check_folder(tmp_path, study_of(), force=True)


def members_of(study: Study, right: float) -> np.ndarray:
    """Return probabilities (rows, 1, genres) that give each row's genre `right`, whatever the temperature."""
    probabilities = np.full((60, 3), (1 - right) / 2)
    probabilities[np.arange(60), study.dataset.targets] = right
    flipped = np.arange(0, 60, 4)
    probabilities[flipped] = np.roll(probabilities[flipped], 1, axis=1)
    return probabilities[:, None]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_trial_races_the_best_one_at_the_same_share_of_its_training(study_of: MakeStudy, objective: str):
    study = study_of(objective=OBJECTIVES[objective])
    first = Race(study, None)
    assert not any(first.judge(share, members_of(study, 0.8)) for share in (0.25, 0.5, 0.75))
    assert first.share == 1
    best = replace(outcome_of({}, 0.3), curve=tuple(first.curve), accuracy=0.75)
    equal, worse = Race(study, best), Race(study, best)
    assert not any(equal.judge(share, members_of(study, 0.8)) for share in (4 / 15, 8 / 15, 11 / 15))
    assert worse.judge(0.25, members_of(study, 0.8)[:, :, ::-1])
    assert worse.share == 0.25


@pytest.mark.training
def test_a_trial_that_falls_behind_is_stopped_and_scored_as_it_is(study_of: MakeStudy, space: Space):
    table = {**space.table, "recipe": {**space.recipe, "epochs": 8}}
    study = study_of(space=space_from_table("longer", table, "here"))
    good = study.space.complete({"learning_rate": 0.1, "units": 16})
    bad = study.space.complete({"learning_rate": 0.01, "units": 4})
    best, _ = evaluation.evaluate(study, good, None)
    assert [share for share, _ in best.curve] == [0.25, 0.5, 0.75]
    whole, _ = evaluation.evaluate(study, bad, None)
    stopped, _ = evaluation.evaluate(study, bad, best)
    assert (whole.state, stopped.state) == (FINISHED, STOPPED)
    assert stopped.share < 1
    assert stopped.curve == whole.curve[: len(stopped.curve)]
    assert stopped.board_log_loss > whole.board_log_loss > best.board_log_loss


def test_the_first_trial_and_the_best_others_are_finalists(study_of: MakeStudy):
    losses = (0.5, 0.3, 0.2, 0.4, 0.1)
    trials = [(f"{place:04d}", outcome_of({"units": place}, loss)) for place, loss in enumerate(losses)]
    trials.append(("0005", outcome_of({"units": 9}, 0.0, STOPPED)))
    trials.append(("0006", outcome_of({"units": 4}, 0.1)))
    names = [name for name, _ in finals.finalists_of(study_of(), trials, 2)]
    assert names == ["0000", "0004", "0002"]


def test_a_holdout_shares_no_row_with_the_search_and_whole_folds_stay_together(dataset: Dataset):
    searched, held = split_holdout(dataset, None, 0.2, seed=0)
    assert sorted([*searched, *held]) == list(range(60))
    np.testing.assert_array_equal(np.bincount(dataset.targets[held]), [6, 4, 2])
    own = Folds(np.arange(60) % 5)
    searched, held = split_holdout(dataset, own, 0.3, seed=0)
    assert set(own.assignment[held]).isdisjoint(own.assignment[searched])
    assert len(held) == 24
    with pytest.raises(KitError, match=r"`holdout` 0.5 of 2 folds leaves too few"):
        split_holdout(dataset, Folds(np.arange(60) % 2), 0.5, seed=0)
    with pytest.raises(KitError, match=r"`holdout` 0.01 of 60 songs cannot have songs of every genre"):
        split_holdout(dataset, None, 0.01, seed=0)


def test_a_group_is_divided_by_no_fold_of_a_search_and_by_no_holdout(study_of: MakeStudy, dataset: Dataset):
    grouped = replace(dataset, groups=np.arange(60) // 3)
    rows, held = split_holdout(grouped, None, 0.25, seed=3)
    assert not set(grouped.groups[rows]) & set(grouped.groups[held])
    assert sorted([*rows, *held]) == list(range(60))
    part = subset(grouped, rows)
    np.testing.assert_array_equal(part.groups, grouped.groups[rows])
    study = study_of(dataset=part, folds=stratified_folds(part.targets, 3, seed=0, groups=part.groups))
    for repeat in range(2):
        check_groups_whole(finals._fresh(study, repeat, own_folds=False).folds, part.groups, where="afresh")


def test_near_songs_stay_together_where_folds_are_drawn_anew_and_are_no_groups(study_of: MakeStudy):
    near = np.arange(60) // 3
    study = study_of(kept_together=near)
    assert study.dataset.groups is None
    assert study.identity == study_of().identity
    for repeat in range(2):
        check_groups_whole(finals._fresh(study, repeat, own_folds=False).folds, near, where="afresh")


def test_the_errors_of_finals_count_groups(study_of: MakeStudy, dataset: Dataset, tmp_path: Path):
    groups, generator, found = np.arange(60) // 4, np.random.default_rng(0), {}
    trials = [(f"{place:04d}", outcome_of({"units": place}, 0.3)) for place in range(2)]
    for _, outcome in trials:
        for repeat in range(REPEATS):
            key = f"{key_of(outcome.values)}-{repeat}"
            Outcomes(tmp_path).write(key, outcome, generator.dirichlet(np.ones(3), 15)[groups])
    for name, kept in (("rows", None), ("groups", groups)):
        study = study_of(dataset=replace(dataset.without_test(), groups=kept))
        found[name] = finals.score_afresh(study, tmp_path, trials, own_folds=False, tell=lambda _: None)
    for alone, together in zip(found["rows"], found["groups"], strict=True):
        assert (alone.trial_id, alone.fresh.value) == (together.trial_id, together.fresh.value)
        assert together.fresh.standard_error == pytest.approx(2 * alone.fresh.standard_error, rel=0.2)
        assert (together.gain.standard_error > alone.gain.standard_error) == (alone.trial_id != "0000")


def test_progress_tells_trial_best_and_time_left(capsys: pytest.CaptureFixture[str]):
    outcomes = [outcome_of({"units": 1}, 0.3), outcome_of({"units": 2}, 0.2)]
    trials = [(f"{place:04d}", outcome) for place, outcome in enumerate(outcomes)]
    progress = SearchProgress(OBJECTIVES["log-loss"], Budget(6), None, quiet=False)
    progress.trial_ended("0001", trials, seconds=60.0)
    assert capsys.readouterr().out == (
        "trial 0001 of 6: finished, board log loss 0.2000, 0.0 s; best 0.2000, about 2 min left\n"
    )
    SearchProgress(OBJECTIVES["log-loss"], Budget(None, 100.0), None, quiet=False).trial_ended("0000", trials, 60.0)
    assert "best 0.2000, about 40 s left" in capsys.readouterr().out
    SearchProgress(OBJECTIVES["log-loss"], Budget(2), None, quiet=False).trial_ended("0001", trials, 60.0)
    assert "best 0.2000, then the best are scored again\n" in capsys.readouterr().out


def test_trials_files_are_read_back_as_they_were(tmp_path: Path):
    outcome = outcome_of({"units": 1, "clip": 3.0}, 0.3, curve=((0.25, 0.4), (0.5, 0.35)))
    outcomes = Outcomes(tmp_path)
    outcomes.write("key", outcome, np.eye(3))
    assert outcomes.read("key") == outcome
    assert outcomes.read("other") is None
    np.testing.assert_array_equal(outcomes.probabilities("key"), np.eye(3))
    outcomes.keep_probabilities(set())
    assert outcomes.probabilities("key") is None
