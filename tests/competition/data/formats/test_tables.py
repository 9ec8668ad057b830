"""Tables are read back as they were written, whatever their form; what is wrong is said with its line."""

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competition.data.formats.table_forms import ROW_NAMES
from competition.data.formats.tables import Table, open_table
from competition.errors import DataError

FORMS = st.fixed_dictionaries(
    {
        "separator": st.sampled_from([",", ";", "\t", "|"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "ends": st.sampled_from(["\n", "\r\n", "\r"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
        "is_packed": st.booleans(),
    }
)
NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)
TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N"], include_characters=' ,;|"\n'), max_size=8)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, TEXTS.map(lambda text: f"a {text}".strip())), min_size=2, max_size=30)


def written(folder: Path, text: str | bytes, name: str = "songs.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def opened(folder: Path, text: str) -> Table:
    return open_table(written(folder, text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=ROWS, form=FORMS)
def test_numbers_and_texts_are_read_back_from_every_form(tmp_path: Path, rows: list, form: dict):
    frame = pd.DataFrame(rows, columns=["tempo", "energy", "title"])
    frame["title"] = frame.title.str.replace("\n", form["ends"])
    buffer = io.StringIO(newline="")
    frame.to_csv(buffer, index=False, sep=form["separator"], quoting=form["quoting"], lineterminator=form["ends"])
    data = buffer.getvalue().encode(form["encoding"])
    table = open_table(written(tmp_path, gzip.compress(data) if form["is_packed"] else data))
    assert table.names == ("tempo", "energy", "title")
    np.testing.assert_array_equal(table.numbers(["tempo", "energy"]), [row[:2] for row in rows])
    assert table.texts("title") == [row[2] for row in rows]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_decimal_commas_are_read_beside_texts_that_hold_commas(tmp_path: Path, separator: str):
    frame = pd.DataFrame({"tempo": [1.5, -2.25, 3e-7], "energy": [1.0, 2.0, 0.5], "title": ["x", "y", "z"]})
    path = tmp_path / "songs.csv"
    frame.to_csv(path, sep=separator, decimal=",", index=False)
    np.testing.assert_array_equal(open_table(path).numbers(["tempo", "energy"]), frame[["tempo", "energy"]])


def test_lists_with_another_mark_in_every_row_do_not_decide_the_separator(tmp_path: Path):
    table = opened(tmp_path, "artists,tempo,genre\nA;B,1.5,rock\nC;D,2.5,pop\n")
    assert table.names == ("artists", "tempo", "genre")
    assert table.texts("artists") == ["A;B", "C;D"]


@pytest.mark.parametrize("missing", ["", "NA", "?", "nan", " ", " ? "])
def test_missing_cells_are_nan_in_columns_of_numbers(tmp_path: Path, missing: str):
    table = opened(tmp_path, f"a,b\n1,2.5\n2,{missing}\n+3, +4.5\n")
    np.testing.assert_array_equal(table.numbers(["a", "b"]), [[1, 2.5], [2, np.nan], [3, 4.5]])
    assert table.count_missing("b") == 1


def test_ids_keep_their_leading_zeros(tmp_path: Path):
    table = opened(tmp_path, "id,a\n007,1\n010,2\n")
    assert table.texts("id") == ["007", "010"]
    table = open_table(tmp_path / "songs.csv", texts=["id"])
    assert table.texts("id") == ["007", "010"]
    np.testing.assert_array_equal(table.numbers(["id"]), [[7], [10]])


@pytest.mark.parametrize(
    ("text", "has_header", "names"),
    [
        ("1,2\n3,4\n", False, ("1", "2")),
        ("a,b\n3,4\n", True, ("a", "b")),
        ("0,1,2\n3.5,4,5\n", True, ("0", "1", "2")),
        ("rock,1.5\npop,2\n", False, ("1", "2")),
        ("genre\nrock\npop\nrock\n", True, ("genre",)),
        ("rock\npop\nrock\n", False, ("1",)),
        ("polka\n" + "pop\n" * 100 + "polka\n", False, ("1",)),
        ("a,b\nx,1,2\ny,3,4\n", True, (ROW_NAMES, "a", "b")),
        (",a\n0,1\n1,2\n", True, (ROW_NAMES, "a")),
        ("%genre,tempo\nrock,1\npop,2\n", True, ("genre", "tempo")),
    ],
)
def test_a_header_is_seen(tmp_path: Path, text: str, has_header: bool, names: tuple[str, ...]):
    form = opened(tmp_path, text).form
    assert (form.has_header, form.names) == (has_header, names)


def test_lines_in_front_of_the_table_are_skipped_and_said_and_count(tmp_path: Path):
    table = opened(tmp_path, "# songs, of 2011\n#\n\n%genre,tempo\nrock,1\npop,x\n")
    assert table.texts("genre") == ["rock", "pop"]
    assert table.notes == ("3 line(s) in front of the table are skipped",)
    assert (table.line(0), table.line(1)) == (5, 6)


def test_a_column_that_is_called_number_sign_is_no_comment(tmp_path: Path):
    assert opened(tmp_path, "#,tempo\n1,2.5\n2,3.5\n").names == ("#", "tempo")


def test_lines_count_blank_lines_and_breaks_in_quotes(tmp_path: Path):
    text = 'title,tempo\n"one\ntwo",1\n\n\nx,2\n"three\n\nfour",oops\n\n'
    table = opened(tmp_path, text)
    assert [table.line(row) for row in range(3)] == [2, 6, 7]
    with pytest.raises(DataError, match=r'songs.csv, line 7, column "tempo": the cell is the text "oops"'):
        table.numbers(["tempo"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the file is empty"),
        (" \n\n", "the file is empty"),
        ("a,b,genre\n", "has a header and no row below it"),
        ("a,b\n1,2\n3\n", "line 3: 1 cells; expected 2"),
        ("a,b\n1,2\n\n3,4,5\n", "line 4: 3 cells; expected 2"),
        ('a,b\n1,2\n3,"4\n5,6\n7,8,9"\n0\n', "line 6: 1 cells; expected 2"),
        ('a,b\n1,2\n"3,4\n5,6\n', "lines 3 to 4, which quotation marks make one row: 1 cells; expected 2"),
        ('a,b\n1,2\n"' + "3,4\n" * 50_000, "a quotation mark seems to be opened and not closed"),
        ("a,b,a\n1,2,3\n", 'line 1: columns 1 and 3 are both named "a"'),
        ("<!DOCTYPE html><html></html>", "is a web page, not a table; log in"),
        ("PAR1xxxx", "is a Parquet file, not a table"),
        ("a,b\n1,\0\n", "is no text"),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(tmp_path: Path, text: str, sentence: str):
    with pytest.raises(DataError, match=sentence):
        opened(tmp_path, text)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("oops", 'the cell is the text "oops"; expected a number: mend the cell, or leave the column out'),
        ('"1,234.5"', "write numbers with points, and without thousands separators"),
        ("-", 'the text "-"'),
    ],
)
def test_a_text_among_numbers_is_refused(tmp_path: Path, cell: str, sentence: str):
    table = opened(tmp_path, f"a,b\n1,2\n3,{cell}\n")
    with pytest.raises(DataError, match=f'line 3, column "b".*{sentence}'):
        table.numbers(["a", "b"])


def test_an_infinite_cell_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match='line 2, column "b": the cell is infinite; expected a finite number'):
        opened(tmp_path, "a,b\n1,inf\n2,3\n").numbers(["a", "b"])


def test_text_that_is_not_utf8_is_read_as_latin_1_and_said(tmp_path: Path):
    table = open_table(written(tmp_path, "genre,a\nFrançais,1\nñ,2\n".encode("latin-1")))
    assert table.texts("genre") == ["Français", "ñ"]
    assert table.notes == ("is not UTF-8; read as Latin-1 text",)


def test_a_gzipped_bomb_is_refused(tmp_path: Path):
    path = written(tmp_path, gzip.compress(b"0" * 2**25), "songs.csv.gz")
    with pytest.raises(DataError, match="over 1000 times its size; that is no table of songs"):
        open_table(path)
