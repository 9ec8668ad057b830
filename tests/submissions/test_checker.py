from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.edition import Edition
from competition.data.edition_file import load_edition
from competition.data.songs import numbered
from competition.errors import SubmissionError
from competition.scoring.probabilities import bounded
from submissions.checks.checker import check_agreement, check_file, read_scorable
from submissions.checks.findings import Expectation
from submissions.layout import layout_of
from submissions.writer import label_text, probability_text

LABELS = "Sample_id,Sample_label\n1,3\n2,1\n3,2\n4,1\n"
PROBABILITIES = """\
Sample_id,Class_1,Class_2,Class_3
1,0.2,0.2,0.6
2,0.7,0.2,0.1
3,0.25,0.5,0.25
4,0.9,0.05,0.05
"""
REAL_SHARES = np.array([2178, 618, 326, 253, 214, 260, 141, 195, 92, 86]) / 4363


def expectation(edition: Edition, rows: int, shares: np.ndarray | None) -> Expectation:
    """What is expected of an edition whose songs are counted."""
    return Expectation(edition, layout_of(edition, numbered(rows)), shares)


@pytest.fixture
def expected(edition: Edition) -> Expectation:
    return expectation(edition, 4, np.array([0.5, 0.3, 0.2]))


def check(folder: Path, content: str | bytes, expected: Expectation, name: str = "file.csv"):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return check_file(path, expected)


