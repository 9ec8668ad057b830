from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import norm
from sklearn.decomposition import PCA
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from competition.data.edition import Block
from competition.errors import RecipeError
from competition.models.base import scaling as module
from competition.models.base.scaling import SCALINGS, Fill, Scaling, fit_scaler

tables = npst.arrays(
    np.float64, st.tuples(st.integers(2, 8), st.integers(1, 4)), elements=st.integers(-1000, 1000).map(float)
)
tables_with_gaps = npst.arrays(
    np.float64,
    st.tuples(st.integers(2, 8), st.integers(1, 4)),
    elements=st.one_of(st.just(np.nan), st.integers(-1000, 1000).map(float)),
)


@pytest.mark.parametrize(
    ("scaling", "reference"), [("standard", StandardScaler()), ("min-max", MinMaxScaler(feature_range=(-1, 1)))]
)
@given(features=tables)
def test_it_equals_scikit_learn_where_columns_vary(scaling: str, reference: object, features: np.ndarray):
    ours = fit_scaler(features, Scaling(scaling)).transform(features)
    varies = np.ptp(features, axis=0) > 0
    np.testing.assert_allclose(ours[:, varies], reference.fit_transform(features)[:, varies], atol=1e-5)
    assert not ours[:, ~varies].any()


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_constant_column_comes_out_as_0_whatever_its_value(scaling: str):
    training = np.array([[0.1, 1e6, 1.0], [0.1, 1e6, 2.0], [0.1, 1e6, 3.0]], dtype=np.float32)
    scaler = fit_scaler(training, Scaling(scaling))
    transformed = scaler.transform(np.array([[0.1, 1e6, 2.0], [50.0, -7.0, 3.0]], dtype=np.float32))
    assert not transformed[:, :2].any()
    assert transformed[0, 2] == 0


def test_other_rows_are_moved_by_the_fitted_rows_alone():
    scaler = fit_scaler(np.array([[0.0], [2.0]]))
    assert scaler.transform(np.array([[4.0], [1000.0]])).ravel().tolist() == [3.0, 999.0]


def test_large_offsets_keep_their_small_differences():
    features = np.array([[1e6], [1e6 + 0.125]], dtype=np.float64)
    assert fit_scaler(features).transform(features).ravel().tolist() == [-1.0, 1.0]


def test_robust_scaling_does_not_feel_an_outlier():
    values = np.linspace(-1, 1, 101)[:, None]
    calm = fit_scaler(values, Scaling("robust")).transform(values)
    values[-1] = 1e6
    np.testing.assert_array_equal(fit_scaler(values, Scaling("robust")).transform(values)[:-1], calm[:-1])
    assert calm[75] == pytest.approx(norm.ppf(0.75))


def test_robust_scaling_of_a_column_that_mostly_stands_still_uses_its_deviation():
    values = np.array([[0.0]] * 9 + [[10.0]])
    assert fit_scaler(values, Scaling("robust")).transform(values)[-1] == pytest.approx(10 / values.std())


def test_quantiles_become_normal_scores_in_order():
    values = np.random.default_rng(0).lognormal(size=(500, 1))
    scores = fit_scaler(values, Scaling("quantile")).transform(values)[:, 0]
    assert (np.diff(scores[values[:, 0].argsort()]) >= 0).all()
    assert abs(scores.mean()) < 0.02
    assert scores.std() == pytest.approx(1, abs=0.03)
    extremes = fit_scaler(values, Scaling("quantile")).transform(np.array([[-1e9], [1e9]]))
    assert extremes.ravel().tolist() == [-3.0, 3.0]


def test_a_value_that_many_rows_share_gets_the_middle_of_their_ranks():
    values = np.array([[0.0]] * 50 + [[1.0], [2.0]] * 25)
    scores = fit_scaler(values, Scaling("quantile")).transform(np.array([[0.0], [1.0], [2.0]])).ravel()
    np.testing.assert_allclose(scores, norm.ppf([0.25, 0.625, 0.875]), atol=0.02)


@given(tables, st.floats(0.5, 5))
def test_clipping_bends_values_within_the_limit(features: np.ndarray, limit: float):
    plain = fit_scaler(features).transform(features).astype(np.float64)
    clipped = fit_scaler(features, Scaling(clip=limit)).transform(features)
    assert (np.abs(clipped) < limit).all()
    np.testing.assert_allclose(clipped, plain / np.sqrt(1 + (plain / limit) ** 2), atol=1e-5)


def test_principal_components_are_those_of_scikit_learn_but_for_their_sign():
    features = np.random.default_rng(1).normal(size=(40, 6)) @ np.random.default_rng(2).normal(size=(6, 6))
    scaler = fit_scaler(features, Scaling(components=3))
    ours = scaler.transform(features)
    theirs = PCA(3, whiten=True).fit_transform(StandardScaler().fit_transform(features)) * np.sqrt(40 / 39)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-4)
    assert scaler.columns_out(6) == 3


