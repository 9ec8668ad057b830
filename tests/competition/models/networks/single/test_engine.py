"""Networks that are trained one after the other: nobody sees what it is scored on, and everything can be repeated."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files
from competition.data.folds import Folds
from competition.data.frames import Frames
from competition.errors import RecipeError
from competition.models.base.scaling import Scaling
from competition.models.networks.engine import load_predictor
from competition.models.networks.fit import cross_fit
from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras

pytestmark = pytest.mark.training

ROWS, STEPS, BANDS = 40, 8, 5
BLOCKS = (Block("rhythm", 0, 3, ("mean", "max")), Block("rest", 6, 1, ("a", "b")))
FILES = Files("train.csv", "labels.csv", "test.csv", frames="train.npy", test_frames="test.npy")
EDITION = Edition("tiny", "Tiny", ("Rock", "Jazz", "Polka"), "Jazz", FILES, BLOCKS)
FOLDS = Folds(np.arange(ROWS) % 2)
CNN = {"filters": (4, 4), "kernels": ("3x3", "2x2"), "pools": ("2x2", "3x9"), "batch_normalization": True}


def dataset(seed: int = 0) -> Dataset:
    """Return songs whose genres show in their frames and in their columns."""
    random = np.random.default_rng(seed)
    targets = np.arange(ROWS) % 3
    stored = random.normal(size=(ROWS + 7, STEPS, BANDS)) + 3.0
    stored[np.arange(ROWS), :, targets] += 4
    features = random.normal(size=(ROWS + 7, 8)).astype(np.float32)
    features[np.arange(ROWS), targets] += 2
    frames = Frames(stored.astype(np.float16), np.arange(ROWS + 7))
    rows, rest = np.arange(ROWS), np.arange(ROWS, ROWS + 7)
    return Dataset(
        EDITION,
        features[rows],
        targets,
        features[rest],
        "a test",
        frames=frames.only(rows),
        test_frames=frames.only(rest),
    )


def recipe(family: str, reads: str, **more: object) -> Recipe:
    own = {"cnn": CNN, "lstm": {"recurrent_units": (4,)}, "dense": {}}[family]
    scaling = {} if reads == "frames" else {"scaling": Scaling(kind="standard")}
    values = {"hidden_units": (6,), "epochs": 4, "batch_size": 8, "learning_rate": 0.02} | scaling | more
    return Recipe(name="mine", family=family, reads=reads, own=own, **values)


ALL = [("cnn", "frames"), ("cnn", "columns"), ("cnn", "both"), ("lstm", "frames"), ("dense", "both")]


@pytest.mark.parametrize(("family", "reads"), ALL)
def test_saved_networks_predict_what_they_predicted(tmp_path: Path, family: str, reads: str):
    songs = dataset()
    fit = cross_fit(songs, recipe(family, reads, dropout=0.2), FOLDS, 0)
    assert fit.by_seed.shape == (ROWS, 1, 3)
    assert np.allclose(fit.by_seed.sum(axis=2), 1)
    assert fit.models is not None
    assert fit.test is not None
    fit.models.save(tmp_path / "models.keras")
    read = load_predictor(tmp_path / "models.keras")
    assert np.array_equal(read.predict(songs.test_features, songs.test_frames), fit.test)
    held_out = read.predict_held_out(songs.features, FOLDS.assignment, FOLDS.count, songs.frames)
    np.testing.assert_allclose(held_out, fit.out_of_fold, rtol=2e-5)


@pytest.mark.parametrize(("family", "reads"), [("cnn", "both"), ("dense", "frames")])
def test_the_same_seed_gives_the_same_numbers(family: str, reads: str):
    one, two, other = (cross_fit(dataset(), recipe(family, reads, dropout=0.3), FOLDS, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.by_seed, two.by_seed)
    assert not np.allclose(one.by_seed, other.by_seed)


def test_each_network_begins_anew():
    """Networks of one fold that is trained first or second are the same: nothing is left of the one before."""
    songs, mine = dataset(), recipe("cnn", "frames")
    both = cross_fit(songs, mine, FOLDS, 0)
    assert both.models is not None
    first = members_of(both, songs)[:, 0]
    turned = cross_fit(songs, mine, Folds(1 - FOLDS.assignment), 0)
    assert not np.allclose(members_of(turned, songs)[:, 0], first)
    assert np.allclose(members_of(cross_fit(songs, mine, FOLDS, 0, seeds=2), songs)[:, 0], first)


def members_of(fit: object, songs: Dataset) -> np.ndarray:
    frames = songs.test_frames.taken(np.arange(7))
    return np.asarray(fit.models.model({"frames": keras.ops.convert_to_tensor(frames)}))


def test_a_network_does_not_see_what_it_is_scored_on():
    songs = dataset()
    held_out = FOLDS.held_out(0)
    stored = songs.frames.stored.copy()
    stored[held_out] = 100.0
    changed = replace(songs, frames=Frames(stored, songs.frames.rows))
    mine = recipe("cnn", "frames", validation=0.2)
    before, after = (members_of(cross_fit(one, mine, FOLDS, 0), songs) for one in (songs, changed))
    assert np.array_equal(before[:, 0], after[:, 0])  # the fold that holds them out
    assert not np.allclose(before[:, 1], after[:, 1])


def test_genres_that_show_in_frames_are_learned():
    songs = dataset()
    fit = cross_fit(songs, recipe("dense", "frames", epochs=30), FOLDS, 0)
    assert (fit.out_of_fold.argmax(axis=1) == songs.targets).mean() > 0.8
    assert [epoch.epoch for epoch in fit.history] == [*range(1, 31)] * 2
    assert fit.history[29].training_loss < fit.history[0].training_loss


def test_the_best_epoch_is_kept():
    """An absurd learning rate makes later epochs worse: with validation rows the best is kept."""
    songs, wild = dataset(), {"epochs": 12, "learning_rate": 0.3}
    last, best = (
        cross_fit(songs, recipe("dense", "frames", validation=share, **wild), FOLDS, 0) for share in (0.0, 0.3)
    )
    targets = np.arange(ROWS), songs.targets
    assert -np.log(best.out_of_fold[targets]).mean() < -np.log(last.out_of_fold[targets]).mean()


def test_progress_counts_all_networks():
    told: list[tuple[int, int]] = []
    cross_fit(dataset(), recipe("dense", "frames", epochs=2), FOLDS, 0, progress=lambda *said: told.append(said[:2]))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_without_frames_it_says_where_they_come_from():
    songs = replace(dataset(), frames=None)
    with pytest.raises(RecipeError, match="mine: reads frames, and there are none of tiny; `extract` writes them"):
        cross_fit(songs, recipe("cnn", "frames"), FOLDS, 0)
    with pytest.raises(RecipeError, match="there are none of the test rows"):
        cross_fit(replace(dataset(), test_frames=None), recipe("cnn", "frames"), FOLDS, 0)
    with pytest.raises(RecipeError, match="mine: reads frames, and plain has none"):
        plain = replace(EDITION, name="plain", files=replace(FILES, frames=None))
        recipe("cnn", "frames").check_edition(plain)


@pytest.mark.parametrize(
    ("own", "more", "message"),
    [
        ({"kernels": ("3x3",)}, {}, "kernels has 1 entries; expected 2, one for each of filters"),
        ({"kernels": ("3x3", "big")}, {}, "kernels is .*; expected a list of sizes"),
        ({"filters": ()}, {}, "a cnn needs filters"),
        ({"momentum": 0.9}, {}, "momentum is of sgd, and has no effect with adam"),
        ({}, {"reads": "sound"}, "reads is 'sound'; expected one of columns, frames, both"),
    ],
)
def test_recipes_that_make_no_sense_are_refused(own: dict, more: dict, message: str):
    mine = recipe("cnn", "frames")
    with pytest.raises(RecipeError, match=message):
        replace(mine, own={**mine.own, **own}, **more)