def test_good_files_pass_and_give_their_values(tmp_path: Path, expected: Expectation):
    labels = check(tmp_path, LABELS, expected, "label_pred.csv")
    assert (labels.kind, labels.findings) == ("labels", ())
    assert labels.values.tolist() == [2, 0, 1, 0]
    probabilities = check(tmp_path, PROBABILITIES, expected, "label_all.csv")
    assert (probabilities.kind, probabilities.findings) == ("probabilities", ())
    assert probabilities.values[3].tolist() == [0.9, 0.05, 0.05]
    assert check(tmp_path, LABELS.replace("\n", "\r\n"), expected).findings == ()
    assert check(tmp_path, LABELS.rstrip("\n"), expected).findings == ()
    quoted = LABELS.replace("Sample_id,Sample_label", '"Sample_id","Sample_label"')
    assert check(tmp_path, quoted, expected).findings == ()


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 2))
def test_what_the_writer_writes_passes(tmp_path_factory: pytest.TempPathFactory, seed: int, spread: float):
    folder = tmp_path_factory.mktemp("written")
    probabilities = bounded(np.random.default_rng(seed).dirichlet(np.full(10, spread), size=5))
    expected = expectation(load_edition("mlbp-2018"), 5, None)
    written = check(folder, probability_text(probabilities, expected.layout), expected)
    np.testing.assert_array_equal(written.values, probabilities)
    assert check(folder, label_text(probabilities.argmax(axis=1), expected.layout), expected).findings == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("Sample_id,Sample_label\n", "", 1, 'the header is missing; expected "Sample_id,Sample_label"'),
        ("Sample_id", "# Sample_id", 1, 'the header starts with "#"'),
        ("Sample_id,Sample_label", "Id,Sample_label", 1, 'column 1 is named "Id"; expected "Sample_id"'),
        ("Sample_label", "Sample_lable", 1, 'column 2 is named "Sample_lable"; expected "Sample_label"'),
        ("Sample_id,Sample_label", ",Sample_id,Sample_label", 1, "an index column without a name"),
        ("4,1\n", "", None, "3 row(s); expected 4, one for each test song"),
        ("4,1\n", "4,1\n5,1\n", None, "5 row(s); expected 4"),
        ("3,2", "3,2,1", 4, "3 column(s); expected 2"),
        ("3,2", "3", 4, "1 column(s); expected 2"),
        ("1,3\n2,1\n3,2\n4,1", "0,3\n1,1\n2,2\n3,1", 2, "the ids start from 0; expected 1"),
        ("3,2", "2,2", 4, r"id 2 stood in line 3 already; every id must stand once"),
        ("3,2", "2,2", None, "id 3 is missing; add its row"),
        ("3,2", "9,2", 4, "id 9 is no test song's; expected 1 to 4"),
        ("3,2", "three,2", 4, 'the id is "three"; expected a whole number'),
        ("3,2", "3,0", 4, "the label is 0; expected a whole number from 1 to 3: labels start from 1"),
        ("3,2", "3,4", 4, "the label is 4; expected a whole number from 1 to 3"),
        ("3,2", "3,2.0", 4, 'the label is "2.0"; expected a whole number'),
        ("3,2", "3,Jazz", 4, 'the label is "Jazz"; expected a whole number'),
        ("3,2", "3,-1", 4, 'the label is "-1"; expected a whole number'),
        ("3,2", "3,", 4, 'the label is ""; expected a whole number'),
        ("2,1\n", "2,1\n\n", 4, "the line is blank; remove it"),
        ("3,2", '3,"2', 4, """the label is ""2"; expected a whole number"""),
        ("3,2", '"3,000",2', 4, 'the id is "3,000", with a mark between thousands; expected 3000'),
        ("3,2", "3,\u0662", 4, "expected a whole number"),
        ("3,2", "3,1_0", 4, 'the label is "1_0"; expected a whole number'),
        ("Sample_id,Sample_label", "Sample_id;Sample_label", 1, "separated by semicolons; expected commas"),
        ("Sample_id,", "\ufeffSample_id,", 1, "starts with a byte order mark"),
    ],
)
def test_a_mistake_in_a_label_file_is_named_with_its_line(
    tmp_path: Path, expected: Expectation, old: str, new: str, line: int | None, sentence: str
):
    assert old in LABELS
    findings = check(tmp_path, LABELS.replace(old, new, 1), expected).findings
    assert any(finding.line == line and sentence in finding.message for finding in findings), findings


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("Class_2", "CLass_2", 1, 'column 3 is named "CLass_2"; expected "Class_2": capitals and blanks count'),
        ("Class_2,Class_3", "Class_3,Class_3", 1, 'the column "Class_3" stands twice, and "Class_2" is missing'),
        (",Class_3", "", 1, "the header has 3 columns; expected 4"),
        ("Sample_id,Class_1,Class_2,Class_3\n", "", 1, "the header is missing"),
        ("0.7,0.2,0.1", "0.7,0.3,0", 3, "Class_3 is 0, which leaves nothing to chance"),
        ("0.7,0.2,0.1", "0.0000,1.0000,0.0000", 3, "Class_1 is 0.0000, which leaves nothing to chance"),
        ("0.7,0.2,0.1", "0.9,0.2,-0.1", 3, "Class_3 is -0.1, which is not between 0 and 1"),
        ("0.7,0.2,0.1", "1.7,0.2,0.1", 3, "Class_1 is 1.7, which is not between 0 and 1"),
        ("0.7,0.2,0.1", "nan,0.2,0.1", 3, "Class_1 is nan, which is not finite"),
        ("0.7,0.2,0.1", "inf,0.2,0.1", 3, "Class_1 is inf, which is not finite"),
        ("0.7,0.2,0.1", "0.7,0.2,low", 3, '"low" is not a number'),
        ("0.7,0.2,0.1", "0.7,0.2,0.10001", 3, "the row sums to 1.00001; expected 1"),
        ("0.7,0.2,0.1", "0.7,0.3", 3, "3 column(s); expected 4"),
    ],
)
def test_a_mistake_in_a_probability_file_is_named_with_its_line(
    tmp_path: Path, expected: Expectation, old: str, new: str, line: int, sentence: str
):
    assert old in PROBABILITIES
    findings = check(tmp_path, PROBABILITIES.replace(old, new, 1), expected).findings
    assert any(finding.line == line and sentence in finding.message for finding in findings), findings


def test_the_same_mistake_is_told_once_with_its_count(tmp_path: Path, expected: Expectation):
    content = PROBABILITIES.replace("0.2,0.2,0.6", "0,0.4,0.6").replace("0.9,0.05,0.05", "1,0,0")
    findings = check(tmp_path, content, expected).findings
    assert [(finding.line, finding.severity) for finding in findings] == [(2, "unsafe")]
    assert "(and 1 more line)" in findings[0].message


@pytest.mark.parametrize(("ends", "sentence"), [("\r\r\n", "line ends are doubled"), ("\r", "bare carriage returns")])
def test_odd_line_ends_are_named_and_the_rest_is_still_read(
    tmp_path: Path, expected: Expectation, ends: str, sentence: str
):
    checked = check(tmp_path, LABELS.replace("\n", ends), expected)
    assert len(checked.findings) == 1
    assert sentence in checked.findings[0].message
    assert checked.values.tolist() == [2, 0, 1, 0]