def test_block_means_average_each_statistic_over_the_bands():
    blocks = (Block("a", 0, 2, ("mean", "max")), Block("b", 4, 3, ("mean",)))
    features = np.array([[1.0, 3.0, 5.0, 9.0, 0.0, 3.0, 6.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    scaler = fit_scaler(features, Scaling("min-max", block_means=True), blocks)
    assert scaler.columns_out(7) == 3
    means = scaler.steps[0].transform(features)
    assert means.tolist() == [[2.0, 7.0, 3.0], [0.0, 0.0, 0.0]]


def test_quantiles_of_any_number_of_rows_are_lines_of_one_length():
    generator = np.random.default_rng(0)
    for rows in (5, 90, 91, 255, 256, 300):
        (step,) = fit_scaler(generator.normal(size=(rows, 2)), Scaling("quantile")).steps
        assert step.references.shape == step.scores.shape == (256, 2)
        assert (np.diff(step.references, axis=0) >= 0).all()


def test_more_components_than_rows_are_refused():
    with pytest.raises(RecipeError, match="7 principal components of 5 training songs; expected no more"):
        fit_scaler(np.random.default_rng(0).normal(size=(5, 9)), Scaling(components=7))


def test_columns_that_follow_from_others_leave_components_of_0():
    """Their directions hold nothing but rounding: at a deviation of 1 it would be large numbers in float32."""
    columns = np.random.default_rng(3).normal(size=(50, 3))
    features = np.hstack([columns, columns, columns[:, :1] + columns[:, 1:2]])
    scaler = fit_scaler(features, Scaling(components=7))
    others = np.random.default_rng(4).normal(size=(50, 7))  # of which no column follows from others
    assert scaler.columns_out(7) == 7
    assert not scaler.transform(others)[:, 3:].any()
    np.testing.assert_allclose(scaler.transform(features).std(axis=0), [1, 1, 1, 0, 0, 0, 0], atol=1e-5)


@pytest.mark.parametrize(("rows", "columns"), [(40, 5), (6, 5)])
def test_there_are_at_most_as_many_components_as_columns(rows: int, columns: int):
    """Also where there are fewer rows than components were asked for."""
    features = np.random.default_rng(5).normal(size=(rows, columns))
    many, all_columns = (fit_scaler(features, Scaling(components=count)) for count in (60, columns))
    assert many.columns_out(columns) == columns
    np.testing.assert_array_equal(many.transform(features), all_columns.transform(features))


@given(tables_with_gaps, tables_with_gaps)
def test_missing_cells_become_the_medians_of_the_fitted_rows(fitted: np.ndarray, others: np.ndarray):
    others = np.resize(others, (len(others), fitted.shape[1]))
    fill = fit_scaler(fitted, fills=True).steps[0]
    for column, values in enumerate(others.T):
        known = sorted(value for value in fitted[:, column] if not np.isnan(value))
        middle = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2 if known else 0.0
        expected = [middle if np.isnan(value) else value for value in values]
        assert fill.transform(others)[:, column].tolist() == expected


@pytest.mark.parametrize("scaling", SCALINGS)
@given(features=tables_with_gaps)
def test_what_is_filled_is_scaled_as_if_nothing_had_been_missing(scaling: str, features: np.ndarray):
    described = Scaling(scaling, clip=2.0, components=1)
    scaler = fit_scaler(features, described, fills=True)
    filled = scaler.steps[0].transform(features)
    assert np.isfinite(scaler.transform(features)).all()
    np.testing.assert_array_equal(scaler.transform(features), fit_scaler(filled, described).transform(filled))


@given(tables)
def test_where_nothing_is_missing_filling_changes_nothing(features: np.ndarray):
    plain, filling = (fit_scaler(features, fills=fills) for fills in (False, True))
    assert not any(isinstance(step, Fill) for step in plain.steps)
    assert filling.transform(features).tobytes() == plain.transform(features).tobytes()


def test_block_means_are_those_of_filled_columns():
    blocks = (Block("a", 0, 2, ("mean",)),)
    features = np.array([[1.0, np.nan], [3.0, 7.0], [3.0, 9.0]])
    scaler = fit_scaler(features, Scaling("min-max", block_means=True), blocks, fills=True)
    assert scaler.steps[1].transform(scaler.steps[0].transform(features)).tolist() == [[4.5], [5.0], [6.0]]


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("columns", [1, 63, 65, 264])
def test_columns_fitted_some_at_a_time_are_what_all_together_are_to_the_bit(
    scaling: str, columns: int, monkeypatch: pytest.MonkeyPatch
):
    generator = np.random.default_rng(columns)
    features = generator.normal(size=(300, columns)) * 10.0 ** generator.integers(-3, 6, columns)
    features[generator.random(features.shape) < 0.05] = np.nan
    fit = partial(fit_scaler, features.astype(np.float32), Scaling(scaling, clip=3.0), fills=True)
    some = fit()
    monkeypatch.setattr(module, "_COLUMNS_AT_ONCE", columns)
    for one, other in zip(some.steps, fit().steps, strict=True):
        for values, others in zip(vars(one).values(), vars(other).values(), strict=True):
            np.testing.assert_array_equal(values, others)
