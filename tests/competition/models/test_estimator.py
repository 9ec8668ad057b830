"""The classifier as scikit-learn uses it, and as what it is made of: one cross-fit and its pool."""

import pickle
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_classifiers_train, parametrize_with_checks
from support import RECIPE_TEXT, run_python

import genre_kit
from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from competition.errors import FoldsError, KitError, KitWarning, RecipeError
from competition.models.base.crossfit import derived_seed
from competition.models.base.scaling import Scaling
from competition.models.ensembles import Ensemble, Model
from competition.models.estimator import GenreClassifier
from competition.models.networks.recipe import Recipe
from competition.models.recipes import built_in_recipes, load_recipe
from competition.scoring.pooling import fit_pool

TINY = Recipe(name="tiny", family="dense", hidden_units=(8,), epochs=4, batch_size=16, learning_rate=0.02)
CHECKED = Recipe(name="checked", family="dense", hidden_units=(8,), epochs=2, batches=2, learning_rate=0.1)
QUICK = GenreClassifier(TINY, folds=2, seeds=1, random_state=0)
PAIR = Ensemble("pair", (Model(CHECKED, 1), Model(load_recipe("discriminant-analysis"), 1)))


@pytest.fixture(scope="module")
def genres(dataset: Dataset) -> np.ndarray:
    """The training songs' genres by name."""
    return np.array(dataset.edition.genres)[dataset.targets]


@pytest.fixture(scope="module")
def fitted(dataset: Dataset, genres: np.ndarray) -> GenreClassifier:
    return GenreClassifier(TINY, folds=3, seeds=2, random_state=7).fit(dataset.features, genres)


@pytest.mark.training
@parametrize_with_checks([GenreClassifier(CHECKED, folds=2, seeds=1), GenreClassifier(PAIR, folds=2)])
def test_it_passes_scikit_learns_own_checks(estimator: GenreClassifier, check: Callable):
    """A contract that no recipe decides over; a small one keeps it for all."""
    check(estimator)


@pytest.mark.training
def test_the_default_learns_what_scikit_learn_asks_of_a_classifier():
    check_classifiers_train("GenreClassifier", GenreClassifier())


def test_it_is_a_cross_fit_and_its_temperature(dataset: Dataset, genres: np.ndarray, fitted: GenreClassifier):
    from competition.models.networks.engine import cross_fit

    classes, targets = np.unique(genres, return_inverse=True)
    folds = stratified_folds(targets, 3, 7)
    fit = cross_fit(replace(dataset, targets=targets), TINY, folds, derived_seed(7, 0), seeds=2)
    pool = fit_pool(targets, [fit.by_seed], folds)
    np.testing.assert_array_equal(fitted.pool_.final_weights, pool.final_weights)
    np.testing.assert_array_equal(fitted.classes_, classes)
    np.testing.assert_array_equal(fitted.folds_, folds.assignment)
    np.testing.assert_array_equal(fitted.oof_proba_, pool.out_of_fold)
    expected = pool.apply([fit.test])
    np.testing.assert_array_equal(fitted.predict_proba(dataset.test_features), expected)


