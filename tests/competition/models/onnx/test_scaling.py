"""Scaling as nodes, held against the scalers themselves."""

import numpy as np
import pytest
from graphs import computed
from hypothesis import given, settings
from hypothesis import strategies as st

from competition.data.edition import Block
from competition.models.base.scaling import SCALINGS, Scaler, Scaling, fit_scaler
from competition.models.onnx.scaling import scaled, scored

BLOCKS = (Block("rhythm", 0, 2, ("mean", "max")), Block("timbre", 4, 1, ("mean", "max", "min")))
CHAINS = [
    *(Scaling(kind) for kind in SCALINGS),
    Scaling("standard", clip=3.0),
    Scaling("quantile", components=4),
    Scaling("quantile", clip=2.0, block_means=True),
]


def songs(rows: int, seed: int) -> np.ndarray:
    """Columns of all sizes, one constant, one of few values, one with a long tail."""
    generator = np.random.default_rng(seed)
    table = generator.normal(size=(rows, 7)) * [1, 1e3, 1e-3, 1, 1, 1, 1] + [0, 1e4, 0, 5, 0, 0, 0]
    table[:, 3], table[:, 4], table[:, 5] = 5, table[:, 4].round(), np.exp(3 * table[:, 5])
    return table.astype(np.float32)


def scalers(scaling: Scaling, *, fills: bool = False) -> list[Scaler]:
    tables = [songs(rows, seed) for rows, seed in ((300, 0), (40, 1), (301, 2))]
    for table in tables if fills else ():
        table[::3, 1] = np.nan
    return [fit_scaler(table, scaling, BLOCKS, fills=fills) for table in tables]


@pytest.mark.parametrize("scaling", CHAINS, ids=str)
def test_rows_are_scaled_as_each_folds_scaler_scales_them(scaling: Scaling):
    folds, rows = scalers(scaling), np.vstack([songs(50, 3), 10 * songs(10, 4), songs(300, 0)[:20]])
    found = computed(lambda graph, given: scaled(graph, given, folds), rows, np.float32)
    expected = np.stack([fold.transform(rows) for fold in folds])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    assert np.median(np.abs(found - expected)) < 1e-6


@pytest.mark.parametrize("kind", ["standard", "quantile"])
def test_missing_cells_get_each_folds_own_medians(kind: str):
    folds, rows = scalers(Scaling(kind), fills=True), songs(30, 3)
    rows[::2, 1] = rows[0] = np.nan
    found = computed(lambda graph, given: scaled(graph, given, folds), rows, np.float32)
    assert not np.isnan(found).any()
    np.testing.assert_allclose(found, np.stack([fold.transform(rows) for fold in folds]), rtol=1e-4, atol=1e-4)


@settings(max_examples=40)
@given(
    st.lists(st.floats(-4, 4, width=16), min_size=2, max_size=6, unique=True),
    st.lists(st.floats(-8, 8, width=16), min_size=1),
)
def test_scores_are_numpys_interpolation(references: list[float], cells: list[float]):
    line = np.sort(np.array(references, np.float32))
    padded = np.pad(line, (0, 3), mode="edge")
    scores = np.pad(np.linspace(-3, 3, len(line)), (0, 3), mode="edge").astype(np.float32)
    rows = np.array(cells, np.float32)[:, None]
    tables = (np.stack([padded, padded + 1])[:, None], np.stack([scores, scores / 2])[:, None])
    found = computed(lambda graph, given: scored(graph, given, *tables), rows, np.float32)
    expected = [np.interp(rows[:, 0], *line) for line in ((padded, scores), (padded + 1, scores / 2))]
    np.testing.assert_allclose(found[..., 0], expected, atol=1e-4)


def test_models_that_scale_alike_do_it_once():
    folds = scalers(Scaling("quantile"))
    sizes = []

    def twice(graph, given):
        for _ in range(2):
            found = scaled(graph, given, folds)
            sizes.append(len(graph.nodes))
        return found

    computed(twice, songs(5, 3), np.float32)
    assert sizes[0] == sizes[1]
