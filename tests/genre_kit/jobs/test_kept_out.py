"""Without a test file: songs kept out as one, and data frames in the place of files."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import run_program

import genre_kit
from competition.data.dataset import Dataset
from competition.data.edition import Board
from competition.errors import ArgumentError, KitWarning
from genre_kit.jobs.steps.inputs import keep_songs_out

ROWS = 90


@pytest.fixture(scope="module")
def songs() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    genres = rng.permutation(np.resize(["jazz", "polka", "rock"], ROWS))
    centres = {"jazz": 0.0, "polka": 2.0, "rock": -2.0}
    numbers = rng.normal(size=(ROWS, 4)) + np.array([[centres[genre]] for genre in genres])
    frame = pd.DataFrame(numbers, columns=["tempo", "energy", "pitch", "noise"])
    frame.insert(0, "filename", [f"{number:03}.wav" for number in rng.permutation(ROWS)])
    return frame.assign(genre=genres)


@pytest.fixture(scope="module")
def folder(songs: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("songs")
    songs.to_csv(place / "songs.csv", index=False)
    return place


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 0.5))
def test_songs_kept_out_are_the_others_and_of_every_genre_their_share(dataset: Dataset, seed: int, share: float):
    alone = dataset.without_test()
    rest, targets = keep_songs_out(alone, share, seed)
    assert rest.rows + rest.test_rows == alone.rows
    both = np.vstack([rest.features, rest.test_features])
    assert sorted(map(tuple, both)) == sorted(map(tuple, alone.features))
    rows = [int(one) - 1 for one in rest.entries.ids]
    np.testing.assert_array_equal(alone.targets[rows], targets)
    np.testing.assert_array_equal(alone.features[rows], rest.test_features)
    expected = share * alone.counts
    assert (np.abs(np.bincount(targets, minlength=3) - expected) <= 1.5).all()


def test_a_test_file_and_shares_out_of_range_are_refused(dataset: Dataset):
    with pytest.raises(ArgumentError, match="`test_share` takes training songs for a test file, and tests has one"):
        keep_songs_out(dataset, 0.3, 0)
    for share in (0.0, 0.6, -1.0):
        with pytest.raises(
            ArgumentError, match=f"`test_share` is {share:g}; expected a number above 0, and at most 0.5"
        ):
            keep_songs_out(dataset.without_test(), share, 0)


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Path, str]:
    """A run with songs kept out, and what was said."""
    out = folder.parent / "kept-out"
    words = ["--model", "discriminant-analysis", "--folds", 3, "--out", out, "--test-share", 0.3]
    said = run_program("submit", "--data", folder, *words)
    assert said.returncode == 0, said.stderr
    return out, said.stdout


@pytest.mark.training
def test_both_files_are_scored_on_the_songs_kept_out(trained: tuple[Path, str], songs: pd.DataFrame):
    out, said = trained
    truth = pd.read_csv(out / "kept_out.csv", dtype=str)
    known = dict(zip(songs["filename"], songs["genre"], strict=True))
    assert list(truth["genre"]) == [known[name] for name in truth["filename"]]
    files = [out / "label_pred.csv", out / "label_all.csv"]
    labels, probabilities = genre_kit.score_files(files, out / "kept_out.csv", edition=out / "edition.toml")
    kept = json.loads((out / "scores.json").read_text())["kept_out"]
    assert kept["accuracy"] == pytest.approx(labels.scores.accuracy.value)
    assert kept["board_log_loss"] == pytest.approx(probabilities.scores.board_log_loss.value)
    assert "27 songs that were kept out: what both files score on them" in said
    assert f"accuracy            {kept['accuracy']:.4f}" in said.split("kept out")[1]


@pytest.mark.training
def test_the_run_knows_nothing_of_the_songs_kept_out(trained: tuple[Path, str]):
    out, _ = trained
    assert len(pd.read_csv(out / "oof.csv")) == ROWS - 27
    assert len(pd.read_csv(out / "label_pred.csv")) == 27


def test_without_a_test_file_submit_names_the_option(folder: Path):
    said = run_program("submit", "--data", folder, "--model", "discriminant-analysis")
    assert said.returncode == 1
    assert "there is no test file" in said.stderr and "--test-share, such as 0.3" in said.stderr


@pytest.mark.parametrize("words", [("--from", "run"), ("--blend", "a", "--blend", "b")])
def test_nothing_is_kept_out_where_nothing_is_trained(words: tuple[str, ...]):
    said = run_program("submit", *words, "--test-share", "0.3")
    assert said.returncode == 2
    assert "--test-share has no effect with" in said.stderr


@pytest.mark.training
def test_data_frames_lead_to_the_same_run_as_their_files(folder: Path, songs: pd.DataFrame, trained: tuple[Path, str]):
    out = folder.parent / "frames"
    given = {"model": "discriminant-analysis", "folds": 3, "test_share": 0.3, "out": out}
    with pytest.warns(KitWarning, match="the data frames are taken for this"):
        run = genre_kit.submit(songs, **given)
    assert run.data.source == "data frames"
    for name in ("label_pred.csv", "label_all.csv", "oof.csv", "kept_out.csv"):
        assert (out / name).read_bytes() == (trained[0] / name).read_bytes()


def test_data_frames_exclude_a_folder_and_need_songs(songs: pd.DataFrame, folder: Path):
    with pytest.raises(ArgumentError, match="`train` and `data` contradict each other"):
        genre_kit.submit(songs, data=folder)
    with pytest.raises(ArgumentError, match="`labels` and `test` belong to `train`"):
        genre_kit.submit(labels="genre")


def test_an_edition_of_other_boards_takes_the_most_probable_genre(folder: Path):
    with pytest.warns(KitWarning, match=r"has no edition\.toml; its files are taken for this"):
        from competition.inference.find import find_edition

        edition = find_edition(None, folder)
    assert edition.default_rule == "argmax"
    assert replace(edition, boards={"main": Board("macro-f1")}).default_rule == "auto"
    assert find_edition(None, None).default_rule == "threshold"
