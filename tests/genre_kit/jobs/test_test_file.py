"""What `submit`, `score`, `tune` and `blend` do where the test songs are strangers, or differ otherwise."""

import json
from pathlib import Path

import numpy as np
import pytest
from support import run_program

import genre_kit
from competition.data.dataset import Dataset
from competition.data.edition_file import EDITION_FILE, edition_text
from competition.data.sample import write_sample
from competition.errors import ArgumentError, KitWarning
from competition.models.ensembles import STEADY
from genre_kit.jobs.steps.folds import FoldRequest, asked_folds, choose_folds
from genre_kit.jobs.steps.plan import make_plan
from genre_kit.jobs.tune import _divide
from tests.competition.shift.artists import alike, rescaled, strangers

MODELS = "".join(f'[[models]]\nrecipe = "{name}"\n' for name in ("kernel-ridge", STEADY))


def written(folder: Path, dataset: Dataset) -> Path:
    write_sample(dataset, folder)
    (folder / EDITION_FILE).write_text(edition_text(dataset.edition))
    (folder / "pool.toml").write_text(f'name = "pool"\n{MODELS}')
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("strangers") / "data", strangers(1))


@pytest.fixture(scope="module")
def submitted(data: Path) -> genre_kit.Result:
    return genre_kit.submit(data=data, recipe=data / "pool.toml", folds=4, out=data.parent / "run")


def scores_of(result: genre_kit.Result) -> dict:
    assert result.folder is not None
    return json.loads((result.folder / "scores.json").read_text())


def test_folds_are_asked_for_by_number_kind_or_file():
    assert asked_folds(7) == FoldRequest("auto", 7)
    assert asked_folds("like-test") == FoldRequest("like-test", 10)
    assert asked_folds("random:5") == FoldRequest("random", 5)
    assert asked_folds("folds.csv") == Path("folds.csv")


def test_strangers_lead_to_folds_like_the_test_file(submitted: genre_kit.Result):
    kept = scores_of(submitted)
    assert kept["test_file"]["kinds"] == ["novelty"]
    assert kept["test_file"]["clusters"] < strangers(1).rows
    assert submitted.folder is not None
    assignment = np.loadtxt(submitted.folder / "folds.csv", dtype=int)
    np.testing.assert_array_equal(assignment, choose_folds(strangers(1), 4, 0).folds.assignment)


def test_what_the_board_will_say_comes_from_the_test_songs(submitted: genre_kit.Result):
    kept = scores_of(submitted)
    forecast, board = submitted.forecast, kept["board"]
    assert forecast is not None
    assert board["expected_accuracy"] == forecast.accuracy <= kept["out_of_fold"]["accuracy_argmax"] + 1e-9
    assert board["accuracy"] == [forecast.accuracy_interval.low, forecast.accuracy_interval.high]
    # Flattened: they are as confident as they are expected to be right.
    assert kept["test_file"]["flattening"] < 1
    assert submitted.probabilities is not None
    assert submitted.probabilities.max(axis=1).mean() == pytest.approx(forecast.accuracy, abs=0.02)


def test_the_steady_model_has_an_equal_say(submitted: genre_kit.Result):
    weights = {one["recipe"]: one["weight"] for one in scores_of(submitted)["pool"]}
    assert weights[STEADY] > 0


def test_a_preset_gets_the_steady_model_where_there_are_strangers(data: Path, tmp_path: Path):
    def names(folder: Path, **chosen: object) -> list[str]:
        asked = {"model": None, "preset": None, "recipe": None, "minutes": None, "groups": None, "seeds": None}
        asked |= {"rule": "argmax", "threshold": None, "fallback": None, "edition": None, "folds": 4, "seed": 0}
        plan = make_plan(data=folder, with_test=True, **asked | chosen)
        return [model.recipe.name for model in plan.ensemble.models]

    assert STEADY in names(data)
    assert STEADY not in names(written(tmp_path / "alike", alike(0)))
    assert names(data, model="support-vector") == ["support-vector"]
    assert names(data, preset="best").count(STEADY) == 1


def test_models_of_the_run_predict_the_same(submitted: genre_kit.Result, data: Path, tmp_path: Path):
    again = genre_kit.predict(submitted.folder, data=data, out=tmp_path / "again")
    np.testing.assert_allclose(again.probabilities, submitted.probabilities, atol=1e-12)
    np.testing.assert_array_equal(again.labels, submitted.labels)


