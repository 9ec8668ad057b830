from dataclasses import replace

import numpy as np
import pytest

from competition.data.dataset import Dataset
from competition.data.folds import Folds, stratified_folds
from competition.shift.diagnosis import Diagnosis, diagnose
from tests.competition.shift.artists import (
    TRAINING_ARTISTS,
    alike,
    dataset_of,
    rarer,
    rescaled,
    songs_of_artists,
    strangers,
    with_gaps,
)


def diagnosis_of(dataset: Dataset) -> Diagnosis:
    found = diagnose(dataset, stratified_folds(dataset.targets, 5, 0), 0)
    assert found is not None
    return found


def with_copies(dataset: Dataset) -> Dataset:
    return replace(dataset, test_features=np.concatenate([dataset.test_features[20:], dataset.features[::7]]))


@pytest.mark.parametrize(
    ("dataset", "kinds"),
    [
        (alike(0), ()),
        (strangers(0), ("novelty",)),
        (rescaled(alike(2), [4, 7]), ("columns",)),
        (rarer(0), ("shares",)),
        (rescaled(rarer(1), [4, 7]), ("columns", "shares")),
        (with_copies(alike(3)), ("duplicates",)),
    ],
    ids=["alike", "novelty", "columns", "shares", "both", "duplicates"],
)
def test_kinds_of_differences_are_told_apart(dataset: Dataset, kinds: tuple[str, ...]):
    assert diagnosis_of(dataset).kinds == kinds


def test_rescaled_columns_are_named():
    assert set(diagnosis_of(rescaled(alike(2), [4, 7])).differing) == {4, 7}


def test_shares_are_estimated_without_the_columns_that_differ():
    plain, odd = diagnosis_of(rarer(1)), diagnosis_of(rescaled(rarer(1), [4, 7]))
    np.testing.assert_allclose(plain.shares.estimated, odd.shares.estimated, atol=0.06)
    assert odd.shares.estimated[0] < 0.25


def test_a_correction_of_shares_is_suggested_where_they_alone_differ():
    assert diagnosis_of(rarer(0)).suggests_shares
    assert not diagnosis_of(rescaled(rarer(1), [4, 7])).suggests_shares
    assert not diagnosis_of(alike(0)).suggests_shares


def test_without_test_songs_there_is_none():
    dataset = alike(0).without_test()
    assert diagnose(dataset, stratified_folds(dataset.targets, 5, 0), 0) is None


def test_a_genre_without_training_songs_does_no_harm():
    dataset = alike(0)
    few = replace(dataset, features=dataset.features[dataset.targets > 0], targets=dataset.targets[dataset.targets > 0])
    assert np.isfinite(diagnosis_of(few).shares.estimated).all()


def test_the_same_seed_gives_the_same_diagnosis():
    one, again = diagnosis_of(strangers(1)), diagnosis_of(strangers(1))
    assert one.novelty.chance == again.novelty.chance
    assert one.shares.chance == again.shares.chance


def test_columns_that_all_differ_say_nothing_of_artists():
    assert diagnosis_of(rescaled(alike(2), list(range(12)))).kinds == ("columns",)


def test_known_artists_leave_nothing_to_be_found():
    """Where artists are known and held out whole, test songs of other artists are like held-out songs."""
    kinds = []
    for seed in range(6):
        features, targets, artist = songs_of_artists(seed)
        test = artist >= TRAINING_ARTISTS
        dataset = replace(dataset_of(features, targets, test), groups=artist[~test])
        folds = stratified_folds(dataset.targets, 5, 0, groups=dataset.groups)
        found = diagnose(dataset, folds, 0)
        assert found is not None
        kinds.append(found.kinds)
    assert kinds.count(()) >= 5


def test_folds_from_which_nothing_can_be_learned_lead_to_none():
    dataset = alike(0)
    two = replace(dataset, targets=(np.arange(dataset.rows) < 40).astype(int))
    assert diagnose(two, Folds((np.arange(dataset.rows) < 40).astype(np.int64)), 0) is None


@pytest.mark.parametrize(
    ("dataset", "kinds"),
    [
        (alike(0), ()),
        (strangers(0), ("novelty",)),
        (rescaled(alike(2), [4, 7]), ("columns",)),
        (with_copies(with_gaps(alike(3))), ("duplicates",)),
    ],
    ids=["alike", "novelty", "columns", "duplicates"],
)
def test_missing_cells_do_not_hide_how_files_differ(dataset: Dataset, kinds: tuple[str, ...]):
    gaps = dataset if dataset.has_gaps else with_gaps(dataset, 0.02)
    assert diagnosis_of(gaps).kinds == kinds


def test_missing_cells_count_as_the_training_files_medians():
    gaps = with_gaps(strangers(0))
    found, expected = diagnosis_of(gaps), diagnosis_of(gaps.filled())
    np.testing.assert_array_equal(found.columns.distances, expected.columns.distances)
    np.testing.assert_array_equal(found.novelty.test, expected.novelty.test)
