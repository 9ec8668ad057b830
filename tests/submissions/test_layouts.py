"""Files of editions with ids and names of their own: what passes, what is put in order, and what is said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.edition import Edition
from competition.data.songs import Entries, numbered
from competition.scoring.probabilities import bounded
from submissions.checks.checker import Checked, check_agreement, check_file
from submissions.checks.findings import Expectation
from submissions.layout import layout_of
from submissions.writer import label_text, probability_text

IDS = ("b, live.mp3", "a.mp3", "c.mp3", "d.mp3")
LABELS = """\
track,genre
"b, live.mp3",Rock
a.mp3,"Rhythm, Blues"
c.mp3,Jazz
d.mp3,Rock
"""
PROBABILITIES = """\
track,"p, blues",p jazz,p rock
"b, live.mp3",0.1,0.2,0.7
a.mp3,0.8,0.1,0.1
c.mp3,0.2,0.5,0.3
d.mp3,0.2,0.3,0.5
"""


def expectation(edition: Edition, ids: tuple[str, ...] = IDS) -> Expectation:
    return Expectation(edition, layout_of(edition, Entries(ids, np.arange(len(ids)))), shares=None)


def check(folder: Path, content: str, expected: Expectation, name: str = "file.csv") -> Checked:
    (folder / name).write_text(content)
    return check_file(folder / name, expected)


def test_good_files_pass_and_give_their_values(tmp_path: Path, named_edition: Edition):
    expected = expectation(named_edition)
    labels, probabilities = check(tmp_path, LABELS, expected), check(tmp_path, PROBABILITIES, expected, "other.csv")
    assert (labels.kind, labels.findings) == ("labels", ())
    assert labels.values.tolist() == [0, 2, 1, 0]
    assert (probabilities.kind, probabilities.findings) == ("probabilities", ())
    assert probabilities.values[0].tolist() == [0.7, 0.2, 0.1]
    assert check_agreement(labels, probabilities) == []


@given(rows=st.integers(1, 30), seed=st.integers(0, 2**32 - 1))
def test_written_files_pass_in_any_order_of_rows_and_columns_with_the_same_values(
    tmp_path_factory: pytest.TempPathFactory, named_edition: Edition, rows: int, seed: int
):
    generator, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("shuffled")
    expected = expectation(named_edition, tuple(f"song {number}" for number in generator.permutation(rows)))
    probabilities = bounded(generator.dirichlet(np.ones(3), size=rows))
    texts = {
        "labels": (label_text(probabilities.argmax(axis=1), expected.layout), probabilities.argmax(axis=1)),
        "probabilities": (probability_text(probabilities, expected.layout), probabilities),
    }
    for kind, (text, values) in texts.items():
        written = check(folder, text, expected)
        shuffled = check(folder, shuffle(text, generator), expected)
        for one in (written, shuffled):
            assert one.kind == kind
            np.testing.assert_array_equal(one.values, values)
        assert not [finding for finding in written.findings if finding.severity != "suspicious"]
        assert {finding.severity for finding in shuffled.findings} <= {"note", "suspicious"}


def shuffle(text: str, generator: np.random.Generator) -> str:
    """Put the lines and the columns of a file into another order; the first column's ids hold no commas."""
    text = text.replace('"p, blues"', "p; blues").replace('"Rhythm, Blues"', "Rhythm; Blues")
    cells = np.array([line.split(",") for line in text.splitlines()])
    columns, rows = generator.permutation(cells.shape[1]), generator.permutation(np.arange(1, len(cells)))
    lines = [",".join(line) for line in cells[np.concatenate([[0], rows])][:, columns]]
    return "\n".join(lines).replace("p; blues", '"p, blues"').replace("Rhythm; Blues", '"Rhythm, Blues"') + "\n"


@pytest.mark.parametrize(
    ("old", "new", "line", "severity", "sentence"),
    [
        ("a.mp3", "A.mp3", 3, "broken", "id A.mp3 is no test song's; expected b, live.mp3, a.mp3, c.mp3, ...; did"),
        ("a.mp3", "c.mp3", 4, "broken", "id c.mp3 stood in line 3 already; every id must stand once"),
        ("a.mp3", "c.mp3", None, "broken", "id a.mp3 is missing; add its row"),
        ("track,genre\n", "", 1, "broken", 'the header is missing; expected "track,genre"'),
        ("track,genre", "track,Genre", 1, "broken", 'column 2 is named "Genre"; expected "genre": capitals and blanks'),
        ("Jazz", "Jaz", 4, "broken", 'expected one of Rock, Jazz, Rhythm, Blues; did you mean "Jazz"?'),
        ("Jazz", "Polka", 4, "broken", 'the label is "Polka"; expected one of Rock, Jazz, Rhythm, Blues.'),
        ("Jazz", " jazz", 4, "broken", 'the label is " jazz"; expected "Jazz": genres are written as in named'),
        ("Jazz", "2", 4, "broken", 'the label is "2"; expected the genre\'s name, one of Rock, Jazz'),
        ("Jazz", "", 4, "broken", 'the label is ""; expected one of Rock, Jazz'),
        ('"Rhythm, Blues"', "Rhythm, Blues", 3, "broken", "3 column(s); expected 2"),
        ('a.mp3,"Rhythm, Blues"\nc.mp3,Jazz', 'c.mp3,Jazz\na.mp3,"Rhythm, Blues"', None, "note", "another order"),
    ],
)
def test_what_is_unlike_the_edition_is_named(
    tmp_path: Path, named_edition: Edition, old: str, new: str, line: int | None, severity: str, sentence: str
):
    assert old in LABELS
    checked = check(tmp_path, LABELS.replace(old, new, 1), expectation(named_edition))
    found = [(one.line, one.severity) for one in checked.findings if sentence in one.message]
    assert found == [(line, severity)], checked.findings
    assert (checked.values is None) == (severity == "broken")


