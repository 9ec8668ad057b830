"""`score --predictions` where the songs are counted: what is matched by id, and what may be given as labels."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

import genre_kit

TRUTH = np.array([0, 1, 2, 0, 1])
PREDICTED = np.array([0, 1, 2, 1, 1])


def numbered_lines(targets: np.ndarray, order: np.ndarray) -> str:
    return "Sample_id,Sample_label\n" + "".join(f"{row + 1},{targets[row] + 1}\n" for row in order)


def accuracy(predictions: Path, labels: Path, data: Path) -> float:
    (scored,) = genre_kit.score_files([predictions], labels, data=data)
    return scored.scores.accuracy.value


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_both_files_changes_nothing(competition_folder: Path, tmp_path: Path, seed: int):
    generator = np.random.default_rng(seed)
    (tmp_path / "plain.csv").write_text("".join(f"{target + 1}\n" for target in TRUTH))
    (tmp_path / "truth.csv").write_text(numbered_lines(TRUTH, generator.permutation(5)))
    (tmp_path / "labels.csv").write_text(numbered_lines(PREDICTED, generator.permutation(5)))
    for truth in ("plain.csv", "truth.csv"):
        assert accuracy(tmp_path / "labels.csv", tmp_path / truth, competition_folder) == pytest.approx(0.8)


def test_a_zip_is_scored_and_noted(competition_folder: Path, tmp_path: Path):
    (tmp_path / "truth.csv").write_text(numbered_lines(TRUTH, np.arange(5)))
    with zipfile.ZipFile(tmp_path / "labels.csv.zip", "w") as archive:
        archive.writestr("labels.csv", numbered_lines(PREDICTED, np.arange(5)))
    (scored,) = genre_kit.score_files([tmp_path / "labels.csv.zip"], tmp_path / "truth.csv", data=competition_folder)
    assert [finding.severity for finding in scored.findings] == ["note"]
    assert scored.scores.accuracy.value == pytest.approx(0.8)


def test_probabilities_are_no_labels(competition_folder: Path, tmp_path: Path):
    (tmp_path / "truth.csv").write_text("Sample_id,Class_1,Class_2,Class_3\n1,0.2,0.3,0.5\n")
    with pytest.raises(genre_kit.KitError, match="holds probabilities; expected true labels"):
        accuracy(tmp_path / "truth.csv", tmp_path / "truth.csv", competition_folder)


def test_files_without_a_known_layout_are_met_by_what_was_expected(tmp_path: Path):
    (tmp_path / "truth.csv").write_text("filename,genre\na.wav,rock\nb.wav,jazz\n")
    with pytest.raises(
        genre_kit.KitError, match=r"Neither `data` nor `edition` says .* those of mlbp-2018 were expected"
    ):
        genre_kit.score_files(tmp_path / "truth.csv", tmp_path / "truth.csv")
