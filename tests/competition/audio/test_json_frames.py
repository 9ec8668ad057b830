"""The field's JSON of frames is read as it is written, or refused in a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest

from competition.audio.json_frames import JsonFrames, read_json_frames
from competition.data.edition_file import load_edition
from competition.data.loading import load_dataset
from competition.errors import ArgumentError, DataError
from genre_kit.jobs.sound.extract_json import extract_json
from genre_kit.reports.extraction import describe_brought

FRAMES = np.random.default_rng(0).normal(size=(8, 5, 3)).astype(np.float32)
TABLE = {"mapping": ["genres/blues", "genres/rock"], "labels": [0, 0, 0, 0, 1, 1, 1, 1], "mfcc": FRAMES.tolist()}


def written(folder: Path, **changes: object) -> Path:
    path = folder / "data.json"
    path.write_text(json.dumps(TABLE | changes, indent=4))
    return path


def test_it_is_read_as_it_was_written(tmp_path: Path):
    found = read_json_frames(written(tmp_path))
    assert found.genres == ("blues", "rock")
    assert found.targets.tolist() == TABLE["labels"]
    assert np.array_equal(found.frames, FRAMES)
    assert np.allclose(found.columns[0, :3], FRAMES[0].mean(axis=0), atol=1e-6)
    assert found.columns.shape == (8, 12)


def test_rows_in_turn_are_songs_and_a_genre_begins_a_new_one():
    few = JsonFrames(("a", "b"), np.array([0, 0, 0, 1, 1, 1, 1]), FRAMES[:7])
    assert few.songs(2).tolist() == [0, 0, 1, 2, 2, 3, 3]
    assert few.songs(1).tolist() == list(range(7))
    assert few.songs(100).tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_it_becomes_a_competition(tmp_path: Path):
    made = extract_json(written(tmp_path), out=tmp_path / "out", segments_per_song=2)
    songs = load_dataset(made.folder, load_edition(made.folder / "edition.toml"), with_test=False)
    assert songs.frames is not None
    assert np.allclose(songs.frames.taken(np.arange(8)), FRAMES, atol=2e-3)
    assert songs.groups is not None
    assert songs.groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert describe_brought(made)[0] == "songs     8 rows of 4 songs, of 2 genres (blues 4, rock 4)"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": [0, 1]}, "8 rows of mfcc and 2 labels; expected equal"),
        ({"labels": [0, 0, 0, 0, 1, 1, 1, 2]}, "labels from 0 to 2; expected places in mapping"),
        ({"mapping": ["x"]}, "its mapping is x; expected two genres or more"),
        ({"mfcc": [[[1.0, 2.0]], [[1.0]]]}, "mfcc has lists of 1 to 2 entries, 3 deep; expected equal lengths"),
        ({"mfcc": [1.0] * 8}, "mfcc is no list of numbers, 3 deep"),
        ({"mfcc": [[["a"]]] * 8}, "mfcc holds something else than numbers"),
    ],
)
def test_what_is_not_as_expected_is_refused(tmp_path: Path, changes: dict, message: str):
    with pytest.raises(DataError, match=message):
        read_json_frames(written(tmp_path, **changes))


@pytest.mark.parametrize("text", ["", "[1, 2]", "{", '{"mapping": ["a", "b"]}', "no JSON"])
def test_other_files_are_refused(tmp_path: Path, text: str):
    path = tmp_path / "data.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"data\.json: "):
        read_json_frames(path)


def test_it_asks_how_many_rows_are_a_song(tmp_path: Path):
    with pytest.raises(ArgumentError, match="does not say which rows are parts of one song"):
        extract_json(written(tmp_path), out=tmp_path / "out")