@pytest.mark.training
@pytest.mark.parametrize(
    ("submitted", "fitted_with"),
    [
        ({"preset": "quick"}, {"preset": "quick"}),
        ({"recipe": "mine.toml"}, {"recipe": "mine.toml"}),
        ({"model": "kernel-ridge"}, {"recipe": "kernel-ridge"}),
    ],
)
def test_it_is_what_submit_trains(
    competition_folder: Path,
    tmp_path: Path,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    submitted: dict[str, str],
    fitted_with: dict[str, str],
):
    """The same folds, models, weights and probabilities, to the byte, in both files' songs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(PAIR.with_seeds(2).to_text())
    run = genre_kit.submit(data=competition_folder, folds=3, seed=5, out=tmp_path / "run", **submitted)
    classifier = GenreClassifier(**fitted_with, folds=3, random_state=5).fit(dataset.features, dataset.targets)
    np.testing.assert_array_equal(classifier.folds_, run.known.folds.assignment)
    assert classifier.oof_proba_.tobytes() == run.out_of_fold.tobytes()
    assert classifier.pool_.final_weights.tolist() == [part.weight for part in run.known.pool.parts]
    assert classifier.predict_proba(dataset.test_features).tobytes() == run.probabilities.tobytes()


@pytest.mark.training
def test_a_pool_has_ten_folds_and_its_own_seeds_where_none_are_given(dataset: Dataset):
    pool = GenreClassifier(PAIR.with_seeds(3), random_state=0).fit(dataset.features, dataset.targets)
    assert len(set(pool.folds_)) == 10
    assert [model.seeds for model, _ in pool.models_] == [3, 1]
    again = pickle.loads(pickle.dumps(pool))
    assert again.predict_proba(dataset.features).tobytes() == pool.predict_proba(dataset.features).tobytes()
    with pytest.raises(AttributeError, match="where a single network's recipe has been fitted"):
        _ = pool.pack_


def test_what_there_is_one_of_a_fold_takes_no_seeds(dataset: Dataset):
    single = GenreClassifier("discriminant-analysis", random_state=0).fit(dataset.features, dataset.targets)
    assert (len(set(single.folds_)), [model.seeds for model, _ in single.models_]) == (5, [1])
    with pytest.raises(RecipeError, match="discriminant-analysis: seeds is 2, and of such models there is one a fold"):
        single.set_params(seeds=2).fit(dataset.features, dataset.targets)


def test_only_names_that_it_takes_are_offered():
    with pytest.raises(RecipeError, match="expected one of") as caught:
        GenreClassifier("forest").fit(np.zeros((4, 2)), [0, 0, 1, 1])
    offered = str(caught.value).partition("expected one of ")[2].partition(", the path")[0].split(", ")
    refused = [name for name in built_in_recipes() if name not in offered]
    over_frames = [name for name in built_in_recipes() if name.startswith(("cnn", "frames-"))]
    assert refused == [*over_frames, "lstm", "lstm-64-64"]
    for name in refused:
        with pytest.raises(RecipeError, match=f"{name}: reads frames or blocks of columns"):
            GenreClassifier(name).fit(np.zeros((4, 2)), [0, 0, 1, 1])
    assert "dense" in offered
    assert "kernel-ridge" in offered


def test_probabilities_and_labels_are_in_the_order_of_the_classes(
    dataset: Dataset, genres: np.ndarray, fitted: GenreClassifier
):
    assert fitted.classes_.tolist() == ["Jazz", "Polka", "Rock"]
    assert fitted.n_features_in_ == 10
    for probabilities in (fitted.oof_proba_, fitted.predict_proba(dataset.features)):
        assert probabilities.shape == (60, 3)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
        assert (fitted.classes_[probabilities.argmax(axis=1)] == genres).mean() > 0.7
    assert fitted.score(dataset.features, genres) > 0.7
    assert set(fitted.predict(dataset.test_features)) <= set(genres)


def test_a_row_is_given_the_same_whatever_rows_come_with_it(dataset: Dataset, fitted: GenreClassifier):
    together = fitted.predict_proba(dataset.features)
    for rows in (slice(0, 1), slice(3, 10), slice(20, 60)):
        np.testing.assert_array_equal(fitted.predict_proba(dataset.features[rows]), together[rows])


@pytest.mark.training
def test_a_rows_label_does_not_touch_its_own_out_of_fold_row(dataset: Dataset, genres: np.ndarray):
    """One label changes; the networks that score its fold's rows have not seen it. Weights and biases are left out."""
    folds = np.arange(60) % 3
    changed = genres.copy()
    changed[4] = "Polka"
    classifier = clone(QUICK).set_params(recipe=replace(TINY, epochs=15), folds=folds)
    first, second = (clone(classifier).fit(dataset.features, y) for y in (genres, changed))
    same_fold = folds == folds[4]
    before, after = first.pool_.plain, second.pool_.plain
    np.testing.assert_array_equal(after[same_fold], before[same_fold])
    assert (after[~same_fold] != before[~same_fold]).any(axis=1).all()


