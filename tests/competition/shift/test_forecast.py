import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.scoring.logarithmic_pool import flattened
from competition.scoring.metrics import accuracy, board_log_loss
from competition.shift.forecast import expected_accuracy, flattening, forecast, thresholded_confidence


def honest(rows: int, seed: int, sharpness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Draw probabilities, and targets that follow them before they are made sharper."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.full(4, 0.5), size=rows) * 0.98 + 0.005
    targets = (generator.random((rows, 1)) > probabilities.cumsum(axis=1)).sum(axis=1).clip(max=3)
    return targets, flattened(probabilities, sharpness)


def test_songs_of_one_source_are_expected_to_be_as_often_right():
    targets, probabilities = honest(3000, 0)
    right = accuracy(targets[:1500], probabilities[:1500].argmax(axis=1))
    estimated = thresholded_confidence(targets[:1500], probabilities[:1500], probabilities[1500:])
    assert estimated == pytest.approx(right, abs=0.04)


def test_less_decided_songs_are_expected_to_be_right_less_often():
    targets, probabilities = honest(2000, 1)
    vague = flattened(probabilities[1000:], 0.4)
    expected = expected_accuracy(targets[:1000], probabilities[:1000], vague)
    assert 0.25 <= expected < accuracy(targets[:1000], probabilities[:1000].argmax(axis=1)) - 0.1


def test_more_decided_songs_are_expected_to_be_no_better():
    targets, probabilities = honest(2000, 1)
    known = accuracy(targets[:1000], probabilities[:1000].argmax(axis=1))
    assert expected_accuracy(targets[:1000], probabilities[:1000], flattened(probabilities[1000:], 3)) == pytest.approx(
        known
    )


@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.95))
def test_flattened_songs_are_as_confident_as_asked_or_untouched(seed: int, wanted: float):
    _, probabilities = honest(40, seed)
    factor = flattening(probabilities, wanted)
    confidence = flattened(probabilities, factor).max(axis=1).mean()
    assert 0 < factor <= 1
    assert confidence == pytest.approx(min(wanted, probabilities.max(axis=1).mean()), abs=1e-6)


def test_flattening_keeps_the_order():
    _, probabilities = honest(50, 2)
    np.testing.assert_array_equal(flattened(probabilities, 0.3).argmax(axis=1), probabilities.argmax(axis=1))


@pytest.mark.parametrize("times", [1, 4, 50])
def test_a_forecast_for_other_boards_is_that_of_so_many_songs(times: int):
    _, probabilities = honest(100, 3)
    repeated = np.repeat(probabilities, times, axis=0)
    few, many = (forecast(some, some.argmax(axis=1), some) for some in (probabilities, repeated))
    for known, other in ((few, many), (many, few)):
        found = known.of_so_many(other.rows)
        for name in ("accuracy_interval", "board_log_loss_interval"):
            ours, wanted = getattr(found, name), getattr(other, name)
            assert (ours.low, ours.high) == pytest.approx((wanted.low, wanted.high))
    assert few.of_so_many(few.rows) is few


def test_an_interval_that_is_cut_off_is_spread_by_its_other_side():
    probabilities = np.array([[0.97, 0.03], [0.96, 0.04], [0.98, 0.02], [0.95, 0.05]])
    known = forecast(probabilities, probabilities.argmax(axis=1), probabilities)
    assert known.accuracy_interval.high == 1
    many = forecast(
        *(np.repeat(one, 100, axis=0) for one in (probabilities, probabilities.argmax(axis=1), probabilities))
    )
    assert known.of_so_many(400).accuracy_interval.low == pytest.approx(many.accuracy_interval.low)


@pytest.mark.parametrize("seed", range(4))
def test_a_forecast_of_honest_probabilities_holds(seed: int):
    targets, probabilities = honest(400, seed)
    labels = probabilities.argmax(axis=1)
    found = forecast(probabilities, labels, probabilities)
    assert accuracy(targets, labels) in found.accuracy_interval
    assert board_log_loss(targets, probabilities) in found.board_log_loss_interval
    assert found.accuracy in found.accuracy_interval


def test_sharper_ones_than_believed_cost_what_the_forecast_says():
    targets, believed = honest(20000, 5)
    sharp = flattened(believed, 2.0)
    found = forecast(sharp, sharp.argmax(axis=1), believed)
    assert found.board_log_loss == pytest.approx(board_log_loss(targets, sharp), rel=0.03)
    assert found.board_log_loss > forecast(believed, sharp.argmax(axis=1), believed).board_log_loss


def test_the_expected_log_loss_is_the_mean_over_possible_genres():
    probabilities = np.array([[0.7, 0.2, 0.1]])
    by_genre = [board_log_loss(np.array([genre]), probabilities) for genre in range(3)]
    found = forecast(probabilities, np.array([0]), probabilities)
    assert found.board_log_loss == pytest.approx(probabilities[0] @ by_genre)
    assert found.accuracy == pytest.approx(0.7)


def test_groups_of_songs_make_a_forecast_and_a_loss_of_accuracy_less_certain():
    targets, probabilities = honest(400, 0)
    labels = probabilities.argmax(axis=1)
    alone, grouped = (forecast(probabilities, labels, probabilities, one) for one in ((1.0, 1.0), (25.0, 25.0)))
    assert alone == forecast(probabilities, labels, probabilities)
    assert grouped.accuracy == alone.accuracy
    for one in ("accuracy_interval", "board_log_loss_interval"):
        inner, outer = getattr(alone, one), getattr(grouped, one)
        assert outer.low < inner.low < inner.high < outer.high
    vague = flattened(probabilities, 0.8)
    expected = [expected_accuracy(targets, probabilities, vague, one) for one in (1.0, 1e6)]
    assert expected[0] < expected[1] == accuracy(targets, labels)
