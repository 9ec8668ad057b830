"""Pictures of how far a model's confidence can be trusted."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from competition.pictures.style import BLUE, ORANGE, SMALL, VERMILION, new_figure, styled
from competition.scoring.metrics import Reliability

_LOOKS = ((BLUE, "o", "-"), (VERMILION, "s", "--"))
_MARK = "#666666"
_WORTH_SHOWING = 0.05


@styled
def reliability(measured: Mapping[str, Reliability]) -> Figure:
    """Draw how often the most probable genre is right against its predicted probability.

    Parameters
    ----------
    measured : mapping of str to Reliability
        One or two, by the name that the legend and the title show; the name may be empty.

    Returns
    -------
    Figure
        Above, the share of right songs in each bin with its standard error, and the diagonal; below, the number of
        songs in each bin. The title has the expected calibration errors.
    """
    errors = ", ".join(f"{one.expected_error:.3f} {name}".rstrip() for name, one in measured.items())
    figure = new_figure(f"Reliability: expected calibration error {errors}", 7.5, 6.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.plot([0, 1], [0, 1], color=_MARK, linewidth=1, linestyle=":", label="as often right as held probable")
    for (name, one), (colour, marker, line) in zip(measured.items(), _LOOKS, strict=False):
        _draw_reliability(above, one, colour, marker, line, name or "songs held out")
    _draw_counts(below, measured)
    above.set(ylabel="share that is right", ylim=(-0.02, 1.02))
    below.set(xlabel="probability of the most probable genre", ylabel="songs", xlim=(0, 1))
    above.grid()
    above.legend(loc="upper left")
    return figure


def _draw_reliability(axes: Axes, one: Reliability, colour: str, marker: str, line: str, name: str) -> None:
    filled = one.rows > 0
    accuracy, rows = one.accuracy[filled], one.rows[filled]
    # The rule of succession keeps a bin whose songs are all right, or all wrong, from seeming certain.
    share = (accuracy * rows + 1) / (rows + 2)
    error = np.sqrt(share * (1 - share) / rows)
    look: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": line, "markersize": 5, "linewidth": 1.6}
    axes.errorbar(one.confidence[filled], accuracy, error, capsize=2, elinewidth=1, label=name, **look)


def _draw_counts(axes: Axes, measured: Mapping[str, Reliability]) -> None:
    for number, (one, (colour, _, _)) in enumerate(zip(measured.values(), _LOOKS, strict=False)):
        width = 1 / len(one.rows)
        lefts = np.arange(len(one.rows)) * width + width * (0.08 + 0.84 * number / len(measured))
        axes.bar(lefts, one.rows, 0.84 * width / len(measured), align="edge", color=colour)
    axes.grid(axis="y")


@styled
def threshold_sweep(
    thresholds: np.ndarray, accuracy: np.ndarray, fallbacks: np.ndarray, in_use: float | None, fallback: str
) -> Figure:
    """Draw accuracy against the threshold, and how many songs fall back.

    Parameters
    ----------
    thresholds, accuracy, fallbacks : ndarray, shape (steps,)
        Thresholds ascending from 0, where no song falls back; what each would have scored, and how many songs it would
        have given the fallback genre.
    in_use : float or None
        The threshold in use, which is marked; None where the rule has none.
    fallback : str
        Name of the fallback genre.

    Returns
    -------
    Figure
        Accuracy above, fallbacks below. Thresholds beyond which accuracy stays more than 0.05 below that without one
        are left out, except those up to `in_use` + 0.1.
    """
    shown = slice(
        0, np.flatnonzero((accuracy >= accuracy[0] - _WORTH_SHOWING) | (thresholds <= _least(in_use)))[-1] + 1
    )
    figure = new_figure(f"Accuracy by threshold, {fallback} where no probability exceeds it", 7.5, 5.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    above.plot(thresholds[shown], accuracy[shown], color=BLUE, linewidth=2, label="accuracy of the held-out songs")
    above.axhline(accuracy[0], color=_MARK, linewidth=1, linestyle=":", label="without a threshold")
    below.fill_between(thresholds[shown], fallbacks[shown], color=ORANGE, linewidth=0)
    for axes in (above, below):
        axes.grid()
        if in_use is not None:
            axes.axvline(in_use, color=VERMILION, linewidth=1.2, linestyle="--")
    if in_use is not None:
        above.annotate(f" {in_use:g} in use", (in_use, 0.02), xycoords=("data", "axes fraction"), fontsize=SMALL)
    above.set_ylabel("accuracy")
    below.set(xlabel="threshold", ylabel="songs that\nfall back", xlim=(0, thresholds[shown][-1]), ylim=(0, None))
    above.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0, ncols=2)
    return figure


def _least(in_use: float | None) -> float:
    """Return the threshold up to which the sweep is shown in any case."""
    return 0.1 + (in_use or 0.0)
