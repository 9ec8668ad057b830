"""Which rows belong together, by their names."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competition.data.loading import load_dataset
from competition.inference.edition import infer
from competition.inference.findings import Wishes

GENRES = np.repeat(["jazz", "rock"], 30)


def table(**columns: object) -> pd.DataFrame:
    numbers = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 4)), columns=list("abcd"))
    return numbers.assign(**columns, genre=GENRES)


def groups(folder: Path, frame: pd.DataFrame, **wishes: str) -> np.ndarray | None:
    frame.to_csv(folder / "train.csv", index=False)
    return load_dataset(folder, infer(folder, Wishes(**wishes)).edition, with_test=False).groups


@pytest.mark.parametrize("form", ["{genre}.{song:05d}.{part}.wav", "{song:03d}_seg{part}.mp3", "s{song}-part_{part}"])
def test_numbered_parts_of_songs_stay_together(tmp_path: Path, form: str):
    places = [(place // 5, place % 5, GENRES[place]) for place in range(60)]
    names = [form.format(song=song, part=part, genre=genre) for song, part, genre in places]
    found = groups(tmp_path, table(filename=names))
    assert found is not None
    songs = [song for song, _, _ in places]
    assert len(set(zip(found.tolist(), songs, strict=True))) == len(set(songs)) == 12


def test_songs_that_are_numbered_within_their_genre_are_no_parts(tmp_path: Path):
    names = [f"{genre}.{number:05d}.wav" for genre in ("jazz", "rock") for number in range(30)]
    assert groups(tmp_path, table(filename=names)) is None


def test_a_song_in_several_rows_stays_in_one_fold_and_its_number_is_no_feature(tmp_path: Path):
    tracks = np.arange(60) % 45 + 100
    found = groups(tmp_path, table(track_id=tracks))
    np.testing.assert_array_equal(found, tracks - 100)
    roles = infer(tmp_path).edition.roles
    assert roles is not None and roles.features == tuple("abcd")


def test_artists_are_a_doubt_and_groups_when_asked(tmp_path: Path):
    artists = np.array([f"artist {number // 3:02d}" for number in range(60)])
    frame = table(artist=artists)
    assert groups(tmp_path, frame) is None
    assert any("--group artist" in doubt for doubt in infer(tmp_path).doubts)
    np.testing.assert_array_equal(groups(tmp_path, frame, group="artist"), np.arange(60) // 3)
