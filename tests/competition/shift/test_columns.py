import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from competition.shift.columns import column_shift


def test_it_is_scipys_statistic_where_all_songs_count_alike():
    generator = np.random.default_rng(0)
    one, other = generator.normal(size=(70, 3)).round(1), generator.normal(0.3, size=(40, 3)).round(1)
    found = column_shift(one, other, np.ones(70))
    expected = [ks_2samp(one[:, column], other[:, column]).statistic for column in range(3)]
    np.testing.assert_allclose(found.distances, expected, atol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_a_song_of_weight_two_counts_as_two_songs(seed: int):
    generator = np.random.default_rng(seed)
    one, other, weights = generator.normal(size=(9, 2)), generator.normal(size=(5, 2)), generator.integers(1, 4, 9)
    weighted = column_shift(one, other, weights.astype(float))
    repeated = column_shift(np.repeat(one, weights, axis=0), other, np.ones(weights.sum()))
    np.testing.assert_allclose(weighted.distances, repeated.distances, atol=1e-12)
    assert (weighted.chances >= repeated.chances - 1e-12).all()  # repetition makes no new songs


def test_the_worst_column_comes_first_and_chance_is_left_alone():
    generator = np.random.default_rng(1)
    one, other = generator.normal(size=(300, 5)), generator.normal(size=(200, 5))
    other[:, 3] += 1
    other[:, 1] *= 10
    differing = column_shift(one, other, np.ones(300)).differing()
    assert differing.tolist() == [1, 3] or differing.tolist() == [3, 1]
    assert column_shift(one, other, np.ones(300)).differing(least=0.9).size == 0


@pytest.mark.parametrize("seed", range(3))
def test_chances_are_right_under_chance(seed: int):
    generator = np.random.default_rng(seed)
    chances = column_shift(generator.normal(size=(400, 200)), generator.normal(size=(300, 200)), np.ones(400)).chances
    assert 0.01 < (chances < 0.05).mean() < 0.1
