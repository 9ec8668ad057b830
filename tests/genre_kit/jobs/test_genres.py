"""Some of a competition's genres: trained, scored, handed in, and gone on with as the files stand."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import EDITION_TEXT, TINY_SPACE, run_program

import genre_kit
from competition.data.dataset import Dataset
from competition.data.edition import Board, Edition
from competition.data.frames import Frames
from competition.errors import ArgumentError, DataError, EditionError, FoldsError, KitWarning, RunError
from competition.scoring.probabilities import FLOOR
from genre_kit.jobs.plot import plot
from genre_kit.jobs.steps.folds import choose_folds
from genre_kit.jobs.steps.inputs import keep_songs_out, open_dataset
from genre_kit.jobs.steps.plan import rule_for
from genre_kit.results.genres import GenreChoice
from genre_kit.runs.known_data import known_data
from submissions.rule_search import RuleSearch
from submissions.rules import Argmax, Threshold

SMALL = {"model": "discriminant-analysis", "folds": 2}
WITHOUT_ROCK = np.flatnonzero(np.arange(60) >= 30)
"""The tiny competition's first thirty songs are Rock."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, write_competition) -> Path:
    """A folder with a competition and runs on all genres, and on two of them in three ways."""
    place = tmp_path_factory.mktemp("genres")
    data = write_competition(place / "data")
    genre_kit.submit(data=data, **SMALL, out=place / "all")
    genre_kit.submit(data=data, **SMALL, without=["Rock"], out=place / "some")
    genre_kit.submit(data=data, model="logistic-regression", folds=2, genres=[3, "Jazz"], out=place / "same")
    with pytest.warns(KitWarning, match="Jazz, the fallback genre of rule threshold, is left out"):
        genre_kit.submit(data=data, **SMALL, without=["2"], out=place / "no-fallback")
    return place


@given(st.sets(st.integers(0, 2), min_size=2))
def test_the_songs_of_some_genres_are_those_and_keep_their_places(dataset: Dataset, edition: Edition, chosen: set[int]):
    genres, places = [edition.genres[number] for number in chosen], np.arange(60)
    frames = Frames(np.zeros((60, 2, 1), np.float32), places)
    part = replace(dataset, groups=places, frames=frames).only(edition.only(genres))
    rows = np.flatnonzero(np.isin(dataset.targets, list(chosen)))
    assert [part.song_names.row(place) for place in range(part.rows)] == list(rows + 1)
    np.testing.assert_array_equal(part.features, dataset.features[rows])
    np.testing.assert_array_equal(part.groups, rows)
    np.testing.assert_array_equal(part.frames.rows, rows)
    np.testing.assert_array_equal(part.edition.places[part.targets], dataset.targets[rows])
    assert part.file_fingerprint == dataset.training_fingerprint
    assert (part.left_out is None) == (len(chosen) == 3)
    assert part.test_features is dataset.test_features


def test_folds_and_groups_of_all_songs_or_of_these_alone_will_do(dataset: Dataset, edition: Edition, tmp_path: Path):
    part = dataset.only(edition.only(["Jazz", "Polka"]))
    numbers, path = np.arange(60) % 3, tmp_path / "numbers.csv"
    for given_numbers in (numbers, numbers[WITHOUT_ROCK]):
        np.savetxt(path, given_numbers, fmt="%d")
        np.testing.assert_array_equal(choose_folds(part, path, 0).folds.assignment, numbers[WITHOUT_ROCK])
        grouped = part.with_groups(path)
        np.testing.assert_array_equal(grouped.groups, numbers[WITHOUT_ROCK])
    np.savetxt(path, numbers[:31], fmt="%d")
    with pytest.raises(FoldsError, match=r"31 fold numbers for 30 training rows of these genres \(60 of all genres\)"):
        choose_folds(part, path, 0)
    with pytest.raises(DataError, match=r"31 group ids for 30 training songs of these genres \(60 of all genres\)"):
        part.with_groups(path)


