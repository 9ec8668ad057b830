"""A picture of how a test file differs from its training file."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from competition.pictures.style import BLUE, PALE, VERMILION, new_figure, styled
from competition.shift.columns import UNLIKELY
from competition.shift.diagnosis import Diagnosis

_COLUMNS = 12
_MOST_SHOWN = 0.99


@styled
def likeness(diagnosis: Diagnosis, titles: Sequence[str]) -> Figure:
    """Draw how far test songs lie from the training songs, and which columns differ most.

    Parameters
    ----------
    diagnosis : Diagnosis
    titles : sequence of str
        What each column is called: its name, or its number from 1.

    Returns
    -------
    Figure
        Left, the shares of held-out songs and of test songs that have a training song within a distance; right, the
        columns with the largest differences in distribution, those that differ clearly in another colour.
    """
    what = f"differs in {', '.join(diagnosis.kinds)}" if diagnosis.kinds else "is like it, as far as the columns tell"
    figure = new_figure(f"The test file against the training file: {what}", 7.5, 3.6)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _draw_distances(left, diagnosis)
    _draw_columns(right, diagnosis, titles)
    return figure


def _draw_distances(axes: Axes, diagnosis: Diagnosis) -> None:
    novelty = diagnosis.novelty
    sides = ((novelty.held_out[0], BLUE, "-", "held-out songs"), (novelty.test[0], VERMILION, "--", "test songs"))
    for distances, colour, line, name in sides:
        shares = np.arange(1, len(distances) + 1) / len(distances)
        axes.plot(np.sort(distances), shares, color=colour, linestyle=line, linewidth=1.8, label=name)
    most = max(np.quantile(distances, _MOST_SHOWN) for distances, *_ in sides)
    axes.set(
        xlim=(min(distances.min() for distances, *_ in sides), most or 1),
        ylim=(0, 1.02),
        xlabel="distance to the nearest training song of other folds",
    )
    is_clear = "novelty" in diagnosis.kinds
    title = f"test songs are {'' if is_clear else 'not clearly '}farther off"
    axes.set(ylabel="share of songs", title=f"{title}\n(p = {novelty.chance:.2g}; clear below {UNLIKELY:g})")
    axes.grid()
    axes.legend(loc="upper left")


def _draw_columns(axes: Axes, diagnosis: Diagnosis, titles: Sequence[str]) -> None:
    distances = diagnosis.columns.distances
    worst = np.argsort(-distances, kind="stable")[:_COLUMNS]
    colours = [VERMILION if column in diagnosis.differing else PALE for column in worst]
    places = np.arange(len(worst))
    axes.barh(places, distances[worst], color=colours, edgecolor="#999999", linewidth=0.5)
    axes.set_yticks(places, [titles[column] for column in worst])
    axes.invert_yaxis()
    count = len(diagnosis.differing)
    axes.set(
        xlabel="difference in distribution",
        ylabel="column",
        title=f"{count} of {len(distances)} differ\nby more than chance",
    )
