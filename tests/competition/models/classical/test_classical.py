"""scikit-learn models beside the networks, and the kernel ridge classifier."""

import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import check_estimator

from competition.data.dataset import Dataset
from competition.data.folds import Folds, stratified_folds
from competition.errors import RecipeError
from competition.models.base.crossfit import derived_seed
from competition.models.base.scaling import Scaling, fit_scaler
from competition.models.classical import engine
from competition.models.classical.engine import cross_fit_classical
from competition.models.classical.kernel_ridge import KernelRidgeClassifier, _distances, _solve
from competition.models.classical.recipe import CLASSICAL_FAMILIES, ClassicalRecipe
from competition.models.classical.support_vector import SupportVectorClassifier
from competition.scoring.metrics import accuracy

TREES = ClassicalRecipe(name="trees", family="extra-trees", parameters={"n_estimators": 5})
FAST = {"extra-trees": {"n_estimators": 20}, "discriminant-analysis": {"solver": "lsqr", "shrinkage": 0.3}}


@pytest.fixture(scope="module")
def folds(dataset: Dataset) -> Folds:
    return stratified_folds(dataset.targets, 3, seed=0)


@pytest.mark.parametrize("family", CLASSICAL_FAMILIES)
def test_every_family_learns_and_gives_probabilities(family: str, dataset: Dataset, folds: Folds):
    recipe = ClassicalRecipe(name="x", family=family, parameters=FAST.get(family, {}))
    fit = cross_fit_classical(dataset, recipe, folds, seed=1)
    assert fit.by_seed.shape == (60, 1, 3)
    for probabilities, rows in ((fit.out_of_fold, 60), (fit.test, 7)):
        assert probabilities.shape == (rows, 3)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    assert accuracy(dataset.targets, fit.out_of_fold.argmax(axis=1)) > 0.7


@pytest.mark.parametrize("family", CLASSICAL_FAMILIES)
def test_every_family_is_saved_and_read(family: str, dataset: Dataset, folds: Folds, tmp_path: Path):
    """Where a type is unknown to skops, add it to `_TYPES` of the engine."""
    recipe = ClassicalRecipe(name="x", family=family, scaling=Scaling("quantile"), parameters=FAST.get(family, {}))
    fit = cross_fit_classical(dataset, recipe, folds, seed=1)
    fit.models.save(tmp_path / "models.skops")
    read = engine.load_predictor(tmp_path / "models.skops")
    np.testing.assert_array_equal(read.predict(dataset.test_features), fit.test)
    np.testing.assert_array_equal(read.predict_held_out(dataset.features, folds.assignment, 3), fit.out_of_fold)
    some = np.flatnonzero(folds.assignment != 1)[::2]  # a fold of which no row is asked for
    held_out = read.predict_held_out(dataset.features[some], folds.assignment[some], 3)
    np.testing.assert_allclose(held_out, fit.out_of_fold[some], rtol=1e-12)


def test_it_does_what_scikit_learn_does_in_every_fold(dataset: Dataset, folds: Folds):
    fit = cross_fit_classical(dataset, TREES, folds, seed=1)
    tests = []
    for fold in range(3):
        training, held_out = folds.training(fold), folds.held_out(fold)
        scaler = fit_scaler(dataset.features[training])
        trees = ExtraTreesClassifier(n_estimators=5, random_state=derived_seed(1, fold))
        trees.fit(scaler.transform(dataset.features[training]), dataset.targets[training])
        expected = trees.predict_proba(scaler.transform(dataset.features[held_out]))
        np.testing.assert_array_equal(fit.by_seed[held_out, 0], expected)
        tests.append(trees.predict_proba(scaler.transform(dataset.test_features)))
    np.testing.assert_allclose(fit.test, np.mean(tests, axis=0), atol=1e-6)


