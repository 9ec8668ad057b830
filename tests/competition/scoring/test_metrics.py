import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, log_loss

from competition.scoring import metrics

TARGETS = np.array([0, 2, 1, 2])
PROBABILITIES = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.25, 0.5, 0.25], [0.6, 0.3, 0.1]])


@st.composite
def predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw targets (rows,) and probabilities (rows, genres) with rows summing to 1."""
    rows, genres = draw(st.integers(1, 12)), draw(st.integers(2, 6))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return generator.integers(genres, size=rows), generator.dirichlet(np.ones(genres), size=rows)


def test_accuracy_counts_equal_rows():
    assert metrics.accuracy(TARGETS, PROBABILITIES.argmax(axis=1)) == 0.75


def test_board_log_loss_is_the_mean_over_all_cells_written_out():
    cells = [0.5, 0.7, 0.8, 0.9, 0.9, 0.8, 0.75, 0.5, 0.75, 0.4, 0.7, 0.1]
    assert metrics.board_log_loss(TARGETS, PROBABILITIES) == pytest.approx(-np.log(cells).sum() / 12)


def test_class_priors_score_as_on_the_real_board():
    counts = np.array([2178, 618, 326, 253, 214, 260, 141, 195, 92, 86])
    targets = np.repeat(np.arange(10), counts)
    priors = np.tile(counts / counts.sum(), (len(targets), 1))
    assert metrics.board_log_loss(targets, priors) == pytest.approx(0.2534, abs=5e-5)
    assert metrics.multiclass_log_loss(targets, priors) == pytest.approx(1.7071, abs=5e-5)


@given(predictions())
def test_metrics_equal_those_of_scikit_learn(drawn: tuple[np.ndarray, np.ndarray]):
    targets, probabilities = drawn
    genres = probabilities.shape[1]
    is_genre = np.eye(genres)[targets]
    assert metrics.board_log_loss(targets, probabilities) == pytest.approx(
        log_loss(is_genre.ravel(), probabilities.ravel(), labels=[0, 1])
    )
    assert metrics.multiclass_log_loss(targets, probabilities) == pytest.approx(
        log_loss(targets, probabilities, labels=range(genres))
    )
    predicted = probabilities.argmax(axis=1)
    assert metrics.accuracy(targets, predicted) == accuracy_score(targets, predicted)


@given(predictions(), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(drawn: tuple[np.ndarray, np.ndarray], seed: int):
    targets, probabilities = drawn
    order = np.random.default_rng(seed).permutation(len(targets))
    shuffled = metrics.board_log_loss(targets[order], probabilities[order])
    assert shuffled == pytest.approx(metrics.board_log_loss(targets, probabilities))


def test_a_certain_mistake_costs_what_the_board_charges_and_stays_finite_in_float32():
    certain = np.array([[1.0, 0.0]], dtype=np.float32)
    assert metrics.board_log_loss(np.array([0]), certain) == pytest.approx(0, abs=1e-14)
    assert metrics.board_log_loss(np.array([1]), certain) == pytest.approx(-np.log(1e-15), rel=1e-3)
    assert metrics.multiclass_log_loss(np.array([1]), certain) == pytest.approx(-np.log(1e-15))


def test_the_standard_error_is_that_of_a_mean():
    scored = metrics.estimate(np.array([1.0, 2.0, 3.0, 6.0]))
    assert scored.value == 3.0
    assert scored.standard_error == pytest.approx(np.sqrt(14 / 3) / 2)
    assert np.isnan(metrics.estimate(np.array([1.0])).standard_error)


@pytest.mark.parametrize("rows", [0, 3])
def test_rows_that_do_not_fit_are_refused(rows: int):
    with pytest.raises(ValueError, match="as many predictions as targets"):
        metrics.board_log_loss(np.arange(rows), PROBABILITIES[: rows and 4])
