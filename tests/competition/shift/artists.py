"""Made-up songs of artists: what tests of differing test files share."""

from dataclasses import replace

import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files

GENRES = ("Rock", "Jazz", "Polka")
COLUMNS = 12
TRAINING_ARTISTS = 60
EDITION = Edition("made", "Made", GENRES, "Rock", Files("a", "b", "c"), (Block("all", 0, COLUMNS, ("mean",)),))


def songs_of_artists(seed: int, artists: int = 90, songs: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, targets and artists: an artist's songs are near each other, a genre's artists less so."""
    generator = np.random.default_rng(seed)
    genre_of = np.arange(artists) % len(GENRES)
    centres = 0.8 * generator.normal(size=(len(GENRES), COLUMNS))[genre_of]
    centres += generator.normal(size=(artists, COLUMNS))
    artist = np.repeat(np.arange(artists), songs)
    features = centres[artist] + 0.35 * generator.normal(size=(len(artist), COLUMNS))
    return features.astype(np.float32), genre_of[artist], artist


def dataset_of(features: np.ndarray, targets: np.ndarray, test: np.ndarray) -> Dataset:
    """Return a competition whose test songs are those of a mask."""
    return Dataset(EDITION, features[~test], targets[~test], features[test], "tests")


def strangers(seed: int) -> Dataset:
    """Return a competition whose test songs are by other artists."""
    features, targets, artist = songs_of_artists(seed)
    return dataset_of(features, targets, artist >= TRAINING_ARTISTS)


def alike(seed: int) -> Dataset:
    """Return a competition whose test songs are drawn at random."""
    features, targets, _ = songs_of_artists(seed)
    return dataset_of(features, targets, np.random.default_rng(seed).random(len(targets)) < 0.3)


def rescaled(dataset: Dataset, columns: list[int]) -> Dataset:
    """Return it with some of the test songs' columns on another scale."""
    assert dataset.test_features is not None
    test = dataset.test_features.copy()
    test[:, columns] = 3 * test[:, columns] + 1
    return replace(dataset, test_features=test)


def rarer(seed: int) -> Dataset:
    """Return a competition like `alike`, with few test songs of the first genre."""
    features, targets, _ = songs_of_artists(seed)
    generator = np.random.default_rng(seed)
    test = generator.random(len(targets)) < 0.4
    kept = ~test | (targets != 0) | (generator.random(len(targets)) < 0.15)
    return dataset_of(features[kept], targets[kept], test[kept])


def with_gaps(dataset: Dataset, share: float = 0.05) -> Dataset:
    """Return it with that share of both files' cells missing at random."""
    assert dataset.test_features is not None
    generator = np.random.default_rng(0)
    files = (dataset.features, dataset.test_features)
    holes = [np.where(generator.random(songs.shape) < share, np.float32(np.nan), songs) for songs in files]
    return replace(dataset, features=holes[0], test_features=holes[1])