def test_a_held_out_row_touches_nothing_that_scores_it(dataset: Dataset, folds: Folds):
    held_out = folds.held_out(1)
    targets, features = dataset.targets.copy(), dataset.features.copy()
    targets[held_out] = np.roll(targets[held_out], 1)
    features[held_out[0]] *= -50
    for family in ("kernel-ridge", "extra-trees"):
        recipe = ClassicalRecipe(name="x", family=family, parameters=FAST.get(family, {}))
        first, changed = (
            cross_fit_classical(data, recipe, folds, seed=1).out_of_fold
            for data in (dataset, replace(dataset, features=features, targets=targets))
        )
        np.testing.assert_array_equal(changed[held_out[1:]], first[held_out[1:]])
        assert not np.array_equal(changed[folds.held_out(0)], first[folds.held_out(0)])


def test_a_genre_that_a_fold_never_sees_gets_almost_nothing(dataset: Dataset):
    folds = Folds((dataset.targets == 2).astype(np.int64))
    fit = cross_fit_classical(dataset, TREES, folds, seed=1)
    assert (fit.by_seed[folds.held_out(1), 0, 2] == 0).all()
    assert (fit.out_of_fold[folds.held_out(1), 2] > 0).all()


def test_folds_that_have_not_begun_are_not_fitted_once_the_progress_ends_the_training(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    begun = []
    fit = engine._fit
    monkeypatch.setattr(engine, "_fit", lambda *what: (begun.append(1), time.sleep(0.1), fit(*what))[2])
    monkeypatch.setattr(engine, "usable_processors", lambda: 1)

    def stop(done: int, total: int, loss: float) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        cross_fit_classical(dataset, TREES, stratified_folds(dataset.targets, 8, seed=0), seed=1, progress=stop)
    assert len(begun) <= 3


def test_parameters_that_scikit_learn_refuses_are_met_by_a_sentence(dataset: Dataset, folds: Folds):
    recipe = ClassicalRecipe(name="odd", family="extra-trees", parameters={"n_estimators": -3})
    with pytest.raises(RecipeError, match=r"odd: scikit-learn refuses it: .*n_estimators"):
        cross_fit_classical(dataset, recipe, folds, seed=1)
    recipe = ClassicalRecipe(name="odd", family="kernel-ridge", parameters={"kernel": "cosine"})
    with pytest.raises(RecipeError, match=r"odd: .*kernel is 'cosine'; expected one of rbf, laplacian"):
        cross_fit_classical(dataset, recipe, folds, seed=1)


def test_leave_one_out_predictions_are_those_of_regressions_without_the_row():
    generator = np.random.default_rng(0)
    features, values = generator.normal(size=(30, 4)), generator.normal(size=(30, 3))
    kernel = np.exp(-_distances("rbf", features, features))
    weights, left_out = _solve(kernel.copy(), values, 0.3)
    np.testing.assert_allclose(weights, np.linalg.solve(kernel + 0.3 * np.eye(30), values))
    for row in range(30):
        others = np.arange(30) != row
        alone = np.linalg.solve(kernel[np.ix_(others, others)] + 0.3 * np.eye(29), values[others])
        np.testing.assert_allclose(left_out[row], kernel[row, others] @ alone, atol=1e-12)


def test_kernel_ridge_is_its_formula_written_out():
    """One gamma, one penalty, one part: a regression, and a logistic regression on what it leaves out."""
    generator = np.random.default_rng(1)
    features = generator.normal(size=(40, 2))
    targets = (np.hypot(*features.T) > 1).astype(int)
    model = KernelRidgeClassifier(gammas=(0.5,), penalties=(0.2,)).fit(features, targets)
    new = generator.normal(size=(5, 2))
    kernel = np.exp(-0.25 * ((features[:, None] - features) ** 2).sum(axis=2))
    values = np.eye(2)[targets] - np.eye(2)[targets].mean(axis=0)
    inverse = np.linalg.inv(kernel + 0.2 * np.eye(40))
    weights = inverse @ values
    logistic = LogisticRegression(C=25.0, max_iter=500).fit(values - weights / np.diag(inverse)[:, None], targets)
    regressed = np.exp(-0.25 * ((new[:, None] - features) ** 2).sum(axis=2)) @ weights
    np.testing.assert_allclose(model.predict_proba(new), logistic.predict_proba(regressed), atol=1e-8)


def test_most_rows_are_drawn_at_random_from_those_outside_the_fold(dataset: Dataset, folds: Folds):
    few = replace(TREES, most_rows=25)
    fit = cross_fit_classical(dataset, few, folds, seed=1)
    rows = np.sort(np.random.default_rng(derived_seed(1, 0)).choice(folds.training(0), 25, replace=False))
    scaler = fit_scaler(dataset.features[rows])
    trees = ExtraTreesClassifier(n_estimators=5, random_state=derived_seed(1, 0))
    trees.fit(scaler.transform(dataset.features[rows]), dataset.targets[rows])
    expected = trees.predict_proba(scaler.transform(dataset.features[folds.held_out(0)]))
    np.testing.assert_array_equal(fit.by_seed[folds.held_out(0), 0], expected)
    everything = cross_fit_classical(dataset, replace(TREES, most_rows=60), folds, seed=1)
    np.testing.assert_array_equal(everything.by_seed, cross_fit_classical(dataset, TREES, folds, seed=1).by_seed)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("genres", [2, 4])
def test_the_support_vectors_are_scikit_learns(genres: int):
    generator = np.random.default_rng(2)
    features, new = generator.normal(size=(120, 6)), generator.normal(size=(5000, 6))
    labels = (features[:, 0] * genres).round().astype(int) % genres
    ours = SupportVectorClassifier(C=2.0, gamma=1.5, random_state=3).fit(features, labels)
    theirs = SVC(C=2.0, gamma=1.5 / 6, probability=True, random_state=3).fit(features, labels)
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-9)
    np.testing.assert_array_equal(ours.predict(new), theirs.classes_[theirs.predict_proba(new).argmax(axis=1)])


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_support_vectors_fitted_side_by_side_are_those_fitted_alone():
    """libsvm has one generator of random numbers for all threads."""
    generator = np.random.default_rng(0)
    features, labels = generator.normal(size=(100, 5)), np.arange(100) % 5
    alone = SupportVectorClassifier().fit(features, labels).predict_proba(features)
    with ThreadPoolExecutor(4) as pool, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        machines = pool.map(lambda _: SupportVectorClassifier().fit(features, labels), range(24))
    for machine in machines:
        np.testing.assert_array_equal(machine.predict_proba(features), alone)


