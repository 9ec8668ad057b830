"""Folders of songs become a competition that everything else works on."""

import csv
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sounds import library, music, write
from support import ROOT, run_program
from tagger import made_up_network

import genre_kit
from competition.audio.features import musicnn
from competition.audio.musicnn.weights import VARIABLE
from competition.data.edition_file import load_edition
from competition.data.loading import load_dataset
from competition.errors import ArgumentError, DataError, RunError
from genre_kit.jobs.sound.extract import KEPT, extract
from genre_kit.reports.extraction import describe_extraction


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library(tmp_path_factory.mktemp("songs"), seconds=1.5)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_folders_become_a_competition(tmp_path: Path, songs: Path):
    made = extract(songs, out=tmp_path / "out", processes=1)
    dataset = load_dataset(made.folder, load_edition(made.folder / "edition.toml"), with_test=False)
    assert dataset.features.shape == (6, 264)
    assert dataset.edition.genres == ("genre0", "genre1")
    assert dataset.targets.tolist() == [0, 0, 0, 1, 1, 1]
    assert [block.name for block in dataset.edition.blocks] == ["rhythm", "chroma", "mfcc"]
    assert dataset.groups is not None
    assert len(set(dataset.groups)) == 6
    assert [row["file"] for row in table(made.folder / "songs.csv")][:2] == ["genre0/song0.wav", "genre0/song1.wav"]
    assert made.files == ("train_data.csv", "train_labels.csv", "groups.csv", "songs.csv", "edition.toml")


def test_the_classic_columns_have_the_units_of_2018(tmp_path: Path, songs: Path):
    classic = extract(songs, out=tmp_path / "classic", processes=1)
    natural = extract(songs, out=tmp_path / "natural", features=["mfcc", "ssd"], processes=1)
    first, second = (np.loadtxt(one.folder / "train_data.csv", delimiter=",") for one in (classic, natural))
    assert np.allclose(first[:, :168], 1000 * second[:, 48:], rtol=1e-6)
    assert np.allclose(first[:, 216:], second[:, :48] / 1000, rtol=1e-6)


def test_files_read_back_as_the_numbers_that_were_computed(tmp_path: Path, songs: Path):
    made = extract(songs, out=tmp_path / "out", features=["centroid", "mfcc"], processes=1)
    read = np.loadtxt(made.folder / "train_data.csv", delimiter=",", dtype=np.float32)
    assert np.array_equal(read, np.concatenate([one.song.rows for one in made.songs.used]).astype(np.float32))


def test_segments_keep_their_song(tmp_path: Path, songs: Path):
    test = tmp_path / "test"
    for number in range(3):
        write(test / f"{number}.wav", music(100 + number, 2.0 + number))
    made = extract(songs, test=test, out=tmp_path / "out", segment_seconds=1.0, overlap=0.5, features=["zcr"])
    dataset = load_dataset(made.folder, load_edition(made.folder / "edition.toml"))
    assert dataset.groups is not None
    assert dataset.groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert dataset.entries.ids == ("1", "2", "3")
    assert dataset.entries.places.tolist() == [0] * 3 + [1] * 5 + [2] * 7
    assert [row["rows"] for row in table(made.folder / "songs.csv")][-3:] == ["3", "5", "7"]


def test_what_cannot_be_used_is_named_and_the_rest_goes_on(tmp_path: Path, songs: Path):
    folder = library(tmp_path / "songs", seconds=1.5)
    (folder / "genre0" / "empty.wav").write_bytes(b"")
    write(folder / "genre1" / "short.wav", music(5, 0.2))
    made = extract(folder, out=tmp_path / "out", features=["zcr"], processes=1)
    skipped = {row["file"]: row["notes"] for row in table(made.folder / "songs.csv") if row["use"] == "skipped"}
    assert skipped == {
        "genre0/empty.wav": "empty file",
        "genre1/short.wav": "0.20 s of sound, shorter than 1 s",
    }
    said = "\n".join(describe_extraction(made))
    assert "skipped   2 of 8 songs: genre0/empty.wav (empty file)" in said
    assert len((made.folder / "train_labels.csv").read_text().split()) == 6


