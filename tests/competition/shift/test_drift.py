"""What is odd about rows, held against datasets spoiled on purpose."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition
from competition.data.edition_file import load_edition
from competition.data.sample import sample_dataset, write_sample
from competition.data.songs import SongNames
from competition.errors import KitWarning
from competition.shift.drift import find_oddities, looks_foreign, looks_misread
from genre_kit.jobs.steps.inputs import open_dataset

TITLES = tuple(map(str, range(1, 11)))


@pytest.fixture
def spread_edition(edition: Edition) -> Edition:
    """Ten columns; 3 to 5 are a block's variances."""
    blocks = (Block("rhythm", 0, 3, ("mean", "variance")), Block("timbre", 6, 4, ("mean",)))
    return replace(edition, blocks=blocks)


@pytest.fixture
def plain(spread_edition: Edition) -> Dataset:
    """Nothing is odd about it: test songs lie between training songs."""
    generator = np.random.default_rng(2)
    features = generator.normal(5, 1, size=(40, 10)).astype(np.float32)
    test = ((features[:9] + features[9:18]) / 2).astype(np.float32)
    return Dataset(spread_edition, features, np.arange(40) % 3, test, "tests")


def spoiled(dataset: Dataset, **places: tuple[object, object]) -> Dataset:
    """Return a copy whose ``training`` and ``test`` have a value at a place."""
    features, test = dataset.features.copy(), dataset.test_features.copy()
    for name, (place, value) in places.items():
        (features if name == "training" else test)[place] = value
    return replace(dataset, features=features, test_features=test)


def test_nothing_is_found_in_plain_rows(plain: Dataset):
    oddities = find_oddities(plain)
    assert all(len(places) == 0 for places in vars(oddities).values())
    assert oddities.to_notes(TITLES) == ()
    assert looks_foreign(plain, oddities) is None


def test_the_data_stays_as_it_is(plain: Dataset):
    before = plain.features.copy(), plain.test_features.copy()
    find_oddities(plain)
    np.testing.assert_array_equal(plain.features, before[0])
    np.testing.assert_array_equal(plain.test_features, before[1])


def test_constant_columns_are_those_that_no_song_changes(plain: Dataset):
    everywhere = (np.s_[:, 6:9], 1e6)
    oddities = find_oddities(spoiled(plain, training=everywhere, test=everywhere))
    assert oddities.constant.tolist() == [6, 7, 8]
    assert oddities.shifted.tolist() == []
    assert oddities.to_notes(TITLES) == (
        "3 of the columns have the same value in all songs: 7 to 9",
        "columns count from 1; a header is none of them",
    )
    changed = spoiled(plain, training=everywhere, test=everywhere)
    changed.test_features[4, 7] = 1e6 + 1
    oddities = find_oddities(changed)
    assert (oddities.constant.tolist(), oddities.shifted.tolist()) == ([6, 8], [7])


def test_a_column_is_shifted_when_test_songs_lie_farther_outside_than_the_range_is_wide(plain: Dataset):
    low, high = plain.features[:, 2].min(), plain.features[:, 2].max()
    for value, found in ((high + 0.9 * (high - low), []), (high + 1.1 * (high - low), [2]), (2 * low - high - 1, [2])):
        assert find_oddities(spoiled(plain, test=((0, 2), value))).shifted.tolist() == found
    both = spoiled(plain, test=(np.s_[0, [2, 8]], [100, 1000]))
    assert find_oddities(both).shifted.tolist() == [8, 2]
    assert find_oddities(both).to_notes(TITLES) == (
        "2 of the columns have at least one test song far outside the training songs' range: 9, 3",
        "columns count from 1; a header is none of them",
    )


