"""scikit-learn models as nodes, held against the kit's own predictions."""

from dataclasses import replace

import numpy as np
import pytest
from graphs import computed

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.errors import RunError
from competition.models.base.scaling import Scaling
from competition.models.classical.engine import FoldModels, cross_fit_classical
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.onnx.classical import predicted

QUANTILES = Scaling("quantile")
RECIPES = [
    ClassicalRecipe(name="svm", family="support-vector", scaling=QUANTILES, parameters={"C": 3.0}),
    ClassicalRecipe(name="wide", family="support-vector", parameters={"gamma": 0.3}),
    ClassicalRecipe(name="ridge", family="kernel-ridge", scaling=QUANTILES),
    ClassicalRecipe(name="lda", family="discriminant-analysis", scaling=QUANTILES),
    ClassicalRecipe(name="logistic", family="logistic-regression", scaling=Scaling(clip=3.0)),
]
THIRDS = Folds(np.arange(60) % 3)


def held_against_the_kit(dataset: Dataset, recipe: ClassicalRecipe, folds: Folds = THIRDS) -> None:
    trained = cross_fit_classical(dataset, recipe, folds, seed=0).models
    assert isinstance(trained, FoldModels)
    rows = np.vstack([dataset.test_features, dataset.features[:20] + 1])
    found = computed(lambda graph, given: predicted(graph, given, trained), rows)
    np.testing.assert_allclose(found, trained.predict(rows.astype(np.float32)), atol=1e-5)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_probabilities_are_the_kits(dataset: Dataset, recipe: ClassicalRecipe):
    held_against_the_kit(dataset, recipe)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_two_genres_are_told_apart_too(dataset: Dataset, recipe: ClassicalRecipe):
    edition = replace(dataset.edition, genres=("Rock", "Jazz"))
    held_against_the_kit(replace(dataset, edition=edition, targets=np.minimum(dataset.targets, 1)), recipe)


@pytest.mark.parametrize("recipe", RECIPES[:4], ids=lambda recipe: recipe.name)
def test_a_fold_may_never_have_seen_a_genre(dataset: Dataset, recipe: ClassicalRecipe):
    held_against_the_kit(dataset, recipe, Folds(np.where(dataset.targets == 2, 0, np.arange(60) % 2 + 1)))


REFUSED = [
    (ClassicalRecipe(name="forest", family="extra-trees", parameters={"n_estimators": 2}), "ExtraTreesClassifier"),
    (ClassicalRecipe(name="far", family="kernel-ridge", parameters={"kernel": "laplacian"}), "a laplacian kernel"),
]


@pytest.mark.parametrize(("recipe", "words"), REFUSED, ids=lambda value: getattr(value, "name", ""))
def test_others_are_refused(dataset: Dataset, recipe: ClassicalRecipe, words: str):
    with pytest.raises(RunError, match=rf"{words} cannot be exported; train a run without them"):
        held_against_the_kit(dataset, recipe)
