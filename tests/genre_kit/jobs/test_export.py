"""`export`: a finished run as one file, held against the kit, and every refusal."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pandas as pd
import pytest
from graphs import computed  # noqa: F401  skips where onnx is not installed
from support import ROOT, run_program

import genre_kit
from competition.data.edition_file import read_edition
from competition.models.saved import SavedEnsemble
from genre_kit.jobs import export as job

OLDER = ROOT / "tests" / "data" / "older-runs"
Finished = tuple[Path, Path, CompletedProcess[str]]


def applied(path: Path, songs: np.ndarray) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return a file's probabilities, labels, and what it says of itself, as its users get them."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    probabilities, labels = session.run(["probabilities", "label"], {"features": songs.astype(np.float32)})
    return probabilities, labels, session.get_modelmeta().custom_metadata_map


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, genre_kit.Exported]:
    """A run of five recipes of all kinds, which an older version wrote."""
    path = tmp_path_factory.mktemp("exported") / "genres.onnx"
    return path, genre_kit.export(OLDER / "runs" / "trained", data=OLDER / "data", out=path)


def test_a_file_predicts_what_the_run_wrote(exported: tuple[Path, genre_kit.Exported]):
    path, found = exported
    run, songs = OLDER / "runs" / "trained", np.loadtxt(OLDER / "data" / "unknown.csv", delimiter=",")
    probabilities, labels, _ = applied(path, songs)
    written = pd.read_csv(run / "label_all.csv").to_numpy()[:, 1:]
    np.testing.assert_allclose(probabilities, written, atol=1e-5)
    assert labels.tolist() == pd.read_csv(run / "label_pred.csv")["Sample_label"].tolist()
    assert (found.path, found.size, found.songs) == (path, path.stat().st_size, 7)
    assert found.difference < 1e-5
    assert found.recipes == ("tiny", "tiny-lstm", "kernel-ridge", "support-vector", "lda")


def test_many_rows_are_predicted_as_one_by_one(exported: tuple[Path, genre_kit.Exported]):
    songs = np.random.default_rng(0).normal(size=(1100, 10))
    probabilities, labels, _ = applied(exported[0], songs)
    assert probabilities.shape == (1100, 3)
    for row in (0, 511, 512, 1099):
        one, label, _ = applied(exported[0], songs[row : row + 1])
        np.testing.assert_allclose(one[0], probabilities[row], atol=1e-6)
        assert label[0] == labels[row]


def test_a_file_says_what_it_is(exported: tuple[Path, genre_kit.Exported], tmp_path: Path):
    about = applied(exported[0], np.zeros((1, 10)))[2]
    (tmp_path / "edition.toml").write_text(about.pop("edition"))
    edition = read_edition(tmp_path / "edition.toml")
    assert about.pop("rule_in_words").startswith("argmax:")
    known = {key: json.loads(value) for key, value in about.items()}
    assert known["genres"] == list(edition.genres)
    assert known["labels"] == ["1", "2", "3"]
    assert known["columns"] == [str(number) for number in range(1, 11)]
    assert known["rule"]["name"] == "argmax"
    assert 0 < known["scores"]["board_log_loss"] < 1
    assert len(known["training_sha256"]) == 64
    assert not any(str(ROOT) in text or "/" in json.dumps(known["recipes"]) for text in about.values())


def test_the_same_run_is_the_same_bytes(exported: tuple[Path, genre_kit.Exported], tmp_path: Path):
    genre_kit.export(OLDER / "runs" / "trained", data=OLDER / "data", out=tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == exported[0].read_bytes()


def test_the_command_says_what_it_wrote(finished: Finished, tmp_path: Path):
    _, run, _ = finished  # knows its data
    said = run_program("export", run, cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("file      genres.onnx: 0.")
    assert "all 7 labels are the same" in " ".join(said.stdout.split())
    again = run_program("export", run, cwd=tmp_path)
    assert again.returncode == 1
    assert "genres.onnx: is there already; name another file with --out, or replace it with --force." in again.stderr
    assert run_program("export", run, "--force", "--quiet", cwd=tmp_path).stdout == ""


def test_a_blend_is_the_pool_of_its_runs(tmp_path: Path):
    runs, songs = OLDER / "runs", np.loadtxt(OLDER / "data" / "unknown.csv", delimiter=",")
    found = genre_kit.export(runs / "blended", data=OLDER / "data", out=tmp_path / "blend.onnx")
    probabilities, labels, _ = applied(found.path, songs)
    np.testing.assert_allclose(
        probabilities, pd.read_csv(runs / "blended" / "label_all.csv").to_numpy()[:, 1:], atol=1e-5
    )
    assert labels.tolist() == pd.read_csv(runs / "blended" / "label_pred.csv")["Sample_label"].tolist()
    shutil.copytree(runs / "blended", tmp_path / "alone")
    with pytest.raises(genre_kit.KitError, match=r"blends .*, which is no finished run there; put the folders of all"):
        genre_kit.export(tmp_path / "alone", data=OLDER / "data", out=tmp_path / "other.onnx")


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder with headers, ids, genres as names, and cells that are missing: many in one column."""
    generator = np.random.default_rng(1)
    folder = tmp_path / "foreign"
    folder.mkdir()
    genres = np.repeat(["blues", "jazz", "rock"], 30)
    table = pd.DataFrame(generator.normal(size=(90, 4)).round(3), columns=["tempo", "loudness", "energy", "valence"])
    table["tempo"] += 3 * (genres == "rock")
    table.loc[::3, "energy"] = np.nan
    table.loc[1, "valence"] = np.nan
    table.insert(0, "song_id", [f"s{number}" for number in range(90)])
    table.iloc[60:75].to_csv(folder / "test.csv", index=False)
    table.assign(genre=genres).to_csv(folder / "train.csv", index=False)
    return folder


