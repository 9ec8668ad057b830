import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from competition.data.folds import stratified_folds
from competition.shift.novelty import Novelty, find_novelty, stratified_rank_test
from tests.competition.shift.artists import alike, strangers


def found(dataset) -> Novelty:
    folds = stratified_folds(dataset.targets, 5, 0)
    return find_novelty(dataset.features, dataset.targets, dataset.test_features, folds, 0)


def test_one_stratum_is_the_mann_whitney_test():
    generator = np.random.default_rng(0)
    low, high = generator.normal(size=50), generator.normal(0.4, size=30)
    exceeds, chance = stratified_rank_test(low, high, np.zeros(50, int), np.zeros(30, int))
    expected = mannwhitneyu(high, low, alternative="greater", method="asymptotic", use_continuity=False)
    assert exceeds == pytest.approx(expected.statistic / 1500)
    assert chance == pytest.approx(expected.pvalue)


def test_strata_of_other_sizes_are_no_difference():
    """One stratum lies higher than the other, and is more frequent among the upper numbers."""
    generator = np.random.default_rng(1)
    strata = np.repeat([0, 1], [150, 50]), np.repeat([0, 1], [50, 150])
    low, high = (generator.normal(size=200) + 3 * one for one in strata)
    assert stratified_rank_test(low, high, np.zeros(200, int), np.zeros(200, int))[1] < 1e-6
    assert stratified_rank_test(low, high, *strata)[1] > 0.01


def test_without_a_common_stratum_nothing_is_known():
    assert stratified_rank_test(np.ones(3), np.ones(2), np.zeros(3, int), np.ones(2, int)) == (0.5, 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_songs_of_other_artists_are_seen(seed: int):
    novelty = found(strangers(seed))
    assert novelty.chance < 1e-4
    assert novelty.farther > 0.6


def test_songs_drawn_at_random_are_not():
    chances = [found(alike(seed)).chance for seed in range(12)]
    assert sum(chance < 0.05 for chance in chances) <= 2
    assert min(chances) > 0.001


def test_copies_are_counted():
    dataset = alike(0)
    test = dataset.test_features.copy()
    test[:10] = dataset.features[:10]
    folds = stratified_folds(dataset.targets, 5, 0)
    held_out, copies = find_novelty(dataset.features, dataset.targets, test, folds, 0).copies
    assert not held_out.any()
    assert 5 <= copies.sum() <= 10  # a copy of a song that is held out itself is not seen
    assert not copies[10:].any()


def test_one_test_song_and_constant_columns_do_no_harm():
    dataset = alike(1)
    features = dataset.features.copy()
    features[:, :5] = 7
    novelty = find_novelty(features, dataset.targets, features[:1], stratified_folds(dataset.targets, 5, 0), 0)
    assert np.isfinite(novelty.test).all()
    assert 0 <= novelty.chance <= 1