def test_a_test_file_with_other_genres_is_not_compared(dataset: Dataset, edition: Edition):
    part = dataset.only(edition.only(["Jazz", "Polka"]))
    assert choose_folds(dataset, 2, 0).diagnosis is not None
    assert choose_folds(part, 2, 0).diagnosis is None
    with pytest.raises(ArgumentError, match="`folds` like-test makes folds like the test file, which has songs of the"):
        choose_folds(part, "like-test:2", 0)
    kept_out, targets = keep_songs_out(part.without_test(), 0.3, 0)
    assert choose_folds(kept_out, 2, 0).diagnosis is not None
    rows = [int(one) - 1 for one in kept_out.entries.ids]
    np.testing.assert_array_equal(dataset.features[rows], kept_out.test_features)
    np.testing.assert_array_equal(dataset.targets[rows], part.edition.places[targets])


@pytest.mark.parametrize(
    ("choice", "error", "sentence"),
    [
        (GenreChoice(["Rock", "Jazz"], ["Polka"]), ArgumentError, "`genres` and `without` contradict each other"),
        (
            GenreChoice(["Rock", "Polka", "Ska"]),
            EditionError,
            '"Ska" is not a genre of tiny; expected a label from 1 to 3',
        ),
        (
            GenreChoice(without=["4"]),
            EditionError,
            '"4" is not a genre of tiny; expected a label from 1 to 3 or one of',
        ),
        (
            GenreChoice(["Rock", 1]),
            ArgumentError,
            "`genres` names 1 genre, Rock, of the 3 of tiny; expected at least two",
        ),
        (GenreChoice([]), ArgumentError, "`genres` names no genre, of the 3 of tiny; .*: name more"),
        (GenreChoice(without=[1, 2]), ArgumentError, "`without` leaves 1 genre, Polka, of the 3.*: leave fewer out"),
        (GenreChoice(without=[1, 2, 3]), ArgumentError, "`without` leaves no genre, of the 3 of tiny"),
        (GenreChoice("Rock"), ArgumentError, 'is the text "Rock"; expected a list of genres, such as'),
    ],
)
def test_choices_that_leave_nothing_to_tell_apart_are_refused(
    edition: Edition, choice: GenreChoice, error: type[Exception], sentence: str
):
    with pytest.raises(error, match=sentence):
        choice.narrowed(edition)


def test_genres_without_songs_are_refused(dataset: Dataset, edition: Edition):
    without_polka = dataset.take(np.arange(50))
    with pytest.raises(
        DataError, match=r"tests: no training song is Polka \(label 3\), which cannot be learned\. Leave"
    ):
        without_polka.only(edition.only(["Rock", "Polka"]))
    rock = dataset.take(np.arange(30))
    sentence = r"is Jazz \(label 2\) or Polka \(label 3\), which cannot be learned; all 30 songs would be left out"
    with pytest.raises(DataError, match=sentence):
        rock.only(edition.only(["Jazz", "Polka"]))


def test_a_choice_replaces_that_of_the_edition_and_all_genres_are_a_choice(edition: Edition):
    some = GenreChoice(without=["Rock"]).narrowed(edition)
    assert (some.genres, some.left_out, some.labels) == (("Jazz", "Polka"), ("Rock",), (2, 3))
    assert GenreChoice(["Polka", "Rock"]).narrowed(some).genres == ("Rock", "Polka")
    assert GenreChoice(["1", "2", "3"]).narrowed(some) == some.whole == edition


def test_rules_that_need_the_fallback_genre_that_is_left_out_ask_for_one(edition: Edition):
    some = edition.only(["Rock", "Polka"])
    with pytest.warns(KitWarning, match="rule threshold, is left out: labels are those of rule argmax"):
        assert rule_for(some, None, None, None) == Argmax()
    assert rule_for(some, None, None, "3") == Threshold(0.25, fallback=1)
    assert rule_for(some, "argmax", None, None) == Argmax()
    for asked, threshold in (("threshold", None), (None, 0.3), ("auto", None), ("per-genre", None)):
        sentence = (
            "falls back to Jazz, which is left out; name another `fallback`, of Rock, Polka, or take `rule` argmax"
        )
        with pytest.raises(ArgumentError, match=sentence):
            rule_for(some, asked, threshold, None)
    with pytest.raises(EditionError, match="Jazz is left out; expected one of the other genres, Rock, Polka"):
        rule_for(some, None, None, "2")
    macro = replace(some, boards={"main": Board("macro-f1")})
    with pytest.warns(KitWarning, match="rule auto, is left out: labels are those of rule offsets"):
        assert rule_for(macro, None, None, None).kinds == ("offsets",)
    assert isinstance(rule_for(macro, None, None, "Rock"), RuleSearch)


