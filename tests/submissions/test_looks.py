"""Files that are well formed and look like no prediction: templates, and labels that ascend."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.edition import Edition
from competition.data.songs import numbered
from submissions.checks.checker import check_file
from submissions.checks.findings import Expectation, Finding
from submissions.layout import layout_of
from submissions.writer import label_text, probability_text

ROWS = 60


def findings(folder: Path, edition: Edition, content: str, rows: int = ROWS) -> tuple[Finding, ...]:
    (folder / "file.csv").write_text(content)
    expected = Expectation(edition, layout_of(edition, numbered(rows)), shares=None)
    return check_file(folder / "file.csv", expected).findings


def labels(edition: Edition, genres: np.ndarray) -> str:
    return label_text(genres, layout_of(edition, numbered(len(genres))))


@pytest.mark.parametrize(
    ("genres", "sentence"),
    [
        (np.repeat([0, 1, 2], [30, 20, 10]), "the labels ascend through the whole file; were the rows sorted by genre"),
        (np.repeat([2, 0, 1], [30, 20, 10]), "the labels stand genre by genre through the whole file"),
        (np.zeros(ROWS, int), 'all 60 labels are "1": this looks like the sample submission, unfilled'),
    ],
)
def test_labels_that_nobody_predicts_are_suspicious(tmp_path: Path, edition: Edition, genres, sentence: str):
    (finding,) = findings(tmp_path, edition, labels(edition, genres))
    assert finding.severity == "suspicious"
    assert sentence in finding.message


def test_probabilities_of_genres_that_ascend_are_suspicious(tmp_path: Path, edition: Edition):
    layout = layout_of(edition, numbered(ROWS))
    probabilities = np.full((ROWS, 3), 0.2)
    probabilities[np.arange(ROWS), np.repeat([0, 1, 2], 20)] = 0.6
    (finding,) = findings(tmp_path, edition, probability_text(probabilities, layout))
    assert (finding.severity, "the labels ascend" in finding.message) == ("suspicious", True)


def test_equal_rows_of_probabilities_are_suspicious(tmp_path: Path, edition: Edition):
    layout = layout_of(edition, numbered(ROWS))
    (finding,) = findings(tmp_path, edition, probability_text(np.full((ROWS, 3), 1 / 3), layout))
    assert finding.severity == "suspicious"
    assert "all rows hold the same probabilities: this looks like the sample submission" in finding.message


def test_a_template_of_zeros_is_told_for_what_it_is(tmp_path: Path, edition: Edition):
    """No advice to add 1 to each label, which would make it a file of one genre."""
    zeros = labels(edition, np.zeros(ROWS, int)).replace(",1\n", ",0\n")
    (finding,) = findings(tmp_path, edition, zeros)
    assert finding.severity == "broken"
    assert 'all 60 labels are "0": this looks like the sample submission, unfilled' in finding.message


@pytest.mark.parametrize(("label", "sentence"), [("Rock", "Rock is 1, Jazz is 2"), ("1.0", "no point")])
def test_equal_labels_in_a_wrong_form_are_told_their_cure(tmp_path: Path, edition: Edition, label: str, sentence: str):
    wrong = labels(edition, np.zeros(ROWS, int)).replace(",1\n", f",{label}\n")
    (finding,) = findings(tmp_path, edition, wrong)
    assert (finding.severity, sentence in finding.message) == ("broken", True)


@given(st.integers(0, 2**32 - 1))
def test_labels_in_no_order_are_not_suspicious(tmp_path_factory: pytest.TempPathFactory, edition: Edition, seed: int):
    genres = np.random.default_rng(seed).permutation(np.repeat([0, 1, 2], [30, 20, 10]))
    assert findings(tmp_path_factory.mktemp("fine"), edition, labels(edition, genres)) == ()


def test_order_that_may_be_chance_is_not_suspicious(tmp_path: Path, edition: Edition):
    assert findings(tmp_path, edition, labels(edition, np.array([0, 0, 1, 2])), rows=4) == ()
    single = np.zeros(ROWS, int)
    single[-1] = 1
    assert findings(tmp_path, edition, labels(edition, single)) == ()


def test_rows_sorted_by_genre_with_their_own_ids_are_only_in_another_order(tmp_path: Path, edition: Edition):
    genres = np.random.default_rng(5).integers(3, size=ROWS)
    header, *lines = labels(edition, genres).splitlines()
    by_genre = "\n".join([header, *(lines[row] for row in genres.argsort(kind="stable"))])
    assert [finding.severity for finding in findings(tmp_path, edition, by_genre)] == ["note"]