@pytest.mark.training
def test_it_works_in_a_pipeline_and_in_cross_validation(dataset: Dataset, genres: np.ndarray):
    pipeline = make_pipeline(StandardScaler(), QUICK)
    scores = cross_val_score(pipeline, dataset.features, genres, cv=3)
    assert scores.shape == (3,)
    assert scores.mean() > 0.7


@pytest.mark.training
def test_the_random_state_decides_over_all_numbers(dataset: Dataset):
    def out_of_fold(random_state: object) -> bytes:
        classifier = clone(QUICK).set_params(random_state=random_state)
        return classifier.fit(dataset.features, dataset.targets).oof_proba_.tobytes()

    assert out_of_fold(3) == out_of_fold(np.int64(3))
    assert out_of_fold(3) != out_of_fold(4)
    assert out_of_fold(np.random.RandomState(3)) == out_of_fold(np.random.RandomState(3))
    assert out_of_fold(None) != out_of_fold(None)


@pytest.mark.training
def test_fitting_leaves_the_global_generators_alone(dataset: Dataset):
    np.random.seed(5)
    random.seed(5)
    expected = np.random.RandomState(5).random(), random.Random(5).random()
    clone(QUICK).fit(dataset.features, dataset.targets)
    assert (np.random.random(), random.random()) == expected


