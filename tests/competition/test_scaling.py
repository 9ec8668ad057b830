import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn.preprocessing import StandardScaler

from competition.scaling import fit_standardizer

tables = npst.arrays(
    np.float64, st.tuples(st.integers(2, 8), st.integers(1, 4)), elements=st.integers(-1000, 1000).map(float)
)


@given(tables)
def test_it_equals_scikit_learn_where_columns_vary(features: np.ndarray):
    ours = fit_standardizer(features).transform(features)
    theirs = StandardScaler().fit_transform(features)
    varies = np.ptp(features, axis=0) > 0
    np.testing.assert_allclose(ours[:, varies], theirs[:, varies], atol=1e-5)
    assert not ours[:, ~varies].any()


def test_a_constant_column_comes_out_as_0_whatever_its_value():
    training = np.array([[0.1, 1e6, 1.0], [0.1, 1e6, 2.0], [0.1, 1e6, 3.0]], dtype=np.float32)
    scaler = fit_standardizer(training)
    transformed = scaler.transform(np.array([[0.1, 1e6, 2.0], [50.0, -7.0, 3.0]], dtype=np.float32))
    assert not transformed[:, :2].any()
    assert transformed[0, 2] == 0


def test_other_rows_are_moved_by_the_fitted_rows_alone():
    scaler = fit_standardizer(np.array([[0.0], [2.0]]))
    assert scaler.transform(np.array([[4.0], [1000.0]])).ravel().tolist() == [3.0, 999.0]


def test_large_offsets_keep_their_small_differences():
    features = np.array([[1e6], [1e6 + 0.125]], dtype=np.float64)
    assert fit_standardizer(features).transform(features).ravel().tolist() == [-1.0, 1.0]
