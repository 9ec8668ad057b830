"""Another tool's predictions in a blend: read however columns are called, refused where they are of other songs."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import run_program

import genre_kit
from competition.errors import ArgumentError, KitWarning, RunError, SubmissionError
from genre_kit.jobs.steps import keep
from genre_kit.runs.blending import BlendableRun, read_run
from genre_kit.runs.outside import Outside, outside_files, read_outside

GENRES = ["Rock", "Jazz", "Polka"]
CLASSES = ["Class_1", "Class_2", "Class_3"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, write_competition) -> Path:
    place = tmp_path_factory.mktemp("outside")
    genre_kit.submit(data=write_competition(place / "data"), model="discriminant-analysis", folds=3, out=place / "run")
    return place / "run"


@pytest.fixture
def other(run: Path, tmp_path: Path) -> Path:
    """A folder with another tool's predictions, which are the run's own, made flatter."""
    folder = tmp_path / "other"
    folder.mkdir()
    for name in ("oof.csv", "label_all.csv"):
        table = pd.read_csv(run / name)
        table[CLASSES] = 0.8 * table[CLASSES] + 0.2 / 3
        table.to_csv(folder / name, index=False)
    return folder


def change(path: Path, alter) -> None:
    alter(pd.read_csv(path)).to_csv(path, index=False)


def read(place: Path, run: Path) -> BlendableRun:
    return read_outside(outside_files(place), read_run(run))


def test_a_folder_in_the_kits_layout_joins_a_blend(run: Path, other: Path, tmp_path: Path, monkeypatch):
    for name in ("write_pictures", "write_report"):
        monkeypatch.setattr(keep, name, lambda *given: None)
    result = genre_kit.blend([other, run], out=tmp_path / "blend")
    assert [part.name for part in result.known.pool.parts] == [str(run), str(other)]
    own, outside = read_run(run), read(other, run)
    weights = [part.weight for part in result.known.pool.parts]
    pooled = np.exp(np.tensordot(weights, np.log([own.test, outside.test]), 1))
    np.testing.assert_allclose(result.probabilities, pooled / pooled.sum(axis=1, keepdims=True), atol=1e-6)
    again = genre_kit.blend([run, f"{other / 'oof.csv'},{other / 'label_all.csv'}"], out=tmp_path / "by-files")
    np.testing.assert_array_equal(again.probabilities, result.probabilities)


@pytest.mark.parametrize("names", [GENRES, ["1", "2", "3"], CLASSES])
def test_columns_may_have_genres_names_or_labels(run: Path, other: Path, names: list[str]):
    expected = read(other, run)
    called = dict(zip(CLASSES, names, strict=True))
    change(other / "oof.csv", lambda table: table.rename(columns=called)[["Row", *names[::-1]]])
    with pytest.warns(KitWarning, match="does not tell its folds"):
        np.testing.assert_array_equal(read(other, run).out_of_fold, expected.out_of_fold)


def test_rows_are_found_by_their_numbers_or_stand_in_order(run: Path, other: Path):
    expected = read(other, run)
    change(other / "oof.csv", lambda table: table.iloc[::-1])
    np.testing.assert_array_equal(read(other, run).out_of_fold, expected.out_of_fold)
    change(other / "oof.csv", lambda table: table.iloc[::-1].drop(columns=["Row"]))
    np.testing.assert_array_equal(read(other, run).out_of_fold, expected.out_of_fold)
    change(other / "label_all.csv", lambda table: table.iloc[::-1])
    np.testing.assert_array_equal(read(other, run).test, expected.test)


@pytest.mark.parametrize(
    ("name", "alter", "sentence"),
    [
        ("oof.csv", lambda table: table.head(59), r"59 rows; expected one for each of the 60 training songs of"),
        ("oof.csv", lambda table: table.assign(Row=table.Row + 1), r"column Row lacks 1, training songs of"),
        ("oof.csv", lambda table: table.assign(Label=table.Label % 3 + 1), r"song 1 has the label 2, and 1 in .*order"),
        (
            "oof.csv",
            lambda table: table.drop(columns="Class_2"),
            r"no column Class_2; .*\(Rock, Jazz, Polka\) or labels",
        ),
        ("oof.csv", lambda table: table.assign(Class_1="much"), r"a probability is not a number"),
        (
            "oof.csv",
            lambda table: table.assign(Class_1=0.9, Class_2=0.4),
            r"of training song 1 are .* sum to 1\. In all",
        ),
        ("oof.csv", lambda table: table.assign(Class_1=np.nan), r"a probability is not a number|expected numbers"),
    ],
)
def test_what_does_not_fit_is_refused(run: Path, other: Path, name: str, alter, sentence: str):
    change(other / name, alter)
    with pytest.raises(RunError, match=sentence):
        read(other, run)


@pytest.mark.parametrize(
    "alter",
    [
        lambda table: table.head(6),
        lambda table: table.assign(Sample_id=table.Sample_id + 60),
        lambda table: table.assign(Class_1=table.Class_1 + 0.5),
    ],
)
def test_the_test_songs_are_checked_as_a_submission_is(run: Path, other: Path, alter):
    change(other / "label_all.csv", alter)
    with pytest.raises(SubmissionError, match=r"label_all\.csv"):
        read(other, run)


def test_folds_are_compared_with_the_runs(run: Path, other: Path):
    change(other / "oof.csv", lambda table: table.assign(Fold=7 - table.Fold))
    read(other, run)  # the same under other numbers, without a warning
    change(other / "oof.csv", lambda table: table.drop(columns="Fold"))
    with pytest.warns(
        KitWarning, match="does not tell its folds; its rows are taken for predictions of held-out songs"
    ):
        read(other, run)
    shutil.copy(run / "folds.csv", other)
    read(other, run)
    np.savetxt(other / "folds.csv", np.arange(60) % 4, fmt="%d")
    with pytest.warns(KitWarning, match=r"holds out other songs together than .* may be a little too good"):
        read(other, run)


def test_predictions_of_songs_that_were_seen_are_noticed(run: Path, other: Path):
    truth = pd.read_csv(run / "oof.csv").Label

    def remembered(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(**{name: np.where(truth == label, 0.998, 0.001) for label, name in enumerate(CLASSES, 1)})

    change(other / "oof.csv", remembered)
    change(other / "label_all.csv", lambda table: table.assign(Class_1=0.5, Class_2=0.3, Class_3=0.2))
    with pytest.warns(KitWarning, match=r"surer of the training songs \(probability 1\.00 .* test songs \(0\.50\)"):
        read(other, run)


def test_one_of_them_is_a_run_and_a_place_that_is_neither_is_refused(run: Path, other: Path, tmp_path: Path):
    copy = shutil.copytree(other, tmp_path / "copy")
    with pytest.raises(ArgumentError, match="takes at least one run of the kit, which knows the songs"):
        genre_kit.blend([other, copy])
    assert outside_files(tmp_path) is None
    assert outside_files(tmp_path / "nowhere") is None
    assert outside_files(Path("a.csv,b.csv")) == Outside(Path("a.csv"), Path("b.csv"))
    said = run_program("submit", "--blend", run, "--blend", tmp_path)
    assert said.returncode == 1
    assert "holds no finished run, nor another tool's oof.csv and label_all.csv" in said.stderr
    said = run_program("submit", "--blend", run, "--blend", f"{other / 'oof.csv'},{tmp_path / 'nowhere.csv'}")
    assert (said.returncode, "nowhere.csv: there is no such file" in said.stderr) == (1, True), said.stderr
