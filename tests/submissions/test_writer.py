import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.errors import SubmissionError
from competition.scoring.metrics import board_log_loss
from competition.scoring.probabilities import bounded
from submissions.writer import label_text, probability_text


def test_labels_count_from_1_in_order():
    assert label_text(np.array([2, 0, 9])) == "Sample_id,Sample_label\n1,3\n2,1\n3,10\n"


def test_probabilities_stand_under_their_class():
    text = probability_text(np.array([[0.5, 0.25, 0.25], [1e-7, 1 - 2e-7, 1e-7]]))
    assert text == "Sample_id,Class_1,Class_2,Class_3\n1,0.5,0.25,0.25\n2,1e-07,0.9999998,1e-07\n"


@given(st.integers(2, 12), st.integers(1, 8), st.integers(0, 2**32 - 1), st.floats(0.001, 2))
def test_reading_back_gives_the_same_numbers_and_the_same_score(genres: int, rows: int, seed: int, spread: float):
    generator = np.random.default_rng(seed)
    probabilities = bounded(generator.dirichlet(np.full(genres, spread), size=rows))
    targets = generator.integers(genres, size=rows)
    header, *lines = probability_text(probabilities).splitlines()
    values = np.loadtxt(lines, delimiter=",", ndmin=2)[:, 1:]
    assert header == ",".join(["Sample_id", *(f"Class_{label}" for label in range(1, genres + 1))])
    assert ((values > 0) & (values < 1)).all()
    np.testing.assert_array_equal(values, probabilities)
    assert board_log_loss(targets, values) == board_log_loss(targets, probabilities)


@pytest.mark.parametrize(
    "row", [[1.0, 0.0], [0.5, 0.4], [-0.1, 1.1], [np.nan, 0.5], [0.5, 0.5 + 2e-6]], ids=lambda row: str(row)
)
def test_what_the_board_would_not_take_is_not_written(row: list[float]):
    with pytest.raises(SubmissionError, match="row 2 of the probabilities is"):
        probability_text(np.array([[0.5, 0.5], row]))
