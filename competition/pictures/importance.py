"""Pictures of what models listen to, and of what more songs would bring."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from competition.pictures.style import BLUE, PALE, SMALL, VERMILION, new_figure, styled
from competition.pictures.titles import in_lines
from competition.scoring.many_genres import MOST_SHOWN, are_many, those_shown

_WIDTH = 7.5
_LETTERS = 30
_CLEAR = 2.0
_COLOURS = "Blues"


@dataclass(frozen=True)
class Worth:
    """What several parts are worth.

    Attributes
    ----------
    names : sequence of str
    values, errors : ndarray of float64, shape (parts,)
        The rise of the loss where each is shuffled, and its standard error.
    """

    names: Sequence[str]
    values: np.ndarray
    errors: np.ndarray

    def largest(self, most: int) -> "Worth":
        """Return the parts of the largest values, the largest first."""
        order = np.argsort(-self.values, kind="stable")[:most]
        return Worth([self.names[place] for place in order], self.values[order], self.errors[order])


@styled
def importance_bars(title: str, worth: Worth, loss: str) -> Figure:
    """Draw what parts are worth as bars with two standard errors, the largest on top; at most 24.

    Parameters
    ----------
    title : str
    worth : Worth
    loss : str
        What the loss is called.

    Returns
    -------
    Figure
    """
    shown = worth.largest(MOST_SHOWN)
    figure = new_figure(title, _WIDTH, 1.2 + 0.28 * len(shown.names))
    axes = figure.subplots()
    _draw_bars(axes, shown)
    axes.set_xlabel(f"rise of the {loss} where these columns are shuffled, ± 2 standard errors")
    return figure


def _draw_bars(axes: Axes, worth: Worth) -> None:
    places = np.arange(len(worth.names))
    axes.barh(places, worth.values, 0.7, color=BLUE, xerr=_CLEAR * worth.errors, error_kw=_ERRORS)
    axes.set_yticks(places, [in_lines(name, _LETTERS, most=1) for name in worth.names])
    axes.set_ylim(len(places) - 0.5, -0.5)
    axes.axvline(0, color="#999999", linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


_ERRORS = {"elinewidth": 1, "ecolor": "#333333", "capsize": 2}


@styled
def importance_grid(
    title: str, bands: Worth, statistics: Worth, cells: np.ndarray | None, clear: np.ndarray, loss: str
) -> Figure:
    """Draw a block: its bands above, its statistics at the right, and every column between them.

    Parameters
    ----------
    title : str
    bands, statistics : Worth
        In the block's order; a single statistic is the whole block.
    cells : ndarray of float64, shape (statistics, bands), or None
        The rise of the loss by each column alone; None where it was not measured.
    clear : ndarray of bool, shape (statistics, bands)
        Whether that is more than two standard errors: a cross marks where it is not.
    loss : str
        What the loss is called.

    Returns
    -------
    Figure
    """
    rows = len(statistics.names)
    map_inches = 0.0 if cells is None else 0.8 + 0.3 * rows
    below = max(map_inches, 0.8 + 0.3 * rows)
    figure = new_figure(title, _WIDTH + 1.5, 2.7 + below)
    grid = figure.subplots(2, 2, width_ratios=(3, 1), height_ratios=(1.9, below))
    _draw_columns(grid[0, 0], bands, loss)
    grid[0, 1].set_visible(False)
    if cells is None:
        grid[1, 0].set_visible(False)
    else:
        _draw_cells(grid[1, 0], cells, clear, bands.names, statistics.names, loss)
    _draw_bars(grid[1, 1], statistics)
    grid[1, 1].set_title("each statistic, all bands")
    if cells is not None:
        grid[1, 1].set_yticks([])
    return figure


def _draw_columns(axes: Axes, bands: Worth, loss: str) -> None:
    places = np.arange(len(bands.names))
    axes.bar(places, bands.values, 0.7, color=BLUE, yerr=_CLEAR * bands.errors, error_kw=_ERRORS)
    axes.axhline(0, color="#999999", linewidth=0.8)
    axes.set_xlim(-0.5, len(places) - 0.5)
    axes.set_xticks(places, [_number(name) for name in bands.names], rotation=90 if len(places) > 12 else 0)
    axes.set_title("each band, all statistics; ± 2 standard errors")
    axes.set_ylabel(f"rise of the\n{loss}")
    axes.grid(axis="y")


def _number(name: str) -> str:
    """Return a band's name without the word: 3, or 1 to 4."""
    return name.partition(" ")[2]


