import numpy as np
import pytest

from competition.scoring.scores import confusion_matrix, row_scores, score_labels, score_probabilities

TARGETS = np.array([0, 1, 1, 2])
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.4, 0.3, 0.3], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])


def test_labels_and_probabilities_are_scored_side_by_side():
    scores = score_probabilities(TARGETS, PROBABILITIES, labels=np.array([0, 1, 1, 2]))
    table = scores.to_table()
    assert list(table)[:3] == ["accuracy", "accuracy_se", "accuracy_argmax"]
    assert (table["accuracy"], table["accuracy_argmax"]) == (1.0, 0.75)
    assert 0 < table["board_log_loss"] < table["multiclass_log_loss"]
    assert len(scores.to_lines()) == len(scores.intervals()) == 6


def test_what_is_not_known_is_left_out():
    assert list(score_labels(TARGETS, TARGETS).to_table()) == [
        "accuracy",
        "accuracy_se",
        "macro_recall",
        "macro_recall_se",
    ]
    assert "accuracy" not in score_probabilities(TARGETS, PROBABILITIES).to_table()


def test_the_confusion_matrix_has_true_genres_as_rows():
    matrix = confusion_matrix(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 0]), genres=4)
    assert matrix.tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_the_most_probable_genres_accuracy_is_shown_only_where_it_is_another():
    same = score_probabilities(TARGETS, PROBABILITIES, labels=PROBABILITIES.argmax(axis=1))
    assert not [line for line in same.to_lines() if "argmax" in line]
    assert "accuracy_argmax" in same.to_table()
    other = score_probabilities(TARGETS, PROBABILITIES, labels=TARGETS)
    assert [line.split()[1] for line in other.to_lines() if line.startswith("accuracy argmax")] == ["argmax"]


def test_nothing_to_score_is_a_sentence():
    with pytest.raises(ValueError, match="probabilities and labels are both None; expected at least one of them"):
        row_scores(TARGETS)