def test_repeats_are_told_and_stay_in_one_fold(tmp_path: Path):
    folder, test = library(tmp_path / "songs", seconds=6.0), tmp_path / "test"
    write(folder / "genre1" / "again.wav", 0.5 * music(0, 6.0))
    write(test / "known.wav", music(11, 6.0))
    made = extract(folder, test=test, out=tmp_path / "out", features=["zcr"], processes=1)
    assert (made.folder / "groups.csv").read_text().split() == ["1", "2", "3", "1", "5", "6", "7"]
    notes = {row["file"]: row["notes"] for row in table(made.folder / "songs.csv")}
    assert notes["genre0/song0.wav"] == "same recording as genre1/again.wav"
    assert notes["known.wav"] == "same recording as genre1/song1.wav"
    said = " ".join(" ".join(describe_extraction(made)).split())
    assert "1 recording stands under two genres: genre0/song0.wav = genre1/again.wav." in said
    assert "1 recording stands in the training songs and the test songs: genre1/song1.wav = known.wav." in said


def test_names_of_any_kind_are_written(tmp_path: Path):
    folder = library(tmp_path / "songs", seconds=1.5)
    write(folder / "genre0" / 'пес,"ня\n.wav', music(50, 1.5))
    odd = folder / "genre0" / os.fsdecode(b"caf\xe9.wav")
    odd.write_bytes((folder / "genre0" / "song0.wav").read_bytes())
    made = extract(folder, out=tmp_path / "out", features=["zcr"], processes=1)
    names = [row["file"] for row in table(made.folder / "songs.csv")]
    assert 'genre0/пес,"ня\n.wav' in names
    assert "genre0/caf\\udce9.wav" in names
    assert made.songs.skipped == ()
    assert describe_extraction(made)


def test_finished_songs_are_not_done_again(tmp_path: Path, songs: Path, monkeypatch: pytest.MonkeyPatch):
    first = extract(songs, out=tmp_path / "out", processes=1)
    before = contents(first.folder)
    monkeypatch.setattr("competition.audio.processes.listen", None)
    again = extract(songs, out=tmp_path / "out", processes=1, force=True)
    assert (first.kept, again.kept) == (0, 6)
    assert contents(again.folder) == before


def test_it_goes_on_where_it_was_interrupted(tmp_path: Path, songs: Path):
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(songs, out=tmp_path / "out", processes=1, progress=stop)
    assert contents(tmp_path / "out") == {}
    made = extract(songs, out=tmp_path / "out", processes=1)
    assert made.kept == 3
    assert contents(made.folder) == contents(extract(songs, out=tmp_path / "other", processes=1).folder)


@pytest.mark.process
def test_any_number_of_processes_writes_the_same_bytes(tmp_path: Path):
    folder = library(tmp_path / "songs", songs=9, seconds=1.5)
    one, two = (extract(folder, out=tmp_path / str(count), processes=count).folder for count in (1, 2))
    assert contents(one) == contents(two)
    assert {path.name for path in (one / KEPT).iterdir()} == {path.name for path in (two / KEPT).iterdir()}


def test_test_songs_of_known_genres_have_their_labels_beside(tmp_path: Path, songs: Path):
    listed = tmp_path / "test.txt"
    listed.write_text("genre0/song0.wav\ngenre1/song2.wav\n")
    made = extract(songs, test_list=listed, out=tmp_path / "out", features=["zcr"], processes=1)
    assert (made.folder / "test_labels.csv").read_text() == "1\n2\n"
    assert len((made.folder / "train_labels.csv").read_text().split()) == 4


def test_songs_to_be_labelled_alone_make_a_test_file_alone(tmp_path: Path, songs: Path):
    made = extract(songs / "genre0", out=tmp_path / "out", features=["zcr"], processes=1)
    assert made.files == ("test_data.csv", "songs.csv")
    assert "submit --from RUN --data" in describe_extraction(made)[-1]