def test_the_program_says_it_in_two_lines(data: Path, tmp_path: Path):
    options = ("--data", data, "--recipe", data / "pool.toml", "--folds", 4, "--out", tmp_path / "run")
    said = run_program("submit", *options)
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    (place,) = [place for place, line in enumerate(lines) if line.startswith("test file")]
    assert "songs like these are missing among the training songs" in lines[place]
    assert "probably other artists" in lines[place]
    assert "near songs stay together, in" in lines[place + 1]
    (board,) = [line for line in lines if line.startswith("boards")]
    assert board.startswith(
        "boards    of 120 songs, not these scores, as the test songs differ: expect (95 %) accuracy 0."
    )
    page = (tmp_path / "run" / "report.html").read_text()
    assert "they are probably other artists" in page
    compared = run_program("score", tmp_path / "run")
    assert board in compared.stdout


def test_no_forecast_is_made_for_other_boards(data: Path, tmp_path: Path):
    edition = tmp_path / "boards.toml"
    edition.write_text(
        (data / EDITION_FILE).read_text().replace("[files]", '[boards.main]\nmetric = "macro-f1"\n[files]')
    )
    options = ("--edition", edition, "--recipe", data / "pool.toml", "--folds", 4, "--out", tmp_path / "run")
    said = run_program("submit", "--data", data, *options)
    assert said.returncode == 0, said.stderr
    (board,) = [line for line in said.stdout.splitlines() if line.startswith("boards")]
    assert "differ: expect (95 %) board log loss 0." in board
    assert board.endswith("; no forecast is made for macro F1")
    assert "no forecast is made for these test songs" in (tmp_path / "run" / "report.html").read_text()
    assert board in run_program("score", tmp_path / "run").stdout


def test_random_folds_stay_random_when_asked_for(data: Path, tmp_path: Path):
    options = ("--data", data, "--recipe", data / "pool.toml", "--folds", "random:4", "--out", tmp_path / "run")
    said = run_program("submit", *options)
    assert said.returncode == 0, said.stderr
    assert "the folds are not made like it here: held-out scores may be too high" in said.stdout
    assert json.loads((tmp_path / "run" / "scores.json").read_text())["test_file"]["clusters"] is None


def test_score_foresees_the_same_board(submitted: genre_kit.Result, data: Path, tmp_path: Path):
    scored = genre_kit.score(data=data, recipe=data / "pool.toml", folds=4, out=tmp_path / "scored")
    assert scored.probabilities is None
    assert scored.forecast == submitted.forecast
    assert not (tmp_path / "scored" / "label_pred.csv").exists()


def test_repeats_draw_folds_of_the_same_kind(data: Path, tmp_path: Path):
    scored = genre_kit.score(data=data, recipe=data / "pool.toml", folds=4, repeats=2, out=tmp_path / "scored")
    first, second = (one.plan.choice for one in scored.repeats if one.plan is not None)
    assert first.like_test is not None
    assert second.like_test is not None
    assert not np.array_equal(first.folds.assignment, second.folds.assignment)


def test_a_blend_of_strangers_foresees_a_board(submitted: genre_kit.Result, data: Path, tmp_path: Path):
    other = genre_kit.submit(data=data, model=STEADY, folds=4, out=tmp_path / "other")
    blended = genre_kit.blend([submitted.folder, other.folder], out=tmp_path / "blend")
    assert blended.forecast is not None
    assert blended.forecast.accuracy < blended.scores.accuracy.value
    own, its = (scores_of(one)["test_file"] for one in (submitted, blended))
    assert its | {"flattening": None} == own | {"flattening": None}
    factors = own["flattening"], scores_of(other)["test_file"]["flattening"]
    assert min(factors) <= its["flattening"] <= max(factors) < 1


def test_a_blend_finds_its_rule_on_songs_as_undecided_as_the_test_songs(submitted: genre_kit.Result, data: Path):
    other = genre_kit.submit(data=data, model=STEADY, folds=4, out=data.parent / "steady")
    blended = genre_kit.blend([submitted.folder, other.folder], threshold=0.6, out=data.parent / "blended")
    certain, undecided = (one.max(axis=1) for one in (blended.known.probabilities, blended.known.as_test))
    assert ((certain > 0.6) & (undecided < 0.6)).any()
    expected = blended.rule.predict(blended.known.as_test)
    np.testing.assert_array_equal(blended.known.settled.labels, expected)