def test_ids_that_count_the_rows_are_told_once(tmp_path: Path, named_edition: Edition):
    counting = "track,genre\n" + "".join(f"{number},Rock\n" for number in range(4))
    (finding,) = check(tmp_path, counting, expectation(named_edition)).findings
    assert "the ids count the rows from 0; expected the test songs' own: b, live.mp3, a.mp3, c.mp3" in finding.message


def test_ids_that_are_numbers_may_be_written_in_other_digits(tmp_path: Path, named_edition: Edition):
    expected = expectation(named_edition, ("30", "7"))
    assert check(tmp_path, "track,genre\n030,Jazz\n 7,Rock\n", expected).values.tolist() == [1, 0]
    (finding,) = check(tmp_path, "track,genre\n30.0,Jazz\n7,Rock\n", expected).findings
    assert 'the id is "30.0"; expected a whole number' in finding.message


def test_leading_zeros_count_where_ids_have_some(tmp_path: Path, named_edition: Edition):
    expected = expectation(named_edition, ("007", "12"))
    assert check(tmp_path, "track,genre\n007,Jazz\n12,Rock\n", expected).findings == ()
    assert check(tmp_path, "track,genre\n7,Jazz\n12,Rock\n", expected).values is None


def test_rows_and_columns_in_another_order_give_the_values_of_the_file_in_order(tmp_path: Path, edition: Edition):
    expected = Expectation(edition, layout_of(edition, numbered(3)), shares=None)
    text = "Class_3,Sample_id,Class_1,Class_2\n0.1,3,0.2,0.7\n0.6,1,0.3,0.1\n0.2,2,0.2,0.6\n"
    checked = check(tmp_path, text, expected)
    assert [finding.severity for finding in checked.findings] == ["note", "note"]
    assert "the board matches them by name" in checked.findings[0].message
    assert "the board matches them by their ids" in checked.findings[1].message
    assert checked.values.tolist() == [[0.3, 0.1, 0.6], [0.2, 0.6, 0.2], [0.2, 0.7, 0.1]]


def test_a_mistake_in_a_shuffled_file_has_the_line_that_it_stands_in(tmp_path: Path, edition: Edition):
    expected = Expectation(edition, layout_of(edition, numbered(3)), shares=None)
    (_, wrong) = check(tmp_path, "Sample_id,Sample_label\n3,1\n1,2\n2,9\n", expected).findings
    assert (wrong.line, "the label is 9" in wrong.message) == (4, True)


def test_a_mistake_in_a_template_s_column_has_its_name(tmp_path: Path, named_edition: Edition):
    text = PROBABILITIES.replace("0.8,0.1,0.1", "0,0.9,0.1")
    (finding,) = check(tmp_path, text, expectation(named_edition)).findings
    assert (finding.line, finding.severity) == (3, "unsafe")
    assert "p, blues is 0, which leaves nothing to chance" in finding.message


def test_names_of_genres_are_told_with_their_labels(tmp_path: Path, edition: Edition):
    expected = Expectation(edition, layout_of(edition, numbered(2)), shares=None)
    (finding,) = check(tmp_path, "Sample_id,Sample_label\n1,jazz\n2,Rock\n", expected).findings
    assert 'the label is "jazz" (and 1 more line); expected a whole number from 1 to 3' in finding.message
    assert "Rock is 1, Jazz is 2, Polka is 3." in finding.message


def test_labels_may_count_from_0_and_are_told_where_they_do_not(tmp_path: Path, named_edition: Edition):

    edition = replace(named_edition, submission=replace(named_edition.submission, first_label=0))
    expected = expectation(edition, ("1", "2"))
    assert check(tmp_path, "track,genre\n1,0\n2,2\n", expected).values.tolist() == [0, 2]
    (finding,) = check(tmp_path, "track,genre\n1,3\n2,1\n", expected).findings
    assert "expected a whole number from 0 to 2: labels start from 0, so subtract 1 from each" in finding.message


def test_names_that_are_numbers_are_names(tmp_path: Path, named_edition: Edition):
    """Genres named 90 and 80 are not counted: nothing is added to or taken from them."""
    form = replace(named_edition.submission, classes=None)
    expected = expectation(replace(named_edition, genres=("90", "80"), submission=form), ("a", "b"))
    assert check(tmp_path, "track,genre\na,80\nb,90\n", expected).values.tolist() == [1, 0]
    (finding,) = check(tmp_path, "track,genre\na,81\nb,90\n", expected).findings
    assert "expected the genre's name, one of 90, 80" in finding.message
