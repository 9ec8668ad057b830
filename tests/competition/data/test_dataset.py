from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.data.dataset import Dataset, load_dataset
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
