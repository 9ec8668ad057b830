"""Classifiers of other packages, named in a recipe: only the user's own, and a sentence where they do not fit."""

import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from support import run_program

import genre_kit
from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from competition.errors import RecipeError, RunError
from competition.models.base.crossfit import fit_fold_scaler
from competition.models.classical.engine import cross_fit_classical
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.ensembles import read_ensemble
from genre_kit.jobs.steps import keep

BAYES = "sklearn.naive_bayes.GaussianNB"
MEMBER = """
[[models]]
recipe = "discriminant-analysis"

[[models]]
[models.recipe]
name = "bayes"
family = "sklearn"
estimator = "sklearn.naive_bayes.GaussianNB"
[models.recipe.parameters]
var_smoothing = 0.01
"""


def recipe(estimator: str = BAYES, **parameters: object) -> ClassicalRecipe:
    return ClassicalRecipe(name="other", family="sklearn", estimator=estimator, parameters=parameters)


def test_it_is_cross_fitted_as_by_hand(dataset: Dataset):
    folds = stratified_folds(dataset.targets, 3, seed=0)
    fit = cross_fit_classical(dataset, recipe(var_smoothing=0.1), folds, seed=1)
    for fold in range(3):
        scaler = fit_fold_scaler(recipe().scaling, dataset, folds.training(fold))
        training, held_out = folds.training(fold), folds.held_out(fold)
        alone = GaussianNB(var_smoothing=0.1).fit(
            scaler.transform(dataset.features[training]), dataset.targets[training]
        )
        expected = alone.predict_proba(scaler.transform(dataset.features[held_out]))
        np.testing.assert_allclose(fit.by_seed[held_out, 0], expected)


def test_a_recipe_is_a_table_and_back_and_imports_nothing():
    made = recipe("no_such_package.Classifier", depth=3)
    table = made.to_table()
    assert table["estimator"] == "no_such_package.Classifier"
    from competition.models.recipes import recipe_from_table

    assert recipe_from_table(table, where="x") == made


def test_the_seed_is_given_to_what_takes_one():
    assert recipe("sklearn.ensemble.RandomForestClassifier", n_estimators=3).unfitted(seed=7).random_state == 7


@pytest.mark.parametrize(
    ("estimator", "parameters", "sentence"),
    [
        ("", {}, "estimator is ''; expected package.module.Class, of a classifier"),
        ("GaussianNB", {}, "expected package.module.Class"),
        ("os.system('x')", {}, "expected package.module.Class"),
        ("no_such_package.Classifier", {}, "No module named 'no_such_package'; install the package no_such_package"),
        ("sklearn.no_such_module.Classifier", {}, "install the package sklearn"),
        ("sklearn.naive_bayes.NoSuchClass", {}, "cannot be imported: module .* has no attribute 'NoSuchClass'"),
        ("os.system", {}, "is no scikit-learn classifier with probabilities; expected a class with fit, predict_proba"),
        ("sklearn.svm.LinearSVC", {}, r"is no scikit-learn classifier with probabilities \(it has no predict_proba\)"),
        (BAYES, {"depth": 3}, "GaussianNB refuses its parameters: .*depth"),
    ],
)
def test_what_does_not_fit_is_met_by_a_sentence(estimator: str, parameters: dict, sentence: str):
    with pytest.raises(RecipeError, match=sentence):
        recipe(estimator, **parameters).check_import()


def test_what_it_raises_while_it_learns_is_a_sentence(dataset: Dataset):
    folds = stratified_folds(dataset.targets, 3, seed=0)
    with pytest.raises(
        RecipeError, match=r"other: sklearn\.naive_bayes\.GaussianNB refuses it: The 'var_smoothing' par"
    ):
        cross_fit_classical(dataset, recipe(var_smoothing=-1.0), folds, seed=1)


def test_an_estimator_is_for_its_family_alone():
    with pytest.raises(RecipeError, match="x: estimator is for the family sklearn; leave it out"):
        ClassicalRecipe(name="x", family="extra-trees", estimator=BAYES)


def test_a_member_joins_a_pool_and_is_not_kept(tmp_path: Path, write_competition, monkeypatch: pytest.MonkeyPatch):
    for name in ("write_pictures", "write_report"):
        monkeypatch.setattr(keep, name, lambda *given: None)
    data, mine = write_competition(tmp_path / "data"), tmp_path / "mine.toml"
    mine.write_text(MEMBER)
    result = genre_kit.submit(data=data, recipe=mine, folds=2, out=tmp_path / "run")
    assert [part.name for part in result.known.pool.parts] == ["discriminant-analysis", "bayes"]
    assert {path.name for path in (tmp_path / "run" / "models").iterdir()} == {
        "models.json",
        "01-discriminant-analysis.skops",
    }
    with pytest.raises(
        RunError, match=r"run: does not keep bayes, classifiers of other packages; train the run again on"
    ):
        genre_kit.predict(tmp_path / "run", out=tmp_path / "predicted")
    assert read_ensemble(tmp_path / "run").imports == (BAYES,)


def test_no_folder_of_others_brings_code(tmp_path: Path, write_competition, monkeypatch: pytest.MonkeyPatch):
    """Whoever sends a run, a search or a competition's files must not choose what is imported."""
    for name in ("write_pictures", "write_report"):
        monkeypatch.setattr(keep, name, lambda *given: None)
    (tmp_path / "hostile_module.py").write_text("raise SystemExit('it ran')")
    monkeypatch.syspath_prepend(str(tmp_path))
    data, mine = write_competition(tmp_path / "data"), tmp_path / "mine.toml"
    mine.write_text(MEMBER)
    genre_kit.submit(data=data, recipe=mine, folds=2, out=tmp_path / "run")
    for path in (tmp_path / "run" / "recipe.toml", tmp_path / "run" / "manifest.json"):
        path.write_text(re.sub(r"sklearn\.naive_bayes\.GaussianNB", "hostile_module.Classifier", path.read_text()))
    shutil.copy(tmp_path / "run" / "recipe.toml", data / "recipe.toml")
    folder = tmp_path / "run"
    for words, of in (
        (("--recipe", folder), "a run or search"),
        (("--recipe", folder / "recipe.toml"), "a run or search"),
        (("--add-recipe", folder), "a run or search"),
        (("--manifest", folder), "a run"),
        (("--data", data, "--recipe", data / "recipe.toml"), "the competition's files"),
    ):
        said = run_program("submit", *words, "--out", tmp_path / "again")
        assert said.returncode == 1
        assert (
            f"names code to import, hostile_module.Classifier, which is not taken from the folder of {of}"
            in said.stderr
        )
    genre_kit.check([folder])
    assert run_program("runs", tmp_path).returncode == 0
    assert "hostile_module" not in sys.modules
