"""The command that says what files are, and writes it down."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import run_program

from competition.data.loading import load_dataset
from competition.inference.find import find_edition

GENRES = ("jazz", "polka", "rock")


@pytest.fixture
def songs() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(60, 4)), columns=["tempo", "energy", "pitch", "noise"])
    frame.insert(0, "song_id", rng.permutation(np.arange(100, 160)))
    return frame.assign(genre=rng.permutation(np.resize(GENRES, 60)))


@pytest.fixture
def folder(tmp_path: Path, songs: pd.DataFrame) -> Path:
    place = tmp_path / "data"
    place.mkdir()
    songs[:40].to_csv(place / "train.csv", index=False)
    songs[40:].drop(columns="genre").to_csv(place / "test.csv", index=False)
    return place


def test_what_is_found_is_printed_and_written_and_then_read(folder: Path):
    result = run_program("edition", "--data", folder)
    assert result.returncode == 0, result.stderr
    for line in ("training  train.csv: 40 rows", "test      test.csv: 20 rows", "labels    column genre of train.csv"):
        assert line in result.stdout
    assert f"next      python -m competition submit --data {folder}" in result.stdout
    edition = find_edition(None, folder)
    assert edition.genres == GENRES
    assert load_dataset(folder, edition).test_rows == 20
    text = (folder / "edition.toml").read_text()
    assert "# labels: column genre of train.csv, by its name" in text


def test_an_edition_that_is_there_is_replaced_by_force_alone(folder: Path):
    kept = folder / "edition.toml"
    kept.write_text("mine")
    result = run_program("edition", "--data", folder)
    assert (result.returncode, kept.read_text()) == (1, "mine")
    assert "edition.toml: is there already" in result.stderr and "--force" in result.stderr
    assert run_program("edition", "--data", folder, "--force").returncode == 0
    assert kept.read_text() != "mine"


def test_looking_writes_nothing_and_says_what_an_edition_says_that_is_there(folder: Path):
    before = run_program("edition", "--data", folder, "--look")
    assert (before.returncode, sorted(path.name for path in folder.iterdir())) == (0, ["test.csv", "train.csv"])
    assert "labels    column genre of train.csv, by its name" in before.stdout and "written" not in before.stdout
    assert run_program("edition", "--data", folder, "--quiet").returncode == 0
    text = (folder / "edition.toml").read_text()
    after = run_program("edition", "--data", folder, "--look")
    assert (after.returncode, (folder / "edition.toml").read_text()) == (0, text)
    for line in (
        "as " + str(folder / "edition.toml") + " says",
        "labels    column genre of train.csv",
        "test      test.csv",
    ):
        assert line in " ".join(after.stdout.split()) or line in after.stdout
    refused = run_program("edition", "--data", folder, "--look", "--out", folder / "mine.toml")
    assert refused.returncode == 2 and "--look writes nothing, and --out is about what is written" in refused.stderr


def test_an_edition_that_is_not_looked_at_is_named(folder: Path, tmp_path: Path):
    assert run_program("edition", "--data", folder).returncode == 0
    said = run_program("edition", "--data", folder, "--out", tmp_path / "mine.toml")
    assert said.returncode == 0
    assert "edition.toml is not looked at here, and still decides" in " ".join(said.stdout.split())


def test_genres_without_songs_make_a_built_in_edition_doubtful(tmp_path: Path):
    assert run_program("sample", "--songs", "60", "--out", tmp_path).returncode == 0
    assert "doubtful" not in run_program("edition", "--data", tmp_path, "--look").stdout
    labels = (tmp_path / "train_labels.csv").read_text().split()
    (tmp_path / "train_labels.csv").write_text("".join(f"{min(int(label), 9)}\n" for label in labels))
    said = " ".join(run_program("edition", "--data", tmp_path, "--look").stdout.split())
    assert "doubtful no song has label 10 (Blues): is this another competition of as many columns?" in said


def test_it_is_written_elsewhere_as_asked_and_nothing_is_said_when_quiet(folder: Path, tmp_path: Path):
    out = tmp_path / "mine.toml"
    result = run_program("edition", "--data", folder, "--out", out, "--quiet")
    assert (result.returncode, result.stdout) == (0, "")
    assert out.is_file() and not (folder / "edition.toml").exists()


def test_columns_and_files_are_taken_as_asked(folder: Path, songs: pd.DataFrame):
    style = np.resize(["x", "y"], 40)
    songs[:40].assign(style=style).to_csv(folder / "songs.csv", index=False)
    asked = (
        "--train",
        "songs.csv",
        "--label",
        "style",
        "--id",
        "song_id",
        "--leave-out",
        "noise",
        "--leave-out",
        "genre",
    )
    result = run_program("edition", "--data", folder, *asked)
    assert result.returncode == 0, result.stderr
    edition = find_edition(None, folder)
    assert edition.roles is not None
    assert (edition.files.train, edition.genres, edition.roles.label) == ("songs.csv", ("x", "y"), "style")
    assert edition.roles.features == ("tempo", "energy", "pitch")


def test_two_candidates_are_named_with_the_option_that_decides_and_it_does(folder: Path, songs: pd.DataFrame):
    songs[40:].drop(columns="genre").to_csv(folder / "test_b.csv", index=False)
    result = run_program("edition", "--data", folder)
    assert result.returncode == 1
    assert "test.csv and test_b.csv may be the test songs; say which" in result.stderr
    assert result.stderr.rstrip().endswith("--test test.csv")
    assert run_program("edition", "--data", folder, "--test", "test_b.csv").returncode == 0
    assert find_edition(None, folder).files.test == "test_b.csv"


def test_medians_are_the_cure_for_missing_cells_and_work(folder: Path, songs: pd.DataFrame):
    gaps = songs[:40].copy()
    gaps.loc[[3, 5, 7], "tempo"] = np.nan
    gaps.to_csv(folder / "train.csv", index=False)
    refused = run_program("score", "--data", folder)
    assert refused.returncode == 1
    assert "train.csv, line 5: of 40 songs 3 cells are missing in 1 column(s): tempo (3)" in refused.stderr
    assert f"python -m competition edition --data {folder} --missing median" in refused.stderr
    assert run_program("edition", "--data", folder, "--missing", "median").returncode == 0
    dataset = load_dataset(folder, find_edition(None, folder))
    assert dataset.features.shape == (40, 5)  # and one that says where
    assert np.isnan(dataset.features).sum() == dataset.features[:, 4].sum() == 3


def test_an_archive_has_its_edition_beside_it(folder: Path, tmp_path: Path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in folder.iterdir():
            archive.write(one, one.name)
    result = run_program("edition", "--data", path)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "all-edition.toml").is_file()
    assert f"--data {path} --edition {tmp_path / 'all-edition.toml'}" in result.stdout


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("--label", "style"), 'there is no column "style"; it has song_id, tempo'),
        (("--test", "other.csv"), "other.csv: there is no such table; the folder has test.csv, train.csv"),
        (("--label", "tempo"), 'column "tempo": holds numbers with fractions; expected genres'),
    ],
)
def test_what_is_asked_and_is_not_there_is_refused(folder: Path, asked: tuple[str, str], sentence: str):
    result = run_program("edition", "--data", folder, *asked)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert not (folder / "edition.toml").exists()
