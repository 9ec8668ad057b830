"""Folders, tables and lists say which songs there are; nothing is left out silently."""

from pathlib import Path

import pytest

from competition.audio.collection import collect
from competition.errors import DataError


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def facts(*arguments: Path, **more: Path) -> list[tuple[str, str | None, bool]]:
    return [(song.name, song.genre, song.is_test) for song in collect(*arguments, **more).songs]


def test_folders_are_genres_and_names_decide_the_order(tmp_path: Path):
    touch(tmp_path, "rock/b.wav", "blues/z.au", "rock/cd1/a.MP3", "blues/.hidden.wav")
    assert facts(tmp_path) == [
        ("blues/z.au", "blues", False),
        ("rock/b.wav", "rock", False),
        ("rock/cd1/a.MP3", "rock", False),
    ]


def test_what_is_no_sound_is_named(tmp_path: Path):
    touch(tmp_path, "rock/b.wav", "rock/cover.jpg", "README")
    (note,) = collect(tmp_path).notes
    assert note == f"{tmp_path}: 2 files are no sound and are left out: README, rock/cover.jpg."


def test_songs_without_a_folder_are_to_be_labelled(tmp_path: Path):
    touch(tmp_path, "b.wav", "a.wav")
    assert facts(tmp_path) == [("a.wav", None, True), ("b.wav", None, True)]


def test_a_test_folder_stands_beside(tmp_path: Path):
    train, test = touch(tmp_path / "train", "rock/a.wav", "stray.wav"), touch(tmp_path / "test", "a.wav", "rock/b.wav")
    assert facts(train, test=test) == [
        ("rock/a.wav", "rock", False),
        ("a.wav", None, True),
        ("rock/b.wav", "rock", True),
    ]
    assert collect(train, test=test).notes == (f"{train}: 1 songs of no genre are left out: stray.wav.",)


@pytest.mark.parametrize(
    "table", ["a.wav,rock\nb,jazz\n", "file;genre\na.wav;rock\nb.wav;jazz\n", "a.wav\trock\r\nb\tjazz"]
)
def test_a_table_names_genres(tmp_path: Path, table: str):
    folder, labels = touch(tmp_path / "songs", "a.wav", "b.flac", "c.wav"), tmp_path / "labels.csv"
    labels.write_text(table.replace("b.wav", "b.flac"))
    assert facts(folder, labels=labels) == [("a.wav", "rock", False), ("b.flac", "jazz", False), ("c.wav", None, True)]
    assert collect(folder, labels=labels).notes == (f"{labels} names no genre of 1 songs: they are the test songs.",)


def test_lists_choose_songs_whatever_their_suffixes(tmp_path: Path):
    folder = touch(tmp_path / "songs", "rock/r.1.flac", "rock/r.2.flac", "jazz/j.1.flac", "jazz/j.2.flac")
    train, test = tmp_path / "train.txt", tmp_path / "test.txt"
    train.write_text("rock/r.1.wav\njazz\\j.1.au\nrock/r.9.wav\n")
    test.write_text("j.2\n")
    assert facts(folder, train_list=train, test_list=test) == [
        ("jazz/j.1.flac", "jazz", False),
        ("rock/r.1.flac", "rock", False),
        ("jazz/j.2.flac", "jazz", True),
    ]
    notes = collect(folder, train_list=train, test_list=test).notes
    assert notes == (f"{train}: 1 of 3 songs are not in the folder: rock/r.9.wav.",)


def test_what_the_test_list_does_not_name_is_for_training(tmp_path: Path):
    folder, test = touch(tmp_path / "songs", "rock/a.wav", "rock/b.wav"), tmp_path / "test.txt"
    test.write_text("b.wav\n")
    assert facts(folder, test_list=test) == [("rock/a.wav", "rock", False), ("rock/b.wav", "rock", True)]


def test_mistakes_are_sentences(tmp_path: Path):
    songs, lines = touch(tmp_path / "songs", "rock/a.wav", "jazz/a.wav"), tmp_path / "list.txt"
    with pytest.raises(DataError, match="there is no such folder"):
        collect(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"there is no sound file in it \(it holds x.txt\)"):
        collect(touch(tmp_path / "texts", "x.txt"))
    with pytest.raises(DataError, match=r"there is no sound file in it \(it is empty\)"):
        (tmp_path / "empty").mkdir()
        collect(tmp_path / "empty")
    with pytest.raises(DataError, match="there is no such file"):
        collect(songs, train_list=lines)
    lines.write_text("a.wav\n")
    with pytest.raises(DataError, match=r'"a\.wav" is the name of several songs'):
        collect(songs, train_list=lines)
    lines.write_text("x.wav\ny.wav\n")
    with pytest.raises(DataError, match=r'none of its 2 names is that of a song, the first is "x\.wav"'):
        collect(songs, train_list=lines)
    lines.write_text("rock/a.wav\n")
    with pytest.raises(DataError, match=r"rock/a\.wav stand in the other list, too"):
        collect(songs, train_list=lines, test_list=lines)
    with pytest.raises(DataError, match="a list and a folder of test songs at once"):
        collect(songs, test=songs, test_list=lines)
    lines.write_text("a.wav\n")
    with pytest.raises(DataError, match=r"a\.wav: has no genre, nor have 0 other training songs; expected folders"):
        collect(touch(tmp_path / "flat", "a.wav"), train_list=lines)
    with pytest.raises(DataError, match="its songs have no genres"):
        collect(touch(tmp_path / "flat", "a.wav"), test=songs)
    lines.write_text("a.wav,rock\nb.wav\n")
    with pytest.raises(DataError, match=r"line 2: expected a file name and a genre, found 'b\.wav'"):
        collect(tmp_path / "flat", labels=lines)
    lines.write_text("x.wav,rock\ny.wav,rock\n")
    with pytest.raises(DataError, match="none of its 2 names is that of a song"):
        collect(tmp_path / "flat", labels=lines)
