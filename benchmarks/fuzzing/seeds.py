"""Sound files of every kind, small, for the fuzzer to spoil."""

import gzip
import io
import json
import shutil
from pathlib import Path

import numpy as np

from benchmarks.fuzzing.mutations import packed
from benchmarks.fuzzing.searching import write_search
from genre_kit import cli

EDITION = """\
name = "tiny"
title = "A tiny competition"
genres = ["Rock", "Jazz", "Polka"]
fallback = "Jazz"

[files]
train = "songs.csv"
labels = "genres.csv"
test = "unknown.csv"

[[blocks]]
name = "rhythm"
first = 0
bands = 2
statistics = ["mean", "max"]

[boards]
labels = { metric = "macro-f1" }
"""
COLUMNS = """\
name = "described"
title = "Columns with names"
genres = ["jazz", "rock"]
fallback = "rock"

[files]
train = "train.csv"
test = "test.csv"
template = "sample_submission.csv"

[columns]
features = ["t*", "chroma_1"]
id = "filename"
label = "genre"
group = "artist"
group_pattern = "(artist) .*"
leave_out = ["year"]
missing = "median"
gaps = ["tempo"]
header = true
separator = ","

[[blocks]]
name = "rest"
columns = ["tempo"]

[submission]
id = "filename"
label = "genre"
labels = "names"
order = "template"
rows = "rows"
classes = { jazz = "jazz", rock = "rock" }
"""
RECIPE = """\
family = "dense"
hidden_units = [4]
epochs = 1
batch_size = 16
learning_rate = 0.01
"""
ENSEMBLE = """\
name = "several"

[[models]]
seeds = 2

[models.recipe]
name = "net"
family = "dense"
hidden_units = [8, 4]
scaling = "quantile"
dropout = 0.1

[[models]]
recipe = "discriminant-analysis"
"""
SPACE = """\
[recipe]
family = "dense"
hidden_units = ["units"]

[hyperparameters.units]
kind = "int"
min = 4
max = 16

[hyperparameters.clip]
kind = "choice"
values = [0.0, 3.0]

[hyperparameters.scaling]
kind = "choice"
values = ["standard", "robust"]
when = { clip = [3.0] }

[hyperparameters.learning_rate]
kind = "float"
min = 0.01
max = 0.1
sampling = "log"
"""
SONGS = 24


def write_seeds(place: Path, *, networks: bool = False) -> Path:
    """Write sound files of every kind below a folder.

    Parameters
    ----------
    place : Path
        Need not exist.
    networks : bool
        Whether a run with a network is among them, which takes seconds.
    """
    random = np.random.default_rng(0)
    _plain(place / "plain", random)
    _described(place / "described", random)
    _loose(place / "loose", place, random)
    _run(place, "run", "discriminant-analysis")
    _run(place, "other", "extra-trees")
    write_search(place / "search")
    if networks:
        (place / "recipe.toml").write_text(RECIPE)
        _command("submit", "--data", place / "plain", "--recipe", place / "recipe.toml", "--folds", 2, "--seeds", 1,
                 "--out", place / "network", "--quiet")  # fmt: skip
    return place


def _command(*words: object) -> None:
    code = cli.run(list(map(str, words)))
    assert code == 0, words


def _run(place: Path, name: str, model: str) -> None:
    groups = place / "loose" / "groups.txt"
    _command("submit", "--data", place / "plain", "--model", model, "--folds", 2, "--groups", groups, "--out",
             place / name, "--quiet")  # fmt: skip


def _plain(folder: Path, random: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    targets = np.arange(SONGS) % 3
    (folder / "edition.toml").write_text(EDITION)
    np.savetxt(folder / "songs.csv", random.normal(targets[:, None], 1, (SONGS, 4)), fmt="%.4g", delimiter=",")
    np.savetxt(folder / "genres.csv", targets + 1, fmt="%d")
    np.savetxt(folder / "unknown.csv", random.normal(size=(6, 4)), fmt="%.4g", delimiter=",")


def _described(folder: Path, random: np.random.Generator) -> None:
    folder.mkdir()
    lines = [
        f'{place:03}.wav,"artist {place // 3}",{value:.4g},{place},{"rock" if place % 2 else "jazz"}'
        for place, value in enumerate(random.normal(size=SONGS))
    ]
    (folder / "train.csv").write_text("\n".join(["filename,artist,tempo,chroma_1,genre", *lines]) + "\n")
    tests = [f"{line.rsplit(',', 1)[0].replace('0', '9', 1)}" for line in lines[:6]]
    (folder / "test.csv").write_text("\n".join(["filename,artist,tempo,chroma_1", *tests]) + "\n")
    ids = [line.split(",")[0] for line in tests]
    (folder / "sample_submission.csv").write_text("filename,genre\n" + "".join(f"{one},rock\n" for one in ids))


def _loose(folder: Path, place: Path, random: np.random.Generator) -> None:
    folder.mkdir()
    (folder / "groups.txt").write_text("".join(f"artist {song // 2}\n" for song in range(SONGS)))
    (folder / "folds.txt").write_text("".join(f"{song // 2 % 2}\n" for song in range(SONGS)))
    (folder / "truth.csv").write_text("Sample_id,Sample_label\n" + "".join(f"{n},{n % 3 + 1}\n" for n in range(1, 7)))
    (folder / "columns.toml").write_text(COLUMNS)
    (folder / "ensemble.toml").write_text(ENSEMBLE)
    (folder / "space.toml").write_text(SPACE)
    frames = random.normal(size=(4, 3, 2)).round(3).tolist()
    (folder / "frames.json").write_text(json.dumps({"mapping": ["a", "b"], "labels": [0, 0, 1, 1], "mfcc": frames}))
    np.save(folder / "frames.npy", random.normal(size=(4, 3, 2)).astype(np.float32))
    (folder / "songs.csv.gz").write_bytes(gzip.compress((place / "plain" / "songs.csv").read_bytes(), mtime=0))
    members = [(path.name, path.read_bytes()) for path in sorted((place / "plain").iterdir())]
    (folder / "data.zip").write_bytes(packed(members))
    _kept_song(folder / "kept.npz", random)
    _sounds(folder, random)
    shutil.copytree(place / "plain", place / "packed")


def _kept_song(path: Path, random: np.random.Generator) -> None:
    facts = {"seconds": 2.0, "peak": 0.5, "notes": ["silent"]}
    buffer = io.BytesIO()
    words = np.arange(4, dtype=np.uint32)
    np.savez(buffer, rows=random.normal(size=(1, 4)), words=words, facts=np.array(json.dumps(facts)))
    path.write_bytes(buffer.getvalue())


def _sounds(folder: Path, random: np.random.Generator) -> None:
    import soundfile

    samples = random.normal(scale=0.1, size=25_000).round(2)
    for kind in ("wav", "flac", "ogg", "aiff", "au", "mp3", "w64", "caf"):
        soundfile.write(folder / f"song.{kind}", samples, 22050)
