from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.dataset import Dataset
from competition.data.loading import load_dataset
from competition.data.songs import Entries
from competition.errors import DataError
from competition.inference.find import find_edition


def test_a_written_competition_is_read_back(competition_folder: Path, dataset: Dataset):
    loaded = load_dataset(competition_folder, find_edition(None, competition_folder))
    np.testing.assert_array_equal(loaded.features, dataset.features)
    np.testing.assert_array_equal(loaded.targets, dataset.targets)
    np.testing.assert_array_equal(loaded.test_features, dataset.test_features)
    assert loaded.edition == dataset.edition
    assert loaded.rows == 60
    assert loaded.counts.tolist() == [30, 20, 10]
    assert loaded.fingerprint == dataset.fingerprint


def test_the_fingerprint_changes_with_any_number(dataset: Dataset):
    features, test = dataset.features.copy(), dataset.test_features.copy()
    features[5, 5] += 1
    test[0, 0] += 1
    changed = [
        replace(dataset, features=features),
        replace(dataset, test_features=test),
        replace(dataset, test_features=None),
        replace(dataset, targets=np.roll(dataset.targets, 1)),
    ]
    assert len({dataset.fingerprint, *(one.fingerprint for one in changed)}) == 5


def test_a_test_file_may_be_missing_only_where_it_is_not_needed(competition_folder: Path, dataset: Dataset):
    (competition_folder / "unknown.csv").unlink()
    assert load_dataset(competition_folder, dataset.edition, with_test=False).test_features is None
    with pytest.raises(DataError, match=r"unknown\.csv: there is no such file"):
        load_dataset(competition_folder, dataset.edition)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda lines: lines[1:], r"59 labels for the 60 rows of songs.csv \(a reader that takes the first song"),
        (lambda lines: lines + lines[:5], r"65 labels for the 60 rows of songs.csv; expected one label a row"),
    ],
)
def test_labels_must_fit_the_rows(
    competition_folder: Path, dataset: Dataset, change: Callable[[list[str]], list[str]], sentence: str
):
    path = competition_folder / "genres.csv"
    path.write_text("\n".join(change(path.read_text().split())))
    with pytest.raises(DataError, match=sentence):
        load_dataset(competition_folder, dataset.edition)


def test_the_development_data_loads(shared_data: Path):
    sizes = {"mlbp-replica": (3054, 1309, 10), "mlbp-2018-head": (10, 10, 10), "gtzan-264": (630, 270, 9)}
    for name, (rows, test_rows, genres) in sizes.items():
        loaded = load_dataset(shared_data / name, find_edition(None, shared_data / name))
        assert (loaded.rows, len(loaded.test_features), len(loaded.edition.genres)) == (rows, test_rows, genres)
        assert loaded.features.shape[1] == loaded.test_features.shape[1] == 264


@pytest.fixture
def gappy(dataset: Dataset) -> Dataset:
    features, test = dataset.features.copy(), dataset.test_features.copy()
    features[[0, 5, 9], [2, 2, 4]] = features[:, 7] = test[1, [2, 7]] = np.nan
    return replace(dataset, features=features, test_features=test)


def test_missing_cells_are_filled_with_the_training_files_medians(dataset: Dataset, gappy: Dataset):
    filled = gappy.filled()
    assert not filled.has_gaps
    known = ~np.isnan(gappy.features)
    np.testing.assert_array_equal(filled.features[known], dataset.features[known])
    median = np.float32(np.median(np.delete(dataset.features[:, 2], [0, 5])))
    assert filled.features[0, 2] == filled.features[5, 2] == filled.test_features[1, 2] == median
    assert not filled.features[:, 7].any()  # no song has a value
    assert filled.test_features[1, 7] == 0
    assert filled.features.dtype == filled.test_features.dtype == np.float32
    assert dataset.filled() is dataset
    assert gappy.without_test().filled().test_features is None


def test_a_gap_in_either_file_is_a_gap(dataset: Dataset, gappy: Dataset):
    assert not dataset.has_gaps
    assert replace(dataset, features=gappy.features).has_gaps
    assert replace(dataset, test_features=gappy.test_features).has_gaps
    assert not replace(dataset, test_features=None).has_gaps


def test_a_missing_cell_has_one_fingerprint_whatever_its_bits(dataset: Dataset, gappy: Dataset):
    bits = gappy.features.view(np.uint32).copy()
    bits[np.isnan(gappy.features)] ^= 0x80000005  # the sign, and what a nan may carry
    other = replace(gappy, features=bits.view(np.float32), test_features=-gappy.test_features * -1)
    assert other.features.tobytes() != gappy.features.tobytes()
    assert np.isnan(other.features).sum() == np.isnan(gappy.features).sum()
    assert other.fingerprint == gappy.fingerprint
    assert other.training_fingerprint == gappy.training_fingerprint
    assert gappy.fingerprint != gappy.filled().fingerprint


@given(st.integers(0, 2**32 - 1))
def test_a_line_is_the_geometric_mean_of_its_rows(seed: int):
    generator = np.random.default_rng(seed)
    rows, places = generator.dirichlet(np.ones(3), size=12), generator.permutation(np.arange(12) % 5)
    lines = Entries(tuple("abcde"), places).gathered(rows)
    for line, place in zip(lines, range(5), strict=True):
        product = rows[places == place].prod(axis=0) ** (1 / (places == place).sum())
        np.testing.assert_allclose(line, product / product.sum())


@given(st.integers(0, 2**32 - 1))
def test_a_line_of_one_row_is_that_row_and_one_of_copies_too(seed: int):
    generator = np.random.default_rng(seed)
    rows, order = generator.dirichlet(np.ones(3), size=4), generator.permutation(4)
    np.testing.assert_array_equal(Entries(tuple("abcd"), order).gathered(rows)[order], rows)
    copies = Entries(tuple("abcd"), np.repeat(order, 3)).gathered(np.repeat(rows, 3, axis=0))
    np.testing.assert_allclose(copies[order], rows)