@pytest.mark.parametrize(("name", "content"), [("label_all.csv", LABELS), ("label_pred_2.csv", PROBABILITIES)])
def test_swapped_files_are_reported(tmp_path: Path, expected: Expectation, name: str, content: str):
    findings = check(tmp_path, content, expected, name).findings
    assert any("the two files are swapped" in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("", "the file is empty"), ("\n \n", "the file is empty"), (b"a,b\n1,\xff\n", "line 2: is not UTF-8 text")],
)
def test_what_cannot_be_read_at_all_is_an_error(tmp_path: Path, expected: Expectation, content, sentence: str):
    with pytest.raises(SubmissionError, match=sentence):
        check(tmp_path, content, expected)
    with pytest.raises(SubmissionError, match="there is no such file"):
        check_file(tmp_path / "none.csv", expected)


def predictions(seed: int, rows: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Draw calibrated-looking predictions whose column means lie near the real shares."""
    generator = np.random.default_rng(seed)
    return generator.dirichlet(REAL_SHARES * 4, size=rows), generator.lognormal(sigma=0.15, size=10)


@pytest.mark.training
@given(st.integers(0, 2**32 - 1))
def test_honest_columns_are_not_suspicious(tmp_path_factory: pytest.TempPathFactory, seed: int):
    probabilities, tilt = predictions(seed)
    expected = expectation(load_edition("mlbp-2018"), 600, REAL_SHARES)
    content = probability_text(bounded(probabilities * tilt), expected.layout)
    assert check(tmp_path_factory.mktemp("honest"), content, expected).findings == ()


@pytest.mark.parametrize(
    "order",
    [[0, 9, 1, 2, 3, 4, 5, 6, 7, 8], [1, 0, 2, 3, 4, 5, 6, 7, 8, 9], [*range(1, 10), 0], [*range(9, -1, -1)]],
    ids=["sorted as text", "two swapped", "shifted by one", "reversed"],
)
def test_permuted_columns_are_suspicious(tmp_path: Path, order: list[int]):
    probabilities, _ = predictions(seed=3)
    expected = expectation(load_edition("mlbp-2018"), 600, REAL_SHARES)
    checked = check(tmp_path, probability_text(bounded(probabilities[:, order]), expected.layout), expected)
    assert checked.findings
    assert {finding.severity for finding in checked.findings} == {"suspicious"}
    assert "are the columns in label order" in checked.findings[0].message


def test_few_songs_give_no_suspicion(tmp_path: Path, edition: Edition):
    """Column means of four songs say nothing, however far they lie from the shares."""
    expected = expectation(edition, 4, np.array([0.25, 0.55, 0.2]))
    assert check(tmp_path, PROBABILITIES, expected).findings == ()


def test_equal_shares_give_no_suspicion(tmp_path: Path, edition: Edition):
    expected = expectation(edition, 4, np.full(3, 1 / 3))
    assert check(tmp_path, PROBABILITIES, expected).findings == ()


def test_a_pair_that_does_not_belong_together_is_suspicious(tmp_path: Path, expected: Expectation):
    labels = check(tmp_path, LABELS, expected, "label_pred.csv")
    probabilities = check(tmp_path, PROBABILITIES, expected, "label_all.csv")
    assert check_agreement(labels, probabilities) == []
    other = check(tmp_path, "Sample_id,Sample_label\n1,1\n2,2\n3,3\n4,1\n", expected, "label_pred.csv")
    (finding,) = check_agreement(other, probabilities)
    assert "only 0% of its labels other than the commonest are the most probable genre" in finding.message


def test_labels_that_fell_back_do_not_count_as_disagreement(tmp_path: Path, expected: Expectation):
    probabilities = check(tmp_path, PROBABILITIES, expected, "label_all.csv")
    fallen = check(tmp_path, "Sample_id,Sample_label\n1,2\n2,2\n3,2\n4,1\n", expected, "label_pred.csv")
    assert check_agreement(fallen, probabilities) == []


def test_scoring_reads_past_what_is_only_unsafe(tmp_path: Path, expected: Expectation):
    path = tmp_path / "rounded.csv"
    path.write_text(PROBABILITIES.replace("0.7,0.2,0.1", "0.8,0.2,0"))
    assert read_scorable(path, expected).values[1].tolist() == [0.8, 0.2, 0.0]
    path.write_text(PROBABILITIES.replace("Sample_id", "Id"))
    with pytest.raises(SubmissionError, match='line 1: column 1 is named "Id"'):
        read_scorable(path, expected)
