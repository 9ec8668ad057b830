import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import EDITION_TEXT, run_program

import genre_kit
from competition.data.dataset import Dataset
from competition.data.edition_file import edition_text, read_edition
from competition.data.folds import check_groups_whole, stratified_folds
from competition.data.formats.csv_files import read_groups
from competition.data.loading import load_dataset
from competition.data.sample import sample_dataset, write_sample
from competition.errors import DataError, EditionError, FoldsError, KitWarning, RunError
from competition.scoring.by_group import GroupScores
from competition.scoring.groups import Grouping, numbered_groups
from competition.scoring.metrics import estimate
from genre_kit.jobs.steps.folds import choose_folds
from genre_kit.reports.training import score_summary, submit_summary
from genre_kit.runs.comparing import compare
from genre_kit.runs.finished import read_finished

WITH_GROUPS = EDITION_TEXT.replace('test = "unknown.csv"', 'test = "unknown.csv"\ngroups = "artists.csv"')


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_a_group_lies_in_one_fold_and_every_row_is_held_out_once(seed: int, count: int):
    generator = np.random.default_rng(seed)
    targets = np.repeat([0, 1, 2], [30, 20, 10])
    groups = generator.permutation(np.arange(60) % 15)
    folds = stratified_folds(targets, count, seed, groups=groups)
    assert folds.count == count
    for group in range(15):
        assert len(np.unique(folds.assignment[groups == group])) == 1
    assert sum(len(folds.held_out(fold)) for fold in range(count)) == 60
    check_groups_whole(folds, groups, where="here")


def test_groups_of_one_song_each_leave_the_folds_as_even_as_without():
    targets = np.repeat([0, 1], [40, 20])
    folds = stratified_folds(targets, 4, seed=3, groups=np.arange(60))
    assert {tuple(np.bincount(targets[folds.held_out(fold)])) for fold in range(4)} == {(10, 5)}