def test_repeated_and_shared_rows_are_named_as_lines_of_their_files(plain: Dataset):
    dataset = spoiled(plain, training=(20, plain.features[3]), test=(np.s_[1:3], plain.features[30]))
    oddities = find_oddities(dataset)
    assert oddities.repeated_training.tolist() == [20]
    assert oddities.repeated_test.tolist() == [2]
    assert oddities.shared.tolist() == [1, 2]
    assert oddities.copies == ((2, 31), (3, 31))
    assert oddities.to_notes(TITLES) == (
        "1 of the training songs is equal to an earlier one: row 21; copies in two folds flatter held-out scores: "
        "leave them out, or give them one group",
        "1 of the test songs is equal to an earlier one: row 3; copies get the same genre",
        "2 of the test songs are equal to a training song, and easier than new songs: row 2 (training row 31), 3 (31)",
        "rows count from 1; a header is none of them",
    )


def test_songs_are_named_by_their_ids_else_by_their_rows_in_the_file(plain: Dataset):
    dataset = spoiled(plain, training=(20, plain.features[3]), test=(2, plain.features[30]))
    oddities = find_oddities(dataset)
    named = SongNames(tuple(f"{row}.wav" for row in range(40))), SongNames(tuple("abcdefghi"))
    repeated, shared = oddities.to_notes(TITLES, *named)
    assert repeated.startswith("1 of the training songs is equal to an earlier one: 20.wav; ")
    assert shared.endswith(": c (training song 30.wav)")
    of_a_part = SongNames(numbers=tuple(range(101, 141)))
    repeated, shared, counting = oddities.to_notes(TITLES, of_a_part, named[1])
    assert "one: row 121; " in repeated and shared.endswith(": c (training row 131)")
    assert counting == "rows count from 1; a header is none of them"


def test_where_genres_are_left_out_training_rows_are_still_lines_of_the_file(plain: Dataset):
    dataset = spoiled(plain, training=(20, plain.features[10]), test=(np.s_[1:3], plain.features[4]))
    dataset.features[7, 3:6] = 0
    part = dataset.only(dataset.edition.only(["Jazz", "Polka"]))
    silent, repeated, _, shared, _ = find_oddities(part).to_notes(TITLES, part.song_names, part.test_names)
    assert silent == "1 of the training songs is silent: row 8"
    assert "equal to an earlier one: row 21;" in repeated
    assert shared.endswith("row 2 (training row 5), 3 (5)")
    other_units = replace(part, test_features=part.test_features * 1000)
    assert looks_foreign(other_units, find_oddities(other_units)) is None  # songs of other genres may lie anywhere


def test_silent_songs_have_no_variance_in_a_block_and_shift_nothing(plain: Dataset):
    dataset = spoiled(plain, training=(np.s_[7, 3:6], 0), test=(np.s_[[1, 3, 4, 5, 8], 3:6], 0))
    dataset.test_features[3, 0] = -1e6
    oddities = find_oddities(dataset)
    assert oddities.silent_training.tolist() == [7]
    assert oddities.silent_test.tolist() == [1, 3, 4, 5, 8]
    assert oddities.shifted.tolist() == []
    assert oddities.to_notes(TITLES) == (
        "1 of the training songs is silent: row 8",
        "5 of the test songs are silent: row 2, 4, 5 and 2 more",
        "rows count from 1; a header is none of them",
    )
    nothing_varies = spoiled(plain, training=(np.s_[:, 3:6], 0), test=(np.s_[:, 3:6], 0))
    assert find_oddities(nothing_varies).silent_test.tolist() == []


def test_without_test_songs_only_training_songs_are_looked_at(plain: Dataset):
    oddities = find_oddities(spoiled(plain, training=(20, plain.features[3])).without_test())
    assert oddities.repeated_training.tolist() == [20]
    assert len(oddities.shifted) == len(oddities.shared) == len(oddities.silent_test) == 0


def test_a_test_file_in_other_units_or_a_copy_looks_foreign(plain: Dataset):
    other_units = replace(plain, test_features=plain.test_features * 1000)
    assert "10 of 10 columns" in looks_foreign(other_units, find_oddities(other_units))
    copy = replace(plain, test_features=plain.features[:9])
    assert "9 of 9 test songs are equal" in looks_foreign(copy, find_oddities(copy))
    alone = plain.without_test()
    assert looks_foreign(alone, find_oddities(alone)) is None


