"""`check` of runs' folders without --data, and of files beside a run."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import run_program

import genre_kit
from competition.errors import KitWarning, RunError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, write_competition) -> tuple[Path, Path]:
    """A data folder and a run upon it."""
    data = write_competition(tmp_path_factory.mktemp("checked") / "data")
    genre_kit.submit(data=data, model="logistic-regression", folds=2, rule="argmax", out=data.parent / "run")
    return data, data.parent / "run"


@pytest.fixture
def own(made: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """Copies of both, which a test may spoil; the run knows the copy of the data."""
    data, run = shutil.copytree(made[0], tmp_path / "data"), shutil.copytree(made[1], tmp_path / "run")
    change_manifest(run, lambda table: table["origin"].update(path=str(data)))
    return data, run


def change_manifest(run: Path, change) -> None:
    table = json.loads((run / "manifest.json").read_text())
    change(table)
    (run / "manifest.json").write_text(json.dumps(table))


def relabelled(run: Path, path: Path, rows: int) -> Path:
    """Write the run's labels with another genre in the first rows."""
    table = pd.read_csv(run / "label_pred.csv")
    table.loc[: rows - 1, "Sample_label"] = table["Sample_label"][:rows] % 3 + 1
    table.to_csv(path, index=False)
    return path


def test_a_run_is_checked_against_its_own_data(own: tuple[Path, Path]):
    data, run = own
    said = run_program("check", run)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines() == [
        f"data      from {run}: {data}: 7 test songs",
        f"{run / 'label_pred.csv'}: ok, labels of 7 songs",
        f"{run / 'label_all.csv'}: ok, probabilities of 7 songs",
    ]
    alone = run_program("check", run / "label_pred.csv")
    assert (alone.returncode, alone.stdout.splitlines()[1]) == (0, said.stdout.splitlines()[1])
    assert run_program("check", run, "--data", data).stdout.splitlines() == said.stdout.splitlines()[1:]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("is_first", [True, False])
def test_labels_beside_a_run_are_compared_with_it(own: tuple[Path, Path], tmp_path: Path, rows: int, is_first: bool):
    run, mine = own[1], relabelled(own[1], tmp_path / "mine.csv", rows)
    found = genre_kit.check([mine, run] if is_first else [run, mine])
    assert found.is_ok
    assert [one.severity for one in found.findings] == ["note"]
    assert [str(one) for one in found.findings] == [
        f"{mine}: {rows} of its 7 labels differ from those in {run / 'label_pred.csv'}.",
    ]


def test_labels_and_probabilities_beside_a_run_are_held_against_its_rule(own: tuple[Path, Path], tmp_path: Path):
    run, mine = own[1], relabelled(own[1], tmp_path / "mine.csv", 2)
    shutil.copy(run / "label_all.csv", tmp_path / "probabilities.csv")
    found = genre_kit.check([mine, tmp_path / "probabilities.csv", run]).findings
    agree = "labels and probabilities no longer agree: 2 of its 7 labels are not those that the run's rule "
    assert [str(one) for one in found if agree in one.message] == [
        f"{mine}: {agree}(argmax: the most probable genre) makes of {tmp_path / 'probabilities.csv'}."
    ]


