"""`plot --audio`: which songs are drawn, what their pictures are called, and what is no song."""

import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from sounds import RATE, music, soundfile, write
from support import run_program, run_python

from competition.audio.signal.excerpt import Excerpt
from competition.errors import DataError, KitError
from genre_kit.jobs.sound import plot_audio as job
from genre_kit.jobs.sound.plot_audio import plot_audio
from tests.genre_kit.test_cli import assert_refused, names

SECONDS = 1.2
TUNE = music(0, SECONDS)


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    return tmp_path / "songs"


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Draw nothing, quickly, and remember the titles of what was to be drawn."""
    titles: list[tuple[str, ...]] = []

    def song(excerpt: Excerpt, name: str, length: str) -> Figure:
        titles.append((name, length))
        return Figure()

    def genres(excerpts: list[Excerpt], genre_titles: list[str]) -> Figure:
        titles.append(tuple(genre_titles))
        return Figure()

    monkeypatch.setattr(job, "sound_of_song", song)
    monkeypatch.setattr(job, "spectrograms_of_genres", genres)
    return titles


@pytest.mark.training
def test_two_genres_give_a_picture_each_and_one_of_both(songs: Path, tmp_path: Path):
    blues = write(songs / "blues" / "one.wav", TUNE)
    jazz = write(songs / "jazz" / "two.flac", np.stack([music(1, SECONDS, 44100)] * 2, axis=1), 44100)
    out = tmp_path / "out"
    said = run_program("plot", "--audio", blues, "--audio", jazz, "--out", out)
    assert (said.returncode, said.stderr) == (0, "")
    assert names(out) == {"DONE", "one.png", "two.png", "genres-mel.png"}
    assert all((out / name).read_bytes().startswith(b"\x89PNG") for name in names(out) - {"DONE"})
    assert said.stdout.splitlines() == [
        "drawn 1 of 2 songs",
        "drawn 2 of 2 songs",
        f"song      {blues}: 1.2 s",
        f"song      {jazz}: 1.2 s; 2 channels averaged; resampled from 44100 Hz",
        *(f"picture   {out / name}" for name in ("one.png", "two.png", "genres-mel.png")),
    ]


def test_of_a_folder_of_genres_the_first_song_of_each_is_drawn(songs: Path, tmp_path: Path, blank):
    for name in ("jazz/b.wav", "jazz/a.wav", "blues/z.WAV", "blues/._a.wav", "polka/artist/only.ogg"):
        write(songs / name, TUNE)
    (songs / "no songs").mkdir()
    (songs / "jazz" / "a.txt").write_text("words")
    (songs / "jazz" / "a.m4a").write_text("cannot be read")
    done = plot_audio([songs], out=tmp_path / "out")
    assert [song.path.name for song in done.songs] == ["z.WAV", "a.wav", "only.ogg"]
    assert [song.genre for song in done.songs] == ["blues", "jazz", "polka"]
    assert blank[-1] == ("blues: z.WAV", "jazz: a.wav", "polka: only.ogg")
    assert done.left_out == ()
    assert all(picture.is_file() for picture in done.pictures)


def test_songs_of_one_folder_have_no_picture_of_genres(songs: Path, tmp_path: Path, blank):
    write(songs / "blues" / "b.wav", TUNE)
    song = write(songs / "blues" / "a.wav", TUNE)
    done = plot_audio([song.parent, song, song], out=tmp_path / "out")  # each song is drawn once
    assert [picture.name for picture in done.pictures] == ["a.png"]
    assert blank == [("a.wav", "1.2 s")]
    assert done.songs[0].genre == "blues"


def test_pictures_of_songs_with_like_names_are_told_apart(songs: Path, tmp_path: Path, blank):
    given = ["blues/01.wav", "jazz/01.wav", "blues/x.wav", "blues/x.flac", "blues/Genres-Mel.wav", "jazz/!!.wav"]
    done = plot_audio([write(songs / name, TUNE) for name in given], out=tmp_path / "out")
    assert [picture.name for picture in done.pictures] == [
        "blues-01.png", "jazz-01.png", "blues-x.png", "blues-x-2.png", "Genres-Mel-2.png", "unnamed.png",
        "genres-mel.png",
    ]  # fmt: skip


def test_songs_too_many_for_a_page_are_refused_and_genres_too_many_left_out(songs: Path, tmp_path: Path, blank):
    given = [write(songs / f"genre {number:02}" / "a.wav", TUNE) for number in range(25)]
    with pytest.raises(DataError, match="25 songs chosen with `audio`; one page shows at most 24"):
        plot_audio(given, out=tmp_path / "out")
    done = plot_audio([songs], out=tmp_path / "out")
    assert [song.genre for song in done.songs] == [f"genre {number:02}" for number in range(24)]
    assert done.left_out == (f"1 of the 25 genres in {songs} are not drawn",)


@pytest.mark.parametrize(("seconds", "length"), [(30, "30.0 s"), (71, "1 min 11 s, of which the first 30 s")])
def test_a_song_is_drawn_from_its_beginning(songs: Path, tmp_path: Path, blank, seconds: int, length: str):
    rising = np.linspace(0, 0.5, seconds * RATE, dtype=np.float32)
    song = write(songs / "long.wav", rising, subtype="FLOAT")
    heard, excerpt = job._heard(song, "blues")
    np.testing.assert_array_equal(excerpt.samples, rising[: 30 * RATE])
    assert heard.length == length
    assert not any("breaks off" in note for note in heard.notes)


def test_what_is_odd_about_a_song_is_said(songs: Path, tmp_path: Path, blank):
    holes = TUNE.copy()
    holes[100:103] = np.nan
    (song,) = plot_audio([write(songs / "a.wav", holes, subtype="FLOAT")], out=tmp_path / "out").songs
    assert song.notes == ("samples that are no numbers taken for 0: 3",)


EXPECTED = r"; expected a sound file of at least 1 s \(\.wav, "


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, r"song\.wav: there is no such file or folder; expected a sound file, or a folder of some"),
        (lambda path: path.write_bytes(b""), rf"song\.wav: empty file{EXPECTED}"),
        (lambda path: path.write_text("words " * 99), rf"song\.wav: no sound that can be read{EXPECTED}"),
        (lambda path: path.mkdir(), r"song\.wav: there is no sound file in it \(it is empty\); expected \.wav"),
        (lambda path: soundfile.write(path, np.zeros(9000), RATE), rf"song\.wav: 0\.41 s of sound{EXPECTED}"),
    ],
)
def test_what_is_no_song_is_refused_and_nothing_is_written(songs: Path, tmp_path: Path, make, sentence: str, blank):
    good = write(songs / "good.wav", TUNE)
    make(songs / "song.wav")
    assert_refused(run_program("plot", "--audio", good, "--audio", songs / "song.wav", "--out", songs / "x"), sentence)
    assert not (songs / "x").exists()


def test_a_folder_of_sound_that_cannot_be_read_is_refused(songs: Path):
    songs.mkdir()
    (songs / "song.m4a").write_bytes(b"sound")
    with pytest.raises(DataError, match=r"song\.m4a: \.m4a cannot be read: convert it to \.flac or \.wav; expected"):
        plot_audio([songs])


@pytest.mark.parametrize("package", ["soundfile", "soxr"])
def test_a_missing_package_is_met_by_what_to_install(songs: Path, monkeypatch: pytest.MonkeyPatch, package: str):
    song = write(songs / "song.wav", TUNE)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(KitError, match=f"package {package}.*`make audio`"):
        plot_audio([song])


def test_pictures_are_not_replaced_unasked(songs: Path, tmp_path: Path, blank):
    arguments = ("plot", "--audio", write(songs / "song.wav", TUNE), "--out", tmp_path / "out", "--quiet")
    assert run_program(*arguments).stdout == ""
    assert_refused(run_program(*arguments), "holds pictures .*; name another folder with --out, or .* with --force")
    assert run_program(*arguments, "--force").returncode == 0


@pytest.mark.process
def test_the_help_of_plot_loads_no_library():
    code = """
import sys
from genre_kit.cli import run
run(["plot", "--help"])
heavy = {"numpy", "scipy", "matplotlib", "soundfile", "soxr", "pandas"} & set(sys.modules)
assert not heavy, heavy
"""
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
    assert "--audio" in done.stdout
