"""Pictures of how far a model's confidence can be trusted; `competition.plots` has all others, and saves them."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from competition.confidence import Reliability, Sweep
from competition.style import BLUE, ORANGE, SMALL, VERMILION, new_figure, styled

_LOOKS = ((BLUE, "o", "-"), (VERMILION, "s", "--"))
_MARK = "#666666"
_WORTH_SHOWING = 0.05


@styled
def reliability(measured: Mapping[str, Reliability]) -> Figure:
    """Draw how often the most probable genre is right against how probable it is held.

    Parameters
    ----------
    measured : mapping of str to Reliability
        One or two, by what they are of: with two, the first's name and the second's stand in the legend.

    Returns
    -------
    Figure
        Above, the share of right songs in each bin with its standard error, and the diagonal; below, the number of
        songs in each bin. The title has the expected calibration errors.
    """
    errors = ", ".join(f"{one.error:.3f} {name}".rstrip() for name, one in measured.items())
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
    accuracy, counts = one.accuracy[one.filled], one.counts[one.filled]
    # The rule of succession keeps a bin whose songs are all right, or all wrong, from seeming certain.
    share = (accuracy * counts + 1) / (counts + 2)
    error = np.sqrt(share * (1 - share) / counts)
    look = {"color": colour, "marker": marker, "linestyle": line, "markersize": 5, "linewidth": 1.6}
    axes.errorbar(one.confidence[one.filled], accuracy, error, capsize=2, elinewidth=1, label=name, **look)


def _draw_counts(axes: Axes, measured: Mapping[str, Reliability]) -> None:
    for number, (one, (colour, _, _)) in enumerate(zip(measured.values(), _LOOKS, strict=False)):
        width = 1 / len(one.counts)
        lefts = np.arange(len(one.counts)) * width + width * (0.08 + 0.84 * number / len(measured))
        axes.bar(lefts, one.counts, 0.84 * width / len(measured), align="edge", color=colour)
    axes.grid(axis="y")


@styled
def threshold_sweep(sweep: Sweep, threshold: float | None, fallback: str) -> Figure:
    """Draw accuracy against the threshold, and how many songs fall back.

    Parameters
    ----------
    sweep : Sweep
    threshold : float or None
        The one in use, which is marked; None where the rule has none.
    fallback : str
        Name of the fallback genre.

    Returns
    -------
    Figure
        Above, accuracy with a band of one standard error of its difference from that without a threshold; below, the
        number of songs that get the fallback genre. Thresholds that cost more than 0.05 of accuracy are left out.
    """
    figure = new_figure(f"Accuracy by threshold, {fallback} where no probability exceeds it", 7.5, 5.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    sweep = _worth_showing(sweep, threshold)
    low, high = sweep.accuracy - sweep.standard_error, sweep.accuracy + sweep.standard_error
    above.fill_between(sweep.thresholds, low, high, color=BLUE, alpha=0.2, linewidth=0, label="± one standard error")
    above.plot(sweep.thresholds, sweep.accuracy, color=BLUE, linewidth=2, label="accuracy of the held-out songs")
    above.axhline(sweep.accuracy[0], color=_MARK, linewidth=1, linestyle=":", label="without a threshold")
    below.fill_between(sweep.thresholds, sweep.fallbacks, color=ORANGE, linewidth=0)
    for axes in (above, below):
        axes.grid()
        if threshold is not None:
            axes.axvline(threshold, color=VERMILION, linewidth=1.2, linestyle="--")
    if threshold is not None:
        above.annotate(f" {threshold:g} in use", (threshold, 0.02), xycoords=("data", "axes fraction"), fontsize=SMALL)
    above.set_ylabel("accuracy")
    below.set(xlabel="threshold", ylabel="songs that\nfall back", xlim=(0, sweep.thresholds[-1]), ylim=(0, None))
    above.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0, ncols=3)
    return figure


def _worth_showing(sweep: Sweep, threshold: float | None) -> Sweep:
    """Leave out the thresholds above the one in use from where on accuracy is far below that without a threshold."""
    is_worth = (sweep.accuracy >= sweep.accuracy[0] - _WORTH_SHOWING) | (sweep.thresholds <= (threshold or 0) + 0.1)
    stop = np.flatnonzero(is_worth)[-1] + 1
    return Sweep(*(values[:stop] for values in vars(sweep).values()))