def test_the_samples_notes_are_few_and_short():
    edition = load_edition("mlbp-2018")
    notes = find_oddities(sample_dataset(edition)).to_notes(edition.column_titles)
    assert [note.split(":")[0] for note in notes] == [
        "4 of the columns have the same value in all songs",
        "12 of the columns have at least one test song far outside the training songs' range",
        "4 of the test songs are silent",
        "columns and rows count from 1; a header is none of them",
    ]
    assert max(map(len, notes)) < 110


def test_columns_read_by_another_edition_are_noticed():
    """Both editions have 264 columns; the file does not say which it is."""
    right = sample_dataset(load_edition("mlbp-2018"), training_rows=300, test_rows=100)
    assert looks_misread(right) is None
    wrong = looks_misread(replace(right, edition=load_edition("mlbp-2017")))
    assert wrong is not None
    assert "hardly those of mlbp-2017; give their edition with `edition`" in wrong


def test_a_command_notes_files_of_another_edition(tmp_path: Path):
    write_sample(sample_dataset(load_edition("mlbp-2018"), training_rows=300, test_rows=100), tmp_path)
    with pytest.warns(KitWarning, match="give their edition with `edition`"):
        open_dataset(tmp_path, "mlbp-2017", with_test=False)


def test_an_edition_without_minima_and_maxima_is_never_noticed(dataset: Dataset):
    assert looks_misread(dataset) is None


def test_missing_cells_are_counted_and_change_nothing_else(plain: Dataset):
    gaps = spoiled(plain, training=(([0, 1, 7, 7], [3, 3, 3, 9]), np.nan), test=((2, 0), np.nan))
    oddities = find_oddities(gaps)
    assert oddities.missing.tolist() == [[0, 3], [1, 3], [7, 3], [7, 9], [42, 0]]
    note, _ = oddities.to_notes(TITLES)
    assert note == "5 cells are missing, in 3 of the columns: 1, 4, 10; each fold fills in its own medians"
    assert looks_foreign(gaps, oddities) is None
    note, _ = find_oddities(spoiled(plain, training=((4, 5), np.nan))).to_notes(TITLES)
    assert note.startswith("1 cell is missing, in 1 of the columns: 6; ")


@pytest.mark.parametrize("empty", [{"training": (np.s_[:, 2], np.nan)}, {"test": (np.s_[:, 2], np.nan)}])
def test_a_column_without_values_has_no_range(plain: Dataset, empty: dict[str, tuple[object, object]]):
    oddities = find_oddities(spoiled(plain, **empty))
    assert (oddities.constant.tolist(), oddities.shifted.tolist()) == ([], [])


def test_a_column_with_gaps_is_shifted_by_the_values_that_it_has(plain: Dataset):
    high = spoiled(plain, training=(np.s_[::2, 2], np.nan), test=(np.s_[:2, 2], [np.nan, 1e3]))
    assert find_oddities(high).shifted.tolist() == [2]


def test_copies_are_found_by_their_gaps_too(plain: Dataset):
    song = plain.features[30].copy()
    song[[1, 8]] = np.nan
    dataset = spoiled(plain, training=(np.s_[[3, 20]], song), test=(np.s_[1:3], song))
    dataset.test_features[2, 8] = np.copysign(np.float32(np.nan), np.float32(-1))
    oddities = find_oddities(dataset)
    assert oddities.repeated_training.tolist() == [20]
    assert oddities.repeated_test.tolist() == [2]
    assert oddities.shared.tolist() == [1, 2]


def test_a_block_of_zeros_and_gaps_is_not_silence(plain: Dataset):
    zeros = spoiled(plain, training=(np.s_[:, 3:6], 0), test=(np.s_[:, 3:6], 0))
    zeros.features[5, 4] = np.nan
    assert find_oddities(zeros).silent_training.tolist() == []


def test_gaps_do_not_make_columns_look_misread():
    right = sample_dataset(load_edition("mlbp-2018"), training_rows=300, test_rows=100)
    features = np.where(np.random.default_rng(0).random(right.features.shape) < 0.3, np.nan, right.features)
    gaps = replace(right, features=features.astype(np.float32))
    assert looks_misread(gaps) is None
    assert looks_misread(replace(gaps, edition=load_edition("mlbp-2017"))) is not None
