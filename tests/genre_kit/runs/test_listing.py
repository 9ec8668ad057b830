"""The list of runs, from folders written by hand and by the program."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support import run_program, run_python

from competition.errors import RunError
from competition.scoring.metrics import Estimate
from genre_kit.reports.runs import _columns, run_lines
from genre_kit.results.facts import DataFacts, Origin
from genre_kit.runs.listing import AppliedRun, list_runs, read_summary
from genre_kit.runs.manifest import Manifest, PoolRow, ScoresFile
from genre_kit.runs.recommending import recommend


def write_run(
    folder: Path,
    accuracy: float,
    loss: float,
    started: str,
    *,
    done: bool = True,
    edition: str = "tiny",
    training: str = "0123456789abcdef",
) -> Path:
    folder.mkdir(parents=True)
    ScoresFile(
        out_of_fold={"accuracy": accuracy, "accuracy_se": 0.01, "board_log_loss": loss, "board_log_loss_se": 0.002},
        genres=(),
        model="dense-best",
        folds=2,
        members=2,
        pool=tuple(PoolRow(name, 0.3, loss) for name in ("dense", "extra-trees", "kernel-ridge")),
        pool_is_fitted=True,
        pool_gain=0.0,
        pool_gain_se=0.0,
        seconds=12.4,
    ).write(folder)
    data = DataFacts("tests", "f" * 64, training, 60, 7)
    origin = Origin("/somewhere", "whole", None)
    Manifest(
        command=(), started=started, edition={"name": edition}, rule={}, environment={}, data=data, origin=origin
    ).write(folder)
    if done:
        (folder / "DONE").write_text("scores.json\nmanifest.json\n")
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Three runs, one of them deeper; an unfinished one, one that is going on, pictures, and a stray folder."""
    place = tmp_path / "runs"
    write_run(place / "first", 0.61, 0.190, "2026-11-20T10:00:00+00:00")
    write_run(place / "second", 0.63, 0.188, "2026-11-21T10:00:00+00:00")
    write_run(place / "more" / "third", 0.60, 0.185, "2026-11-19T10:00:00+00:00")
    write_run(place / "killed", 0.9, 0.1, "2026-11-22T10:00:00+00:00", done=False)
    (place / "going-on" / ".partial-machine-12").mkdir(parents=True)
    write_run(place / "second" / "models" / "inside", 1, 0, "2026-11-22T10:00:00+00:00")
    (place / "pictures").mkdir()
    (place / "pictures" / "DONE").write_text("genres.png\n")
    (place / "notes").mkdir()
    return place


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("accuracy", ["second", "first", "third"]),
        ("log-loss", ["third", "second", "first"]),
        ("time", ["second", "first", "third"]),
    ],
)
def test_runs_are_sorted_and_others_are_told_apart(place: Path, order: str, names: list[str]):
    found = list_runs(place, order)
    assert [run.folder.name for run in found.runs] == names
    assert sorted(folder.name for folder in found.unfinished) == ["going-on", "killed"]
    assert found.unreadable == ()


def test_a_place_that_is_a_run_is_listed_itself(place: Path):
    assert [run.folder for run in list_runs(place / "first", "time").runs] == [place / "first"]


def test_a_damaged_run_is_told_and_the_others_are_listed(place: Path):
    (place / "first" / "scores.json").write_text("{")
    (place / "second" / "manifest.json").unlink()
    found = list_runs(place, "time")
    assert [run.folder.name for run in found.runs] == ["third"]
    assert len(found.unreadable) == 2
    with pytest.raises(RunError, match=r"first/scores.json: cannot be read .*; train the run again"):
        read_summary(place / "first")


def test_the_command_prints_a_table(place: Path):
    said = run_program("runs", place, "--sort", "accuracy")
    assert (said.returncode, said.stderr) == (0, "")
    title, heading, first, *others = said.stdout.splitlines()
    assert title == "data 01234567: tests, 60 training songs (edition tiny)"
    assert " ".join(heading.split()) == "folder model recipes accuracy board log loss seconds started (UTC)"
    assert first.split()[:3] == [str(place / "second"), "dense-best", "3"]
    assert first.split()[3:] == ["0.6300", "±", "0.0100", "0.1880", "±", "0.0020", "12", "2026-11-21", "10:00"]
    assert others[2] == "hand in   nothing: none of these runs has files and held-out rows; submit makes them"
    assert others[4:] == [f"unfinished: {place / 'going-on'}", f"unfinished: {place / 'killed'}"]


def test_the_command_looks_into_runs_where_nothing_is_said(place: Path):
    said = run_program("runs", "--json", cwd=place.parent)
    assert (said.returncode, said.stderr) == (0, "")
    table = json.loads(said.stdout)
    assert [run["folder"] for run in table["runs"]] == ["runs/more/third", "runs/second", "runs/first"]
    assert table["runs"][1] == {
        "folder": "runs/second",
        "model": "dense-best",
        "recipes": ["dense", "extra-trees", "kernel-ridge"],
        "models": 2,
        "edition": "tiny",
        "accuracy": 0.63,
        "accuracy_se": 0.01,
        "board_log_loss": 0.188,
        "board_log_loss_se": 0.002,
        "seconds": 12.4,
        "started": "2026-11-21T10:00:00+00:00",
        "data_sha256": "0123456789abcdef",
    }
    assert sorted(table["unfinished"]) == ["runs/going-on", "runs/killed"]