@pytest.mark.parametrize("kind", [KernelRidgeClassifier, SupportVectorClassifier])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_what_a_song_is_given_does_not_depend_on_how_many_come_with_it(kind: type[ClassifierMixin]):
    generator = np.random.default_rng(1)
    features, new = generator.normal(size=(150, 40)), generator.normal(size=(4500, 40))
    machine = kind().fit(features, np.arange(150) % 3)
    everything = machine.predict_proba(new)
    for rows in (1, 7, 512, 1501, 2100):
        np.testing.assert_array_equal(machine.predict_proba(new[:rows]), everything[:rows])


@pytest.mark.parametrize("gamma", [0, -1.0, "auto", None])
def test_a_support_vector_machine_wants_a_width(gamma: object):
    with pytest.raises(ValueError, match=rf"gamma is {gamma!r}; expected a number above 0"):
        SupportVectorClassifier(gamma=gamma).fit(np.eye(4), [0, 0, 1, 1])


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (KernelRidgeClassifier(), {}),
        (SupportVectorClassifier(), {"check_estimators_pickle": "SVC refuses read-only memory maps itself"}),
    ],
    ids=["ridge", "vectors"],
)
def test_the_kernel_machines_pass_scikit_learns_own_checks(estimator: ClassifierMixin, expected: dict[str, str]):
    for result in check_estimator(estimator, on_fail=None, expected_failed_checks=expected):
        assert result["status"] != "failed", (result["check_name"], result["exception"])
