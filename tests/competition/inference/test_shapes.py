"""Folders in the shapes in which people have them: what is inferred is what they are."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competition.data.dataset import Dataset
from competition.data.edition import Edition
from competition.data.edition_file import read_edition
from competition.data.formats.wrapping import data_place
from competition.data.loading import load_dataset
from competition.errors import DataError
from competition.inference.edition import infer
from competition.inference.find import header_in
from competition.inference.findings import Wishes
from competition.inference.text import commented

GENRES = ("blues", "hip hop", "pop", "rock")
NAMES = [f"mfcc{band}_{statistic}" for band in range(1, 4) for statistic in ("mean", "var")] + ["tempo"]
SONGS, TRAINING = 120, 80


@pytest.fixture
def songs() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(SONGS, len(NAMES))).round(5), columns=NAMES)
    frame.insert(0, "song_id", [f"{number:04d}" for number in rng.permutation(np.arange(5, 5 + SONGS))])
    return frame.assign(genre=rng.permutation(np.resize(GENRES, SONGS)))


def write(folder: Path, **tables: pd.DataFrame) -> Path:
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def split(songs: pd.DataFrame, label: str = "genre") -> tuple[pd.DataFrame, pd.DataFrame]:
    return songs[:TRAINING], songs[TRAINING:].drop(columns=label)


def loaded(place: Path, **wishes: object) -> Dataset:
    edition = infer(place, Wishes(**wishes)).edition  # type: ignore[arg-type]
    return load_dataset(place, edition, with_test=edition.files.test is not None)


def features(frame: pd.DataFrame, edition: Edition) -> np.ndarray:
    assert edition.roles is not None
    return frame[list(edition.roles.features)].to_numpy(np.float32)


def genres(dataset: Dataset) -> list[str]:
    return [dataset.edition.genres[target] for target in dataset.targets]


def is_read(dataset: Dataset, songs: pd.DataFrame, label: str = "genre") -> None:
    """Check that the training songs have their own features and labels, and the test songs theirs."""
    training = songs[:TRAINING]
    np.testing.assert_array_equal(dataset.features, features(training, dataset.edition))
    assert genres(dataset) == list(map(str, training[label]))
    assert dataset.test_features is not None
    np.testing.assert_array_equal(dataset.test_features, features(songs[TRAINING:], dataset.edition))


def test_training_test_and_template(tmp_path: Path, songs: pd.DataFrame):
    train, test = split(songs)
    template = test[["song_id"]].sort_values("song_id").assign(genre="rock")
    dataset = loaded(write(tmp_path, train=train, test=test, sample_submission=template))
    is_read(dataset, songs)
    assert dataset.ids == tuple(train.song_id)
    assert dataset.entries.ids == tuple(template.song_id)
    assert [dataset.entries.ids[place] for place in dataset.entries.places] == list(test.song_id)
    form = dataset.edition.submission
    assert (form.id, form.label, form.first_label, form.order) == ("song_id", "genre", None, "template")
    assert [(block.name, block.bands) for block in dataset.edition.blocks] == [("mfcc", 3), ("rest", 1)]


def test_labels_by_id_equal_labels_in_the_row(tmp_path: Path, songs: pd.DataFrame):
    train, test = split(songs)
    in_row = loaded(write(tmp_path / "row", train=train, test=test))
    labels = train[["song_id", "genre"]].sample(frac=1, random_state=2)
    by_id = loaded(
        write(tmp_path / "id", train_features=train.drop(columns="genre"), test_features=test, train_labels=labels)
    )
    assert by_id.fingerprint == in_row.fingerprint
    assert by_id.entries.ids == in_row.entries.ids


def test_the_order_of_the_test_files_columns_and_rows_does_not_matter(tmp_path: Path, songs: pd.DataFrame):
    train, test = split(songs)
    template = test[["song_id"]].assign(genre="rock")
    one = loaded(write(tmp_path / "one", train=train, test=test, sample_submission=template))
    order = np.random.default_rng(1).permutation(len(test))
    shuffled = test.iloc[order, ::-1]
    with pytest.warns(UserWarning, match="another order than in the training file; matched by name"):
        other = loaded(write(tmp_path / "other", train=train, test=shuffled, sample_submission=template))
    assert one.test_features is not None and other.test_features is not None
    np.testing.assert_array_equal(one.test_features[order], other.test_features)
    assert one.entries.ids == other.entries.ids
    np.testing.assert_array_equal(one.entries.places[order], other.entries.places)


@pytest.mark.parametrize("label", ["Category", "class", "target", "genre_id", "y", "label"])
def test_labels_that_are_numbers_are_genres_by_number(tmp_path: Path, songs: pd.DataFrame, label: str):
    numbered = songs.drop(columns="genre").assign(**{label: np.arange(SONGS) % 11})
    train, test = split(numbered, label)
    dataset = loaded(write(tmp_path, train=train, test=test))
    assert dataset.edition.genres == tuple(map(str, range(11)))
    is_read(dataset, numbered, label)


@pytest.mark.parametrize("write_column", ["genre_{}", "{}_prob", "P({})", "{}"])
@pytest.mark.parametrize("spell", [str.upper, lambda genre: genre.replace(" ", "-").title()])
def test_columns_of_probabilities_are_matched(
    tmp_path: Path, songs: pd.DataFrame, write_column: str, spell: Callable[[str], str]
):
    train, test = split(songs)
    expected = tuple((write_column.format(spell(genre)), genre) for genre in GENRES[::-1])
    template = test[["song_id"]].assign(**{column: 0.25 for column, _ in expected})
    dataset = loaded(write(tmp_path, train=train, test=test, sample_submission=template))
    assert dataset.edition.submission.classes == expected


@pytest.mark.parametrize("first", [0, 1])
def test_ids_of_a_template_that_count_rows_are_the_test_songs_places(tmp_path: Path, songs: pd.DataFrame, first: int):
    train, test = (part.drop(columns="song_id") for part in split(songs))
    template = pd.DataFrame({"Id": np.arange(len(test))[::-1] + first, "Category": "rock"})
    dataset = loaded(write(tmp_path, train=train, test=test, sample_submission=template))
    ids = [dataset.entries.ids[place] for place in dataset.entries.places]
    assert ids == [str(number) for number in range(first, first + len(test))]
    assert dataset.edition.submission.id == "Id"


def test_a_template_gives_ids_to_test_songs_without_ids_and_a_doubt_says_so(tmp_path: Path, songs: pd.DataFrame):
    train, test = (part.drop(columns="song_id") for part in split(songs))
    template = pd.DataFrame({"Id": [f"x{number}" for number in range(len(test))], "Category": "rock"})
    found = infer(write(tmp_path, train=train, test=test, sample_submission=template))
    assert any("has no ids: its rows are taken to stand in the order of" in doubt for doubt in found.doubts)
    assert load_dataset(tmp_path, found.edition).entries.ids == tuple(template.Id)


def test_ids_in_the_test_file_alone_are_handed_in(tmp_path: Path, songs: pd.DataFrame):
    train, test = split(songs)
    dataset = loaded(write(tmp_path, train=train.drop(columns="song_id"), test=test))
    assert dataset.ids is None
    assert dataset.entries.ids == tuple(test.song_id)


@pytest.mark.parametrize("place", [0, -1])
@pytest.mark.parametrize("label", [lambda number: number % 5, lambda number: GENRES[number % 4]])
def test_files_without_headers_with_the_label_first_or_last(tmp_path: Path, songs: pd.DataFrame, place: int, label):
    numbers = songs[NAMES]
    labels = [label(number) for number in range(SONGS)]
    train = numbers.copy()
    train.insert(0 if place == 0 else len(NAMES), "label", labels)
    train[:TRAINING].to_csv(tmp_path / "train.data", header=False, index=False)
    numbers[TRAINING:].to_csv(tmp_path / "test.data", header=False, index=False)
    dataset = loaded(tmp_path)
    np.testing.assert_array_equal(dataset.features, numbers[:TRAINING].to_numpy(np.float32))
    assert dataset.test_features is not None
    np.testing.assert_array_equal(dataset.test_features, numbers[TRAINING:].to_numpy(np.float32))
    assert genres(dataset) == list(map(str, labels[:TRAINING]))


def test_parts_of_songs_are_groups_by_their_file_names(tmp_path: Path, songs: pd.DataFrame):
    names = [f"{GENRES[song // 10 % 4]}.{song:05d}.{part}.wav" for song in range(40) for part in range(3)]
    parts = songs.drop(columns="song_id").assign(filename=names, genre=[name.split(".")[0] for name in names])
    dataset = loaded(write(tmp_path, features_3_sec=parts))
    assert dataset.groups is not None
    np.testing.assert_array_equal(dataset.groups, np.repeat(np.arange(120) // 3 % 40, 1))


def test_a_table_of_a_streaming_service_is_read_beside_its_texts(tmp_path: Path, songs: pd.DataFrame):
    table = songs.rename(columns={"genre": "music_genre"}).assign(
        instance_id=np.random.default_rng(0).permutation(SONGS) + 20_000,
        artist_name=[f"A {number % 30}" for number in range(SONGS)],
        key=np.resize(["C#", "A", "F"], SONGS),
        mode=np.resize(["Major", "Minor"], SONGS),
        obtained_date=np.resize(["4-Apr", "3-Apr"], SONGS),
        energy=["?", *np.arange(1, SONGS).astype(str)],
    )
    dataset = loaded(write(tmp_path, music_genre=table), missing="median")
    assert dataset.edition.roles is not None
    assert set(dataset.edition.roles.leave_out) == {"instance_id", "artist_name", "key", "mode", "obtained_date"}
    assert set(dataset.edition.roles.features) == {*NAMES, "energy"}
    assert np.isnan(dataset.features).sum() == 1


@pytest.mark.parametrize("template_label", ["genre", "genre_id"])
def test_a_label_that_is_there_twice_is_what_the_template_hands_in(
    tmp_path: Path, songs: pd.DataFrame, template_label: str
):
    twice = songs.assign(genre_id=[GENRES.index(genre) for genre in songs.genre])
    train, test = twice[:TRAINING], twice[TRAINING:].drop(columns=["genre", "genre_id"])
    template = test[["song_id"]].assign(**{template_label: 0})
    dataset = loaded(write(tmp_path, train=train, test=test, sample_submission=template))
    assert dataset.edition.roles is not None
    assert dataset.edition.roles.label == template_label
    is_read(dataset, twice, template_label)


def test_a_counting_column_of_pandas_is_left_out(tmp_path: Path, songs: pd.DataFrame):
    train, test = (part.drop(columns="song_id") for part in split(songs))
    train.to_csv(tmp_path / "train.csv")
    test.reset_index(drop=True).to_csv(tmp_path / "test.csv")
    is_read(loaded(tmp_path), songs)


def test_rows_for_validation_are_said_and_not_used(tmp_path: Path, songs: pd.DataFrame):
    train, test = songs[:TRAINING], songs[100:]
    found = infer(write(tmp_path, train=train, val=songs[TRAINING:100], test=test))
    assert any(one.what == "not used" and "val.csv" in one.taken for one in found.findings)
    assert any("those of test.csv are not looked at" in one.why for one in found.findings)
    assert found.edition.files.test == "test.csv"


def test_a_second_file_with_labels_is_no_test_file(tmp_path: Path, songs: pd.DataFrame):
    write(tmp_path, features_3_sec=songs, features_30_sec=songs[::3])
    with pytest.raises(DataError, match=r"may be the training songs; say which: .* --train features_30_sec.csv"):
        infer(tmp_path)
    assert infer(tmp_path, Wishes(train="features_30_sec.csv")).edition.files.test is None


@pytest.mark.parametrize("is_inside_twice", [False, True])
def test_an_archive_as_downloaded(tmp_path: Path, songs: pd.DataFrame, is_inside_twice: bool):
    train, test = split(songs)
    path = tmp_path / "competition.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in (("train.csv", train), ("test.csv", test)):
            data = table.to_csv(index=False).encode()
            if is_inside_twice:
                buffer = io.BytesIO()
                with zipfile.ZipFile(buffer, "w") as inner:
                    inner.writestr(name, data)
                archive.writestr(f"{name}.zip", buffer.getvalue())
            else:
                archive.writestr(f"download/{name}", data)
                archive.writestr(f"__MACOSX/download/._{name}", b"\0\1")
    with pytest.warns(UserWarning):
        is_read(loaded(data_place(path)), songs)


@pytest.mark.parametrize("has_bands", [True, False])
@pytest.mark.parametrize("missing", ["refuse", "median"])
def test_what_is_written_reads_as_what_was_inferred(tmp_path: Path, songs: pd.DataFrame, has_bands: bool, missing: str):
    table = songs if has_bands else songs.rename(columns=dict(zip(NAMES, "abcdefg", strict=True)))
    train, test = split(table)
    template = test[["song_id"]].assign(**dict.fromkeys(map(str.upper, GENRES), 0.25))
    train = train.mask(train == train.iloc[3, 2]) if missing == "median" else train
    place = write(tmp_path, train=train, test=test, sample_submission=template)
    found = infer(place, Wishes(missing=missing))  # type: ignore[arg-type]
    path = place / "edition.toml"
    path.write_text(commented(found, "here"))
    assert read_edition(path, header_in(place)) == found.edition


@pytest.mark.parametrize("column", ["tempo", "d"])
def test_a_column_is_left_out_by_hand(tmp_path: Path, songs: pd.DataFrame, column: str):
    table = songs if column == "tempo" else songs.rename(columns=dict(zip(NAMES, "abcdefg", strict=True)))
    place = write(tmp_path, train=table)
    text = commented(infer(place), "here").replace("[columns]\n", f'[columns]\nleave_out = ["{column}"]\n')
    (place / "edition.toml").write_text(text)
    edition = read_edition(place / "edition.toml", header_in(place))
    assert edition.roles is not None and column not in edition.roles.features
    assert load_dataset(place, edition, with_test=False).features.shape == (SONGS, len(NAMES) - 1)