def test_too_few_songs_are_an_error(tmp_path: Path):
    folder = library(tmp_path / "songs", songs=2, seconds=1.5)
    write(folder / "genre2" / "only.wav", music(9, 1.5))
    with pytest.raises(DataError, match="1 songs of the genre genre2 can be used; expected at least 2 of each"):
        extract(folder, out=tmp_path / "a", features=["zcr"], processes=1)
    for path in (folder / "genre1").iterdir():
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"0 songs of the genre genre1 can be used; the first .* is genre1/song0"):
        extract(folder, out=tmp_path / "b", features=["zcr"], processes=1)
    for path in folder.rglob("*.wav"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"none of the 5 songs can be used; the first .* genre0/song0.wav: empty file"):
        extract(folder, out=tmp_path / "c", features=["zcr"], processes=1)
    with pytest.raises(DataError, match="all songs are of the genre genre0; expected folders of two genres or more"):
        extract(library(tmp_path / "one", genres=1, seconds=1.5), out=tmp_path / "d", features=["zcr"], processes=1)


def test_arguments_that_do_not_fit_are_refused(tmp_path: Path, songs: Path):
    with pytest.raises(ArgumentError, match='"mel2" is none; expected some of ssd, chroma'):
        extract(songs, out=tmp_path / "out", features=["mel2"])
    with pytest.raises(ArgumentError, match="`overlap` has no effect without `segment_seconds`"):
        extract(songs, out=tmp_path / "out", overlap=0.5)
    with pytest.raises(ArgumentError, match="`overlap` is 3; expected the share of a segment"):
        extract(songs, out=tmp_path / "out", segment_seconds=3, overlap=3)
    with pytest.raises(ArgumentError, match=r"`segment_seconds` is 0.5; expected 1 to 600"):
        extract(songs, out=tmp_path / "out", segment_seconds=0.5)


def test_files_that_are_there_are_not_replaced_unasked(tmp_path: Path, songs: Path):
    extract(songs, out=tmp_path / "out", features=["zcr"], processes=1)
    with pytest.raises(RunError, match=r"edition.toml: is there already; name another folder"):
        extract(songs, out=tmp_path / "out", features=["zcr"], processes=1)


@pytest.mark.training
def test_what_was_extracted_can_be_submitted(tmp_path: Path):
    folder = library(tmp_path / "songs", songs=6, seconds=3.0)
    library(tmp_path / "test", songs=3, seconds=4.0)
    made = extract(folder, test=tmp_path / "test", out=tmp_path / "data", segment_seconds=1.0, features=["ssd", "zcr"])
    result = genre_kit.submit(data=made.folder, model="kernel-ridge", out=tmp_path / "run", folds=3)
    assert len(np.loadtxt(tmp_path / "run" / "label_pred.csv", delimiter=",", skiprows=1)) == 6
    assert result.scores.accuracy.value > 0.6


def test_a_pretrained_tagger_describes_songs(tmp_path: Path, songs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(musicnn, "network", made_up_network)
    made = extract(songs, out=tmp_path / "out", features=["zcr", "musicnn"], processes=1)
    dataset = load_dataset(made.folder, load_edition(made.folder / "edition.toml"), with_test=False)
    blocks = [(block.name, block.first, block.stop) for block in dataset.edition.blocks]
    assert blocks == [("zcr", 0, 4), ("tags", 4, 154), ("embedding", 154, 354)]
    assert dataset.features.shape == (6, 354)
    assert len({row.tobytes() for row in dataset.features[:, 4:]}) == 6


def test_without_the_taggers_weights_nothing_is_listened_to(
    tmp_path: Path, songs: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none.npz"))
    musicnn.network.cache_clear()
    said = run_program("extract", songs, "--features", "musicnn", "--out", tmp_path / "out")
    assert said.returncode == 1
    assert said.stderr.startswith(
        f"error: {tmp_path / 'none.npz'}: the weights of musicnn are not there; `make musicnn`"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.process
def test_a_killed_extraction_leaves_nothing_half_written_and_goes_on(tmp_path: Path):
    folder, out = library(tmp_path / "songs", songs=12, seconds=20.0), tmp_path / "killed"
    command = [sys.executable, "-m", "competition", "extract", str(folder), "--out", str(out), "--processes", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    while process.poll() is None and not any((out / KEPT).glob("*.npz")):
        time.sleep(0.01)
    process.kill()
    process.wait()
    whole = contents(extract(folder, out=tmp_path / "whole", processes=1).folder)
    assert contents(out) in ({}, whole)  # whole where a busy machine let it end first
    assert extract(folder, out=out, processes=1, force=True).kept > 0
    assert contents(out) == whole
