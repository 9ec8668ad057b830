import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from competition.data.edition import Edition
from competition.data.formats.csv_files import read_features, read_labels
from competition.data.formats.wrapping import locate
from competition.errors import DataError

GOOD = "3,2,3,4,5,6,7,8,9,10\n-1,.5,1e+06,1.5039e+05,0,6.,7,8,9,1E-3\n"
GOOD_VALUES = np.array(
    [[3, 2, 3, 4, 5, 6, 7, 8, 9, 10], [-1, 0.5, 1e6, 150390, 0, 6, 7, 8, 9, 0.001]], dtype=np.float32
)


SPOILED_GZIP = gzip.compress(GOOD.encode() * 99, mtime=0)
SPOILED_GZIP = SPOILED_GZIP[:30] + b"\xff" * 8 + SPOILED_GZIP[38:]


def write(folder: Path, content: str | bytes, name: str = "songs.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        GOOD + "\n\n",
        GOOD.replace(",", ", "),
    ],
    ids=["LF", "CRLF", "byte order mark", "no last line end", "blank lines at the end", "spaces"],
)
def test_well_formed_variants_read_the_same(tmp_path: Path, edition: Edition, content: str):
    features = read_features(write(tmp_path, content), edition)
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, GOOD_VALUES)


def test_a_packed_file_reads_as_the_plain_one_and_the_plain_one_comes_first(tmp_path: Path, edition: Edition):
    packed = tmp_path / "songs.csv.gz"
    packed.write_bytes(gzip.compress(GOOD.encode()))
    assert locate(tmp_path, "songs.csv") == packed
    np.testing.assert_array_equal(read_features(packed, edition), GOOD_VALUES)
    plain = write(tmp_path, GOOD)
    assert locate(tmp_path, "songs.csv") == plain


@given(
    npst.arrays(
        np.float32,
        st.tuples(st.integers(1, 6), st.just(10)),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    )
)
def test_what_is_written_with_all_digits_is_read_back_exactly(features: np.ndarray):
    import tempfile

    from competition.data.edition import Block, Files

    edition = Edition("t", "t", ("a", "b"), "a", Files("a", "b", "c"), (Block("x", 0, 10, ("mean",)),))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "songs.csv"
        np.savetxt(path, features, fmt="%.9g", delimiter=",")
        np.testing.assert_array_equal(read_features(path, edition), features)


def spoil(old: str, new: str) -> Callable[[str], str]:
    def change(good: str) -> str:
        assert old in good
        return good.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("mean 1," * 9 + "mean 1\n" + GOOD, "line 1: a header row"),
        ("a,b\n" + GOOD, "line 1: a header row"),
        ("0,1,2,3,4,5,6,7,8,9\n" + GOOD, r"line 1: a header row of column numbers \(0, 1, ...\)"),
        ("a,b,c,d,e,f,g,h,i,a\n" + GOOD, r'line 1: a header row \("a"'),
        (lambda good: good.replace(",", ";").replace("6", "six"), "line 1: cells are separated by semicolons"),
        (lambda good: good.replace(",", " "), 'line 1: found "3 2 3 4'),
        ("<!DOCTYPE html><html lang=en>\n<p>Sign in</p>\n", 'line 1: found "<!DOCTYPE'),
        (spoil("3,2", "0,3,2"), r"line 1: 11 columns; expected 10 columns \(edition tiny\): remove the extra one"),
        (spoil("9,10\n", "9\n"), r"line 1: 9 columns; expected 10"),
        (spoil("9,1E-3", "9"), "line 2: 9 columns; expected 10"),
        (spoil("9,1E-3", "9,1,1,1"), "line 2: 12 columns; expected 10"),
        (spoil("-1,.5", "-1,loud"), r'line 2, column 2 \(rhythm\): the cell is the text "loud"; expected a number'),
        (spoil("8,9,1E-3", "8,,1"), r"line 2, column 9 \(timbre\): the cell is empty"),
        (spoil("1E-3", "nan"), r'line 2, column 10 \(timbre\): the cell is "nan"; expected a finite number'),
        (spoil("1E-3", "-inf"), 'line 2, column 10 .*: the cell is "-inf"'),
        (spoil("1E-3", "1e39"), "line 2, column 10 .*: 1e39 is too large"),
        (spoil("1E-3", "1_000"), 'line 2, column 10 .*: the cell is the text "1_000"'),
        (lambda good: good.replace(",", "\t").replace("6", "six"), "line 1: cells are separated by tabs; expected"),
        (lambda good: good.replace("\n", "\n\n"), "line 2: the line is blank; remove it"),
        (lambda good: good.replace("\n", "\r\r\n"), "line 2: the line is blank; .* doubled line ends"),
        (GOOD.encode() + b"\xff\xfe,1\n", "is not UTF-8 text"),
    ],
)
def test_a_malformed_feature_file_is_met_by_a_sentence(tmp_path: Path, edition: Edition, content, sentence: str):
    path = write(tmp_path, content(GOOD) if callable(content) else content)
    with pytest.raises(DataError, match=sentence) as caught:
        read_features(path, edition)
    assert str(caught.value).startswith(str(path))


