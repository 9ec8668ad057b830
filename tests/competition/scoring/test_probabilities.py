import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from competition.scoring.probabilities import FLOOR, bounded, narrowed, spread


@given(st.integers(2, 12), st.integers(0, 2**32 - 1), st.floats(0.001, 1))
def test_rows_sum_to_1_strictly_inside(genres: int, seed: int, concentration: float):
    rows = np.random.default_rng(seed).dirichlet(np.full(genres, concentration), size=5).astype(np.float32)
    result = bounded(rows)
    assert result.dtype == np.float64
    assert ((result > 0) & (result < 1)).all()
    np.testing.assert_allclose(result.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(result, rows, atol=genres * FLOOR + 1e-6)


def test_certainty_is_taken_back_to_the_floor():
    assert bounded(np.array([[1.0, 0.0]]))[0, 1] == FLOOR / (1 + FLOOR)


@given(st.integers(2, 12), st.integers(0, 12), st.integers(0, 2**32 - 1), st.floats(0.001, 1))
def test_probabilities_of_some_genres_become_those_of_all_and_back(
    some: int, others: int, seed: int, concentration: float
):
    generator = np.random.default_rng(seed)
    rows = bounded(generator.dirichlet(np.full(some, concentration), size=5))
    places = np.sort(generator.permutation(some + others)[:some])
    everything = spread(rows, places, some + others)
    assert ((everything > 0) & (everything < 1)).all()
    np.testing.assert_allclose(everything.sum(axis=1), 1, atol=1e-12)
    assert (np.delete(everything, places, axis=1) == FLOOR).all()
    np.testing.assert_allclose(narrowed(everything, places), rows, rtol=1e-12)
    if not others:
        assert everything is rows and narrowed(everything, places) is rows
