"""Networks and both engines of cross-fitting; one module, so that trained models are shared."""

import gc
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow.python.framework.func_graph import FuncGraph

from competition.data.dataset import Dataset
from competition.data.edition import Edition
from competition.data.edition_file import load_edition
from competition.data.folds import Folds, stratified_folds
from competition.errors import RecipeError
from competition.models.base.crossfit import CrossFit, derived_seed, fit_fold_scaler
from competition.models.base.scaling import SCALINGS, Scaler, Scaling, fit_scaler
from competition.models.networks import engine as engine_module
from competition.models.networks.best_epochs import BestEpochs, watched_rows
from competition.models.networks.engine import cross_fit, load_predictor, predict_members
from competition.models.networks.layers import PackedAffine, PackedDense, PackedDropout, Seeds, Swapped, scaling_layers
from competition.models.networks.lstm import BlockSequence, PackedLSTM, ReadOut
from competition.models.networks.optimizers import FusedAdam, build_optimizer
from competition.models.networks.pack import Pack, build_pack, scaled_part
from competition.models.networks.recipe import Recipe
from competition.models.recipes import built_in_recipes, load_recipe
from competition.models.reference.build import build_network
from competition.models.reference.engine import cross_fit_separately
from competition.runtime.backend import keras, tensorflow
from competition.scoring import metrics

DENSE = Recipe(name="tiny", family="dense", hidden_units=(8,), epochs=4, batch_size=16, learning_rate=0.02)
REGULARIZED = replace(DENSE, input_dropout=0.1, dropout=0.2, l2=1e-4, weight_decay=0.01, schedule="cosine", epochs=8)
ALL_STEPS = {"recurrent_units": (4, 3), "read_out": "all"}
WIDE = replace(DENSE, hidden_units=(64,), batches=1)
LSTM = Recipe(
    name="tiny-lstm", family="lstm", own={"recurrent_units": (4, 3)}, hidden_units=(5,), dropout=0.2, epochs=1
)
COMPILED = {"packed": cross_fit, "separate": cross_fit_separately}


def separate(*arguments: object, **options: object) -> CrossFit:
    """Cross-fit by the plain engine step by step: to compile a graph for every network takes longer than to train it.

    The numbers are the same, which `test_test_probabilities_are_the_mean_over_the_folds_networks` holds against it.
    """
    with eager_networks():
        return cross_fit_separately(*arguments, **options)


