import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.errors import SubmissionError
from submissions.rules import (
    Argmax,
    GenreThresholds,
    Margin,
    Offsets,
    Rule,
    Threshold,
    rule_from_table,
    rule_to_table,
)

PROBABILITIES = np.array([[0.5, 0.3, 0.2], [0.25, 0.4, 0.35], [0.2, 0.2, 0.6]])


def test_unconfident_rows_get_the_fallback_and_the_threshold_itself_is_not_enough():
    assert Threshold(0.5, fallback=2).predict(PROBABILITIES).tolist() == [2, 2, 2]
    assert Threshold(0.49, fallback=2).predict(PROBABILITIES).tolist() == [0, 2, 2]
    assert Threshold(0.49, fallback=2).falls_back(PROBABILITIES).tolist() == [False, True, False]


@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.integers(0, 3))
def test_a_row_falls_back_or_gets_its_most_probable_genre(seed: int, threshold: float, fallback: int):
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(4), size=6)
    rule = Threshold(threshold, fallback)
    predicted, fell_back = rule.predict(probabilities), rule.falls_back(probabilities)
    assert (predicted[fell_back] == fallback).all()
    assert np.array_equal(predicted[~fell_back], Argmax().predict(probabilities)[~fell_back])
    assert np.array_equal(fell_back, ~(probabilities > threshold).any(axis=1))


def test_no_threshold_is_argmax():
    assert np.array_equal(Threshold(0.0, 0).predict(PROBABILITIES), Argmax().predict(PROBABILITIES))
    assert Argmax().predict(np.array([[0.4, 0.4, 0.2]])).tolist() == [0]
    assert not Argmax().falls_back(PROBABILITIES).any()


def test_rules_say_what_they_do():
    genres = ("Rock", "Jazz", "Polka")
    assert Threshold(0.25, 1).describe(genres) == "threshold: Jazz where no genre's probability exceeds 0.25"
    assert Threshold(0.25, 1).to_table() == {"name": "threshold", "threshold": 0.25, "fallback_label": 2}
    assert Argmax().to_table() == {"name": "argmax"}
    assert "most probable" in Argmax().describe(genres)


def test_rules_of_some_genres_are_kept_with_the_competitions_labels():
    for rule in (Threshold(0.25, 1), Margin(0.1, 0), GenreThresholds((0.5, 0.0), 1), Offsets((0.1, -0.1)), Argmax()):
        table = rule_to_table(rule, (4, 7))
        assert rule_from_table(table, (4, 7)) == rule
        assert rule_to_table(rule, (1, 2)) == rule.to_table()
    assert rule_to_table(Threshold(0.25, 1), (4, 7))["fallback_label"] == 7
    with pytest.raises(SubmissionError, match="the rule's fallback_label is 2; expected one of 4, 7"):
        rule_from_table(Threshold(0.25, 1).to_table(), (4, 7))


@pytest.mark.parametrize("rule", [Offsets((0.5,) * 200), GenreThresholds((0.5,) * 200, 0)], ids=lambda rule: rule.name)
def test_a_rule_of_many_genres_is_told_in_a_few_words(rule: Rule):
    said = rule.describe([f"genre {label}" for label in range(1, 201)])
    assert "genre 12 " in said
    assert "genre 13 " not in said
    assert " and 188 more" in said