def test_other_seeds_shuffle_groups_otherwise():
    targets, groups = np.repeat([0, 1], 30), np.arange(60) // 2
    first, again, other = (stratified_folds(targets, 3, seed, groups=groups).assignment for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_fewer_groups_than_folds_are_refused():
    with pytest.raises(FoldsError, match=r"2 group\(s\) for 3 folds, .*; expected at least as many groups as folds"):
        stratified_folds(np.repeat([0, 1], 6), 3, seed=0, groups=np.arange(12) % 2)


def test_folds_that_leave_a_single_genre_to_train_on_are_refused(dataset: Dataset, tmp_path: Path):
    two = replace(dataset, targets=np.repeat([0, 1], 30))
    path = write(tmp_path / "folds.csv", np.repeat([0, 1], 30))
    with pytest.raises(FoldsError, match=f"{path}: all songs outside fold 0 are of one genre"):
        choose_folds(two, path, seed=0)


def test_folds_of_a_file_must_not_divide_a_group(dataset: Dataset, tmp_path: Path):
    grouped = dataset.with_groups(write(tmp_path / "artists.csv", np.arange(60) // 2))
    path = write(tmp_path / "folds.csv", np.arange(60) % 3)
    message = f"{path}: rows 1 and 2 are of one group, but in different folds"
    with pytest.raises(FoldsError, match=message):
        choose_folds(grouped, path, seed=0)
    assert choose_folds(grouped, write(path, np.arange(60) // 2 % 3), seed=0).folds.count == 3


def test_a_genre_of_one_group_is_told_of(dataset: Dataset, tmp_path: Path):
    ids = np.where(dataset.targets == 2, 100, np.arange(60))
    with pytest.warns(KitWarning, match="have never seen their genre"):
        choose_folds(dataset.with_groups(write(tmp_path / "artists.csv", ids)), 3, seed=0)


def test_ids_may_be_numbers_or_names(tmp_path: Path):
    path = tmp_path / "artists.csv"
    path.write_text("Abba\nMiles Davis\nAbba \n17\n")
    assert read_groups(path).tolist() == [1, 2, 1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n" * 59, r"59 group ids for 60 training songs; expected one a song"),
        ("id\n" + "a\n" * 60, r"61 group ids for 60 training songs \(the file should have no header\)"),
        ("a\n\n" + "a\n" * 58, "line 2: the line is blank"),
        ("", "the file is empty"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_of_groups_that_does_not_fit_is_refused(
    dataset: Dataset, tmp_path: Path, text: str | None, message: str
):
    path = tmp_path / "artists.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataError, match=message):
        dataset.with_groups(path)


def test_an_edition_may_name_a_file_of_groups(competition_folder: Path):
    (competition_folder / "edition.toml").write_text(WITH_GROUPS)
    edition = read_edition(competition_folder / "edition.toml")
    assert edition.files.groups == "artists.csv"
    with pytest.raises(DataError, match=r"artists\.csv: there is no such file"):
        load_dataset(competition_folder, edition)
    write(competition_folder / "artists.csv", np.arange(60) // 3)
    groups = load_dataset(competition_folder, edition).groups.reshape(20, 3)
    assert (groups == groups[:, :1]).all()
    assert sorted(groups[:, 0]) == list(range(20))
    copied = competition_folder / "again.toml"
    copied.write_text(edition_text(edition))
    assert read_edition(copied) == edition


def test_an_edition_without_groups_survives_being_written(edition, tmp_path: Path):
    (tmp_path / "edition.toml").write_text(edition_text(edition))
    assert read_edition(tmp_path / "edition.toml") == edition


def test_groups_need_a_file_of_their_own(tmp_path: Path):
    path = tmp_path / "edition.toml"
    path.write_text(WITH_GROUPS.replace("artists.csv", "songs.csv"))
    with pytest.raises(EditionError, match="is named twice"):
        read_edition(path)


def test_a_written_sample_can_be_read_where_the_edition_has_groups(tmp_path: Path):
    (tmp_path / "edition.toml").write_text(WITH_GROUPS)
    edition = read_edition(tmp_path / "edition.toml")
    write_sample(sample_dataset(edition, training_rows=40, test_rows=5), tmp_path)
    assert load_dataset(tmp_path, edition).groups.tolist() != [0] * 40


def test_a_run_keeps_groups_together(competition_folder: Path, tmp_path: Path):
    groups = np.arange(60) % 12
    path, out = write(tmp_path / "artists.csv", groups), tmp_path / "out"
    arguments = ("--data", competition_folder, "--model", "logistic-regression", "--folds", 3, "--groups", path)
    said = run_program("score", *arguments, "--out", out)
    assert said.returncode == 0, said.stderr
    assignment = np.loadtxt(out / "folds.csv", int)
    assert all(len(np.unique(assignment[groups == group])) == 1 for group in range(12))
    (competition_folder / "short.csv").write_text("1\n2\n")
    said = run_program("score", *arguments[:-1], competition_folder / "short.csv")
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert "short.csv: 2 group ids for 60 training songs" in said.stderr


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory, write_competition) -> Path:
    """A place with two runs on songs of which two and two are of one group, and one that does not know of groups."""
    place = tmp_path_factory.mktemp("pairs")
    data = write_competition(place / "data")
    write(place / "groups.csv", np.arange(60) // 2 + 7)
    for name, model in (("first", "logistic-regression"), ("other", "extra-trees")):
        said = run_program(
            "submit", "--data", data, "--model", model, "--folds", 3, "--groups", place / "groups.csv",
            "--rule", "auto", "--out", place / name,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
        (place / f"{name}.txt").write_text(said.stdout)
    shutil.copytree(place / "first", place / "older")  # as an older version left it
    (place / "older" / "groups.csv").unlink()
    scores = scores_of(place / "older")
    (place / "older" / "scores.json").write_text(json.dumps({k: v for k, v in scores.items() if "group" not in k}))
    return place


def scores_of(run: Path) -> dict:
    return json.loads((run / "scores.json").read_text())


def test_a_run_keeps_its_groups_and_counts_them(pairs: Path):
    run = pairs / "first"
    kept = (run / "groups.csv").read_text().split()
    assert kept[::2] == kept[1::2]
    assert sorted(kept[::2]) == [f"{number:02}" for number in range(30)]
    assert "groups.csv" in (run / "DONE").read_text()
    scores, finished = scores_of(run), read_finished(run)
    for name, rows in finished.row_scores.items():
        over_groups = estimate(rows, np.arange(60) // 2)
        if name not in ("macro_recall",):
            assert scores["out_of_fold"][f"{name}_se"] == pytest.approx(over_groups.standard_error)
    assert finished.grouping == Grouping(30, 2.0) == Grouping(**scores["grouping"])
    assert scores["board"]["grouping"] == "training"
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["data"]["groups"] == 30


def test_the_groups_of_a_run_may_be_given_back(pairs: Path, tmp_path: Path):
    arguments = ("--data", pairs / "data", "--model", "logistic-regression", "--folds", 3, "--rule", "auto")
    said = run_program("submit", *arguments, "--groups", pairs / "first" / "groups.csv", "--out", tmp_path / "run")
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "run" / "oof.csv").read_bytes() == (pairs / "first" / "oof.csv").read_bytes()


def test_songs_are_scored_by_group_from_the_out_of_fold_rows(pairs: Path):
    table = pd.read_csv(pairs / "first" / "oof.csv")
    probabilities = table.filter(like="Class_").to_numpy().reshape(30, 2, 3)
    targets, mean = table["Label"].to_numpy()[::2] - 1, np.sqrt(probabilities.prod(axis=1))
    mean /= mean.sum(axis=1, keepdims=True)
    kept = GroupScores.from_table(scores_of(pairs / "first")["by_group"])
    assert kept.groups == 30
    assert kept.mean.accuracy_argmax.value == pytest.approx((mean.argmax(axis=1) == targets).mean())
    assert kept.mean.multiclass_log_loss.value == pytest.approx(-np.log(mean[np.arange(30), targets]).mean())
    best = probabilities.argmax(axis=2)
    tied = np.where(mean[np.arange(30), best[:, 0]] >= mean[np.arange(30), best[:, 1]], best[:, 0], best[:, 1])
    assert kept.vote.accuracy.value == pytest.approx((tied == targets).mean())  # of two, the surer


def test_what_is_said_names_groups_and_what_is_assumed(pairs: Path):
    lines = (pairs / "first.txt").read_text().splitlines()
    (heading,) = [place for place, line in enumerate(lines) if line.startswith("held-out scores (each row by models")]
    assert lines[heading].endswith("± one standard error, 95 % interval, over 30 groups)")
    kept = GroupScores.from_table(scores_of(pairs / "first")["by_group"])
    together = "by group  the rows of one group together"
    (place,) = [place for place, line in enumerate(lines) if line.startswith(together)]
    assert "30 groups" in lines[place]
    assert lines[place + 1 : place + 4] == [
        f"  accuracy            {kept.mean.accuracy}   {kept.mean.accuracy.interval}",
        f"  board log loss      {kept.mean.board_log_loss}   {kept.mean.board_log_loss.interval}",
        f"  accuracy by vote    {kept.vote.accuracy}   {kept.vote.accuracy.interval}",
    ]
    assumed = "boards    of 7 rows, in groups as large as the training file's, are likely to say (95 %): accuracy 0."
    assert lines[place + 4].startswith(assumed)
    report = (pairs / "first" / "report.html").read_text()
    assert "over 30 groups of songs" in report
    assert "Accuracy by vote" in report
    assert "a board of 7 rows, in groups as large as the training file&#39;s: " in report


def test_finished_runs_are_scored_and_compared_over_groups_though_one_does_not_know_them(pairs: Path):
    said = run_program("score", pairs / "first", pairs / "other", "--json")
    assert (said.returncode, said.stderr) == (0, "")
    found = json.loads(said.stdout)
    for name, run in zip(("first", "other"), found["runs"], strict=True):
        kept = scores_of(pairs / name)
        assert run["scores"] == pytest.approx(kept["out_of_fold"])
        assert run["by_group"] == kept["by_group"]
        assert run["grouping"] == kept["grouping"]
        assert run["board"] == {name: one for name, one in kept["board"].items() if one is not None}
        assert run["intervals"] == {name: pytest.approx(one) for name, one in kept["intervals"].items()}
    first, other = (read_finished(pairs / name) for name in ("first", "other"))
    difference = other.row_scores["accuracy"] - first.row_scores["accuracy"]
    expected = estimate(difference, np.arange(60) // 2).standard_error
    assert found["comparisons"][0]["differences"]["accuracy_se"] == pytest.approx(expected)
    for order in (("older", "other"), ("other", "older")):
        mixed = compare([pairs / name for name in order])
        assert mixed.differences[0].differences.accuracy.standard_error == pytest.approx(expected)
        assert {one.grouping for one in mixed.runs} == {first.grouping}


def test_an_older_run_without_its_groups_is_read_and_says_that_it_counts_songs(pairs: Path):
    said = run_program("score", pairs / "older")
    assert (said.returncode, said.stderr) == (0, "")
    assert "; its groups were not kept, so that errors count songs" in said.stdout
    assert "by group" not in said.stdout
    (alone,) = compare([pairs / "older"]).runs
    rows = alone.run.row_scores["accuracy"]
    assert alone.scores.accuracy.standard_error == estimate(rows).standard_error
    assert "groups were not kept" not in run_program("score", pairs / "older", pairs / "other").stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [("1\n2\n", "2 rows; its manifest says 60"), ("1\n\n2\n", "line 2: the line is blank"), ("", "the file is empty")],
)
def test_groups_of_a_run_that_are_damaged_are_met_by_a_sentence(pairs: Path, tmp_path: Path, text: str, message: str):
    shutil.copytree(pairs / "first", tmp_path / "run", ignore=shutil.ignore_patterns("models", "plots"))
    (tmp_path / "run" / "groups.csv").write_text(text)
    with pytest.raises(RunError, match=rf"run/groups\.csv.*{message}.*[Tt]rain the run again"):
        read_finished(tmp_path / "run")


def test_a_blend_counts_its_runs_groups(pairs: Path, tmp_path: Path):
    blended = genre_kit.blend([pairs / "older", pairs / "other"], out=tmp_path / "blend")
    kept = read_finished(tmp_path / "blend")
    assert (blended.known.grouping, kept.grouping) == (Grouping(30, 2.0), Grouping(30, 2.0))
    assert numbered_groups(kept.groups).tolist() == (np.arange(60) // 2).tolist()
    metric, targets = blended.goals.probabilities, blended.known.targets
    losses = [
        metric.row_values(targets, one)
        for one in (read_finished(pairs / "other").probabilities, read_finished(pairs / "older").probabilities)
    ]
    best = min(losses, key=np.mean) - metric.row_values(targets, blended.known.probabilities)
    assert blended.known.pool.over_best.standard_error == pytest.approx(
        estimate(best, np.arange(60) // 2).standard_error
    )
    assert kept.by_group == blended.known.by_group


def test_groups_of_one_song_each_leave_every_number_as_it_is_without(pairs: Path, tmp_path: Path):
    folds, alone = pairs / "first" / "folds.csv", write(tmp_path / "alone.csv", np.arange(60)[::-1])
    options = {"data": pairs / "data", "model": "logistic-regression", "folds": folds, "rule": "auto"}
    without = genre_kit.submit(**options, out=tmp_path / "without")
    grouped = genre_kit.submit(**options, groups=alone, out=tmp_path / "grouped")
    for name in ("oof.csv", "label_pred.csv", "label_all.csv"):
        assert (without.folder / name).read_bytes() == (grouped.folder / name).read_bytes()
    one, other = (scores_of(run.folder) for run in (without, grouped))
    for table in (one, other):
        del table["seconds"], table["seconds_by_model"], table["test_file"]  # whose chances count groups as before
    assert one == other
    assert not (without.folder / "groups.csv").exists()
    assert read_finished(grouped.folder).groups is not None


def test_repeats_and_songs_kept_out_count_groups(pairs: Path, competition_folder: Path, tmp_path: Path):
    (competition_folder / "unknown.csv").unlink()
    options = {"data": competition_folder, "model": "logistic-regression", "folds": 3, "groups": pairs / "groups.csv"}
    repeated = genre_kit.score(**options, repeats=2, out=tmp_path / "repeated")
    said = score_summary(repeated)
    means = next(place for place, line in enumerate(said) if "below, all is of the first" in line)
    assert means < next(place for place, line in enumerate(said) if line.startswith("by group"))
    assert repeated.known.scores.accuracy.clustering != 1.0
    assert repeated.known.by_group == repeated.repeats[0].known.by_group
    kept = genre_kit.submit(**options, test_share=0.3, out=tmp_path / "kept")
    assert kept.known.grouping.test_rows_per_group == 2.0
    assert scores_of(kept.folder)["board"]["grouping"] == "test"
    assert kept.kept_out.accuracy.clustering != 1.0
    (said,) = [line for line in submit_summary(kept) if "what both files score on them" in line]
    assert said.endswith("95 % interval, over 10 groups)")


def write(path: Path, numbers: np.ndarray) -> Path:
    np.savetxt(path, numbers, fmt="%d")
    return path
