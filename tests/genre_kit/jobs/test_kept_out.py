"""Without a test file: songs kept out as one, and data frames in the place of files."""

import json
from dataclasses import replace
from datetime import UTC, datetime
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
from genre_kit.results.run import Result
from submissions.rules import Argmax

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
    labels, probabilities = genre_kit.score_files(files, out / "kept_out.csv")
    assert labels.known_by == out
    kept = json.loads((out / "scores.json").read_text())["kept_out"]
    assert kept["accuracy"] == pytest.approx(labels.scores.accuracy.value)
    assert kept["board_log_loss"] == pytest.approx(probabilities.scores.board_log_loss.value)
    assert "27 songs that were kept out: what both files score on them" in said
    assert f"accuracy            {kept['accuracy']:.4f}" in said.split("kept out")[1]
    assert "its forecast, " in said and "a plain logistic regression trained on the other songs" in said


@pytest.mark.training
def test_the_run_knows_nothing_of_the_songs_kept_out(trained: tuple[Path, str]):
    out, _ = trained
    assert len(pd.read_csv(out / "oof.csv")) == ROWS - 27
    assert len(pd.read_csv(out / "label_pred.csv")) == 27


@pytest.mark.training
def test_songs_are_called_as_in_their_file(trained: tuple[Path, str], songs: pd.DataFrame):
    out, _ = trained
    named, held_out = pd.read_csv(out / "training_songs.csv"), pd.read_csv(out / "oof.csv")
    assert list(named["Row"]) == list(held_out["Row"])
    of_file = songs.iloc[named["File_row"] - 1]
    assert list(named["Id"]) == list(of_file["filename"])
    assert [sorted(set(songs["genre"]))[label - 1] for label in held_out["Label"]] == list(of_file["genre"])
    assert f"<td>{named['Id'][0]}</td>" in (out / "report.html").read_text() or len(named) > 20


@pytest.mark.training
def test_what_kept_out_songs_score_is_told_wherever_the_run_is(trained: tuple[Path, str]):
    out, _ = trained
    kept = json.loads((out / "scores.json").read_text())["kept_out"]
    value = f"{kept['accuracy']:.4f} ± {kept['accuracy_se']:.4f}"
    of_run = run_program("score", out).stdout
    assert value in of_run and "27 songs that were kept out" in of_run
    for part in ("data      ", "yardstick "):
        assert f"\n{part}" in of_run
    listed = run_program("runs", out).stdout
    assert f"kept out  {out}: {value} accuracy" in listed
    assert "hand in   nothing: these files are of songs that were kept out" in listed
    assert '<h2 id="kept-out">' in (out / "report.html").read_text()


@pytest.mark.training
def test_files_of_songs_kept_out_are_checked_and_no_test_file_is_asked_for(trained: tuple[Path, str]):
    out, _ = trained
    checked = run_program("check", out)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "the songs that it kept out (kept_out.csv): 27 test songs" in checked.stdout
    said = run_program("submit", "--from", out)
    assert said.returncode == 1
    assert "its test songs were kept out of its training file with --test-share; give --data with" in said.stderr


@pytest.mark.training
def test_a_blend_is_scored_on_the_songs_that_its_runs_kept_out(trained: tuple[Path, str], folder: Path):
    out, _ = trained
    other, blend = out.with_name("other"), out.with_name("blend")
    words = ["--model", "kernel-ridge", "--folds", 3, "--out", other, "--test-share", 0.3]
    assert run_program("submit", "--data", folder, *words).returncode == 0
    said = run_program("submit", "--blend", out, "--blend", other, "--out", blend)
    assert said.returncode == 0, said.stderr
    assert "27 songs that were kept out" in said.stdout
    for name in ("kept_out.csv", "training_songs.csv"):
        assert (blend / name).read_bytes() == (out / name).read_bytes()
    assert run_program("check", blend).returncode == 0


def test_a_result_is_printed_in_one_line(trained: tuple[Path, str]):
    from genre_kit.runs.blending import read_run

    run = read_run(trained[0])
    result = Result(
        "plain", run.edition, None, Argmax(), run.test, datetime.now(UTC), 1.0, folder=Path("runs/a"), entries=None
    )
    assert repr(result) == "<Result plain in runs/a: nothing was scored>"


def test_groups_that_are_the_genres_are_refused(folder: Path, songs: pd.DataFrame, tmp_path: Path):
    (tmp_path / "genres.csv").write_text("\n".join(songs["genre"]) + "\n")
    said = run_program("submit", "--data", folder, "--test-share", 0.3, "--groups", tmp_path / "genres.csv")
    assert said.returncode == 1
    assert "its groups are the genres" in said.stderr and "one id a song, of its artist" in said.stderr


def test_hints_are_whole_commands(folder: Path):
    said = run_program("submit", "--data", folder, "--model", "discriminant-analysis")
    assert f"python -m competition edition --data {folder} writes it down" in said.stderr
    looked = run_program("edition", "--data", folder, "--look")
    assert f"next      python -m competition submit --data {folder} --test-share 0.3" in looked.stdout


def test_without_a_test_file_submit_names_the_option(folder: Path):
    said = run_program("submit", "--data", folder, "--model", "discriminant-analysis")
    assert said.returncode == 1
    assert "there is no test file" in said.stderr and "--test-share, such as 0.3" in said.stderr


def test_one_run_predicts_and_others_are_not_passed_over():
    said = run_program("submit", "--from", "a", "--from", "b")
    assert said.returncode == 2
    assert "--from takes one run; --blend RUN --blend RUN pools several" in said.stderr


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
    with pytest.raises(
        ArgumentError, match="`train` needs `test`, a data frame of the songs to be labelled, or `test_s"
    ):
        genre_kit.submit(songs)
    with pytest.raises(ArgumentError, match="`test` is of the type ndarray; expected a pandas data frame"):
        genre_kit.submit(songs, test=songs.to_numpy())


def test_an_edition_of_other_boards_takes_the_most_probable_genre(folder: Path):
    with pytest.warns(KitWarning, match=r"has no edition\.toml; its files are taken for this"):
        from competition.inference.find import find_edition

        edition = find_edition(None, folder)
    assert edition.default_rule == "argmax"
    assert replace(edition, boards={"main": Board("macro-f1")}).default_rule == "auto"
    assert find_edition(None, None).default_rule == "threshold"