@pytest.mark.training
@pytest.mark.filterwarnings("ignore::competition.errors.KitWarning")
def test_foreign_files_have_names_ids_and_missing_cells(foreign: Path, tmp_path: Path):
    genre_kit.edition(data=foreign, missing="median")
    run = genre_kit.submit(data=foreign, model="discriminant-analysis", folds=3, out=tmp_path / "run")
    found = genre_kit.export(run.folder, out=tmp_path / "genres.onnx")
    about = applied(found.path, np.zeros((1, found.columns)))[2]
    songs = pd.read_csv(foreign / "test.csv")[json.loads(about["columns"])]
    probabilities, labels, _ = applied(found.path, songs.to_numpy())
    assert np.isnan(songs.to_numpy()).any()
    np.testing.assert_allclose(probabilities, run.probabilities, atol=1e-5)
    assert labels.tolist() == pd.read_csv(run.folder / "label_pred.csv").iloc[:, 1].tolist()


@pytest.mark.filterwarnings("ignore::competition.errors.KitWarning")
def test_genres_that_are_left_out_have_tiny_probabilities(competition_folder: Path, tmp_path: Path):
    run = genre_kit.submit(
        data=competition_folder, model="discriminant-analysis", folds=3, without=["Rock"], out=tmp_path / "run"
    )
    found = genre_kit.export(run.folder, out=tmp_path / "genres.onnx")
    songs = np.loadtxt(competition_folder / "unknown.csv", delimiter=",")
    probabilities, labels, _ = applied(found.path, songs)
    np.testing.assert_allclose(probabilities, pd.read_csv(run.folder / "label_all.csv").to_numpy()[:, 1:], atol=1e-5)
    assert labels.tolist() == pd.read_csv(run.folder / "label_pred.csv")["Sample_label"].tolist()
    assert set(labels) <= {2, 3}


