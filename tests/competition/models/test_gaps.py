"""Training and predicting with missing cells: every engine, and what it saves."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.data.dataset import Dataset
from competition.data.edition import Roles
from competition.data.folds import Folds, stratified_folds
from competition.models.base.crossfit import CrossFit, fit_fold_scaler
from competition.models.base.scaling import Fill, Scaling
from competition.models.classical.engine import cross_fit_classical
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.ensemble_training import Trained
from competition.models.ensembles import Model
from competition.models.networks.recipe import Recipe
from competition.models.saved import load_models, save_index, save_model
from competition.scoring.metrics import accuracy

QUANTILES = Scaling("quantile", clip=3.0, components=4)
DENSE = Recipe(
    name="dense",
    family="dense",
    scaling=QUANTILES,
    hidden_units=(8,),
    epochs=6,
    batch_size=16,
    learning_rate=0.02,
)
MEANS = replace(DENSE, name="means", scaling=Scaling(block_means=True))
LSTM = replace(DENSE, name="lstm", family="lstm", scaling=Scaling("robust"), own={"recurrent_units": (3,)}, epochs=1)
FOREST = ClassicalRecipe(name="forest", family="extra-trees", scaling=QUANTILES, parameters={"n_estimators": 20})


@pytest.fixture(scope="module")
def folds(dataset: Dataset) -> Folds:
    return stratified_folds(dataset.targets, 2, seed=0)


@pytest.fixture(scope="module")
def gappy(dataset: Dataset) -> Dataset:
    """A tenth of the cells are missing, and in fold 0 all cells of a column."""
    generator = np.random.default_rng(1)
    songs = [np.where(generator.random(one.shape) < 0.1, np.float32(np.nan), one) for one in _files(dataset)]
    songs[0][stratified_folds(dataset.targets, 2, seed=0).held_out(0), 8] = np.nan
    return replace(dataset, features=songs[0], test_features=songs[1])


def _files(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    assert dataset.test_features is not None
    return dataset.features, dataset.test_features


def cross_fit(dataset: Dataset, recipe: Recipe, folds: Folds, seed: int) -> CrossFit:
    from competition.models.networks.engine import cross_fit

    return cross_fit(dataset, recipe, folds, seed)


def cross_fit_separately(dataset: Dataset, recipe: Recipe, folds: Folds, seed: int) -> CrossFit:
    from competition.models.reference.engine import cross_fit_separately

    return cross_fit_separately(dataset, recipe, folds, seed)


Engine = Callable[[Dataset, object, Folds, int], CrossFit]
ENGINES = [
    pytest.param(cross_fit, DENSE, id="pack", marks=pytest.mark.training),
    pytest.param(cross_fit, MEANS, id="pack of block means", marks=pytest.mark.training),
    pytest.param(cross_fit, LSTM, id="pack of lstms", marks=pytest.mark.training),
    pytest.param(cross_fit_separately, DENSE, id="reference", marks=pytest.mark.training),
    pytest.param(cross_fit_classical, FOREST, id="classical"),
]


@pytest.mark.parametrize(("engine", "recipe"), ENGINES)
def test_missing_cells_are_filled_with_the_medians_of_the_rows_trained_on(
    engine: Engine, recipe: Recipe, gappy: Dataset, folds: Folds
):
    """Each fold alone, on a dataset whose gaps are filled with what that fold may know, predicts the same."""
    fit = engine(gappy, recipe, folds, 1)
    assert fit.test is not None
    assert np.isfinite(fit.test).all()
    if recipe is not LSTM:
        assert accuracy(gappy.targets, fit.out_of_fold.argmax(axis=1)) > 0.6
    for fold in range(folds.count):
        training, held_out = folds.training(fold), folds.held_out(fold)
        known = gappy.features[training].astype(np.float64)
        medians = [np.median(column[~np.isnan(column)]) if not np.isnan(column).all() else 0 for column in known.T]
        filled = np.where(np.isnan(gappy.features), np.float32(medians), gappy.features)
        expected = engine(replace(gappy, features=filled, test_features=None), recipe, folds, 1)
        np.testing.assert_allclose(fit.by_seed[held_out], expected.by_seed[held_out], atol=2e-4)


@pytest.mark.parametrize(("engine", "recipe"), ENGINES)
def test_a_held_out_value_does_not_change_what_fills_other_rows(
    engine: Engine, recipe: Recipe, gappy: Dataset, folds: Folds
):
    row, *others = folds.held_out(1)
    features = gappy.features.copy()
    features[row] = np.where(np.isnan(features[row]), 1e3, np.nan)
    before, after = (engine(one, recipe, folds, 1) for one in (gappy, replace(gappy, features=features)))
    np.testing.assert_array_equal(after.by_seed[others], before.by_seed[others])
    assert not np.array_equal(after.by_seed[row], before.by_seed[row])


@pytest.mark.parametrize(("engine", "recipe"), ENGINES)
def test_gaps_in_the_test_file_alone_change_no_other_prediction(
    engine: Engine, recipe: Recipe, dataset: Dataset, gappy: Dataset, folds: Folds
):
    whole, gaps = engine(dataset, recipe, folds, 1), engine(replace(gappy, features=dataset.features), recipe, folds, 1)
    assert whole.test is not None
    assert gaps.test is not None
    np.testing.assert_array_equal(gaps.by_seed, whole.by_seed)
    rows = np.isnan(_files(gappy)[1]).any(axis=1)
    np.testing.assert_array_equal(gaps.test[~rows], whole.test[~rows])
    assert (gaps.test[rows] != whole.test[rows]).any(axis=1).all()
    assert np.isfinite(gaps.test).all()


@pytest.mark.parametrize(
    ("engine", "recipe"), [engine for engine in ENGINES if engine.values[0] is not cross_fit_separately]
)
def test_saved_models_fill_the_same_cells(engine: Engine, recipe: Recipe, gappy: Dataset, folds: Folds, tmp_path: Path):
    model = Model(recipe, seeds=1)
    fit = engine(gappy, recipe, folds, 1)
    save_model(tmp_path / "models", 1, Trained(model, fit, 0.0))
    save_index(tmp_path / "models", [model], {recipe.name: 1.0}, np.zeros(3))
    songs = np.concatenate(_files(gappy))[::-7]
    saved = load_models(tmp_path / "models")
    assert fit.models is not None
    np.testing.assert_array_equal(
        saved.models and saved._predict_recipe(recipe.name, songs, None), fit.models.predict(songs)
    )
    assert np.isfinite(saved.predict(songs)).all()


def test_all_folds_fill_where_any_song_has_a_gap_or_the_edition_allows_it(dataset: Dataset, gappy: Dataset):
    """Folds' steps are of the same kinds, and models of a file without gaps read other files of its edition."""
    described = replace(dataset.edition, roles=Roles(tuple(map(str, range(1, 11))), label="genre", missing="median"))
    refusing = replace(described, roles=Roles(tuple(map(str, range(1, 11))), label="genre"))
    for one, fills in (
        (dataset, False),
        (replace(dataset, edition=refusing), False),
        (replace(dataset, edition=described), True),
        (replace(dataset, test_features=gappy.test_features), True),
        (replace(gappy, test_features=dataset.test_features), True),
    ):
        steps = fit_fold_scaler(Scaling(), one, np.arange(10)).steps
        assert [isinstance(step, Fill) for step in steps] == [True] * fills + [False]
