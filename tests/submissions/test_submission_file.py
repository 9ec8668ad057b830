"""Submission files as programs leave them: packed, in other encodings, with other separators."""

import gzip
import zipfile
from pathlib import Path

import pytest

from competition.data.edition import Edition
from competition.data.songs import numbered
from competition.errors import SubmissionError
from submissions.checks.checker import Checked, check_file
from submissions.checks.findings import Expectation
from submissions.layout import layout_of

LABELS = "Sample_id,Sample_label\n1,3\n2,1\n3,2\n4,1\n"
PROBABILITIES = """\
Sample_id,Class_1,Class_2,Class_3
1,0.2,0.2,0.6
2,0.7,0.2,0.1
3,0.25,0.5,0.25
4,0.9,0.05,0.05
"""


@pytest.fixture
def expected(edition: Edition) -> Expectation:
    return Expectation(edition, layout_of(edition, numbered(4)), shares=None)


def check(folder: Path, data: bytes, expected: Expectation, name: str = "label_pred.csv") -> Checked:
    (folder / name).write_bytes(data)
    return check_file(folder / name, expected)


def zipped(folder: Path, *names: str) -> bytes:
    with zipfile.ZipFile(folder / "archive", "w") as archive:
        for name in names:
            archive.writestr(name, LABELS)
    return (folder / "archive").read_bytes()


def test_a_zip_is_looked_into_and_no_mistake(tmp_path: Path, expected: Expectation):
    checked = check(tmp_path, zipped(tmp_path, "label_pred.csv"), expected, "label_pred.csv.zip")
    assert [(one.severity, one.message) for one in checked.findings] == [
        ("note", "is a zip archive, which the board unpacks.")
    ]
    assert checked.values.tolist() == [2, 0, 1, 0]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("label_pred.csv.gz", gzip.compress(LABELS.encode()), "is gzipped; hand in the CSV file itself"),
        ("label_pred.csv", gzip.compress(LABELS.encode()), "is gzipped, whatever its name says"),
        ("label_pred.csv.gz", LABELS.encode(), "is not packed, whatever its name says"),
        ("label_pred.csv", LABELS.encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        (
            "label_pred.csv",
            LABELS.replace(",", ";").encode(),
            "are separated by semicolons; expected commas",
        ),
        ("label_pred.csv", LABELS.replace(",", "\t").encode(), "the columns are separated by tabs; expected commas"),
    ],
    ids=["gzip", "gzip named csv", "csv named gz", "UTF-16", "semicolons", "tabs"],
)
def test_other_wrappings_are_unsafe_and_nothing_else_is_said(
    tmp_path: Path, expected: Expectation, name: str, data: bytes, sentence: str
):
    checked = check(tmp_path, data, expected, name)
    (finding,) = checked.findings
    assert finding.severity == "unsafe"
    assert sentence in finding.message
    assert checked.values.tolist() == [2, 0, 1, 0]


def test_a_zip_named_csv_is_unsafe(tmp_path: Path, expected: Expectation):
    (finding,) = check(tmp_path, zipped(tmp_path, "label_pred.csv"), expected).findings
    assert (finding.severity, "is a zip archive, whatever its name says" in finding.message) == ("unsafe", True)


def test_archives_that_cannot_be_looked_into_are_errors(tmp_path: Path, expected: Expectation):
    with pytest.raises(SubmissionError, match=r"the archive holds 2 files \(a.csv, b.csv\); expected one"):
        check(tmp_path, zipped(tmp_path, "a.csv", "b.csv"), expected, "both.zip")
    with pytest.raises(SubmissionError, match="is not a whole archive"):
        check(tmp_path, gzip.compress(LABELS.encode())[:-9], expected, "half.gz")
    with pytest.raises(SubmissionError, match="line 1: is not UTF-16 text"):
        check(tmp_path, b"\xff\xfeS\x00\x00\xd8", expected)


def test_decimal_commas_between_semicolons_are_read(tmp_path: Path, expected: Expectation):
    text = PROBABILITIES.replace(",", ";").replace(".", ",")
    checked = check(tmp_path, text.encode(), expected, "label_all.csv")
    (finding,) = checked.findings
    assert finding.severity == "unsafe"
    assert "separated by semicolons, and numbers have decimal commas" in finding.message
    assert checked.values[3].tolist() == [0.9, 0.05, 0.05]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("1,0.2,0.2,0.6", '1,"0,2","0,2","0,6"', '"0,2" has a decimal comma; expected a point'),
        ("1,0.2,0.2,0.6", "1,0,2,0,2,0,6", "7 column(s); expected 4: do decimal commas split its numbers?"),
    ],
)
def test_decimal_commas_between_commas_are_named(
    tmp_path: Path, expected: Expectation, old: str, new: str, sentence: str
):
    (finding,) = check(tmp_path, PROBABILITIES.replace(old, new).encode(), expected, "label_all.csv").findings
    assert finding.line == 2
    assert sentence in finding.message


def test_thousands_are_named_and_nothing_else_is(tmp_path: Path, expected: Expectation):
    text = LABELS.replace("\n3,", '\n"3,000",').replace("\n4,", '\n"4,000",')
    (finding,) = check(tmp_path, text.encode(), expected).findings
    assert (finding.line, finding.severity) == (4, "broken")
    assert 'the id is "3,000", with a mark between thousands; expected 3000: write plain digits (and 1 more line)' in (
        finding.message
    )