def test_a_place_without_runs_and_no_place_at_all_are_met_by_a_sentence(tmp_path: Path):
    said = run_program("runs", tmp_path)
    assert (said.returncode, said.stdout) == (0, f"{tmp_path}: no runs\n")
    said = run_program("runs", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (1, "")
    assert (
        said.stderr
        == "error: runs: there is no such folder; expected one that holds runs: submit and score make them.\n"
    )


def test_a_damaged_run_is_a_note_of_the_command(place: Path):
    (place / "first" / "scores.json").write_text("[]")
    said = run_program("runs", place)
    assert said.returncode == 0
    assert said.stderr.startswith(f"note: {place / 'first' / 'scores.json'}: cannot be read")
    assert len(said.stdout.splitlines()) == 8


def test_there_is_a_table_for_each_data_in_which_editions_are_told_apart(place: Path):
    write_run(place / "elsewhere", 0.99, 0.01, "2026-11-21T10:00:00+00:00", training="fedcba9876543210")
    write_run(place / "otherwise", 0.98, 0.02, "2026-11-21T10:00:00+00:00", edition="large")
    groups = list_runs(place, "accuracy").groups
    assert [[run.folder.name for run in group] for group in groups] == [
        ["elsewhere"],
        ["otherwise", "second", "first", "third"],
    ]
    lines = run_program("runs", place, "--sort", "accuracy").stdout.splitlines()
    titles = [line for line in lines if line.startswith("data ")]
    assert [title.split(":")[0] for title in titles] == ["data fedcba98", "data 01234567"]
    assert titles[1].endswith("(editions large, tiny)")
    headings = [line.split() for line in lines if line.startswith("folder ")]
    assert ["edition" in heading for heading in headings] == [False, True]


def test_folds_are_shown_where_they_differ(place: Path):
    runs = list_runs(place, "time").runs
    assert "folds" not in _columns(runs)
    assert "folds" in _columns([*runs, replace(runs[0], folds=7)])


def test_models_that_were_applied_stand_below_one_table(place: Path):
    found = list_runs(place, "time")
    first = found.runs[0]
    macro = replace(first, edition="macro", ranked_by=("macro_f1", "board_log_loss"))
    applied = AppliedRun(place / "applied", str(first.folder), "argmax", 7, "macro", first.started, None, first.data)
    lost = replace(applied, data="gone")
    several = replace(found, runs=(first, macro), applied=(applied, lost))
    assert several.applied_by_group() == [(), (applied,), (lost,)]
    assert replace(several, runs=(first,)).applied_by_group() == [(applied,), (lost,)]


def test_what_songs_kept_out_score_is_told_and_nothing_is_to_be_handed_in(place: Path):
    found = list_runs(place / "first", "time")
    kept_out = {"accuracy": Estimate(0.7, 0.02), "board_log_loss": Estimate(0.12, 0.01)}
    (run,) = [replace(run, has_files=True, kept_out=kept_out, kept_out_rows=30) for run in found.runs]
    lines = run_lines(replace(found, runs=(run,)), [recommend([run])], place)
    scores = "0.7000 ± 0.0200 accuracy, 0.1200 ± 0.0100 board log loss on 30 songs"
    assert lines[3] == f"kept out  {run.folder}: {scores}"
    assert lines[4].startswith("hand in   nothing: these files are of songs that were kept out")
    assert run.to_table()["kept_out"]["accuracy_se"] == 0.02


def test_lines_are_not_wider_than_a_terminal_but_for_long_names(place: Path):
    run = AppliedRun(Path("runs/applied"), "runs/first", "threshold", 7, "tiny", "2026-11-20T10:00", "a/" * 30, None)
    found = replace(list_runs(place, "time"), runs=(), applied=(run,), unfinished=())
    lines = run_lines(found, [], place)
    assert len(lines) == 2 and max(map(len, lines)) <= 118


def test_runs_are_filtered_by_data_and_edition(place: Path):
    write_run(place / "elsewhere", 0.99, 0.01, "2026-11-21T10:00:00+00:00", training="fedcba9876543210")
    write_run(place / "otherwise", 0.98, 0.02, "2026-11-21T10:00:00+00:00", edition="large")

    def names(**wanted: str) -> list[str]:
        return [run.folder.name for run in list_runs(place, "accuracy", **wanted).runs]

    assert names(edition="large") == ["otherwise"]
    assert names(data="fedcba9876543210") == ["elsewhere"]
    assert names(data="0123456789abcdef", edition="tiny") == ["second", "first", "third"]
    assert len(names(data="whole")) == 5  # as the files were, before songs were kept out
    assert names(data="none") == []
    said = run_program("runs", place, "--edition", "none")
    assert said.stdout.splitlines()[0] == f"{place}: no runs of that data and edition"


def test_what_submit_wrote_is_listed(finished):
    _, out, _ = finished
    (summary,) = list_runs(out, "accuracy").runs
    scores = json.loads((out / "scores.json").read_text())
    assert summary.accuracy.value == scores["out_of_fold"]["accuracy"]
    assert summary.model == "recipe"


@pytest.mark.process
def test_listing_imports_neither_tensorflow_nor_scikit_learn(place: Path):
    code = """
import sys
from genre_kit.cli import run
assert run(["runs", sys.argv[1]]) == 0
heavy = {"tensorflow", "keras", "sklearn", "matplotlib", "pandas"} & set(sys.modules)
assert not heavy, heavy
"""
    said = run_python("-c", code, place)
    assert said.returncode == 0, said.stderr


def test_runs_of_one_edition_whose_boards_changed_are_of_two_tables(place: Path):
    found = list_runs(place / "first", "time")
    (run,) = found.runs
    other = replace(run, ranked_by=("macro_f1", "board_log_loss"))
    assert replace(found, runs=(run, other, run)).groups == [(run, run), (other,)]
