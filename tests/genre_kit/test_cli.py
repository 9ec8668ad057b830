"""The program as a user runs it: its output, its files, its exit codes, its sentences."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import RECIPE_TEXT, ROOT, run_process, run_program, run_python

from competition.data.dataset import Dataset
from competition.data.edition_file import load_edition, read_edition
from competition.data.loading import load_dataset
from competition.data.sample import sample_dataset
from competition.models.ensemble_training import Deadline
from competition.models.ensembles import read_ensemble
from competition.scoring.metrics import accuracy, board_log_loss

Finished = tuple[Path, Path, subprocess.CompletedProcess[str]]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def assert_refused(said: subprocess.CompletedProcess[str], sentence: str, code: int = 1) -> None:
    """Hold a run against: the exit code, one sentence on stderr, no traceback, nothing on stdout."""
    assert said.returncode == code, said.stderr
    assert re.search(sentence, said.stderr), said.stderr
    assert "Traceback" not in said.stderr
    if code == 1:
        assert said.stdout == ""
        assert len(said.stderr.splitlines()) == 1


def test_submit_leaves_what_it_promises(finished: Finished):
    _, out, said = finished
    assert names(out) == {
        "DONE",
        "label_pred.csv",
        "label_all.csv",
        "scores.json",
        "manifest.json",
        "oof.csv",
        "folds.csv",
        "history.csv",
        "recipe.toml",
        "edition.toml",
        "models",
        "plots",
        "report.html",
    }
    assert names(out / "plots") == {
        "genres.png",
        "confusion-counts.png",
        "confusion-shares.png",
        "reliability.png",
        "threshold.png",
        "learning-curves.png",
        "test-file.png",
    }
    listed = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert set((out / "DONE").read_text().split()) == listed - {"DONE"}
    assert said.stderr == ""
    assert "both checked" in said.stdout
    assert re.search(r"exceeds 0\.25 \(\d of 7 test songs\)", said.stdout)
    assert "SAMPLE" not in said.stdout


def test_submits_scores_are_those_of_its_own_out_of_fold_rows(finished: Finished, dataset: Dataset):
    _, out, said = finished
    rows = pd.read_csv(out / "oof.csv")
    scores = json.loads((out / "scores.json").read_text())
    probabilities = rows[["Class_1", "Class_2", "Class_3"]].to_numpy()
    np.testing.assert_array_equal(rows["Label"] - 1, dataset.targets)
    assert scores["out_of_fold"]["board_log_loss"] == pytest.approx(board_log_loss(dataset.targets, probabilities))
    assert scores["out_of_fold"]["accuracy_argmax"] == accuracy(dataset.targets, probabilities.argmax(axis=1))
    assert (scores["model"], scores["folds"], scores["members"]) == ("recipe", 3, 12)
    assert f"{scores['out_of_fold']['board_log_loss']:.4f}" in said.stdout
    assert (out / "folds.csv").read_text().split() == rows["Fold"].astype(str).tolist()


def test_the_manifest_tells_how_to_repeat_the_run(finished: Finished, dataset: Dataset):
    data, out, _ = finished
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["data"]["sha256"] == dataset.fingerprint
    assert manifest["ensemble"]["models"][0]["recipe"]["hidden_units"] == [8]
    assert manifest["rule"] == {"name": "threshold", "threshold": 0.25, "fallback_label": 2}
    assert manifest["command"][:3] == ["genre-kit", "submit", "--data"]
    assert manifest["command"][3] == str(data)
    assert manifest["environment"]["packages"]["keras"]


@pytest.mark.process
def test_the_same_seed_gives_the_same_bytes_and_own_folds_are_taken(finished: Finished, tmp_path: Path):
    """Run again in another process, with the first run's folds handed in as a file."""
    data, out, _ = finished
    again, recipe, folds = tmp_path / "again", data / "recipe.toml", out / "folds.csv"
    said = run_process("submit", "--data", data, "--recipe", recipe, "--folds", folds, "--out", again, "--quiet")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    for name in ("label_pred.csv", "label_all.csv", "oof.csv", "folds.csv", "history.csv"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_a_finished_run_is_not_overwritten(finished: Finished):
    data, out, _ = finished
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    assert_refused(run_program("submit", "--data", data, "--out", out), "holds a finished run; .* --force")
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_a_finished_run_predicts_again_without_training(finished: Finished, tmp_path: Path):
    data, out, _ = finished
    again = tmp_path / "again"
    said = run_program("submit", "--from", out, "--data", data, "--out", again)
    assert (said.returncode, said.stderr) == (0, "")
    assert "nothing was trained" in said.stdout
    for name in ("label_pred.csv", "label_all.csv"):
        assert (again / name).read_bytes() == (out / name).read_bytes()
    assert json.loads((again / "manifest.json").read_text())["models"] == str(out)
    assert run_program("check", again, "--data", data).returncode == 0
    for command in (("score", again), ("submit", "--blend", out, "--blend", again)):
        assert_refused(run_program(*command), "again: has no oof.csv, no held-out songs")
    assert_refused(run_program("submit", "--from", again, "--data", data), "again: keeps no models")
    fewer = tmp_path / "fewer"
    shutil.copytree(data, fewer)
    lines = (data / "unknown.csv").read_text().splitlines(keepends=True)
    (fewer / "unknown.csv").write_text("".join(lines[3:5]))
    (fewer / "songs.csv").unlink()
    said = run_program("submit", "--from", out, "--data", fewer, "--rule", "argmax", "--out", tmp_path / "third")
    assert (said.returncode, said.stderr) == (0, "")
    first, third = (pd.read_csv(run / "label_all.csv") for run in (out, tmp_path / "third"))
    np.testing.assert_array_equal(third.iloc[:, 1:], first.iloc[3:5, 1:])


def test_a_run_that_does_not_fit_the_data_is_refused(finished: Finished, tmp_path: Path):
    data, out, _ = finished
    other = tmp_path / "other"
    shutil.copytree(data, other)
    change(other / "edition.toml", lambda text: text.replace('"Polka"', '"Ska"'))
    assert_refused(run_program("submit", "--from", out, "--data", other), "has other genres or columns than tiny")
    assert_refused(run_program("submit", "--from", tmp_path / "none"), "none: there is no such folder")
    assert_refused(run_program("submit", "--from", data), "data: holds no finished run")


@pytest.mark.training
def test_a_run_repeats_itself_by_its_own_recipe_and_folds(
    competition_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What was trained within a time budget is written down as an ensemble, which `--recipe` takes back.

    Every look at the clock takes a tenth of a second.
    """
    clock = count(0, 0.1).__next__
    monkeypatch.setattr(Deadline, "within", lambda seconds: Deadline(0, seconds, clock))
    data = competition_folder
    both = tmp_path / "both.toml"
    both.write_text(f"[[models]]\nrecipe = 'discriminant-analysis'\n[[models]]\n[models.recipe]\n{RECIPE_TEXT}")
    first, again = tmp_path / "first", tmp_path / "again"
    for out, recipe, folds, more in (
        (first, both, 3, ("--minutes", 0.1)),
        (again, first, first / "folds.csv", ()),
    ):
        said = run_program("submit", "--data", data, "--recipe", recipe, "--folds", folds, "--out", out, *more)
        assert said.returncode == 0, said.stderr
    for name in ("label_all.csv", "oof.csv", "recipe.toml"):
        assert (again / name).read_bytes() == (first / name).read_bytes()
    first_models = read_ensemble(again).models[:3]
    assert [(model.recipe.name, model.seeds) for model in first_models] == [
        ("discriminant-analysis", 1), ("recipe", 1), ("recipe", 2),
    ]  # fmt: skip


def test_check_passes_what_submit_wrote_and_fails_what_was_spoiled(finished: Finished, tmp_path: Path):
    data, out, _ = finished
    said = run_program("check", out / "label_pred.csv", out / "label_all.csv", "--data", data)
    assert (said.returncode, said.stderr) == (0, "")
    assert [line.rsplit(": ", 1)[1] for line in said.stdout.splitlines()] == [
        "ok, labels of 7 songs",
        "ok, probabilities of 7 songs",
    ]
    spoiled = tmp_path / "label_pred.csv"
    spoiled.write_text((out / "label_pred.csv").read_text().replace("Sample_id", "#Sample_id"))
    said = run_program("check", spoiled, out / "label_all.csv", "--data", data)
    assert said.returncode == 1
    assert "label_pred.csv, line 1: the header starts with" in said.stderr
    assert "label_all.csv: ok" in said.stdout


def test_suspicions_fail_unless_allowed(finished: Finished, tmp_path: Path):
    data, out, _ = finished
    table = pd.read_csv(out / "label_all.csv")
    labels = tmp_path / "label_pred.csv"
    wrong = table.drop(columns="Sample_id").to_numpy().argmin(axis=1) + 1
    pd.DataFrame({"Sample_id": table["Sample_id"], "Sample_label": wrong}).to_csv(labels, index=False)
    arguments = ("check", labels, out / "label_all.csv", "--data", data)
    refused = run_program(*arguments)
    assert refused.returncode == 1
    assert "suspicious: " in refused.stderr
    allowed = run_program(*arguments, "--allow-suspicious")
    assert allowed.returncode == 0
    assert "suspicious: " in allowed.stderr
    assert "label_pred.csv: ok" in allowed.stdout


def test_score_of_files_is_that_of_the_metrics(finished: Finished, tmp_path: Path):
    data, out, _ = finished
    targets = np.array([0, 1, 2, 0, 1, 2, 1])
    truth, with_ids = tmp_path / "truth.csv", tmp_path / "truth_with_ids.csv"
    truth.write_text("".join(f"{target + 1}\n" for target in targets))
    lines = "".join(f"{row},{target + 1}\n" for row, target in enumerate(targets, 1))
    with_ids.write_text(f"Sample_id,Sample_label\n{lines}")
    probabilities = pd.read_csv(out / "label_all.csv").to_numpy()[:, 1:]
    loss = f"{board_log_loss(targets, probabilities):.4f}"
    both = ("--predictions", out / "label_all.csv", "--predictions", out / "label_pred.csv")
    for labels in (truth, with_ids):
        said = run_program("score", *both, "--labels", labels, "--data", data)
        assert said.returncode == 0, said.stderr
        assert re.search(rf"board log loss +{loss}", said.stdout)
        assert len(re.findall(r"accuracy +0\.", said.stdout)) == 1


@pytest.mark.training
def test_score_of_a_model_needs_no_test_file(competition_folder: Path, tmp_path: Path):
    (competition_folder / "unknown.csv").unlink()
    out = tmp_path / "scored"
    recipe = competition_folder / "recipe.toml"
    said = run_program(
        "score", "--data", competition_folder, "--recipe", recipe, "--folds", 2, "--out", out, "--rule", "argmax"
    )
    assert said.returncode == 0, said.stderr
    assert "board log loss" in said.stdout
    assert {"scores.json", "oof.csv", "DONE"} <= names(out)
    assert not {"label_pred.csv", "label_all.csv"} & names(out)
    assert json.loads((out / "manifest.json").read_text())["rule"] == {"name": "argmax"}


def test_plot_draws_the_chosen_songs(competition_folder: Path, tmp_path: Path):
    (competition_folder / "unknown.csv").unlink()
    out = tmp_path / "pictures"
    said = run_program("plot", "--data", competition_folder, "--rows", "1,31-32", "--out", out)
    assert said.returncode == 0, said.stderr
    assert names(out) == {"DONE", "genres.png", "songs.png", "songs-rhythm.png", "songs-timbre.png"}
    assert all((out / name).read_bytes().startswith(b"\x89PNG") for name in names(out) - {"DONE"})


def test_plot_refuses_songs_that_are_not_there(competition_folder: Path, tmp_path: Path):
    arguments = ("plot", "--data", competition_folder, "--out", tmp_path / "out", "--rows")
    assert_refused(
        run_program(*arguments, "61"), "there is no song 61; --rows counts the training songs, 1 to 60, a header not"
    )
    assert_refused(run_program(*arguments, "1-30"), "30 songs chosen with --rows; one page shows at most 24")
    assert_refused(run_program(*arguments, "1,x"), '"x" is not a row number or a range', code=2)
    assert_refused(run_program(*arguments, "9-2"), '"9-2" names no rows', code=2)


def test_sample_writes_a_competition_that_check_accepts(tmp_path: Path, competition_folder: Path):
    out = tmp_path / "sample"
    edition = competition_folder / "edition.toml"
    said = run_program("sample", "--edition", edition, "--songs", 40, "--out", out)
    assert said.returncode == 0, said.stderr
    assert names(out) == {"songs.csv", "genres.csv", "unknown.csv", "edition.toml"}
    written, given = read_edition(out / "edition.toml"), read_edition(edition)
    assert (written.genres, written.blocks, written.files) == (given.genres, given.blocks, given.files)
    assert written.title.startswith("SAMPLE")
    assert written.boards == {}
    assert_refused(run_program("sample", "--edition", edition, "--out", out), "is there already; .* --force")


def test_a_sample_has_as_many_songs_as_asked_for(tmp_path: Path):
    said = run_program("sample", "--songs", 101, "--out", tmp_path / "small")
    assert (said.returncode, said.stderr) == (0, "")
    dataset = load_dataset(tmp_path / "small", load_edition("mlbp-2018"))
    assert (dataset.rows, len(dataset.test_features)) == (101, 151)
    arguments = ("--data", tmp_path / "small", "--model", "discriminant-analysis", "--folds", 2)
    assert run_program("score", *arguments, "--out", tmp_path / "scored").returncode == 0


@pytest.mark.training
def test_without_being_asked_a_sample_has_as_many_songs_as_the_real_competition(tmp_path: Path):
    for name, asked in (("usual", ()), ("asked", ("--songs", 4363))):
        assert run_program("sample", *asked, "--out", tmp_path / name).returncode == 0
    for name in names(tmp_path / "usual"):
        assert (tmp_path / "usual" / name).read_bytes() == (tmp_path / "asked" / name).read_bytes()
    usual = load_dataset(tmp_path / "usual", load_edition("mlbp-2018"))
    assert usual.fingerprint == sample_dataset(load_edition("mlbp-2018")).fingerprint


def test_too_small_a_sample_is_refused(tmp_path: Path):
    said = run_program("sample", "--songs", 19, "--out", tmp_path / "out")
    assert_refused(said, r"19 training rows .* asked for; expected at least 20 training rows \(2 of every genre")
    assert not (tmp_path / "out").exists()
    assert_refused(run_program("sample", "--songs", 0), "0 is not in the range", code=2)


def test_sample_does_not_overwrite_a_real_download(competition_folder: Path):
    before = (competition_folder / "songs.csv").read_bytes()
    said = run_program("sample", "--edition", competition_folder / "edition.toml", "--out", competition_folder)
    assert_refused(said, "songs.csv: is there already")
    assert (competition_folder / "songs.csv").read_bytes() == before


BAD_DATA = [
    ("missing training file", lambda data: (data / "songs.csv").unlink(), "songs.csv: there is no such file"),
    ("missing test file", lambda data: (data / "unknown.csv").unlink(), "unknown.csv: there is no such file"),
    ("header", lambda data: change(data / "songs.csv", lambda text: "a,b,c\n" + text), "line 1: a header row"),
    ("id column", lambda data: number_lines(data / "songs.csv"), "line 1: 11 columns; expected 10 .* id or index"),
    ("test file malformed", lambda data: change(data / "unknown.csv", lambda t: t + "1,2\n"), "unknown.csv, line 8"),
    ("labels from 0", lambda data: change(data / "genres.csv", lambda t: t.replace("3", "0")), "labels start from 1"),
    ("short labels", lambda data: change(data / "genres.csv", lambda t: t[2:]), "59 labels for the 60 rows"),
    (
        "one genre",
        lambda data: change(data / "genres.csv", lambda t: re.sub(r"\d", "1", t)),
        "expected at least two genres",
    ),
    (
        "a genre with one song",
        lambda data: change(data / "genres.csv", lambda t: t.replace("3", "2")[:-2] + "3\n"),
        "only one song has label 3 ",
    ),
    (
        "edition",
        lambda data: change(data / "edition.toml", lambda t: t.replace("Jazz", "")),
        "edition.toml: genres: expected text",
    ),
    ("recipe", lambda data: change(data / "recipe.toml", lambda t: t + "layers = 3"), 'unknown key "layers"'),
]


def change(path: Path, how: Callable[[str], str]) -> None:
    path.write_text(how(path.read_text()))


def number_lines(path: Path) -> None:
    change(path, lambda text: "".join(f"{i},{line}\n" for i, line in enumerate(text.splitlines())))


@pytest.mark.parametrize(("spoil", "sentence"), [bad[1:] for bad in BAD_DATA], ids=[bad[0] for bad in BAD_DATA])
def test_bad_input_is_met_by_one_sentence_and_nothing_is_written(
    competition_folder: Path, tmp_path: Path, spoil: Callable[[Path], None], sentence: str
):
    spoil(competition_folder)
    out = tmp_path / "new" / "run"
    recipe = competition_folder / "recipe.toml"
    assert_refused(run_program("submit", "--data", competition_folder, "--recipe", recipe, "--out", out), sentence)
    assert not out.parent.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["submit", "--data", "nowhere"], "nowhere: there is no such folder"),
        (["submit", "--edition", "mlbp-2019"], "mlbp-2019: no such edition; expected mlbp-2017 or mlbp-2018"),
        (["submit", "--model", "forest"], 'there is no recipe "forest"; expected one of baseline, cnn, cnn-7x7'),
        (["submit", "--recipe", "none.toml"], "none.toml: there is no such file"),
        (["submit", "--folds", "none.csv"], "none.csv: cannot be read: No such file"),
        (["submit", "--folds", "1"], "1 fold.* asked for; expected at least 2"),
        (["submit", "--fallback", "Ska"], '"Ska" is not a genre of mlbp-2018'),
        (["check", "none.csv"], "none.csv: there is no such file"),
        (["score", "--predictions", "none.csv", "--labels", "none.csv"], "none.csv: there is no such file"),
        (["score", "--predictions", "x", "--labels", "x", "--data", "nowhere"], "nowhere: there is no such folder"),
        (
            ["submit", "--out", "/dev/null/run"],
            "/dev/null/run: cannot be written: /dev/null is no folder; name another place with --out",
        ),
    ],
)
def test_wrong_arguments_that_name_something_are_met_by_one_sentence(
    tmp_path: Path, arguments: list[str], sentence: str
):
    assert_refused(run_program(*arguments, cwd=tmp_path), sentence)
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["submt"], "No such command 'submt'"),
        (["submit", "--modle", "dense"], "No such option.*--modle"),
        (["submit", "--threshold", "2"], "2.0 is not in the range"),
        (["submit", "--threshold", "nan"], "nan is not a number"),
        (["submit", "--seed", "-1"], "-1 is not in the range"),
        (["submit", "--seed", "4294967296"], "4294967296 is not in the range"),
        (["submit", "--seeds", "0"], "0 is not in the range"),
        (["submit", "--model", "dense", "--recipe", "x.toml"], "--model and --recipe contradict each other"),
        (["submit", "--recipe", "x.toml", "--add-recipe", "y.toml"], "--recipe and --add-recipe contradict each other"),
        (["submit", "--from", "runs/x", "--add-recipe", "y.toml"], "--add-recipe has no effect with --from"),
        (["submit", "--rule", "argmax", "--threshold", "0.3"], "--threshold has no effect with --rule argmax"),
        (["submit", "--preset", "fast"], "'fast' is not one of 'quick', 'standard', 'best'"),
        (
            ["submit", "--preset", "quick", "--model", "baseline"],
            "--preset is for --model audio and --model dense and",
        ),
        (
            ["submit", "--preset", "quick", "--recipe", "x.toml"],
            "--preset is for --model audio and --model dense and",
        ),
        (["submit", "--preset", "quick", "--minutes", "2"], "--minutes and --preset contradict each other"),
        (["submit", "--model", "kernel-ridge", "--seeds", "2"], "--seeds has no effect on kernel-ridge"),
        (["submit", "--seeds", "2", "--minutes", "2"], "--minutes and --seeds contradict each other"),
        (["submit", "--minutes", "0"], "0.0 is not in the range"),
        (["submit", "--minutes", "nan"], "nan is not a number"),
        (["submit", "--from", "runs/x", "--model", "dense"], "--model has no effect with --from"),
        (["score", "--labels", "x.csv"], "--predictions and --labels belong together"),
        (["score", "--predictions", "x", "--labels", "x", "--model", "dense"], "--model has no effect on given"),
        (["check"], "Missing argument 'FILES...'"),
    ],
)
def test_a_wrong_command_line_exits_with_2(tmp_path: Path, arguments: list[str], sentence: str):
    assert_refused(run_program(*arguments, cwd=tmp_path), sentence, code=2)


@pytest.mark.training
def test_too_many_folds_are_lowered_with_a_note(competition_folder: Path, tmp_path: Path):
    out = tmp_path / "out"
    lines = (competition_folder / "genres.csv").read_text().split()
    (competition_folder / "genres.csv").write_text("\n".join(["2" if i > 51 else line for i, line in enumerate(lines)]))
    recipe = competition_folder / "recipe.toml"
    said = run_program("score", "--data", competition_folder, "--recipe", recipe, "--folds", 5, "--out", out)
    assert said.returncode == 0
    assert said.stderr == "note: 5 folds asked for, but only 2 songs have label 3 (Polka): 2 folds are used.\n"
    assert json.loads((out / "scores.json").read_text())["folds"] == 2


@pytest.mark.process
def test_a_full_disk_is_met_by_a_sentence_and_leaves_nothing(competition_folder: Path, tmp_path: Path):
    """A limit on the size of files stands in for a disk that fills up while the submission is written."""
    resource = pytest.importorskip("resource")
    out = tmp_path / "run"
    said = run_process(
        "plot", "--data", competition_folder, "--out", out,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)),
    )  # fmt: skip
    assert_refused(said, rf"genres.png: cannot be written: {os.strerror(errno.EFBIG)}; free some space")
    assert not out.exists()


@pytest.mark.process
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_training_leaves_nothing_and_says_so_by_its_exit_code(
    competition_folder: Path, tmp_path: Path, sent: signal.Signals, code: int
):
    out = tmp_path / "run"
    recipe = competition_folder / "recipe.toml"
    recipe.write_text(recipe.read_text().replace("epochs = 3", "epochs = 100000"))
    command = [
        sys.executable,
        "-m",
        "competition",
        "submit",
        "--data",
        competition_folder,
        "--recipe",
        recipe,
        "--out",
        out,
    ]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: out.exists())
        time.sleep(0.5)
        process.send_signal(sent)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    # Interrupted while an import evaluates a string, Python ends by the signal after all; shells call both 130.
    assert process.returncode in ({code, -sent} if sent == signal.SIGINT else {code})
    assert "Traceback" not in errors
    assert not out.exists()


def wait_for(happens: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.mark.process
def test_tensorflow_is_imported_only_to_train(tmp_path: Path):
    """Importing the packages, help, check and sample must not pay for TensorFlow."""
    code = """
import sys
import competition, submissions, competition.data.dataset, competition.scoring.metrics, competition.data.folds
import competition.storage.folders
import competition.models.estimator
import tuning, tuning.trials.spaces, tuning.trials.study, tuning.folder, tuning.report, genre_kit.commands.tune
from genre_kit.cli import run
run(["--help"])
run(["submit", "--help"])
run(["check", "none.csv"])
run(["tune", "--trials", "0"])
run(["sample", "--out", sys.argv[1]])
run(["runs", sys.argv[1]])
run(["board", sys.argv[1]])
run(["send", sys.argv[1], "--dry-run"])
run(["fetch", "--help"])
heavy = {"tensorflow", "keras", "kaggle", "requests"} & set(sys.modules)
assert not heavy, heavy
"""
    said = run_python("-c", code, tmp_path / "sample")
    assert said.returncode == 0, said.stderr


def test_help_names_every_command():
    said = run_program("--help")
    assert said.returncode == 0
    assert all(command in said.stdout for command in ("submit", "score", "tune", "check", "plot", "sample"))
