"""Files of the kit's own that are empty, cut short or something else are named, whatever is left of them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.errors import RunError
from competition.storage.reading import read_json, read_whole

TABLE = {"name": "a", "numbers": [1.5, 2], "inner": {"none": None}}


@pytest.mark.parametrize("indent", [None, 2])
def test_a_table_is_read_whole_or_refused_at_every_length(tmp_path: Path, indent: int | None):
    text = json.dumps(TABLE, indent=indent) + "\n"
    path = tmp_path / "table.json"
    path.write_text(text)
    assert read_json(path, RunError, "mend it") == TABLE
    for length in range(len(text) - 1):  # without the last line's end it is whole
        path.write_text(text[:length])
        with pytest.raises(RunError, match=r"table\.json: cannot be read \(it is .*\); mend it\."):
            read_json(path, RunError, "mend it")


def test_a_text_is_read_whole_or_refused_where_a_line_is_cut(tmp_path: Path):
    text, path = "a,b\n1,0.25\n", tmp_path / "table.csv"
    for length in range(len(text) + 1):
        path.write_text(text[:length])
        if length in (4, len(text)):
            assert read_whole(path, RunError, "mend it") == text[:length]
        else:
            with pytest.raises(RunError, match=r"table\.csv: cannot be read \(it is (empty|cut short: its last line)"):
                read_whole(path, RunError, "mend it")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"[1, 2]", "it holds no table"),
        (b"null", "it holds no table"),
        (b"\xff{}", "it is no UTF-8 text"),
        (b"[" * 100_000, "it is cut short, or no JSON"),
        (bytes(300), "it is damaged: there are zeros in it"),
        (b'{"a": "\0"}', "it is damaged: there are zeros in it"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, content: bytes, why: str):
    path = tmp_path / "table.json"
    path.write_bytes(content)
    with pytest.raises(RunError, match=rf"table\.json: cannot be read \({why}"):
        read_json(path, RunError, "mend it")


def test_a_file_that_is_not_there_or_no_file_is_named(tmp_path: Path):
    with pytest.raises(RunError, match=r"none\.json: cannot be read \(No such file or directory\); mend it"):
        read_json(tmp_path / "none.json", RunError, "mend it")
    with pytest.raises(RunError, match=r"cannot be read \(Is a directory\)"):
        read_whole(tmp_path, RunError, "mend it")


@given(content=st.binary(max_size=40))
def test_whatever_is_in_a_file_it_is_read_or_named(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(content)
    for read in (read_json, read_whole):
        try:
            read(path, RunError, "mend it")
        except RunError as problem:
            assert str(path) in str(problem)
