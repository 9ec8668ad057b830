"""Ensembles trained, saved and read back; one module, so that trained models are shared."""

import json
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.data.dataset import Dataset
from competition.data.folds import Folds, stratified_folds
from competition.errors import RunError
from competition.models.base.crossfit import derived_seed, no_progress
from competition.models.base.scaling import Scaling
from competition.models.classical.engine import cross_fit_classical
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.ensemble_training import Deadline, Trained, merged, train_ensemble, train_until
from competition.models.ensembles import Ensemble, Model
from competition.models.networks.engine import cross_fit
from competition.models.networks.recipe import Recipe
from competition.models.saved import INDEX, load_models, save_index, save_model
from competition.scoring.pooling import fit_pool

NETWORK = Recipe(name="net", family="dense", hidden_units=(4,), scaling=Scaling(clip=3.0), input_dropout=0.1, epochs=2)
ODD = Recipe(name="odd", family="dense", scaling=Scaling("quantile", components=3), epochs=1)
TREES = ClassicalRecipe(name="trees", family="extra-trees", parameters={"n_estimators": 5})
KERNEL = ClassicalRecipe(name="kernel", family="kernel-ridge", scaling=Scaling(clip=2.0, components=4))
SCALED = ClassicalRecipe(name="logistic", family="logistic-regression", scaling=Scaling("quantile"))
ENSEMBLE = Ensemble(
    "all", (Model(NETWORK, 2), Model(TREES, 1), Model(KERNEL, 1), Model(SCALED, 1), Model(ODD, 1), Model(NETWORK, 1))
)


def silent(model: Model):
    return no_progress


