from dataclasses import replace

import numpy as np
import pytest

from competition.data.folds import stratified_folds
from competition.errors import FoldsError
from competition.shift import like_test
from competition.shift.like_test import LikeTest, like_test_folds
from tests.competition.shift.artists import (
    TRAINING_ARTISTS,
    alike,
    dataset_of,
    rescaled,
    songs_of_artists,
    strangers,
    with_gaps,
)


def folds_like(dataset, seed: int = 0) -> LikeTest:
    return like_test_folds(dataset, stratified_folds(dataset.targets, 4, seed), seed)


def test_held_out_songs_lie_as_far_off_as_the_test_songs():
    found = folds_like(strangers(0))
    assert found.random < found.goal <= found.reached
    assert found.count < len(found.clusters)


def test_clusters_stay_whole_and_are_mostly_one_artists():
    _, _, artist = songs_of_artists(0)
    found, artists = folds_like(strangers(0)), artist[artist < TRAINING_ARTISTS]
    for cluster in np.unique(found.clusters):
        assert len(set(found.folds.assignment[found.clusters == cluster])) == 1
    apart = [len(set(found.folds.assignment[artists == one])) for one in np.unique(artists)]
    assert np.mean(apart) < 2  # random folds: nearly 4


def test_genres_stay_in_balance():
    dataset = strangers(0)
    found = folds_like(dataset)
    for fold in range(found.folds.count):
        shares = (
            np.bincount(dataset.targets[found.folds.held_out(fold)], minlength=3)
            / (found.folds.assignment == fold).sum()
        )
        assert (shares > 0.1).all()


def test_songs_like_the_training_songs_need_no_clusters():
    dataset = alike(0)
    far = replace(dataset, test_features=dataset.features[::3])  # copies: nearer than any held-out song
    found = folds_like(far)
    assert found.count == dataset.rows
    np.testing.assert_array_equal(found.folds.assignment, stratified_folds(dataset.targets, 4, 0).assignment)


def test_known_groups_come_first():
    dataset = strangers(1)
    groups = np.random.default_rng(0).permutation(dataset.rows) // 2
    found = like_test_folds(replace(dataset, groups=groups), stratified_folds(dataset.targets, 4, 0, groups=groups), 0)
    for group in np.unique(groups):
        assert len(set(found.folds.assignment[groups == group])) == 1


def test_the_seed_decides():
    one, again = folds_like(strangers(0)), folds_like(strangers(0))
    np.testing.assert_array_equal(one.folds.assignment, again.folds.assignment)


def test_too_many_songs_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(like_test, "MOST_ROWS", 20)
    with pytest.raises(FoldsError, match="songs are too many for folds like the test file; expected at most 20"):
        folds_like(strangers(0))


def test_every_fold_leaves_two_genres_to_be_learned():
    """The rarer genre is one cluster: kept together, it would be missing outside its fold."""
    features, _, artist = songs_of_artists(0)
    generator = np.random.default_rng(0)
    rare = np.full((12, features.shape[1]), 9) + 0.01 * generator.normal(size=(12, features.shape[1]))
    test = artist >= TRAINING_ARTISTS
    dataset = dataset_of(
        np.concatenate([features[~test], rare, features[test]]).astype(np.float32),
        np.concatenate([np.zeros((~test).sum()), np.ones(12), np.zeros(test.sum())]).astype(np.int64),
        np.arange(len(features) + 12) >= (~test).sum() + 12,
    )
    found = folds_like(dataset)
    for fold in range(found.folds.count):
        assert len(np.unique(dataset.targets[found.folds.training(fold)])) == 2


def test_distances_are_those_of_the_columns_that_do_not_differ():
    dataset = strangers(0)
    odd = rescaled(dataset, [0, 1, 2])
    kept = np.arange(3, 12)
    plain, mended = (like_test_folds(one, stratified_folds(one.targets, 4, 0), 0, kept) for one in (dataset, odd))
    np.testing.assert_array_equal(plain.clusters, mended.clusters)


def test_missing_cells_count_as_the_training_files_medians():
    gaps = with_gaps(strangers(0))
    found, expected = folds_like(gaps), folds_like(gaps.filled())
    np.testing.assert_array_equal(found.clusters, expected.clusters)
    assert np.isfinite([found.goal, found.reached, found.random]).all()
