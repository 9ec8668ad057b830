"""A picture of what boards have said, beside what was expected of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from competition.pictures.style import BLUE, ORANGE, VERMILION, new_figure, styled
from competition.scoring.intervals import Interval

_GREY = "#999999"
_ROW, _FRAME, _LEAST = 0.3, 1.25, 1.9
_LOOKS = (("local", "own score, out of fold", _GREY, "|"), ("public", "public", BLUE, "o"),
          ("private", "private", ORANGE, "s"))  # fmt: skip
_OUTSIDE = "outside the predicted interval"


@dataclass(frozen=True)
class Submission:
    """A submission to a board.

    Attributes
    ----------
    name : str
    local, public, private : float or None
        Its own score, out of fold, and the board's; None where they are not known.
    predicted : Interval or None
        What the board was likely to say.
    """

    name: str
    local: float | None
    public: float | None
    private: float | None
    predicted: Interval | None


@dataclass(frozen=True)
class Panel:
    """A board: its title, what it ranks by, and what was sent to it, the first first."""

    title: str
    score: str
    submissions: Sequence[Submission]


@styled
def boards(panels: Sequence[Panel]) -> Figure:
    """Draw what boards have said of submissions.

    Parameters
    ----------
    panels : sequence of Panel
        One a board, at least one, each with at least one submission.

    Returns
    -------
    Figure
        One below the other; a line a submission, with its own score, the interval that was predicted, and the public
        and the private score, ringed where they lie outside it.
    """
    heights = [max(_LEAST, _FRAME + _ROW * len(panel.submissions)) for panel in panels]
    figure = new_figure("What the boards said", 8.0, sum(heights) + 0.5)
    for axes, panel in zip(figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0], panels,
                           strict=True):  # fmt: skip
        _draw(axes, panel)
    return figure


def _draw(axes: Axes, panel: Panel) -> None:
    _draw_intervals(axes, panel.submissions)
    for attribute, label, colour, marker in _LOOKS:
        _draw_scores(axes, panel.submissions, attribute, label, colour, marker)
    names = [one.name for one in panel.submissions]
    axes.set_yticks(range(len(names)), names)
    axes.set(title=panel.title, xlabel=panel.score, ylim=(len(names) - 0.4, -0.6))
    axes.grid(axis="x")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _draw_intervals(axes: Axes, submissions: Sequence[Submission]) -> None:
    known = [(row, one.predicted) for row, one in enumerate(submissions) if one.predicted is not None]
    if known:
        rows, intervals = zip(*known, strict=True)
        lows, highs = [one.low for one in intervals], [one.high for one in intervals]
        axes.hlines(rows, lows, highs, colors="#BFD8EA", linewidth=7, label="predicted, 95 %", zorder=1)


def _draw_scores(
    axes: Axes, submissions: Sequence[Submission], attribute: str, label: str, colour: str, marker: str
) -> None:
    """Draw one kind of score, and a ring around the board's that lie outside what was predicted."""
    known = [(row, value, one) for row, one in enumerate(submissions) if (value := getattr(one, attribute)) is not None]
    if not known:
        return
    rows, values, _ = zip(*known, strict=True)
    size = 90 if marker == "|" else 34
    axes.scatter(values, rows, s=size, color=colour, marker=marker, label=label, zorder=3)
    out = [(row, value) for row, value, one in known if one.predicted is not None and value not in one.predicted]
    if out and attribute != "local":
        rows, values = zip(*out, strict=True)
        labelled = _OUTSIDE in axes.get_legend_handles_labels()[1]
        axes.scatter(values, rows, s=130, facecolors="none", edgecolors=VERMILION, linewidths=1.4, zorder=4,
                     label=None if labelled else _OUTSIDE)  # fmt: skip