class Clock:
    """A clock by which every step of a training, an epoch or a fold, takes a second; nothing else takes time."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def announce(self, model: Model):
        return self.step

    def step(self, done: int, total: int, held_out_loss: float) -> None:
        self.now += 1


@pytest.fixture(scope="module")
def folds(dataset: Dataset) -> Folds:
    return stratified_folds(dataset.targets, 3, seed=0)


@pytest.fixture(scope="module")
def trained(dataset: Dataset, folds: Folds) -> tuple[Trained, ...]:
    return train_ensemble(dataset, ENSEMBLE, folds, 5, silent)


def test_each_model_is_cross_fitted_by_a_seed_of_its_own(trained: tuple[Trained, ...], dataset: Dataset, folds: Folds):
    assert [one.model for one in trained] == list(ENSEMBLE.models)
    network = cross_fit(dataset, NETWORK, folds, derived_seed(5, 0), seeds=2)
    np.testing.assert_array_equal(trained[0].fit.by_seed, network.by_seed)
    trees = cross_fit_classical(dataset, TREES, folds, derived_seed(5, 1))
    np.testing.assert_array_equal(trained[1].fit.by_seed, trees.by_seed)


@pytest.mark.training
def test_what_needs_no_tensorflow_is_trained_first_and_returned_in_its_place(dataset: Dataset, folds: Folds):
    ensemble = Ensemble("three", (Model(ODD, 1), Model(TREES, 1), Model(KERNEL, 1)))
    announced = []

    def announce(model: Model):
        announced.append(model.recipe)
        return no_progress

    trained = train_ensemble(dataset, ensemble, folds, 5, announce)
    assert announced == [TREES, KERNEL, ODD]
    assert [one.model for one in trained] == list(ensemble.models)


def test_parts_of_one_recipe_count_as_one_model(trained: tuple[Trained, ...]):
    fits = merged(trained)
    assert list(fits) == ["net", "trees", "kernel", "logistic", "odd"]
    first, last = trained[0].fit, trained[5].fit
    np.testing.assert_array_equal(fits["net"].by_seed, np.concatenate([first.by_seed, last.by_seed], axis=1))
    np.testing.assert_allclose(fits["net"].test, (2 * first.test + last.test) / 3)


def test_models_are_handed_over_one_by_one_and_need_not_be_held(dataset: Dataset, folds: Folds):
    seen = []

    def keep(place: int, one: Trained) -> Trained:
        seen.append((place, weakref.ref(one.fit.models), [earlier() for _, earlier, _ in seen]))
        return one.without_models()

    kept = train_ensemble(dataset, replace(ENSEMBLE, models=ENSEMBLE.models[1:4]), folds, 5, silent, keep)
    assert [place for place, _, _ in seen] == [1, 2, 3]
    assert all(held == [None] * len(held) for _, _, held in seen)
    assert all(one.fit.models is None for one in kept)


def save(folder: Path, trained: tuple[Trained, ...], weights: dict[str, float], biases: np.ndarray) -> None:
    for place, one in enumerate(trained, 1):
        save_model(folder, place, one)
    save_index(folder, [one.model for one in trained], weights, biases)


def test_saved_models_predict_the_same_numbers(
    trained: tuple[Trained, ...], dataset: Dataset, folds: Folds, tmp_path: Path
):
    fits = merged(trained)
    pool = fit_pool(dataset.targets, [fit.by_seed for fit in fits.values()], folds)
    save(tmp_path / "models", trained, dict(zip(fits, pool.final_weights.tolist(), strict=True)), pool.biases)
    predicted = load_models(tmp_path / "models").predict(dataset.test_features)
    np.testing.assert_array_equal(predicted, pool.apply([fit.test for fit in fits.values()]))


@pytest.fixture
def saved(trained: tuple[Trained, ...], tmp_path: Path) -> Path:
    save(tmp_path / "models", trained[:2], {"net": 0.5, "trees": 0.5}, np.zeros(3))
    return tmp_path / "models"


def test_missing_and_damaged_models_are_met_by_a_sentence(saved: Path, dataset: Dataset):
    assert sorted(path.name for path in saved.iterdir()) == ["01-net.keras", "02-trees.skops", INDEX]
    (saved / "02-trees.skops").write_bytes(b"PK")
    with pytest.raises(RunError, match=r"02-trees.skops: cannot be read .*; train the run again"):
        load_models(saved).predict(dataset.test_features)
    (saved / "02-trees.skops").unlink()
    with pytest.raises(RunError, match=r"02-trees.skops: there is no such file; expected a saved model"):
        load_models(saved)
    (saved / "02-trees.skops").touch()
    (saved / "01-net.keras").write_bytes(b"not a model")
    with pytest.raises(RunError, match=r"01-net.keras: cannot be read"):
        load_models(saved).predict(dataset.test_features)
    index = json.loads((saved / INDEX).read_text())
    (saved / INDEX).write_text(json.dumps({"models": index["models"]}))
    with pytest.raises(RunError, match=r"models.json: cannot be read"):
        load_models(saved)
    (saved / INDEX).unlink()
    with pytest.raises(RunError, match=r": keeps no models; only runs that submit has trained do"):
        load_models(saved)


WRONG_INDEXES = {
    "seeds without end": (
        {"models": [{"recipe": "net", "seeds": 10**30, "file": "01-net.keras"}], "weights": {"net": 1}},
        "fewer than 1 seed, or of more than 1000000",
    ),
    "no models": ({"models": []}, "has weights of net, trees, and models of none"),
    "another recipe": ({"weights": {"net": 1.0}}, "has weights of net, and models of net, trees"),
    "weights that are no table": ({"weights": [0.5, 0.5]}, "cannot be read"),
    "a weight that is no number": ({"weights": {"net": "much", "trees": 1}}, "cannot be read"),
    "a weight without end": ({"weights": {"net": float("nan"), "trees": 1}}, "are not one finite number for each"),
    "biases side by side": ({"biases": [[0.0, 0.0, 0.0]]}, "are not one finite number for each"),
    "one bias for all": ({"biases": 0.0}, "are not one finite number for each"),
    "biases that are no numbers": ({"biases": ["a", "b", "c"]}, "cannot be read"),
    "too few biases": ({"biases": [0.0, 0.0]}, "its biases are of 2 genres, its models' probabilities of 3, 3"),
}


@pytest.mark.parametrize("wrong", WRONG_INDEXES)
def test_an_index_whose_parts_are_not_of_each_other_is_met_by_a_sentence(saved: Path, dataset: Dataset, wrong: str):
    changes, sentence = WRONG_INDEXES[wrong]
    (saved / INDEX).write_text(json.dumps(json.loads((saved / INDEX).read_text()) | changes))
    with pytest.raises(RunError, match=rf"models\.json: .*{sentence}.*train the run again"):
        load_models(saved).predict(dataset.test_features)


def test_a_file_of_classical_models_holds_no_code(saved: Path, dataset: Dataset):
    """A pickle would run what it is told to; a type that is not expected is refused."""
    import skops.io

    skops.io.dump({"surprise": Path.home}, saved / "02-trees.skops")
    with pytest.raises(RunError, match=r"02-trees.skops: cannot be read"):
        load_models(saved).predict(dataset.test_features)


@pytest.mark.training
def test_without_time_only_the_first_model_is_trained(dataset: Dataset, folds: Folds):
    (only,) = train_until(dataset, ENSEMBLE, folds, 5, silent, Deadline.within(0))
    assert only.model == Model(NETWORK, 1)


@pytest.mark.training
def test_with_time_all_models_are_trained_and_networks_again(dataset: Dataset, folds: Folds):
    small, clock = Ensemble("small", (Model(replace(NETWORK, epochs=2), 1), Model(TREES, 1))), Clock()
    done = train_until(dataset, small, folds, 5, clock.announce, Deadline.within(11.5, clock))
    assert [(one.model.recipe.name, one.model.seeds, one.seconds) for one in done] == [
        ("net", 1, 2), ("trees", 1, 3), ("net", 2, 2), ("net", 4, 2), ("net", 4, 2),
    ]  # fmt: skip
    again = train_ensemble(dataset, replace(small, models=tuple(one.model for one in done)), folds, 5, silent)
    for first, second in zip(done, again, strict=True):
        np.testing.assert_array_equal(first.fit.by_seed, second.fit.by_seed)


@pytest.mark.training
def test_a_model_that_takes_longer_than_what_is_left_is_not_begun(dataset: Dataset, folds: Folds):
    pair, clock = Ensemble("pair", (Model(TREES, 1), Model(NETWORK, 1))), Clock()
    (_, network) = train_until(dataset, pair, folds, 5, clock.announce, Deadline.within(6.5, clock))
    assert (network.model, clock.now) == (Model(NETWORK, 1), 5)


@pytest.mark.training
def test_a_model_that_would_end_too_late_is_given_up_on_its_way(dataset: Dataset, folds: Folds):
    endless, clock = replace(NETWORK, name="endless", epochs=1000), Clock()
    pair = Ensemble("pair", (Model(TREES, 1), Model(endless, 1)))
    done = train_until(dataset, pair, folds, 5, clock.announce, Deadline.within(30, clock))
    assert [one.model.recipe.name for one in done] == ["trees"]
    assert clock.now == 4, "three folds of trees, and the first epoch; the second shows how long it would take"


def test_a_deadline_is_told_by_its_clock():
    clock = Clock()
    deadline = Deadline.within(10, clock).earlier(by=3)
    clock.now = 4
    assert (deadline.length, deadline.passed, deadline.remaining) == (7, 4, 3)


def test_without_a_clock_a_deadline_comes_by_itself():
    deadline = Deadline.within(60)
    first, second = deadline.passed, deadline.passed
    assert 0 <= first <= second
    assert deadline.remaining <= 60 - second