@contextmanager
def eager_networks() -> Iterator[None]:
    """Let TensorFlow compile nothing."""
    tensorflow.config.run_functions_eagerly(True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Even though the .*run_functions_eagerly", UserWarning)
            yield
    finally:
        tensorflow.config.run_functions_eagerly(False)


ENGINES = {"packed": cross_fit, "separate": separate}


@pytest.fixture(scope="module")
def folds(dataset: Dataset) -> Folds:
    return stratified_folds(dataset.targets, 3, seed=0)


@pytest.fixture(scope="module")
def pair(dataset: Dataset) -> Folds:
    """Two folds: the plain engine takes most of a second for every network."""
    return stratified_folds(dataset.targets, 2, seed=0)


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


@pytest.mark.training
def test_fewer_columns_than_the_recipe_is_for_lose_less_to_dropout(engine, dataset: Dataset, pair: Folds):
    """The tiny competition's ten columns, in a recipe for forty: as with a quarter of its input dropout."""
    few = replace(DENSE, epochs=2, input_dropout=0.8, input_dropout_columns=40)
    quarter, as_it_is = replace(few, input_dropout=0.2, input_dropout_columns=0), replace(few, input_dropout_columns=10)
    first, second, other = (engine(dataset, recipe, pair, seed=1).out_of_fold for recipe in (few, quarter, as_it_is))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.training
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(engine, dataset: Dataset, pair: Folds):
    recipe = replace(REGULARIZED, epochs=2)
    first, again, other = (engine(dataset, recipe, pair, seed=seed) for seed in (1, 1, 2))
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


def test_test_rows_do_not_touch_the_training(engine, dataset: Dataset, folds: Folds, pair: Folds, fit: CrossFit):
    others = replace(dataset, test_features=dataset.test_features * 100)
    np.testing.assert_array_equal(engine(others, DENSE, folds, seed=1, seeds=2).out_of_fold, fit.out_of_fold)
    without = replace(dataset, test_features=None)
    assert engine(without, replace(DENSE, epochs=1), pair, seed=1).test is None


@pytest.mark.training
def test_progress_is_told_to_the_end(engine, dataset: Dataset, pair: Folds):
    told = []
    engine(dataset, replace(DENSE, epochs=2), pair, seed=1, progress=lambda *news: told.append(news))
    done, totals, losses = zip(*told, strict=True)
    assert list(done) == sorted(done)
    assert done[-1] == totals[-1]
    assert np.isfinite(losses).all()


@pytest.mark.training
def test_training_that_diverges_is_met_by_a_sentence(engine, dataset: Dataset, folds: Folds):
    wild = replace(DENSE, optimizer="sgd", learning_rate=1e8)
    with pytest.raises(RecipeError, match=r"tiny: training diverged .* lower .* learning_rate, now 1e\+08"):
        engine(dataset, wild, folds, seed=1)


@pytest.mark.training
def test_test_probabilities_are_the_mean_over_the_folds_networks(dataset: Dataset, folds: Folds):
    """The plain engine, held against one network at a time, written out."""
    recipe = replace(DENSE, epochs=1)
    fit = separate(dataset, recipe, folds, seed=3)
    alone = []
    for fold in range(folds.count):
        training = folds.training(fold)
        keras.utils.set_random_seed(derived_seed(3, fold))
        network = build_network(recipe, dataset.edition, 10, len(training))
        scaler = fit_scaler(dataset.features[training])
        network.fit(scaler.transform(dataset.features[training]), dataset.targets[training], batch_size=14, verbose=0)
        alone.append(network.predict(scaler.transform(dataset.test_features), verbose=0))
    np.testing.assert_allclose(fit.test, np.mean(alone, axis=0), atol=1e-5)


def layers_of(model: keras.Model, *kinds: type) -> list[keras.layers.Layer]:
    return [layer for layer in model.layers if isinstance(layer, kinds)]


def start_alike(pack: Pack, networks: list[keras.Model]) -> None:
    """Give every member of a pack the weights of its own network."""
    alone = [layers_of(network, keras.layers.Dense, keras.layers.LSTM) for network in networks]
    for layer, members in zip(layers_of(pack, PackedDense, PackedLSTM), zip(*alone, strict=True), strict=True):
        give_weights(layer, members)


def give_weights(layer: keras.layers.Layer, members: Sequence[keras.layers.Layer]) -> None:
    """Give every member of a packed layer the weights of its own plain layer."""
    stacked = [np.stack(weights) for weights in zip(*(member.get_weights() for member in members), strict=True)]
    layer.set_weights([weights.reshape(own.shape) for weights, own in zip(stacked, layer.weights, strict=True)])


@pytest.mark.training
@pytest.mark.parametrize(
    "recipe",
    [
        replace(DENSE, hidden_units=(8, 6), activation="elu"),
        replace(DENSE, l2=0.01, weight_decay=0.1, schedule="cosine", scaling=Scaling("robust", clip=2.0)),
        replace(DENSE, scaling=Scaling(components=4), optimizer="sgd"),
        replace(LSTM, dropout=0.0, learning_rate=0.02),
        replace(
            LSTM, dropout=0.0, learning_rate=0.02, own=ALL_STEPS, l2=0.01, weight_decay=0.1, scaling=Scaling(clip=2.0)
        ),
    ],
    ids=["two layers", "regularized", "principal components, sgd", "lstm", "lstm, all steps, regularized"],
)
def test_packed_and_separate_training_agree_step_by_step(dataset: Dataset, folds: Folds, recipe: Recipe):
    """From equal weights, without dropout and with full batches, every member goes the way of a network alone."""
    recipe, steps = replace(recipe, batches=1, epochs=5), 5
    seeds = 1 if recipe.family == "lstm" else 2
    members = folds.count * seeds
    scalers = [fit_fold_scaler(recipe.scaling, dataset, folds.training(fold)) for fold in range(folds.count)]
    scaled = [scaler.transform(dataset.features) for scaler in scalers]
    networks = [
        build_network(recipe, dataset.edition, scaled[0].shape[1], len(folds.training(member // seeds)))
        for member in range(members)
    ]
    pack = build_pack(recipe, scalers, dataset.edition, seeds, seed=0, batch_size=dataset.rows)
    pack.compile(optimizer=build_optimizer(recipe, steps))
    for network in networks:
        network.run_eagerly = True
    start_alike(pack, networks)
    weights = np.repeat([folds.assignment != fold for fold in range(folds.count)], seeds, axis=0).T.astype(np.float32)
    for step in range(steps + 1):
        packed = predict_members(pack, dataset.features)
        for member, network in enumerate(networks):
            alone = network.predict_on_batch(scaled[member // seeds])
            np.testing.assert_allclose(packed[:, member], alone, atol=2e-5, err_msg=f"after {step} steps")
            rows = folds.training(member // seeds)
            network.train_on_batch(scaled[member // seeds][rows], dataset.targets[rows])
        pack.train_on_batch(dataset.features, dataset.targets, sample_weight=weights)


@pytest.mark.training
def test_packed_and_separate_scores_agree_within_noise(dataset: Dataset, folds: Folds):
    """With dropout, decay and mini-batches on, networks alone score as those of a pack; other recipes' would not.

    In deviations between the 96 networks of the pack, fold by fold, the mean over six networks has an error of 0.4.
    """
    recipe, dataset = replace(REGULARIZED, batches=4), replace(dataset, test_features=None)

    def losses(engine, recipe: Recipe, seeds: int) -> np.ndarray:
        members = engine(dataset, recipe, folds, seed=0, seeds=seeds).by_seed
        rows = np.stack([metrics.row_board_log_loss(dataset.targets, one) for one in members.swapaxes(0, 1)])
        return np.stack([rows[:, folds.held_out(fold)].mean(axis=1) for fold in range(folds.count)], axis=1)

    packed = losses(cross_fit, recipe, 32)
    centre, spread = packed.mean(axis=0), packed.std(axis=0, ddof=1)
    alone = losses(cross_fit_separately, recipe, 2)
    assert abs(((alone - centre) / spread).mean()) < 3 * np.sqrt(1 / alone.size + 1 / packed.size)
    for change in ({"learning_rate": 0.01}, {"schedule": "constant"}):
        other = losses(cross_fit, replace(recipe, **change), 32)
        assert abs(((other - centre) / spread).mean()) > 3 * np.sqrt(1 / alone.size + 1 / packed.size)


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("more", [{}, {"clip": 2.0}, {"clip": 3.0, "components": 5}], ids=["plain", "clip", "pca"])
def test_scaling_layers_do_what_the_scalers_do(dataset: Dataset, folds: Folds, scaling: str, more: dict[str, float]):
    scalers = [fit_scaler(dataset.features[folds.training(f)], Scaling(scaling, **more)) for f in range(folds.count)]
    tensor = dataset.test_features
    for layer in scaling_layers(scalers):
        tensor = layer(tensor)
    expected = np.stack([scaler.transform(dataset.test_features) for scaler in scalers])
    np.testing.assert_allclose(np.asarray(tensor), expected, atol=1e-4)


@pytest.mark.parametrize("family", ["dense", "lstm"])
def test_the_part_behind_the_scaling_is_the_same_pack(
    dataset: Dataset, scalers: list[Scaler], edition: Edition, family: str
):
    pack = build_pack({"dense": DENSE, "lstm": LSTM}[family], scalers, edition, seeds=2, seed=0, batch_size=8)
    part = scaled_part(pack)
    scaled = np.stack([scaler.transform(dataset.features) for scaler in scalers])
    np.testing.assert_allclose(np.asarray(part(scaled)), np.asarray(pack(dataset.features)), atol=1e-5)
    assert [id(one) for one in part.trainable_variables] == [id(one) for one in pack.trainable_variables]


def test_members_start_from_weights_of_their_own(scalers: list[Scaler], edition: Edition):
    pack = build_pack(DENSE, scalers, edition, seeds=2, seed=0, batch_size=8)
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


def test_packed_dropout_draws_the_same_masks_again_after_it_was_released():
    layer, again = (PackedDropout(0.5, batch_size=6, seed=1) for _ in range(2))
    ones = np.ones((2, 6, 5), np.float32)
    again(ones, training=True)
    again.release()
    again.seed_generator.state.assign(layer.seed_generator.state)
    np.testing.assert_array_equal(layer(ones, training=True), again(ones, training=True))


@pytest.mark.training
@pytest.mark.parametrize("engine", COMPILED.values(), ids=COMPILED)
@pytest.mark.parametrize("activation", ["elu", "silu"])
def test_a_training_leaves_nothing_behind_but_what_it_returns(engine, dataset: Dataset, pair: Folds, activation: str):
    """TensorFlow holds graphs with gradients in Python for good; silu's is one, and every optimizer has one."""

    def graphs() -> int:
        gc.collect()
        return sum(isinstance(one, FuncGraph) for one in gc.get_objects())

    before = graphs()
    returned = engine(dataset, replace(REGULARIZED, activation=activation, epochs=1), pair, seed=1)
    assert graphs() == before
    if returned.models is not None:
        dropouts = layers_of(returned.models.pack, PackedDropout)
        assert [layer._pool for layer in dropouts] == [None, None]


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


def test_the_fields_lstm_is_two_layers_of_64_for_each_block():
    network = build_network(load_recipe("lstm-64-64"), load_edition("mlbp-2018"), 264, 4000)
    lstms = [layer for layer in network.layers if isinstance(layer, keras.layers.LSTM)]
    assert [layer.units for layer in lstms] == [64] * 6
    shapes = sorted(layer.input.shape[1:] for layer in lstms)
    assert shapes == [(12, 4), (12, 4), (12, 64), (12, 64), (24, 7), (24, 64)]
    assert network.output.shape == (None, 10)


def test_a_packed_block_is_the_sequence_over_its_bands(edition: Edition, dataset: Dataset):
    members = np.stack([dataset.features, -dataset.features])
    for block in edition.blocks:
        sequence = np.asarray(BlockSequence(block.first, block.bands, len(block.statistics))(members))
        for member, features in enumerate(members):
            np.testing.assert_array_equal(sequence[:, member].transpose(1, 0, 2), block.sequence(features))


@pytest.mark.parametrize(("steps", "batch", "channels", "units"), [(1, 5, 2, 3), (4, 1, 1, 1), (7, 3, 5, 2)])
def test_a_packed_lstm_is_one_keras_lstm_a_member(steps: int, batch: int, channels: int, units: int):
    sequences = np.random.default_rng(steps).normal(size=(3, batch, steps, channels)).astype(np.float32)
    plain = [keras.layers.LSTM(units, return_sequences=True) for _ in sequences]
    expected = np.stack([np.asarray(layer(one)) for layer, one in zip(plain, sequences, strict=True)])
    packed, time_major = PackedLSTM(units), sequences.transpose(2, 0, 1, 3)
    packed.build(time_major.shape)
    give_weights(packed, plain)
    outputs = packed(time_major)  # (steps, members, batch, units)
    np.testing.assert_allclose(np.asarray(outputs).transpose(1, 2, 0, 3), expected, atol=1e-6)
    np.testing.assert_allclose(ReadOut("last")(outputs), expected[:, :, -1], atol=1e-6)
    np.testing.assert_allclose(ReadOut("all")(outputs), expected.reshape(3, batch, -1), atol=1e-6)


def test_packed_lstms_start_as_keras_starts_them():
    layer = PackedLSTM(4)
    layer.build((7, 3, None, 5))
    kernel, recurrent, bias = layer.get_weights()
    assert kernel.shape == (3, 5, 16)
    assert 0.9 * np.sqrt(6 / 21) < np.abs(kernel).max() <= np.sqrt(6 / 21)
    for member in range(3):
        np.testing.assert_allclose(recurrent[member] @ recurrent[member].T, np.eye(4), atol=1e-5)
        np.testing.assert_array_equal(bias[member, 0], np.repeat([0, 1, 0, 0], 4))
    assert len(np.unique(kernel[:, 0, 0])) == len(np.unique(recurrent[:, 0, 0])) == 3


def test_an_lstms_dropout_is_that_of_its_recipe_in_both_engines(scalers: list[Scaler], edition: Edition):
    recipe = replace(LSTM, input_dropout=0.1)
    pack = build_pack(recipe, scalers, edition, seeds=2, seed=0, batch_size=8)
    network = build_network(recipe, edition, 10, 40)
    assert [(layer.rate, layer.input.shape[-1]) for layer in layers_of(pack, PackedDropout)] == [(0.1, 10), (0.2, 5)]
    assert [(layer.rate, layer.input.shape[-1]) for layer in layers_of(network, keras.layers.Dropout)] == [
        (0.1, 10),
        (0.2, 5),
    ]


@pytest.fixture(scope="module")
def lstm_fit(dataset: Dataset, folds: Folds) -> CrossFit:
    return cross_fit(dataset, replace(LSTM, epochs=8, learning_rate=0.03, own=ALL_STEPS), folds, seed=1, seeds=2)


def test_packed_lstms_are_cross_fitted_and_learn(dataset: Dataset, lstm_fit: CrossFit):
    assert {one.fold for one in lstm_fit.history} == {0, 1, 2}
    assert lstm_fit.by_seed.shape == (60, 2, 3)
    assert metrics.accuracy(dataset.targets, lstm_fit.out_of_fold.argmax(axis=1)) > 0.7


def test_a_held_out_label_touches_no_lstm_that_scores_it(dataset: Dataset, folds: Folds, lstm_fit: CrossFit):
    held_out = folds.held_out(1)
    targets = dataset.targets.copy()
    targets[held_out] = np.roll(targets[held_out], 1)
    recipe = replace(LSTM, epochs=8, learning_rate=0.03, own=ALL_STEPS)
    changed = cross_fit(replace(dataset, targets=targets), recipe, folds, seed=1, seeds=2)
    np.testing.assert_array_equal(changed.out_of_fold[held_out], lstm_fit.out_of_fold[held_out])
    assert not np.array_equal(changed.out_of_fold[folds.held_out(0)], lstm_fit.out_of_fold[folds.held_out(0)])


@pytest.mark.training
def test_the_plain_engine_cross_fits_lstms_too(dataset: Dataset, pair: Folds):
    fit = separate(dataset, LSTM, pair, seed=1)
    assert fit.out_of_fold.shape == (60, 3)
    assert {one.fold for one in fit.history} == {0, 1}


@pytest.mark.parametrize("recipe", [DENSE, LSTM], ids=lambda recipe: recipe.family)
def test_networks_save_and_load_in_safe_mode(tmp_path: Path, edition: Edition, dataset: Dataset, recipe: Recipe):
    network = build_network(recipe, edition, 10, 40)
    network.save(tmp_path / "network.keras", include_optimizer=False)
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    scaled = fit_scaler(dataset.features).transform(dataset.features)
    np.testing.assert_array_equal(loaded.predict(scaled, verbose=0), network.predict(scaled, verbose=0))


@pytest.mark.parametrize(
    "recipe",
    [
        replace(REGULARIZED, scaling=Scaling(clip=3.0, components=4)),
        replace(REGULARIZED, scaling=Scaling("quantile", clip=3.0, components=4)),
        replace(LSTM, input_dropout=0.1, l2=1e-4),
        replace(LSTM, own=ALL_STEPS),
    ],
    ids=["dense", "quantile", "lstm", "lstm, all steps"],
)
def test_a_pack_saves_and_loads_in_safe_mode(tmp_path: Path, dataset: Dataset, folds: Folds, recipe: Recipe):
    scalers = [fit_fold_scaler(recipe.scaling, dataset, folds.training(fold)) for fold in range(folds.count)]
    pack = build_pack(recipe, scalers, dataset.edition, seeds=2, seed=0, batch_size=8)
    pack.save(tmp_path / "pack.keras", include_optimizer=False)
    loaded = keras.models.load_model(tmp_path / "pack.keras", safe_mode=True)
    np.testing.assert_array_equal(
        predict_members(loaded, dataset.test_features), predict_members(pack, dataset.test_features)
    )


@pytest.mark.training
def test_saved_packs_predict_held_out_songs_as_they_did(
    tmp_path: Path, dataset: Dataset, folds: Folds, pair: Folds, lstm_fit: CrossFit
):
    dense = cross_fit(dataset, replace(DENSE, epochs=1), pair, seed=1, seeds=2)
    for fit, by in ((dense, pair), (lstm_fit, folds)):
        assert fit.models is not None
        fit.models.save(tmp_path / "models.keras")
        again = load_predictor(tmp_path / "models.keras")
        held_out = again.predict_held_out(dataset.features, by.assignment, by.count)
        np.testing.assert_array_equal(held_out, fit.out_of_fold)
        some = np.flatnonzero(by.assignment == 1)[::3]  # a fold of which no row is asked for
        np.testing.assert_allclose(
            again.predict_held_out(dataset.features[some], by.assignment[some], by.count), held_out[some], rtol=2e-6
        )


@pytest.mark.parametrize(
    "name", [name for name in built_in_recipes() if getattr(load_recipe(name), "is_packed", False)]
)
def test_every_built_in_recipe_builds_for_a_small_edition(edition: Edition, name: str):
    assert build_network(load_recipe(name), edition, 10, 40).output.shape == (None, 3)


def test_dropout_and_penalties_are_built_as_the_recipe_says(edition: Edition):
    network = build_network(replace(DENSE, hidden_units=(8, 4), dropout=0.3, l2=0.01), edition, 10, 40)
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["InputLayer", "Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert [network.layers[place].kernel_regularizer.l2 for place in (1, 3)] == pytest.approx([0.01, 0.01])
    assert network.layers[2].rate == 0.3


def test_each_member_keeps_the_weights_of_its_best_epoch(dataset: Dataset):
    """Held against evaluating every member after every epoch, one at a time."""
    generator = np.random.default_rng(0)
    watched = generator.random((60, 2)) < 0.4
    features = dataset.features * (np.arange(10) != 3)  # without the constant column of 1e6
    inputs = keras.Input((10,))
    pack = Pack(inputs, Swapped()(PackedDense(2, 3)(Seeds(2, name="seeds")(PackedAffine(1, 10)(inputs)))))
    best = BestEpochs(tensorflow.constant(features[None]), dataset.targets, watched)
    best.set_model(scaled_part(pack))
    weights, losses = [], []
    for epoch in range(4):
        values = [generator.normal(size=weight.shape).astype(np.float32) * 1e-3 for weight in pack.trainable_variables]
        for weight, value in zip(pack.trainable_variables, values, strict=True):
            weight.assign(value)
        weights.append(values)
        members = predict_members(pack, features).swapaxes(0, 1)
        rows = [metrics.row_multiclass_log_loss(dataset.targets, one) for one in members]
        losses.append([row[watched[:, member]].mean() for member, row in enumerate(rows)])
        best.on_epoch_end(epoch)
    best.on_train_end()
    chosen = np.argmin(losses, axis=0)
    np.testing.assert_array_equal(best.epochs, chosen)
    for place, weight in enumerate(pack.trainable_variables):
        for member in range(2):
            np.testing.assert_array_equal(np.asarray(weight)[member], weights[chosen[member]][place][member])


@pytest.mark.training
def test_an_early_epoch_is_better_than_a_late_one_that_overfits(engine, dataset: Dataset, pair: Folds):
    """Every fourth genre is wrong: who learns them by heart loses twice as much as who stops in time."""
    targets = np.where(np.arange(60) % 4, dataset.targets, (dataset.targets + 1) % 3)
    noisy, overfitting = replace(dataset, targets=targets), replace(WIDE, learning_rate=0.1, epochs=12)
    last, best = (engine(noisy, replace(overfitting, validation=share), pair, seed=1) for share in (0.0, 0.3))
    losses = [metrics.multiclass_log_loss(targets, fit.out_of_fold) for fit in (last, best)]
    assert losses[1] < 0.8 * losses[0]


@pytest.mark.training
def test_a_held_out_row_does_not_choose_the_epoch_of_what_scores_it(engine, dataset: Dataset, pair: Folds):
    recipe = replace(DENSE, learning_rate=0.1, epochs=6, validation=0.3)
    held_out = pair.held_out(1)
    targets = dataset.targets.copy()
    targets[held_out] = np.roll(targets[held_out], 1)
    first, changed = (engine(data, recipe, pair, seed=1) for data in (dataset, replace(dataset, targets=targets)))
    np.testing.assert_array_equal(changed.by_seed[held_out], first.by_seed[held_out])
    assert not np.array_equal(changed.by_seed[pair.held_out(0)], first.by_seed[pair.held_out(0)])


@given(st.integers(2, 40), st.floats(0, 1, exclude_max=True), st.integers(0, 9))
def test_watched_rows_are_some_of_those_outside_the_fold(rows: int, share: float, seed: int):
    sees = np.arange(rows + 1) != seed % rows
    watched = watched_rows(replace(DENSE, validation=share), sees, seed)
    assert not (watched & ~sees).any()
    assert 1 <= watched.sum() < sees.sum()
    assert watched.sum() == pytest.approx(share * sees.sum(), abs=1)


@pytest.mark.training
def test_a_judge_sees_held_out_rows_on_the_way_and_changes_nothing(dataset: Dataset, folds: Folds):
    seen = []
    watched = cross_fit(dataset, REGULARIZED, folds, seed=1, seeds=2, judge=lambda *news: seen.append(news))
    assert [share for share, _ in seen] == [0.25, 0.5, 0.75]
    losses = [metrics.board_log_loss(dataset.targets, members.mean(axis=1)) for _, members in seen]
    assert losses == sorted(losses, reverse=True)
    assert (
        watched.out_of_fold.tobytes() == cross_fit(dataset, REGULARIZED, folds, seed=1, seeds=2).out_of_fold.tobytes()
    )


@pytest.mark.training
def test_a_judge_ends_a_training_and_what_it_saw_is_scored(dataset: Dataset, folds: Folds):
    seen = []
    stopped = cross_fit(
        dataset, REGULARIZED, folds, seed=1, judge=lambda share, members: seen.append(members) or share >= 0.5
    )
    assert max(one.epoch for one in stopped.history) == REGULARIZED.epochs // 2
    np.testing.assert_array_equal(stopped.by_seed, seen[-1])


@pytest.mark.training
def test_songs_that_are_scaled_in_each_step_train_the_same_networks(
    dataset: Dataset, pair: Folds, monkeypatch: pytest.MonkeyPatch
):
    """Large data is not scaled at once for all epochs; the rounding of a layer is not that of the scaler."""
    recipe = replace(REGULARIZED, scaling=Scaling(clip=3.0), validation=0.2, epochs=3, batches=3)
    at_once = cross_fit(dataset, recipe, pair, seed=1)
    monkeypatch.setattr(engine_module, "_MOST_SCALED", 0)
    fit = cross_fit(dataset, recipe, pair, seed=1)
    np.testing.assert_allclose(fit.by_seed, at_once.by_seed, atol=1e-4)
    np.testing.assert_allclose(fit.test, at_once.test, atol=1e-4)
    assert not hasattr(fit.models.pack, "optimizer")  # which would be saved