def test_a_file_of_other_songs_beside_a_run_is_said_not_to_be_compared(own: tuple[Path, Path], tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(own[1], other)
    (other / "label_pred.csv").write_text("".join((other / "label_pred.csv").read_text().splitlines(True)[:-1]))
    (other / "kept_out.csv").write_text((other / "label_pred.csv").read_text())
    (note,) = genre_kit.check([other / "label_pred.csv", own[1]]).findings
    assert str(note).startswith(f"{other / 'label_pred.csv'}: is not compared with {own[1]}, whose files are of other")


def test_one_path_is_one_file(own: tuple[Path, Path]):
    assert genre_kit.check(str(own[1])).is_ok
    assert len(genre_kit.compare(str(own[1])).runs) == 1


def test_probabilities_beside_a_run_are_compared_with_it(own: tuple[Path, Path], tmp_path: Path):
    run, mine = own[1], tmp_path / "mine.csv"
    table = pd.read_csv(run / "label_all.csv")
    table.iloc[0, 1:] = np.roll(table.iloc[0, 1:], 1)
    table.to_csv(mine, index=False)
    largest = np.abs(table.iloc[0, 1:] - pd.read_csv(run / "label_all.csv").iloc[0, 1:]).max()
    first, second = (one.message for one in genre_kit.check([mine, run]).findings)
    assert first.startswith(f"its probabilities differ from those in {run / 'label_all.csv'} by at most {largest:.2g}")
    assert first.endswith("in 1 of 7 rows.")
    assert "makes 1 of 7 labels of it that are not those in" in second
    assert second.endswith("label_pred.csv: hand in labels that were made with it.")


def test_files_that_were_both_changed_may_still_agree(own: tuple[Path, Path], tmp_path: Path):
    run, out = own[1], tmp_path / "mine"
    out.mkdir()
    table = pd.read_csv(run / "label_all.csv")
    table.iloc[:, 1:] = np.roll(table.iloc[:, 1:], 1, axis=1)
    table.to_csv(out / "probabilities.csv", index=False)
    labels = pd.DataFrame({"Sample_id": table["Sample_id"], "Sample_label": table.to_numpy()[:, 1:].argmax(axis=1) + 1})
    labels.to_csv(out / "labels.csv", index=False)
    found = genre_kit.check([out / "probabilities.csv", out / "labels.csv", run])
    assert not [one for one in found.findings if "no longer agree" in one.message]
    assert len([one for one in found.findings if "differ from those in" in one.message]) == 2


def test_equal_files_are_said_to_be_the_same(own: tuple[Path, Path], tmp_path: Path):
    run, mine = own[1], shutil.copy(own[1] / "label_pred.csv", tmp_path / "mine.csv")
    (finding,) = genre_kit.check([mine, run]).findings
    assert str(finding) == f"{mine}: its labels are the same as in {run / 'label_pred.csv'}."


def test_runs_are_not_compared_with_each_other(own: tuple[Path, Path], tmp_path: Path):
    genre_kit.predict(own[1], rule="threshold", threshold=0.9, out=tmp_path / "other")
    assert genre_kit.check([own[1], tmp_path / "other"]).findings == ()


def test_labels_changed_in_a_run_no_longer_agree(own: tuple[Path, Path]):
    relabelled(own[1], own[1] / "label_pred.csv", 2)
    (finding,) = genre_kit.check([own[1]]).findings
    assert "labels and probabilities no longer agree: 2 of its 7 labels" in finding.message


@pytest.mark.parametrize("is_gone", [True, False])
def test_without_its_data_a_run_is_checked_against_its_own_record(own: tuple[Path, Path], is_gone: bool):
    data, run = own
    if is_gone:
        shutil.rmtree(data)
    else:
        songs = (data / "unknown.csv").read_text().splitlines(keepends=True)
        (data / "unknown.csv").write_text("".join(songs[1:]))
    said = run_program("check", run)
    assert said.returncode == 0
    why = "its data is no longer in" if is_gone else "its data in"
    assert said.stderr.startswith(f"note: {run}: {why} {data}")
    assert said.stderr.endswith("whether the rows are those of the test file cannot be checked.\n")
    assert said.stdout.startswith(f"data      from {run}: its own record: 7 test songs\n")
    lines = (run / "label_pred.csv").read_text().splitlines(keepends=True)
    (run / "label_pred.csv").write_text("".join(lines[:-1]))
    said = run_program("check", run)
    assert said.returncode == 1
    assert f"broken: {run / 'label_pred.csv'}: 6 row(s); expected 7, as many as the run wrote." in said.stderr


def test_without_its_data_and_probabilities_a_runs_count_is_known(own: tuple[Path, Path]):
    data, run = own
    shutil.rmtree(data)
    (run / "label_all.csv").unlink()
    (run / "oof.csv").unlink()
    with pytest.warns(KitWarning, match="cannot be checked, and class columns in a wrong order cannot be noticed"):
        assert genre_kit.check([run]).is_ok
    change_manifest(run, lambda table: table["data"].update(test_rows=0))
    with pytest.raises(RunError, match=r"Nor does the run's own label_all\.csv say which rows are expected"):
        genre_kit.check([run])


def test_files_without_a_run_are_held_against_the_sample(tmp_path: Path):
    (tmp_path / "label_pred.csv").write_text("Sample_id,Sample_label\n1,1\n")
    said = run_program("check", tmp_path / "label_pred.csv")
    assert said.returncode == 1
    assert "held against the embedded sample (6544 test songs), as neither --data nor a run is given" in said.stdout
