"""The picture of a diagnosis shows its numbers."""

import numpy as np
import pytest

from competition.data.folds import stratified_folds
from competition.pictures.test_file import likeness
from competition.shift.columns import UNLIKELY
from competition.shift.diagnosis import Diagnosis, diagnose
from tests.competition.shift.artists import alike, rescaled, strangers


def diagnosis_of(dataset) -> Diagnosis:
    found = diagnose(dataset, stratified_folds(dataset.targets, 4, 0), 0)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("dataset", "title"), [(strangers(0), "differs in novelty"), (alike(0), "is like it, as far as the columns tell")]
)
def test_the_title_says_what_differs(dataset, title: str):
    assert likeness(diagnosis_of(dataset), dataset.edition.column_titles).get_suptitle().endswith(title)


def test_differing_columns_stand_first_in_another_colour():
    dataset = rescaled(alike(2), [4, 7])
    left, right = likeness(diagnosis_of(dataset), dataset.edition.column_titles).axes
    ticks = [label.get_text() for label in right.get_yticklabels()]
    assert set(ticks[:2]) == {"5", "8"}
    colours = [bar.get_facecolor() for bar in right.patches]
    assert colours[0] == colours[1] != colours[2]
    assert right.get_title(loc="left").startswith("2 of 12 differ")
    held_out, test = (line.get_xdata() for line in left.get_lines())
    assert (np.diff(held_out) >= 0).all()
    assert len(held_out) + len(test) == 360


@pytest.mark.parametrize(("dataset", "word"), [(strangers(0), "farther off"), (alike(0), "not clearly farther off")])
def test_the_p_value_has_words_and_its_limit(dataset, word: str):
    left, _ = likeness(diagnosis_of(dataset), dataset.edition.column_titles).axes
    assert left.get_title(loc="left").startswith(f"test songs are {word}\n(p = ")
    assert left.get_title(loc="left").endswith(f"; clear below {UNLIKELY:g})")
