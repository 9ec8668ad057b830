"""Networks and both engines of cross-fitting; one module, so that trained models are shared."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition import metrics
from competition.backend import keras
from competition.crossfit import CrossFit, derived_seed
from competition.dataset import Dataset
from competition.edition import Edition, load_edition
from competition.errors import RecipeError
from competition.folds import Folds, stratified_folds
from competition.networks.build import build_network
from competition.networks.optimizers import FusedAdam
from competition.networks.pack import Pack, build_pack
from competition.networks.packed import PackedDense, PackedDropout, scaling_layers
from competition.networks.recipe import Recipe, built_in_recipes, load_recipe
from competition.scaling import SCALINGS, Scaler, fit_scaler
from competition.separate import cross_fit_separately
from competition.training import cross_fit, predict_members

DENSE = Recipe(name="tiny", family="dense", hidden_units=(8,), epochs=4, batch_size=16, learning_rate=0.02)
REGULARIZED = replace(DENSE, input_dropout=0.1, dropout=0.2, l2=1e-4, weight_decay=0.01, schedule="cosine", epochs=8)
LSTM = Recipe(name="tiny-lstm", family="lstm", recurrent_units=(4, 3), hidden_units=(5,), dropout=0.2, epochs=1)
ENGINES = {"packed": cross_fit, "separate": cross_fit_separately}


@pytest.fixture(scope="module")
def folds(dataset: Dataset) -> Folds:
    return stratified_folds(dataset.targets, 3, seed=0)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest):
    return ENGINES[request.param]


@pytest.fixture(scope="module")
def fit(engine, dataset: Dataset, folds: Folds) -> CrossFit:
    return engine(dataset, DENSE, folds, seed=1, seeds=2)


@pytest.fixture(scope="module")
def scalers(dataset: Dataset, folds: Folds) -> list[Scaler]:
    return [fit_scaler(dataset.features[folds.training(fold)]) for fold in range(folds.count)]


def test_every_row_gets_probabilities(fit: CrossFit):
    for probabilities, rows in ((fit.out_of_fold, 60), (fit.test, 7)):
        assert probabilities.shape == (rows, 3)
        assert probabilities.dtype == np.float64
        assert ((probabilities > 0) & (probabilities < 1)).all()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)


def test_something_is_learned(dataset: Dataset, fit: CrossFit):
    assert metrics.accuracy(dataset.targets, fit.out_of_fold.argmax(axis=1)) > 0.7


def test_history_has_every_epoch_of_every_fold(fit: CrossFit):
    assert {(one.fold, one.epoch) for one in fit.history} == {(f, e) for f in range(3) for e in range(1, 5)}
    for fold in range(3):
        losses = [one.training_loss for one in fit.history if one.fold == fold]
        assert losses[3] < losses[0]
    assert all(np.isfinite(one.held_out_loss) for one in fit.history)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(engine, dataset: Dataset, folds: Folds):
    recipe = replace(REGULARIZED, epochs=2)
    first, again, other = (engine(dataset, recipe, folds, seed=seed) for seed in (1, 1, 2))
    assert again.out_of_fold.tobytes() == first.out_of_fold.tobytes()
    assert again.test.tobytes() == first.test.tobytes()
    assert again.history == first.history
    assert not np.array_equal(other.out_of_fold, first.out_of_fold)


def test_a_held_out_row_touches_nothing_that_scores_it(engine, dataset: Dataset, folds: Folds, fit: CrossFit):
    """Change everything about fold 1's held-out rows: the other rows' networks change, theirs do not."""
    held_out = folds.held_out(1)
    features, targets = dataset.features.copy(), dataset.targets.copy()
    features[held_out[0]] *= -50
    targets[held_out] = np.roll(targets[held_out], 1)
    changed = engine(replace(dataset, features=features, targets=targets), DENSE, folds, seed=1, seeds=2)
    np.testing.assert_array_equal(changed.out_of_fold[held_out[1:]], fit.out_of_fold[held_out[1:]])
    assert not np.array_equal(changed.out_of_fold[folds.held_out(0)], fit.out_of_fold[folds.held_out(0)])


def test_test_rows_do_not_touch_the_training(engine, dataset: Dataset, folds: Folds, fit: CrossFit):
    others = replace(dataset, test_features=dataset.test_features * 100)
    np.testing.assert_array_equal(engine(others, DENSE, folds, seed=1, seeds=2).out_of_fold, fit.out_of_fold)
    without = replace(dataset, test_features=None)
    assert engine(without, replace(DENSE, epochs=1), folds, seed=1).test is None


def test_progress_is_told_to_the_end(engine, dataset: Dataset, folds: Folds):
    told = []
    engine(dataset, replace(DENSE, epochs=2), folds, seed=1, progress=lambda *news: told.append(news))
    done, totals, losses = zip(*told, strict=True)
    assert list(done) == sorted(done)
    assert done[-1] == totals[-1]
    assert np.isfinite(losses).all()


def test_training_that_diverges_is_met_by_a_sentence(engine, dataset: Dataset, folds: Folds):
    wild = replace(DENSE, optimizer="sgd", learning_rate=1e8)
    with pytest.raises(RecipeError, match=r"tiny: training diverged .* lower .* learning_rate, now 1e\+08"):
        engine(dataset, wild, folds, seed=1)


def test_test_probabilities_are_the_mean_over_the_folds_networks(dataset: Dataset, folds: Folds):
    """The plain engine, held against one network at a time, written out."""
    recipe = replace(DENSE, epochs=1)
    fit = cross_fit_separately(dataset, recipe, folds, seed=3)
    alone = []
    for fold in range(folds.count):
        training = folds.training(fold)
        keras.utils.set_random_seed(derived_seed(3, fold))
        network = build_network(recipe, dataset.edition, 10, len(training))
        scaler = fit_scaler(dataset.features[training])
        network.fit(scaler.transform(dataset.features[training]), dataset.targets[training], batch_size=14, verbose=0)
        alone.append(network.predict(scaler.transform(dataset.test_features), verbose=0))
    np.testing.assert_allclose(fit.test, np.mean(alone, axis=0), atol=1e-5)


def start_alike(pack: Pack, networks: list[keras.Model]) -> None:
    """Give every member of a pack the weights of its own network."""
    layers = [layer for layer in pack.layers if isinstance(layer, PackedDense)]
    for depth, layer in enumerate(layers):
        alone = [[one for one in network.layers if isinstance(one, keras.layers.Dense)][depth] for network in networks]
        kernels, biases = zip(*(one.get_weights() for one in alone), strict=True)
        layer.set_weights([np.stack(kernels), np.stack(biases)[:, None]])


@pytest.mark.parametrize(
    "recipe",
    [
        replace(DENSE, hidden_units=(8, 6), activation="elu"),
        replace(DENSE, l2=0.01, weight_decay=0.1, schedule="cosine", clip=2.0, scaling="robust"),
        replace(DENSE, components=4, optimizer="sgd"),
    ],
    ids=["two layers", "regularized", "principal components, sgd"],
)
def test_packed_and_separate_training_agree_step_by_step(dataset: Dataset, folds: Folds, recipe: Recipe):
    """From equal weights, without dropout and with full batches, every member goes the way of a network alone."""
    recipe, seeds, steps = replace(recipe, batches=1, epochs=5), 2, 5
    members = folds.count * seeds
    scalers = [
        fit_scaler(dataset.features[folds.training(f)], recipe.scaling, clip=recipe.clip, components=recipe.components)
        for f in range(folds.count)
    ]
    scaled = [scaler.transform(dataset.features) for scaler in scalers]
    networks = [
        build_network(recipe, dataset.edition, scaled[0].shape[1], len(folds.training(member // seeds)))
        for member in range(members)
    ]
    pack = build_pack(recipe, scalers, 10, 3, seeds, seed=0, batch_size=dataset.rows)
    from competition.networks.optimizers import build_optimizer

    pack.compile(optimizer=build_optimizer(recipe, steps))
    start_alike(pack, networks)
    weights = np.repeat([folds.assignment != fold for fold in range(folds.count)], seeds, axis=0).T.astype(np.float32)
    for _ in range(steps):
        pack.train_on_batch(dataset.features, dataset.targets, sample_weight=weights)
        packed = predict_members(pack, dataset.features)
        for member, network in enumerate(networks):
            rows = folds.training(member // seeds)
            network.train_on_batch(scaled[member // seeds][rows], dataset.targets[rows])
            alone = network.predict(scaled[member // seeds], verbose=0)
            np.testing.assert_allclose(packed[:, member], alone, atol=2e-5)


def test_packed_and_separate_scores_agree_within_noise(dataset: Dataset, folds: Folds):
    """With dropout, decay and mini-batches on, both engines score alike over several seeds."""
    scores = {name: [] for name in ENGINES}
    for seed in range(3):
        for name, engine in ENGINES.items():
            fit = engine(replace(dataset, test_features=None), REGULARIZED, folds, seed=seed, seeds=2)
            scores[name].append(metrics.board_log_loss(dataset.targets, fit.out_of_fold))
    packed, separate = (np.array(scores[name]) for name in ("packed", "separate"))
    noise = np.sqrt((packed.var(ddof=1) + separate.var(ddof=1)) / 3)
    assert abs(packed.mean() - separate.mean()) < 4 * noise + 0.005


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("more", [{}, {"clip": 2.0}, {"clip": 3.0, "components": 5}], ids=["plain", "clip", "pca"])
def test_scaling_layers_do_what_the_scalers_do(dataset: Dataset, folds: Folds, scaling: str, more: dict[str, float]):
    scalers = [fit_scaler(dataset.features[folds.training(f)], scaling, **more) for f in range(folds.count)]
    tensor = dataset.test_features
    for layer in scaling_layers(scalers):
        tensor = layer(tensor)
    expected = np.stack([scaler.transform(dataset.test_features) for scaler in scalers])
    np.testing.assert_allclose(np.asarray(tensor), expected, atol=1e-4)


def test_members_start_from_weights_of_their_own(scalers: list[Scaler]):
    pack = build_pack(DENSE, scalers, 10, 3, seeds=2, seed=0, batch_size=8)
    kernel = next(layer for layer in pack.layers if isinstance(layer, PackedDense)).get_weights()[0]
    assert kernel.shape == (6, 10, 8)
    assert len(np.unique(kernel[:, 0, 0])) == 6
    assert np.abs(kernel).max() <= np.sqrt(6 / 18)


def test_packed_dropout_drops_its_share_differently_in_every_step():
    layer = PackedDropout(0.3, batch_size=50, seed=1)
    ones = np.ones((4, 50, 20), np.float32)
    first, second = (np.asarray(layer(ones, training=True)) for _ in range(2))
    assert set(np.unique(first)) == {0, np.float32(1 / 0.7)}
    assert (first == 0).mean() == pytest.approx(0.3, abs=0.03)
    assert (first != second).mean() == pytest.approx(2 * 0.3 * 0.7, abs=0.05)
    assert (first[0] != first[1]).mean() == pytest.approx(2 * 0.3 * 0.7, abs=0.06)
    np.testing.assert_array_equal(layer(ones), ones)
    assert layer(ones[:, :7], training=True).shape == (4, 7, 20)


@pytest.mark.parametrize("decay", [None, 0.1])
def test_fused_adam_is_keras_adam(decay: float | None):
    start = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    variables = [keras.Variable(start), keras.Variable(start)]
    settings = {"learning_rate": 0.01, "weight_decay": decay}
    optimizers = [FusedAdam(**settings), keras.optimizers.Adam(**settings)]
    for step in range(5):
        gradient = np.random.default_rng(step).normal(size=(3, 4)).astype(np.float32)
        for optimizer, variable in zip(optimizers, variables, strict=True):
            optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        np.testing.assert_allclose(*(np.asarray(variable) for variable in variables), atol=1e-6)


def test_the_lstm_reads_each_block_over_its_bands(edition: Edition):
    network = build_network(LSTM, edition, 10, 40)
    shapes = {layer.input.shape[1:] for layer in network.layers if isinstance(layer, keras.layers.LSTM)}
    assert shapes == {(3, 2), (3, 4), (4, 1), (4, 4)}


def test_the_lstm_sees_what_a_block_calls_its_sequence(edition: Edition, dataset: Dataset):
    network = build_network(LSTM, edition, 10, 40)
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.Permute)]
    sequences = keras.Model(network.input, [layer.output for layer in layers])(dataset.features)
    for block, sequence in zip(edition.blocks, sequences, strict=True):
        np.testing.assert_array_equal(np.asarray(sequence), block.sequence(dataset.features))


def test_the_built_in_lstm_is_two_layers_of_64_for_each_block():
    network = build_network(load_recipe("lstm"), load_edition("mlbp-2018"), 264, 4000)
    lstms = [layer for layer in network.layers if isinstance(layer, keras.layers.LSTM)]
    assert [layer.units for layer in lstms] == [64] * 6
    shapes = sorted(layer.input.shape[1:] for layer in lstms)
    assert shapes == [(12, 4), (12, 4), (12, 64), (12, 64), (24, 7), (24, 64)]
    assert network.output.shape == (None, 10)


def test_lstms_are_cross_fitted_too(dataset: Dataset, folds: Folds):
    fit = cross_fit(dataset, LSTM, folds, seed=1)
    assert fit.out_of_fold.shape == (60, 3)
    assert {one.fold for one in fit.history} == {0, 1, 2}


@pytest.mark.parametrize("recipe", [DENSE, LSTM], ids=lambda recipe: recipe.family)
def test_networks_save_and_load_in_safe_mode(tmp_path: Path, edition: Edition, dataset: Dataset, recipe: Recipe):
    network = build_network(recipe, edition, 10, 40)
    network.save(tmp_path / "network.keras", include_optimizer=False)
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    scaled = fit_scaler(dataset.features).transform(dataset.features)
    np.testing.assert_array_equal(loaded.predict(scaled, verbose=0), network.predict(scaled, verbose=0))


@pytest.mark.parametrize("scaling", ["standard", "quantile"])
def test_a_pack_saves_and_loads_in_safe_mode(tmp_path: Path, dataset: Dataset, folds: Folds, scaling: str):
    scalers = [
        fit_scaler(dataset.features[folds.training(f)], scaling, clip=3.0, components=4) for f in range(folds.count)
    ]
    pack = build_pack(REGULARIZED, scalers, 10, 3, seeds=2, seed=0, batch_size=8)
    pack.save(tmp_path / "pack.keras", include_optimizer=False)
    loaded = keras.models.load_model(tmp_path / "pack.keras", safe_mode=True)
    np.testing.assert_array_equal(
        predict_members(loaded, dataset.test_features), predict_members(pack, dataset.test_features)
    )


@pytest.mark.parametrize("name", built_in_recipes())
def test_every_built_in_recipe_builds_for_a_small_edition(edition: Edition, name: str):
    assert build_network(load_recipe(name), edition, 10, 40).output.shape == (None, 3)


def test_dropout_and_penalties_are_built_as_the_recipe_says(edition: Edition):
    network = build_network(replace(DENSE, hidden_units=(8, 4), dropout=0.3, l2=0.01), edition, 10, 40)
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["InputLayer", "Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert [network.layers[place].kernel_regularizer.l2 for place in (1, 3)] == pytest.approx([0.01, 0.01])
    assert network.layers[2].rate == 0.3


def test_a_judge_sees_held_out_rows_on_the_way_and_changes_nothing(dataset: Dataset, folds: Folds):
    seen = []
    watched = cross_fit(dataset, REGULARIZED, folds, seed=1, seeds=2, judge=lambda *news: seen.append(news))
    assert [share for share, _ in seen] == [0.25, 0.5, 0.75]
    losses = [metrics.board_log_loss(dataset.targets, members.mean(axis=1)) for _, members in seen]
    assert losses == sorted(losses, reverse=True)
    assert (
        watched.out_of_fold.tobytes() == cross_fit(dataset, REGULARIZED, folds, seed=1, seeds=2).out_of_fold.tobytes()
    )


def test_a_judge_ends_a_training_and_what_it_saw_is_scored(dataset: Dataset, folds: Folds):
    seen = []
    stopped = cross_fit(
        dataset, REGULARIZED, folds, seed=1, judge=lambda share, members: seen.append(members) or share >= 0.5
    )
    assert max(one.epoch for one in stopped.history) == REGULARIZED.epochs // 2
    np.testing.assert_array_equal(stopped.members, seen[-1])
