"""Names of files made of names that others gave."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.storage.names import safe_name, unlike


@given(st.text())
def test_names_are_safe_whatever_they_are_made_of(text: str):
    name = safe_name(text)
    assert name
    assert name.strip(".") == name
    assert not name.startswith("-")
    assert not set(name) & set("/\\:*?\"<>|$&;`'!#%(){}[]~ \n\t\0")
    assert len(name.encode()) <= 151
    assert safe_name(name).rstrip("-") == name.rstrip("-")


@pytest.mark.parametrize("text", ["Группа_крови-1988", "音楽", "हिन्दी", "เพลง", "موسيقى", "Dvořák.9"])
def test_letters_marks_and_digits_of_any_script_stay(text: str):
    assert safe_name(text) == text


def test_two_ways_to_write_a_letter_give_one_name():
    assert safe_name(unicodedata.normalize("NFD", "Motörhead")) == safe_name("Motörhead")


@given(st.lists(st.sampled_from(["a", "A", "b", "a-2", "ä", "a\u0308"]), max_size=12))
def test_names_are_unlike_each_other_on_every_file_system(wanted: list[str]):
    names: list[str] = []
    for one in wanted:
        names.append(unlike(one, names))
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == len(wanted)
    assert all(re.fullmatch(rf"{re.escape(one)}(-\d+)?", name) for one, name in zip(wanted, names, strict=True))