def _draw_cells(
    axes: Axes, cells: np.ndarray, clear: np.ndarray, bands: Sequence[str], statistics: Sequence[str], loss: str
) -> None:
    most = max(float(np.max(cells, initial=0.0)), 1e-12)
    image = axes.imshow(cells, colormaps[_COLOURS], Normalize(0, most), aspect="auto")
    rows, columns = np.nonzero(~clear)
    axes.scatter(columns, rows, marker="x", s=10, linewidth=0.7, color="#999999")
    axes.set_xticks(range(len(bands)), [_number(name) for name in bands], rotation=90 if len(bands) > 12 else 0)
    axes.set_yticks(range(len(statistics)), [in_lines(name, _LETTERS, most=1) for name in statistics])
    axes.set(xlabel="band", title="each column alone; a cross: within 2 standard errors of nothing")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = axes.figure.colorbar(image, ax=axes, location="bottom", shrink=0.6, label=f"rise of the {loss}")
    bar.outline.set_visible(False)
    bar.locator = MaxNLocator(4)
    bar.update_ticks()
    bar.ax.tick_params(labelsize=SMALL)


@styled
def importance_by_genre(
    genres: Sequence[str], parts: Sequence[str], values: np.ndarray, clear: np.ndarray, loss: str
) -> Figure:
    """Draw what each part is worth to each genre's songs, as colours.

    Parameters
    ----------
    genres, parts : sequence of str
        At most 24 genres are drawn, those to which some part is worth most; parts keep their order.
    values : ndarray of float64, shape (genres, parts)
        The rise of the loss over the genre's songs; nan where there is none.
    clear : ndarray of bool, shape (genres, parts)
        Whether that is more than two standard errors: a cross marks where it is not.
    loss : str
        What the loss is called.

    Returns
    -------
    Figure
    """
    shown = list(range(len(genres)))
    if are_many(genres):
        shown = sorted(those_shown(np.nan_to_num(values).max(axis=1)).tolist())
    width = max(_WIDTH, 2.5 + 0.15 * len(parts))
    figure = new_figure("What each genre's songs lose", width, 2.6 + 0.28 * len(shown))
    axes = figure.subplots()
    # Whole blocks are worth far more than what is in them: colours follow the square root.
    norm = PowerNorm(0.5, 0, max(float(np.nanmax(values, initial=0.0)), 1e-12), clip=True)
    image = axes.imshow(values[shown], colormaps[_COLOURS].with_extremes(bad=PALE), norm, aspect="auto")
    rows, columns = np.nonzero(~clear[shown])
    axes.scatter(columns, rows, marker="x", s=8, linewidth=0.6, color="#999999")
    axes.set_xticks(range(len(parts)), [in_lines(name, _LETTERS, most=1) for name in parts], rotation=90)
    axes.set_yticks(range(len(shown)), [in_lines(genres[place], _LETTERS, most=1) for place in shown])
    axes.set_title("by part shuffled; a cross: within 2 standard errors of nothing")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = axes.figure.colorbar(image, ax=axes, label=f"rise of the {loss}", ticks=MaxNLocator(4))
    bar.outline.set_visible(False)
    return figure


@styled
def song_curve(
    model: str,
    songs: Sequence[int],
    losses: np.ndarray,
    errors: np.ndarray,
    twice: tuple[float, float, float],
    loss: str,
) -> Figure:
    """Draw a model's loss by the number of songs it is trained on, and what twice the songs would bring.

    Parameters
    ----------
    model : str
    songs : sequence of int
    losses, errors : ndarray of float64, shape (sizes,)
    twice : (float, float, float)
        The loss with twice the most songs: its value, and the ends of its interval.
    loss : str
        What the loss is called.

    Returns
    -------
    Figure
    """
    figure = new_figure(f"{model}: {loss} by the number of training songs", _WIDTH, 3.6)
    axes = figure.subplots()
    axes.errorbar(songs, losses, errors, color=BLUE, marker="o", capsize=3, label="measured, ± 1 standard error")
    value, low, high = twice
    place = 2 * songs[-1]
    bars = [[max(value - low, 0.0)], [max(high - value, 0.0)]]
    axes.errorbar(
        [place],
        [value],
        bars,
        color=VERMILION,
        marker="s",
        capsize=3,
        label="twice the songs, 95 % interval of the gain",
    )
    axes.plot([songs[-1], place], [losses[-1], value], color=VERMILION, linestyle="--", linewidth=1)
    axes.set_xscale("log", base=2)
    axes.set_xticks([*songs, place], [str(one) for one in (*songs, place)])
    axes.minorticks_off()
    axes.set(xlabel="training songs", ylabel=f"{loss} of held-out songs")
    axes.grid(axis="y")
    axes.legend()
    return figure