def test_songs_that_were_kept_out_are_no_test_file(competition_folder: Path, tmp_path: Path):
    (competition_folder / "unknown.csv").unlink()
    run = genre_kit.submit(
        data=competition_folder, model="discriminant-analysis", folds=3, test_share=0.3, out=tmp_path / "run"
    )
    found = genre_kit.export(run.folder, out=tmp_path / "genres.onnx")
    assert (found.songs, found.songs_from) == (60, f"training songs of {competition_folder}")


def test_corrected_shares_and_gathered_rows_are_said(exported: tuple[Path, genre_kit.Exported]):
    from dataclasses import replace

    from genre_kit.reports.exported import exported_lines

    said = " ".join(" ".join(exported_lines(replace(exported[1], is_corrected=True, gathers_rows=True))).split())
    assert "corrected for the genre shares of the whole test file, which one song does not show" in said
    assert "average the logarithms of their probabilities" in said
    assert "1 of 7 labels differ" in " ".join(exported_lines(replace(exported[1], other_labels=1)))


REFUSED: list[tuple[Callable[[Path], dict[str, Any]], str]] = [
    (lambda place: {"run": place / "nowhere"}, "there is no such folder"),
    (lambda place: {"run": OLDER / "runs" / "scored"}, "keeps no models; only runs that submit has trained do"),
    (lambda place: {"run": OLDER / "runs" / "predicted"}, "was made by the models of another run; export that one: "),
    (lambda place: {"run": OLDER / "runs" / "other"}, "does not say where its data is.*; give it with `data`"),
    (lambda place: {"out": place}, "is a folder; name a file with `out`, such as .*genres.onnx"),
    (lambda place: {"out": place / "file" / "genres.onnx"}, "cannot be written: .* is no folder"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_mistakes_are_met_by_a_sentence(arguments: Callable[[Path], dict[str, Any]], words: str, tmp_path: Path):
    (tmp_path / "file").write_text("")
    given = {"run": OLDER / "runs" / "other", "out": tmp_path / "genres.onnx"} | arguments(tmp_path)
    with pytest.raises(genre_kit.KitError, match=words):
        genre_kit.export(**given)
    assert not (tmp_path / "genres.onnx").exists()


@pytest.mark.parametrize("name", ["onnx", "onnxruntime"])
def test_without_its_packages_a_sentence_says_what_to_install(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, name, None)
    said = run_program("export", OLDER / "runs" / "trained")
    assert said.returncode == 1
    assert (
        f"exporting needs the package {name}, which is not installed here; install it with `make export`" in said.stderr
    )


def test_what_is_not_exact_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Kernels are tried in float64 before that, once."""
    tried, build = [], job._graph
    monkeypatch.setattr(job, "_graph", lambda source, kernels: tried.append(kernels) or build(source, kernels))
    monkeypatch.setattr(SavedEnsemble, "predict", lambda *_: np.full((7, 3), 1 / 3))
    with pytest.raises(genre_kit.KitError, match=r"differ from the kit's by .* in row \d of the 7 test songs .*1e-05"):
        genre_kit.export(OLDER / "runs" / "other", data=OLDER / "data", out=tmp_path / "genres.onnx")
    assert tried == [np.float32, np.float64]
    assert list(tmp_path.iterdir()) == []


def test_kernels_in_float64_are_the_kits_to_its_last_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    build = job._graph
    monkeypatch.setattr(job, "_graph", lambda source, kernels: build(source, np.float64))
    found = genre_kit.export(OLDER / "runs" / "trained", data=OLDER / "data", out=tmp_path / "genres.onnx")
    assert found.difference < 1e-6


def test_models_that_lack_something_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> str:
        raise AttributeError("coef_")

    monkeypatch.setattr("competition.models.onnx.classical.predicted", broken)
    with pytest.raises(genre_kit.KitError, match=r"\.skops: its models cannot be exported .*coef_"):
        genre_kit.export(OLDER / "runs" / "other", data=OLDER / "data", out=tmp_path / "genres.onnx")