def test_files_keep_the_competitions_labels_and_columns(place: Path):
    run = place / "some"
    labels = pd.read_csv(run / "label_pred.csv")
    assert set(labels["Sample_label"]) <= {2, 3}
    table = pd.read_csv(run / "label_all.csv", index_col="Sample_id")
    assert list(table.columns) == ["Class_1", "Class_2", "Class_3"]
    assert (table["Class_1"] == FLOOR).all()
    assert ((table > 0) & (table < 1)).all(axis=None)
    np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-12)
    assert list(pd.read_csv(run / "oof.csv").columns)[4:] == ["Class_2", "Class_3"]
    assert list(pd.read_csv(run / "training_songs.csv")["File_row"]) == list(WITHOUT_ROCK + 1)
    assert run_program("check", run).returncode == 0
    assert run_program("check", run / "label_all.csv", "--data", place / "data").returncode == 0


def test_training_is_that_on_files_without_these_songs(place: Path, tmp_path: Path):
    """Every number out of fold, and of the test songs among these genres, is that of files cut by hand."""
    data = shutil.copytree(place / "data", tmp_path / "data")
    for name in ("songs.csv", "genres.csv"):
        rows = np.loadtxt(data / name, delimiter=",", ndmin=2)[WITHOUT_ROCK]
        np.savetxt(data / name, rows - (1 if name == "genres.csv" else 0), fmt="%.9g", delimiter=",")
    (data / "edition.toml").write_text(EDITION_TEXT.replace('"Rock", ', ""))
    by_hand = genre_kit.submit(data=data, model="discriminant-analysis", folds="random:2", out=tmp_path / "by-hand")
    again = genre_kit.submit(recipe=place / "some", folds="random:2", out=tmp_path / "again")
    np.testing.assert_array_equal(again.out_of_fold, by_hand.out_of_fold)
    np.testing.assert_array_equal(again.probabilities, by_hand.probabilities)
    np.testing.assert_array_equal(again.labels, by_hand.labels + 1)
    assert again.scores.accuracy == by_hand.scores.accuracy
    assert again.scores.board_log_loss == by_hand.scores.board_log_loss


def test_what_is_left_out_is_said_everywhere(place: Path):
    said = run_program("score", "--data", place / "data", "--model", "discriminant-analysis", "--folds", 2,
                       "--without", "rock".title(), "--out", place / "scored")  # fmt: skip
    line = "genres    2 of 3 genres, without Rock; 30 of the 60 training songs are left out before all else"
    assert line in said.stdout
    foreseen = "of the songs of 2 of 3 genres, among these alone; boards score songs of all genres: nothing is foreseen"
    for words in (said.stdout, run_program("score", place / "some").stdout):
        assert foreseen in words
        assert "are likely to say" not in words
    assert "2 of 3 genres, without Rock: 30 songs are left out" in run_program("runs", place).stdout
    report = (place / "some" / "report.html").read_text()
    assert "Rock is left out, with 30 training songs" in report
    assert '<th scope="row">3 Polka</th>' in report
    manifest = json.loads((place / "some" / "manifest.json").read_text())
    assert manifest["edition"]["genres"] == ["Jazz", "Polka"]
    assert manifest["edition"]["all_genres"] == ["Rock", "Jazz", "Polka"]
    assert manifest["data"]["songs_left_out"] == 30
    assert manifest["rule"]["fallback_label"] == 2
    listed = json.loads(run_program("runs", place, "--json").stdout)["runs"]
    left_out = {Path(one["folder"]).name: one.get("left_out") for one in listed}
    assert left_out == {"all": None, "some": ["Rock"], "same": ["Rock"], "no-fallback": ["Jazz"], "scored": ["Rock"]}


def test_runs_on_other_genres_are_not_compared_or_blended(place: Path, tmp_path: Path):
    sentence = (
        r"no-fallback: tells 2 of 3 genres, without Jazz apart, .*some 2 of 3 genres, without Rock; expected runs on"
    )
    with pytest.raises(RunError, match=sentence):
        genre_kit.compare([place / "some", place / "no-fallback"])
    with pytest.raises(RunError, match=r"some: tells 2 of 3 genres, without Rock apart, .*all all 3 genres; expected"):
        genre_kit.compare([place / "all", place / "some"])
    with pytest.raises(RunError, match="only runs on the same genres can be blended: train it again with the same"):
        genre_kit.blend([place / "some", place / "all"], out=tmp_path / "blend")


