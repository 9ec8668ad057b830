"""What the pictures of confidence must show, read from the drawn artists."""

from itertools import pairwise

import numpy as np
import pytest

from competition.pictures.confidence import reliability, threshold_sweep
from competition.scoring.metrics import reliability as measure_reliability
from submissions.sweep import sweep_thresholds

TARGETS = np.arange(60) % 3
PROBABILITIES = np.random.default_rng(5).dirichlet(np.ones(3), 60)


def line_of(axes, label):
    """The data of the line, or of the error bars' line, with a label."""
    lines = {line.get_label(): line for line in axes.lines}
    lines |= {bars.get_label(): bars.lines[0] for bars in axes.containers if hasattr(bars, "lines")}
    return np.transpose(lines[label].get_xydata())


def test_reliability_draws_each_filled_bin_and_names_the_error():
    measured = measure_reliability(TARGETS, PROBABILITIES)
    figure = reliability({"": measured})
    above, below = figure.axes
    np.testing.assert_allclose(
        line_of(above, "songs held out"), [measured.confidence[measured.rows > 0], measured.accuracy[measured.rows > 0]]
    )
    assert [bar.get_height() for bar in below.patches] == measured.rows.tolist()
    assert figure.get_suptitle() == f"Reliability: expected calibration error {measured.expected_error:.3f}"
    assert above.get_ylabel()
    assert below.get_ylabel()
    assert below.get_xlabel()


def test_reliability_draws_before_and_after_side_by_side():
    before = measure_reliability(TARGETS, PROBABILITIES)
    after = measure_reliability(TARGETS, PROBABILITIES**2 / (PROBABILITIES**2).sum(axis=1, keepdims=True))
    figure = reliability({"before calibration": before, "after": after})
    above, below = figure.axes
    for name, one in (("before calibration", before), ("after", after)):
        assert line_of(above, name).shape == (2, np.count_nonzero(one.rows))
    assert figure.get_suptitle().endswith(
        f"{before.expected_error:.3f} before calibration, {after.expected_error:.3f} after"
    )
    lefts = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in below.patches)
    assert all(right <= left + 1e-12 for (_, right), (left, _) in pairwise(lefts))


@pytest.mark.parametrize("threshold", [0.25, 0.9, None])
def test_the_sweep_is_drawn_up_to_where_it_costs_much_and_past_the_threshold_in_use(threshold):
    sweep = sweep_thresholds(TARGETS, PROBABILITIES, fallback=1)
    figure = threshold_sweep(sweep.thresholds, sweep.accuracy, sweep.fallbacks, threshold, "Jazz")
    above, below = figure.axes
    thresholds, accuracy = line_of(above, "accuracy of the held-out songs")
    np.testing.assert_array_equal(accuracy, sweep.accuracy[: len(accuracy)])
    left_out = sweep.accuracy[len(accuracy) :]
    assert (left_out < sweep.accuracy[0] - 0.05).all()
    assert thresholds[-1] >= (threshold or 0)
    assert below.get_xlim() == (0, thresholds[-1])
    assert any("in use" in text.get_text() for text in above.texts) == (threshold is not None)
