"""Nothing depends on the parts that large tables are worked on in."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from competition.data.dataset import Dataset
from competition.data.songs import numbered
from competition.models.base.pieces import PIECE
from competition.models.base.scaling import SCALINGS, Scaling, fit_scaler
from competition.runtime import parts as module
from competition.runtime.parts import PART, in_parts, parts
from competition.scoring.logarithmic_pool import pooled
from competition.scoring.probabilities import bounded
from competition.shift.drift import find_oddities
from submissions.layout import layout_of
from submissions.writer import label_text, probability_text


def with_oddities(dataset: Dataset) -> Dataset:
    """Songs with copies, gaps and a constant column, in both files."""
    features = np.tile(dataset.features, (2, 1))
    features[3, 2] = features[70, 2] = np.nan
    features[5] = -0.0
    features[90] = 0.0
    test = np.concatenate([dataset.test_features, features[60:64], features[[5]]])
    test[:, 4] = 100.0
    return replace(dataset, features=features, targets=np.tile(dataset.targets, 2), test_features=test)


def oddities(dataset: Dataset) -> list[list[int]]:
    return [places.tolist() for places in vars(find_oddities(with_oddities(dataset))).values()]


def fingerprints(dataset: Dataset) -> list[str | None]:
    odd = with_oddities(dataset)
    return [odd.fingerprint, odd.training_fingerprint, odd.test_fingerprint]


def scaled(dataset: Dataset) -> list[object]:
    scalers = [fit_scaler(dataset.features, Scaling(kind, clip=3.0)) for kind in SCALINGS]
    return [scaler.transform(dataset.features).tolist() for scaler in scalers]


def pooled_rows(dataset: Dataset) -> list[object]:
    models = bounded(np.random.default_rng(0).random((2, 61, 3)).reshape(-1, 3)).reshape(2, 61, 3)
    return pooled(models, np.array([0.7, 0.6]), np.array([0.1, 0.0, -0.1])).tolist()


def texts(dataset: Dataset) -> list[str]:
    layout, generator = layout_of(dataset.edition, numbered(50)), np.random.default_rng(0)
    probabilities = bounded(generator.random((50, len(dataset.edition.genres))))
    return [probability_text(probabilities, layout), label_text(probabilities.argmax(axis=1), layout)]


@pytest.mark.parametrize("work", [oddities, fingerprints, scaled, pooled_rows, texts])
@pytest.mark.parametrize("rows", [1, 7])
def test_parts_of_few_rows_give_what_one_part_gives(
    work: Callable[[Dataset], object], rows: int, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    whole = work(dataset)
    monkeypatch.setattr(module, "PART", rows)
    assert work(dataset) == whole


@given(st.integers(0, 40), st.integers(1, 9))
@example(0, 3)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_are_all_rows_in_their_order(monkeypatch: pytest.MonkeyPatch, rows: int, most: int):
    monkeypatch.setattr(module, "PART", most)
    table = np.arange(2 * rows).reshape(rows, 2)
    assert all(part.stop - part.start <= most for part in parts(rows))
    np.testing.assert_array_equal(in_parts(lambda some: some * 2, table), table * 2)


def test_a_part_is_a_whole_number_of_pieces():
    """Or the pieces that kernels are computed in would be others in large tables."""
    assert PART % PIECE == 0


def test_songs_of_today_are_one_part():
    assert len(list(parts(12_000))) == 1