def test_a_run_is_applied_blended_and_known_with_its_genres(place: Path, tmp_path: Path):
    applied = genre_kit.predict(place / "some", out=tmp_path / "applied")
    assert (tmp_path / "applied" / "label_all.csv").read_bytes() == (place / "some" / "label_all.csv").read_bytes()
    assert applied.edition.left_out == ("Rock",)
    named = genre_kit.predict(place / "some", data=place / "data", fallback="3", threshold=1.0, out=tmp_path / "named")
    assert set(named.labels) == {3}
    blended = genre_kit.blend([place / "some", place / "same"], out=tmp_path / "blend")
    assert (blended.shift, blended.board_rows, blended.edition.left_out) == (None, None, ("Rock",))
    deeper = genre_kit.blend([place / "some", tmp_path / "blend"], rule="argmax", out=tmp_path / "deeper")
    assert known_data(deeper.folder).edition.genres == ("Jazz", "Polka")
    files = [tmp_path / name for name in ("applied", "blend", "deeper")]
    assert genre_kit.check([*files, place / "no-fallback"]).is_ok
    beside = genre_kit.check([tmp_path / "applied" / "label_pred.csv", place / "some"])
    assert [str(one.message) for one in beside.findings] == [
        f"its labels are the same as in {place / 'some' / 'label_pred.csv'}."
    ]


def test_a_check_knows_the_rule_of_the_genres(place: Path, tmp_path: Path):
    path = tmp_path / "label_pred.csv"
    with (place / "some" / "label_pred.csv").open() as file:
        rows = list(csv.reader(file))
    rows[3][1] = "1"
    path.write_text("".join(f"{','.join(row)}\n" for row in rows))
    probabilities = shutil.copy(place / "some" / "label_all.csv", tmp_path)
    said = run_program("check", path, probabilities, place / "some").stderr
    assert "1 of its 7 labels differ from those in" in said
    assert "1 of its 7 labels are not those that the run's rule (threshold: Jazz where" in said
    table = pd.read_csv(probabilities)
    table[["Class_2", "Class_3"]] = table[["Class_3", "Class_2"]]
    table.to_csv(probabilities, index=False)
    said = run_program("check", probabilities, place / "some", "--allow-suspicious").stderr
    assert (
        "the run's rule (threshold: Jazz where no genre's probability exceeds 0.25) makes 7 of 7 labels of it" in said
    )


@pytest.mark.parametrize("way", ["submit", "predict", "blend"])
def test_shares_are_not_corrected_for_a_test_file_with_other_genres(place: Path, tmp_path: Path, way: str):
    ways = {
        "submit": lambda given: genre_kit.submit(data=place / "data", **SMALL, without=["Rock"], **given),
        "predict": lambda given: genre_kit.predict(place / "some", **given),
        "blend": lambda given: genre_kit.blend([place / "some", place / "same"], **given),
    }
    with pytest.raises(ArgumentError, match=r"`correct_shares` compares the genre shares .* genres that are left out"):
        ways[way]({"correct_shares": True, "out": tmp_path / "out"})


def test_songs_kept_out_are_of_these_genres_and_scored(place: Path, tmp_path: Path):
    data = shutil.copytree(place / "data", tmp_path / "data")
    (data / "unknown.csv").unlink()
    said = run_program("submit", "--data", data, "--model", "discriminant-analysis", "--folds", 2, "--without", "Rock",
                       "--test-share", 0.3, "--correct-shares", "--out", tmp_path / "kept")  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "9 songs that were kept out: what is predicted of them scores, among 2 of 3 genres" in said.stdout
    truth = pd.read_csv(tmp_path / "kept" / "kept_out.csv")
    assert set(truth["Sample_label"]) == {2, 3}
    for name in ("one", "two"):
        model = {"one": "discriminant-analysis", "two": "logistic-regression"}[name]
        genre_kit.submit(data=data, model=model, folds=2, without=[1], test_share=0.3, out=tmp_path / name)
    with pytest.warns(KitWarning, match="`correct_shares`: the test songs' genre shares differ"):
        corrected = genre_kit.blend([tmp_path / "one", tmp_path / "two"], correct_shares=True, out=tmp_path / "blend")
    assert corrected.shift is not None
    labels = pd.read_csv(tmp_path / "kept" / "label_pred.csv")
    kept = json.loads((tmp_path / "kept" / "scores.json").read_text())["kept_out"]
    assert kept["accuracy"] == np.mean(labels["Sample_label"] == truth["Sample_label"])


