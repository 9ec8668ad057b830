"""`plot --audio`: which songs are drawn, what their pictures are called, and what is no song."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from support import run_program, run_python

from competition.errors import DataError, KitError
from genre_kit.jobs.audio import plot
from genre_kit.jobs.audio.decoding import read_beginning
from tests.genre_kit.test_cli import assert_refused, names

soundfile = pytest.importorskip("soundfile", reason="sound files are read with soundfile, an optional package")
pytest.importorskip("soxr", reason="sound is brought to one rate with soxr, an optional package")

Write = Callable[..., Path]
RATE = 22050


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a sound file: a tone of 440 Hz in each channel, or samples."""

    def written(name: str, seconds: float = 1.2, rate: int = RATE, channels: int = 1, samples=None, **more) -> Path:
        path = tmp_path / "songs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
        soundfile.write(path, np.stack([tone] * channels, axis=1) if samples is None else samples, rate, **more)
        return path

    return written


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Draw nothing, quickly, and remember the titles of what was to be drawn."""
    titles: list[tuple[str, ...]] = []

    def song(excerpt, name: str, length: str) -> Figure:
        titles.append((name, length))
        return Figure()

    def genres(excerpts, genre_titles: list[str]) -> Figure:
        titles.append(tuple(genre_titles))
        return Figure()

    monkeypatch.setattr(plot, "sound_of_song", song)
    monkeypatch.setattr(plot, "spectrograms_of_genres", genres)
    return titles


@pytest.mark.training
def test_two_genres_give_a_picture_each_and_one_of_both(write: Write, tmp_path: Path):
    blues, jazz = write("blues/one.wav"), write("jazz/two.flac", rate=44100, channels=2)
    out = tmp_path / "out"
    said = run_program("plot", "--audio", blues, "--audio", jazz, "--out", out)
    assert (said.returncode, said.stderr) == (0, "")
    assert names(out) == {"DONE", "one.png", "two.png", "genres-mel.png"}
    assert all((out / name).read_bytes().startswith(b"\x89PNG") for name in names(out) - {"DONE"})
    assert said.stdout.splitlines() == [
        f"song      {blues}: 1.2 s, 22050 Hz, mono",
        f"song      {jazz}: 1.2 s, 44100 Hz, stereo",
        *(f"picture   {out / name}" for name in ("one.png", "two.png", "genres-mel.png")),
    ]


def test_of_a_folder_of_genres_the_first_song_of_each_is_drawn(write: Write, tmp_path: Path, blank):
    for name in ("jazz/b.wav", "jazz/a.wav", "blues/z.WAV", "blues/._a.wav", "polka/only.ogg"):
        write(name)
    (tmp_path / "songs" / "no-songs").mkdir()
    (tmp_path / "songs" / "jazz" / "a.txt").write_text("words")
    done = plot.plot_audio([tmp_path / "songs"], out=tmp_path / "out")
    assert [song.path.name for song in done.songs] == ["z.WAV", "a.wav", "only.ogg"]
    assert [song.genre for song in done.songs] == ["blues", "jazz", "polka"]
    assert blank[-1] == ("blues: z.WAV", "jazz: a.wav", "polka: only.ogg")
    assert done.left_out == ()
    assert all(picture.is_file() for picture in done.pictures)


def test_songs_of_one_folder_have_no_picture_of_genres(write: Write, tmp_path: Path, blank):
    write("blues/b.wav")
    song = write("blues/a.wav")
    done = plot.plot_audio([song.parent, song, song], out=tmp_path / "out")  # each song is drawn once
    assert [picture.name for picture in done.pictures] == ["a.png"]
    assert blank == [("a.wav", "1.2 s")]


def test_pictures_of_songs_with_like_names_are_told_apart(write: Write, tmp_path: Path, blank):
    given = ["blues/01.wav", "jazz/01.wav", "blues/x.wav", "blues/x.flac", "blues/Genres-Mel.wav", "jazz/!!.wav"]
    done = plot.plot_audio([write(name) for name in given], out=tmp_path / "out")
    assert [picture.name for picture in done.pictures] == [
        "blues-01.png", "jazz-01.png", "blues-x.png", "blues-x-2.png", "Genres-Mel-2.png", "unnamed.png",
        "genres-mel.png",
    ]  # fmt: skip


def test_songs_too_many_for_a_page_are_refused_and_folders_too_many_left_out(write: Write, tmp_path: Path, blank):
    songs = [write(f"genre {number:02}/a.wav", seconds=1) for number in range(25)]
    with pytest.raises(DataError, match="25 songs chosen with `audio`; one page shows at most 24"):
        plot.plot_audio(songs, out=tmp_path / "out")
    done = plot.plot_audio([tmp_path / "songs"], out=tmp_path / "out")
    assert len(done.songs) == 24
    assert done.left_out == (f"1 of the 25 folders with songs in {tmp_path / 'songs'} are not drawn",)


def test_a_long_song_is_drawn_from_its_beginning(write: Write, tmp_path: Path, blank):
    silence_then_noise = np.concatenate([np.zeros(31 * 8000), np.random.default_rng(0).uniform(-1, 1, 40 * 8000)])
    song = write("long.wav", rate=8000, samples=silence_then_noise)
    plot.plot_audio([song], out=tmp_path / "out")
    assert blank == [("long.wav", "1 min 11 s, of which the first 30 s")]
    assert not read_beginning(song, 30).excerpt.samples.any()


@pytest.mark.parametrize(("rate", "channels"), [(22050, 1), (44100, 2), (8000, 1), (48000, 6)])
def test_any_rate_and_channels_become_one_channel_at_one_rate(write: Write, rate: int, channels: int):
    beginning = read_beginning(write("tone.wav", rate=rate, channels=channels), 30)
    excerpt = beginning.excerpt
    assert (beginning.rate, beginning.channels, excerpt.rate) == (rate, channels, RATE)
    assert (excerpt.samples.dtype, excerpt.samples.shape) == (np.float32, (round(1.2 * RATE),))
    assert excerpt.seconds == pytest.approx(beginning.seconds)
    loudest = excerpt.frequencies[np.argmax(excerpt.power.mean(axis=0))]
    assert loudest == pytest.approx(440, abs=RATE / 2048)
    assert np.abs(excerpt.samples[2000:-2000]).max() == pytest.approx(0.3, abs=0.01)


def test_channels_are_averaged(write: Write):
    left = np.linspace(-0.5, 0.5, RATE)
    beginning = read_beginning(write("two.wav", samples=np.stack([left, -left], axis=1), subtype="FLOAT"), 30)
    assert not beginning.excerpt.samples.any()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, r"song\.wav: there is no such file or folder; expected a sound file, or a folder of some"),
        (lambda path: path.write_bytes(b""), r"song\.wav: is empty; expected a sound file, such as \.wav, \.flac"),
        (lambda path: path.write_text("words " * 99), r"song\.wav: holds no sound that can be read \(.+\); expected"),
        (lambda path: path.mkdir(), r"song\.wav: neither the folder nor any folder in it holds a sound file; expected"),
        (
            lambda path: soundfile.write(path, np.zeros(0), RATE),
            r"song\.wav: holds 0\.00 s of sound; expected at least",
        ),
        (lambda path: soundfile.write(path, np.zeros(9000), RATE), r"song\.wav: holds 0\.41 s of sound; expected at"),
        (
            lambda path: soundfile.write(path, np.full(RATE, np.nan), RATE, subtype="FLOAT"),
            r"song\.wav: holds samples that are no finite numbers\. Write the file anew",
        ),
    ],
)
def test_what_is_no_song_is_refused_and_nothing_is_written(write: Write, tmp_path: Path, make, sentence: str, blank):
    make(tmp_path / "song.wav")
    said = run_program(
        "plot", "--audio", write("good.wav"), "--audio", tmp_path / "song.wav", "--out", tmp_path / "out"
    )
    assert_refused(said, sentence)
    assert not (tmp_path / "out").exists()


def test_a_headerless_file_is_refused(tmp_path: Path):
    (tmp_path / "song.raw").write_bytes(bytes(99999))
    with pytest.raises(DataError, match=r"song\.raw: holds no sound that can be read"):
        read_beginning(tmp_path / "song.raw", 30)


@pytest.mark.parametrize("package", ["soundfile", "soxr"])
def test_a_missing_package_is_met_by_what_to_install(write: Write, monkeypatch: pytest.MonkeyPatch, package: str):
    song = write("song.wav")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(KitError, match=f"package {package}.*python -m pip install -r requirements-audio.txt"):
        plot.plot_audio([song])


def test_pictures_are_not_replaced_unasked(write: Write, tmp_path: Path, blank):
    arguments = ("plot", "--audio", write("song.wav"), "--out", tmp_path / "out", "--quiet")
    assert run_program(*arguments).stdout == ""
    assert_refused(run_program(*arguments), "holds a finished run; name another folder with --out, or .* with --force")
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