def test_folds_like_the_test_file_need_one(data: Path):
    with pytest.raises(ArgumentError, match="`folds` like-test needs the test file, and there is none"):
        choose_folds(strangers(1).without_test(), "like-test", 0)


def test_like_test_folds_of_songs_that_are_alike(tmp_path: Path):
    choice = choose_folds(alike(0), "like-test:4", 0)
    assert choice.like_test is not None
    assert not choice.has_strangers
    assert choice.folds.count == 4


def test_correcting_shares_where_columns_differ_is_warned_of(tmp_path: Path):
    folder = written(tmp_path / "data", rescaled(alike(2), [4, 7]))
    with pytest.warns(KitWarning, match="differs in more than genre shares .its columns differ."):
        result = genre_kit.submit(data=folder, model=STEADY, folds=4, correct_shares=True, out=tmp_path / "run")
    kept = scores_of(result)["test_file"]
    assert {one["column"] for one in kept["columns"]} == {4, 7}
    assert "columns" in kept["kinds"]
    assert not kept["suggests_correct_shares"]
    assert kept["flattening"] == 1


def test_a_test_file_that_cannot_be_read_is_left_out_of_a_score(tmp_path: Path):
    folder = written(tmp_path / "data", alike(0))
    (folder / "c").write_text("not,numbers\n")
    with pytest.warns(KitWarning, match="the test file is not looked at: "):
        result = genre_kit.score(data=folder, model=STEADY, folds=4, out=tmp_path / "run")
    assert "test_file" not in scores_of(result)


def test_folds_of_a_file_lead_to_the_same_run(submitted: genre_kit.Result, data: Path, tmp_path: Path):
    folds = submitted.folder / "folds.csv"
    again = genre_kit.submit(data=data, recipe=data / "pool.toml", folds=folds, out=tmp_path / "again")
    np.testing.assert_array_equal(again.probabilities, submitted.probabilities)
    assert again.forecast == submitted.forecast


def test_a_score_foresees_the_board_where_columns_differ(tmp_path: Path):
    folder = written(tmp_path / "data", rescaled(alike(2), [4, 7]))
    scored = genre_kit.score(data=folder, model=STEADY, folds=4, board_rows=12, out=tmp_path / "run")
    assert scored.forecast is not None
    board = scores_of(scored)["board"]
    assert board["expected_accuracy"] == scored.forecast.accuracy
    assert board["rows"] == 12
    low, high = board["accuracy"]
    assert low < scored.forecast.accuracy_interval.low < scored.forecast.accuracy_interval.high <= high


def test_a_finished_run_foresees_boards_of_other_sizes(submitted: genre_kit.Result):
    said = run_program("score", submitted.folder, "--for", 9, "--json")
    assert said.returncode == 0, said.stderr
    board, whole = json.loads(said.stdout)["runs"][0]["board"], scores_of(submitted)["board"]
    assert board["rows"] == 9
    assert board["expected_accuracy"] == whole["expected_accuracy"]
    assert board["board_log_loss"][1] > whole["board_log_loss"][1]


@pytest.mark.parametrize("folds", ["random:3", "like-test:3"])
def test_kinds_of_folds_can_be_drawn_repeatedly(folds: str, tmp_path: Path):
    folder = written(tmp_path / "data", alike(0))
    scored = genre_kit.score(data=folder, model=STEADY, folds=folds, repeats=2, out=tmp_path / "run")
    assert len(scored.repeats) == 2


def test_a_rule_found_again_is_the_same(submitted: genre_kit.Result, data: Path, tmp_path: Path):
    options = {"data": data, "rule": "margin"}
    run = genre_kit.submit(recipe=data / "pool.toml", folds=4, out=tmp_path / "run", **options)
    found_again = genre_kit.predict(submitted.folder, out=tmp_path / "again", **options)
    assert found_again.rule == run.rule
    np.testing.assert_array_equal(found_again.labels, run.labels)


def test_a_search_keeps_near_songs_together():
    dataset = strangers(1)
    rows, choice, kept_out = _divide(dataset, 4, None, 0)
    assert kept_out is None
    assert (rows.test_features, rows.groups) == (None, None)  # near songs are no groups that errors would count
    assert choice.like_test is not None
    searched, choice, kept_out = _divide(dataset, 4, 0.25, 0)
    assert kept_out is not None
    assert searched.rows + kept_out.rows == dataset.rows
    assert len(choice.folds.assignment) == searched.rows
