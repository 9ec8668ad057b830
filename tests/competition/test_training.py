"""Networks and cross-fitting; one module, so that TensorFlow is loaded once and models are shared."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition import metrics
from competition.backend import keras
from competition.dataset import Dataset
from competition.edition import Edition, load_edition
from competition.errors import RecipeError
from competition.folds import Folds, stratified_folds
from competition.networks.build import build_network
from competition.networks.recipe import Recipe, built_in_recipes, load_recipe
from competition.scaling import fit_standardizer
from competition.training import CrossFit, cross_fit

DENSE = Recipe(name="tiny", family="dense", hidden_units=(8,), epochs=4, batch_size=16, learning_rate=0.02)
LSTM = Recipe(name="tiny-lstm", family="lstm", recurrent_units=(4, 3), hidden_units=(5,), dropout=0.2, epochs=1)


@pytest.fixture(scope="module")
def folds(dataset: Dataset) -> Folds:
    return stratified_folds(dataset.targets, 3, seed=0)


@pytest.fixture(scope="module")
def fit(dataset: Dataset, folds: Folds) -> CrossFit:
    return cross_fit(dataset, DENSE, folds, seed=1)


def test_every_row_gets_probabilities(dataset: Dataset, fit: CrossFit):
    for probabilities, rows in ((fit.out_of_fold, 60), (fit.test, 7)):
        assert probabilities.shape == (rows, 3)
        assert probabilities.dtype == np.float64
        assert ((probabilities > 0) & (probabilities < 1)).all()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)


def test_something_is_learned(dataset: Dataset, fit: CrossFit):
    assert metrics.accuracy(dataset.targets, fit.out_of_fold.argmax(axis=1)) > 0.7


def test_history_has_every_epoch_of_every_fold(fit: CrossFit):
    assert [(one.fold, one.epoch) for one in fit.history] == [(f, e) for f in range(3) for e in range(1, 5)]
    assert fit.history[3].training_loss < fit.history[0].training_loss
    assert all(np.isfinite(one.held_out_loss) for one in fit.history)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(dataset: Dataset, folds: Folds, fit: CrossFit):
    again = cross_fit(dataset, DENSE, folds, seed=1)
    assert again.out_of_fold.tobytes() == fit.out_of_fold.tobytes()
    assert again.test.tobytes() == fit.test.tobytes()
    assert again.history == fit.history
    other = cross_fit(dataset, replace(DENSE, epochs=1), folds, seed=2)
    assert not np.array_equal(other.out_of_fold, fit.out_of_fold)


def test_a_held_out_row_touches_nothing_that_scores_it(dataset: Dataset, folds: Folds, fit: CrossFit):
    """Change everything about fold 1's held-out rows: the other rows' networks change, theirs does not."""
    held_out = folds.held_out(1)
    features, targets = dataset.features.copy(), dataset.targets.copy()
    features[held_out[0]] *= -50
    targets[held_out] = np.roll(targets[held_out], 1)
    changed = cross_fit(replace(dataset, features=features, targets=targets), DENSE, folds, seed=1)
    np.testing.assert_array_equal(changed.out_of_fold[held_out[1:]], fit.out_of_fold[held_out[1:]])
    assert not np.array_equal(changed.out_of_fold[folds.held_out(0)], fit.out_of_fold[folds.held_out(0)])


def test_test_rows_do_not_touch_the_training(dataset: Dataset, folds: Folds, fit: CrossFit):
    recipe_fit = cross_fit(replace(dataset, test_features=dataset.test_features * 100), DENSE, folds, seed=1)
    np.testing.assert_array_equal(recipe_fit.out_of_fold, fit.out_of_fold)
    assert cross_fit(replace(dataset, test_features=None), replace(DENSE, epochs=1), folds, seed=1).test is None


def test_test_probabilities_are_the_mean_over_the_folds_networks(dataset: Dataset, folds: Folds):
    """Held against one network at a time, written out: the test rows here are copies of training rows."""
    recipe = replace(DENSE, epochs=1)
    fit = cross_fit(replace(dataset, test_features=dataset.features[:5]), recipe, folds, seed=3)
    alone = []
    for fold in range(folds.count):
        training = folds.training(fold)
        seed = int(np.random.SeedSequence([3, fold]).generate_state(1)[0])
        keras.utils.set_random_seed(seed)
        network = build_network(recipe, dataset.edition)
        scaler = fit_standardizer(dataset.features[training])
        network.fit(scaler.transform(dataset.features[training]), dataset.targets[training], batch_size=16, verbose=0)
        alone.append(network.predict(scaler.transform(dataset.features[:5]), verbose=0))
    np.testing.assert_allclose(fit.test, np.mean(alone, axis=0), atol=1e-5)


def test_a_callback_hears_of_each_epoch_as_it_ends(dataset: Dataset, folds: Folds):
    heard = []
    fit = cross_fit(dataset, replace(DENSE, epochs=2), folds, seed=1, after_epoch=heard.append)
    assert tuple(heard) == fit.history


def test_training_that_diverges_is_met_by_a_sentence(dataset: Dataset, folds: Folds):
    wild = replace(DENSE, optimizer="sgd", learning_rate=1e30)
    with pytest.raises(RecipeError, match=r"tiny: training diverged in fold 1 .* lower .* learning_rate, now 1e\+30"):
        cross_fit(dataset, wild, folds, seed=1)


def test_the_lstm_reads_each_block_over_its_bands(edition: Edition):
    network = build_network(LSTM, edition)
    shapes = {layer.input.shape[1:] for layer in network.layers if isinstance(layer, keras.layers.LSTM)}
    assert shapes == {(3, 2), (3, 4), (4, 1), (4, 4)}


def test_the_lstm_sees_what_a_block_calls_its_sequence(edition: Edition, dataset: Dataset):
    network = build_network(LSTM, edition)
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.Permute)]
    sequences = keras.Model(network.input, [layer.output for layer in layers])(dataset.features)
    for block, sequence in zip(edition.blocks, sequences, strict=True):
        np.testing.assert_array_equal(np.asarray(sequence), block.sequence(dataset.features))


def test_the_built_in_lstm_is_two_layers_of_64_for_each_block():
    network = build_network(load_recipe("lstm"), load_edition("mlbp-2018"))
    lstms = [layer for layer in network.layers if isinstance(layer, keras.layers.LSTM)]
    assert [layer.units for layer in lstms] == [64] * 6
    shapes = sorted(layer.input.shape[1:] for layer in lstms)
    assert shapes == [(12, 4), (12, 4), (12, 64), (12, 64), (24, 7), (24, 64)]
    assert network.output.shape == (None, 10)


@pytest.mark.parametrize("recipe", [DENSE, LSTM], ids=lambda recipe: recipe.family)
def test_networks_save_and_load_in_safe_mode(tmp_path: Path, edition: Edition, dataset: Dataset, recipe: Recipe):
    network = build_network(recipe, edition)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    scaled = fit_standardizer(dataset.features).transform(dataset.features)
    np.testing.assert_array_equal(loaded.predict(scaled, verbose=0), network.predict(scaled, verbose=0))


@pytest.mark.parametrize("name", built_in_recipes())
def test_every_built_in_recipe_builds_for_a_small_edition(edition: Edition, name: str):
    assert build_network(load_recipe(name), edition).output.shape == (None, 3)


def test_dropout_and_penalties_are_built_as_the_recipe_says(edition: Edition):
    network = build_network(replace(DENSE, hidden_units=(8, 4), dropout=0.3, l2=0.01), edition)
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["InputLayer", "Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert [network.layers[place].kernel_regularizer.l2 for place in (1, 3)] == pytest.approx([0.01, 0.01])
    assert network.layers[2].rate == 0.3