@pytest.mark.process
def test_a_pickle_predicts_the_same_elsewhere(tmp_path: Path, dataset: Dataset, fitted: GenreClassifier):
    (tmp_path / "classifier.pickle").write_bytes(pickle.dumps(fitted))
    np.save(tmp_path / "songs.npy", dataset.test_features)
    code = """
import pickle, sys
from pathlib import Path
import numpy as np
folder = Path(sys.argv[1])
classifier = pickle.loads((folder / "classifier.pickle").read_bytes())
np.save(folder / "probabilities.npy", classifier.predict_proba(np.load(folder / "songs.npy")))
"""
    said = run_python("-c", code, tmp_path, cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    expected = fitted.predict_proba(dataset.test_features)
    assert np.load(tmp_path / "probabilities.npy").tobytes() == expected.tobytes()


def test_what_is_kept_has_no_optimizer(fitted: GenreClassifier):
    """Its moments would be two thirds of a pickle, and of the memory."""
    assert not fitted.pack_.compiled


@pytest.mark.training
def test_a_recipe_is_a_name_or_a_path_or_a_recipe(tmp_path: Path, dataset: Dataset):
    path = tmp_path / "mine.toml"
    path.write_text(RECIPE_TEXT)
    recipe = Recipe(name="other", family="dense", hidden_units=(8,), epochs=3, batch_size=16, learning_rate=0.01)
    given = [clone(QUICK).set_params(recipe=one) for one in (path, str(path), recipe)]
    by_path, by_text, by_recipe = (one.fit(dataset.features, dataset.targets).oof_proba_ for one in given)
    np.testing.assert_array_equal(by_path, by_recipe)
    np.testing.assert_array_equal(by_text, by_recipe)


@pytest.mark.training
def test_more_folds_than_a_class_has_rows_are_lowered_aloud(dataset: Dataset, genres: np.ndarray):
    few = np.flatnonzero((genres != "Polka") | (np.arange(60) >= 58))
    with pytest.warns(KitWarning, match="5 folds asked for, but only 2 songs have class 'Polka': 2 folds are used"):
        classifier = clone(QUICK).set_params(folds=5).fit(dataset.features[few], genres[few])
    assert set(classifier.folds_) == {0, 1}


@pytest.mark.training
def test_folds_that_hold_out_a_whole_class_are_told(dataset: Dataset, genres: np.ndarray):
    folds = np.where(genres == "Polka", 8, np.arange(60) % 2)
    classifier = clone(QUICK).set_params(folds=folds)
    with pytest.warns(KitWarning, match=r"all songs with class 'Polka' are held out together \(fold 3\)"):
        classifier.fit(dataset.features, genres)
    np.testing.assert_array_equal(classifier.folds_, np.minimum(folds, 2))


LABELS = np.repeat(["Jazz", "Rock"], 5)


@pytest.mark.parametrize(
    ("parameters", "labels", "error", "sentence"),
    [
        ({}, ["Jazz"] * 10, FoldsError, "all 10 songs have class 'Jazz'; expected at least two genres"),
        ({}, ["Jazz"] * 9 + ["Rock"], FoldsError, "only one song has class 'Rock'; expected at least two of every"),
        ({"folds": 1}, LABELS, FoldsError, "1 fold.* asked for; expected at least 2"),
        ({"folds": 2.5}, LABELS, FoldsError, "folds is 2.5; expected a whole number, or one fold number a row"),
        ({"folds": True}, LABELS, FoldsError, "folds is True; expected a whole number"),
        ({"folds": [0, 1, 0]}, LABELS, FoldsError, "folds: 3 fold numbers for 10 training rows; expected one a row"),
        ({"folds": [4] * 10}, LABELS, FoldsError, "folds: every row is in fold 4; expected at least 2 different"),
        ({"folds": [0.5, 1] * 5}, LABELS, FoldsError, "folds: found float64 numbers; expected whole ones"),
        ({"seeds": 0}, LABELS, ValueError, "seeds is 0; expected a whole number of at least 1"),
        ({"seeds": "two"}, LABELS, ValueError, "seeds is 'two'; expected a whole number of at least 1"),
        ({"recipe": "forest"}, LABELS, RecipeError, "recipe is 'forest'; expected one of baseline, dense, .* the path"),
        ({"recipe": 3}, LABELS, RecipeError, "recipe is 3; expected one of baseline"),
        ({"preset": "quick"}, LABELS, RecipeError, "recipe and preset are both given.*expected one of them"),
        (
            {"recipe": None, "preset": "fast"},
            LABELS,
            RecipeError,
            "preset is 'fast'; expected one of quick",
        ),
        (
            {"recipe": Ensemble("two", (Model(TINY, 1), Model(load_recipe("lstm"), 1)))},
            LABELS,
            RecipeError,
            "lstm: reads",
        ),
        (
            {"recipe": "lstm"},
            LABELS,
            RecipeError,
            "lstm: reads frames or blocks of columns, and an array has",
        ),
        (
            {"recipe": replace(TINY, scaling=Scaling(block_means=True))},
            LABELS,
            RecipeError,
            "tiny: reads frames or blocks of columns",
        ),
        pytest.param(
            {"recipe": replace(TINY, optimizer="sgd", learning_rate=1e8)},
            LABELS,
            RecipeError,
            "training diverged",
            marks=pytest.mark.training,
        ),
        ({}, np.linspace(0, 1, 10), ValueError, "Unknown label type: continuous"),
    ],
)
def test_what_cannot_be_fitted_is_met_by_a_sentence(
    dataset: Dataset, parameters: dict[str, object], labels: object, error: type[ValueError], sentence: str
):
    with pytest.raises(error, match=sentence) as caught:
        clone(QUICK).set_params(**parameters).fit(dataset.features[:10], labels)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, KitError) == (error is not ValueError)


def test_a_preset_in_the_place_of_a_recipe_is_told_apart():
    with pytest.raises(RecipeError, match='"quick" is a preset: say preset="quick"'):
        GenreClassifier("quick").fit(np.zeros((4, 2)), ["a", "a", "b", "b"])
    with pytest.raises(RecipeError, match='Did you mean "kernel-ridge"'):
        GenreClassifier("kernel-rige").fit(np.zeros((4, 2)), ["a", "a", "b", "b"])
