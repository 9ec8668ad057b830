"""The picture of what boards have said."""

from competition.pictures.boards import Panel, Submission, boards
from competition.scoring.intervals import Interval


def test_each_submission_has_its_own_line_with_its_scores():
    inside = Submission("first", 0.60, 0.61, None, Interval(0.58, 0.62))
    outside = Submission("second", 0.65, 0.50, 0.64, Interval(0.63, 0.67))
    by_hand = Submission("by hand: a $5 try", None, 0.55, None, None)
    figure = boards([Panel("accuracy: songs", "accuracy (higher is better)", [inside, outside, by_hand])])
    (axes,) = figure.axes
    assert [one.get_text() for one in axes.get_yticklabels()] == ["first", "second", "by hand: a $5 try"]
    drawn = {one.get_label(): one.get_offsets().tolist() for one in axes.collections if hasattr(one, "get_offsets")}
    assert drawn["public"] == [[0.61, 0], [0.50, 1], [0.55, 2]]
    assert drawn["private"] == [[0.64, 1]]
    assert drawn["outside the predicted interval"] == [[0.50, 1]]
    low, high = axes.get_ylim()
    assert low > high  # the first is on top


def test_a_board_whose_metric_is_another_shows_its_scores_alone():
    figure = boards([Panel("main: songs", "Mean Average Precision", [Submission("first", None, 0.4, None, None)])] * 2)
    assert [axes.get_xlabel() for axes in figure.axes] == ["Mean Average Precision"] * 2
    names = figure.axes[0].get_legend_handles_labels()[1]
    assert names == ["public"]
