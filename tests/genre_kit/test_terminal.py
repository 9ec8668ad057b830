"""What files say is shown on a terminal and in a report as text: nothing of it colours, hides, overwrites or runs."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import EDITION_TEXT, run_process, run_program

from competition.errors import printable

CLEAR = "\x1b[2J\x1b[31m"
TURNED = "\u202e"
SCRIPT = "<script>alert(1)</script>"


@given(text=st.text())
def test_no_text_keeps_what_moves_a_terminal(text: str):
    shown = printable(text)
    assert not any(ord(one) < 32 and one not in "\n\t" for one in shown)
    assert not any(
        127 <= ord(one) < 160 or 0x202A <= ord(one) <= 0x202E or 0x2066 <= ord(one) <= 0x2069 for one in shown
    )
    shown.encode()


@pytest.mark.parametrize("text", ["Hip-Hop/Rap", "Musik für alle ± 1", "日本\tRock", "a\nb", "👩‍🎤"])
def test_ordinary_text_stays_as_it_is(text: str):
    assert printable(text) == text


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, write_competition) -> Path:
    """A competition whose genres and title are made to do harm."""
    data = write_competition(tmp_path_factory.mktemp("hostile") / "data")
    text = EDITION_TEXT.replace('"Polka"', '"Pol\\u001B[2J\\u001B[31mka \\u202E"').replace('"Jazz"', f'"Jazz{SCRIPT}"')
    (data / "edition.toml").write_text(text.replace("A tiny competition", f"Tiny 日{SCRIPT}\\u001B]0;owned\\u0007"))
    return data


def test_names_of_genres_do_nothing_to_a_terminal_nor_to_a_report(hostile: Path, tmp_path: Path):
    out = tmp_path / "run"
    said = run_program("submit", "--data", hostile, "--model", "discriminant-analysis", "--folds", 2, "--out", out)
    assert said.returncode == 0, said.stderr
    for text in (said.stdout, said.stderr):
        assert not set("\x1b\x07\u202e") & set(text)
    page = (out / "report.html").read_text()
    assert SCRIPT not in page
    assert "Jazz&lt;script&gt;alert(1)&lt;/script&gt;" in page
    again = run_program("score", out)
    assert again.returncode == 0
    assert not set("\x1b\x07\u202e") & set(again.stdout)
    assert "Pol\\x1b[2J\\x1b[31mka \\u202e" in again.stdout


def test_names_of_files_do_nothing_to_a_terminal(tmp_path: Path):
    path = tmp_path / f"{CLEAR}{TURNED}vsc.csv"
    for words in (["check", path], ["score", path], ["submit", "--recipe", path], ["runs", path]):
        said = run_program(*words)
        assert said.returncode == 1
        assert "\\x1b[2J\\x1b[31m\\u202evsc.csv" in said.stderr
        assert not {"\x1b", TURNED} & set(said.stdout + said.stderr)


@pytest.mark.process
def test_a_terminal_that_knows_no_such_letters_is_shown_what_they_are(hostile: Path, tmp_path: Path):
    words = ["score", "--data", hostile, "--model", "discriminant-analysis", "--folds", 2, "--out", tmp_path / "run"]
    said = run_process(*words, env=os.environ | {"PYTHONIOENCODING": "latin-1"}, encoding="latin-1")
    assert said.returncode == 0, said.stderr
    assert "edition   Tiny \\u65e5" in said.stdout
    assert " ± " in said.stdout