def test_the_edition_of_such_a_run_can_be_given_back(place: Path, tmp_path: Path):
    edition = place / "some" / "edition.toml"
    again = genre_kit.submit(data=place / "data", edition=edition, **SMALL, out=tmp_path / "again")
    assert (tmp_path / "again" / "label_all.csv").read_bytes() == (place / "some" / "label_all.csv").read_bytes()
    assert again.plan.dataset.left_out.songs == 30
    all_again = genre_kit.submit(data=place / "data", edition=edition, genres=[1, 2, 3], **SMALL, out=tmp_path / "all")
    assert (tmp_path / "all" / "label_all.csv").read_bytes() == (place / "all" / "label_all.csv").read_bytes()
    assert all_again.edition.left_out == ()


def test_pictures_are_of_these_genres_and_rows_those_of_the_file(place: Path, tmp_path: Path):
    dataset, pictures, _ = plot(place / "some", rows=[31, 60], out=tmp_path / "pictures")
    assert dataset.edition.genres == ("Jazz", "Polka")
    assert all(path.is_file() for path in pictures)
    with pytest.raises(DataError, match="song 30 is of a genre that is left out; `rows` takes songs of the others"):
        plot(data=place / "data", without=["Rock"], rows=[30], out=tmp_path / "none")
    with pytest.raises(DataError, match="there is no song 61; `rows` counts the training songs, 1 to 60"):
        plot(place / "some", rows=[61], out=tmp_path / "none")


def test_the_sample_has_the_same_songs_whatever_genres_are_told_apart():
    everything = open_dataset(None, None, with_test=True)
    part = open_dataset(None, None, with_test=True, choice=GenreChoice(without=["Pop_Rock", 9]))
    np.testing.assert_array_equal(part.features, everything.features[np.array(part.numbers) - 1])
    np.testing.assert_array_equal(part.test_features, everything.test_features)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("submit", "--genres", "a,b", "--without", "c"), "--genres and --without contradict each other"),
        (("submit", "--genres", "Rap,,Jazz"), '"Rap,,Jazz" names no genre in one place; expected names or labels'),
        (("submit", "--from", "run", "--genres", "a,b"), "--genres has no effect with --from"),
        (("submit", "--blend", "a", "--blend", "b", "--without", "a"), "--without has no effect with --blend"),
        (("score", "run", "--genres", "a,b"), "--genres has no effect on finished runs"),
        (("plot", "--tuning", "x", "--without", "a"), "--without has no effect with --tuning"),
        (("tune", "--genres", "Rap"), "--genres names 1 genre, Rap, of the 10 of mlbp-2018"),
    ],
)
def test_options_are_refused_as_they_are_typed(words: tuple[str, ...], sentence: str):
    said = run_program(*words)
    assert said.returncode == 2
    assert sentence in " ".join(said.stderr.split())


@pytest.mark.training
def test_a_search_knows_its_genres(place: Path, tmp_path: Path):
    found, space = tmp_path / "found", tmp_path / "space.toml"
    space.write_text(TINY_SPACE)
    budget = {"space": space, "trials": 2, "folds": 2, "initial": 2}
    words = [word for name, value in budget.items() for word in (f"--{name}", value)]
    said = run_program("tune", "--data", place / "data", "--without", "Rock", *words, "--out", found)
    assert said.returncode == 0, said.stderr
    assert "genres    2 of 3 genres, without Rock; 30 of the 60 training songs" in said.stdout
    assert f"submit --data {place / 'data'} --without Rock --add-recipe {found}" in said.stdout
    assert genre_kit.tune(**budget, out=found).was_there
    result = genre_kit.submit(recipe=found, folds=2, seeds=1, out=tmp_path / "tuned")
    assert (result.plan.known_by, result.edition.left_out) == (found, ("Rock",))
    with pytest.raises(genre_kit.KitError, match="holds another finished search"):
        genre_kit.tune(**budget, genres=["Rock", "Jazz"], out=found)