def test_lines_with_mistakes_of_all_kinds_are_counted(tmp_path: Path, edition: Edition):
    good = "1,2,3,4,5,6,7,8,9,10\n"
    wrong = ["1,2,3,4,loud,6,7,8,9,10\n", "1,2,3\n", ",2,3,4,5,6,7,8,9,nan\n", "1,2,3,4,5,6,7,8,9,1e39\n"]
    path = write(tmp_path, "3,2" + good[3:] + wrong[0] + good + "".join(wrong[1:]))
    sentence = r'line 2, column 5 .*"loud".* In all, 4 of the 6 lines hold a mistake, of this kind or another\.$'
    with pytest.raises(DataError, match=sentence):
        read_features(path, edition)
    with pytest.raises(DataError) as caught:
        read_features(write(tmp_path, "3,2" + good[3:] + wrong[1]), edition)
    assert "In all" not in str(caught.value)


@pytest.mark.parametrize("content", ["1\n9\n1.5\n2\n0\n", "1\nJaz\n2,3\n2\n9\n"])
def test_wrong_labels_of_all_kinds_are_counted(tmp_path: Path, edition: Edition, content: str):
    with pytest.raises(DataError, match=r"line 2: the label is .* In all, 3 of the 5 lines hold a mistake"):
        read_labels(write(tmp_path, content), edition)


@pytest.mark.parametrize("content", ["1\n3\n2\n", "1\r\n3\r\n2\r\n", "\ufeff1\n3\n2", "1.0\n3e0\n 2\n"])
def test_labels_become_targets_from_0(tmp_path: Path, edition: Edition, content: str):
    targets = read_labels(write(tmp_path, content), edition)
    assert targets.dtype == np.int64
    assert targets.tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "the file is empty"),
        ("1\n0\n2\n", "line 2: the label is 0; expected a whole number from 1 to 3 .* add 1 to each"),
        ("1\n4\n2\n", "line 2: the label is 4; expected a whole number from 1 to 3"),
        ("0\n3\n", "line 1: the label is 0"),
        ("1\n-1\n", "line 2: the label is -1"),
        ("1\n1.5\n", "line 2: the label is 1.5"),
        ("1\nJazz\n", 'line 2: the label is the text "Jazz"; expected a whole number'),
        ("Rock\nJaz\n", 'line 1: the label is the text "Rock"'),
        ("1\nnan\n", 'line 2: the label is the text "nan"'),
        ("3,1\n2,3\n", "line 1: 2 cells; expected one label and nothing else"),
        ("1\n\n2\n", "line 2: the line is blank"),
        (b"1\n\xff\n", "is not UTF-8 text"),
    ],
)
def test_a_malformed_label_file_is_met_by_a_sentence(tmp_path: Path, edition: Edition, content, sentence: str):
    path = write(tmp_path, content)
    with pytest.raises(DataError, match=sentence) as caught:
        read_labels(path, edition)
    assert str(caught.value).startswith(str(path))


def test_missing_files_and_folders_are_named(tmp_path: Path):
    with pytest.raises(DataError, match=r"songs.csv: there is no such file \(nor songs.csv.gz or songs.csv.zip\)"):
        locate(tmp_path, "songs.csv")
    with pytest.raises(DataError, match="nowhere: there is no such folder"):
        locate(tmp_path / "nowhere", "songs.csv")


@pytest.mark.parametrize("content", [gzip.compress(GOOD.encode() * 99, mtime=0)[:-20], SPOILED_GZIP])
def test_a_broken_packed_file_is_met_by_a_sentence(tmp_path: Path, edition: Edition, content: bytes):
    with pytest.raises(DataError, match="is not a whole archive"):
        read_features(write(tmp_path, content, "songs.csv.gz"), edition)
