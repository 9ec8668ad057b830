"""Pictures of a competition's songs and of what a model made of them; none needs a display.

Every function returns a `matplotlib.figure.Figure` of its own and leaves matplotlib's settings as it found them.
"""

from collections.abc import Sequence
from io import BytesIO
from itertools import cycle
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import FixedLocator, Locator, MaxNLocator

from competition.dataset import Dataset
from competition.edition import Block, Edition
from competition.files import write_whole
from competition.scaling import fit_scaler
from competition.style import BLUE, GREEN, ORANGE, PALE, PURPLE, SKY, SMALL, VERMILION, new_figure, styled

if TYPE_CHECKING:
    from competition.crossfit import Epoch

_BLOCK_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
_PANEL_LETTERS = 80
_MOST_SYMLOG_STEPS = 7
_DARK = 0.18
_MOST_MARKED_EPOCHS = 30
_DOTS_PER_INCH = 140


@styled
def genre_distribution(genres: Sequence[str], counts: np.ndarray, predicted: np.ndarray | None = None) -> Figure:
    """Draw how many training songs each genre has, and beside it how many test songs were given the genre.

    Parameters
    ----------
    genres : sequence of str
        In label order.
    counts : ndarray of int, shape (genres,)
        Training songs of each genre.
    predicted : ndarray of int, shape (genres,), optional
        Test songs given each genre. With it the bars show percents, for there are more songs of one kind than of
        the other.

    Returns
    -------
    Figure
        Horizontal bars, label 1 on top, each with its count and its percent.
    """
    if predicted is None:
        figure, axes = _genre_axes(f"Training songs of each genre, {np.sum(counts)} in all", genres, 0.3)
        _draw_bars(axes, 0.0, 0.7, counts, counts, color=BLUE)
        axes.set_xlabel("training songs")
        return figure
    figure, axes = _genre_axes("Genres of the training songs and genres predicted for the test songs", genres, 0.45)
    training, test = f"{np.sum(counts)} training songs", f"{np.sum(predicted)} test songs, predicted"
    _draw_bars(axes, -0.2, 0.38, _percents(counts), counts, color=BLUE, label=training)
    _draw_bars(axes, 0.2, 0.38, _percents(predicted), predicted, color=ORANGE, label=test)
    axes.set_xlabel("share of the songs (%)")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0, ncols=2)
    return figure


def _genre_axes(title: str, genres: Sequence[str], inches_per_genre: float) -> tuple[Figure, Axes]:
    figure = new_figure(title, 7.5, 1.3 + inches_per_genre * len(genres))
    axes = figure.subplots()
    axes.set_yticks(range(len(genres)), _labelled(genres))
    axes.set_ylim(len(genres) - 0.5, -0.5)
    axes.set_ylabel("genre")
    axes.tick_params(axis="y", length=0)
    return figure, axes


def _labelled(genres: Sequence[str]) -> list[str]:
    return [f"{label} {genre}" for label, genre in enumerate(genres, 1)]


def _draw_bars(axes: Axes, offset: float, height: float, widths: np.ndarray, counts: np.ndarray, **look: str) -> None:
    bars = axes.barh(np.arange(len(counts)) + offset, widths, height, **look)
    texts = [f"{count} ({percent:.1f}%)" for count, percent in zip(counts, _percents(counts), strict=True)]
    axes.bar_label(bars, texts, padding=3, fontsize=SMALL)


def _percents(counts: np.ndarray) -> np.ndarray:
    return 100 * np.asarray(counts) / max(np.sum(counts), 1)


@styled
def samples(dataset: Dataset, rows: Sequence[int], block: Block | None = None) -> Figure:
    """Draw the features of some training songs, as in the file and standardized.

    Parameters
    ----------
    dataset : Dataset
    rows : sequence of int
        At least one training row, counted from 0; each gets a line of two panels.
    block : Block, optional
        Draw its columns only, and mark its statistics instead of the edition's blocks.

    Returns
    -------
    Figure
        On the left raw values on a symlog scale; on the right how many deviations each lies from its column's mean
        over all training songs, a scaling for looking at and not the one any fold's network sees.
    """
    lines, marks = _stretches(dataset.edition, block)
    raw = dataset.features[list(rows)]
    standardized = fit_scaler(dataset.features).transform(raw)
    columns = "all columns" if block is None else f"{block.name} columns"
    title = f"Training songs, {columns}: raw values left, standardized right"
    figure = new_figure(title, 12, 1.3 + 1.4 * len(rows) + _height_of_turned_names(marks))
    panels = figure.subplots(len(rows), 2, sharex=True, sharey="col", squeeze=False)
    panels[0, 0].set_yscale("symlog", linthresh=_linear_limit(raw, lines))
    for pair, row, *songs in zip(panels, rows, raw, standardized, strict=True):
        pair[0].set_title(f"Song {row + 1}, {dataset.edition.genres[dataset.targets[row]]}")
        for axes, song in zip(pair, songs, strict=True):
            _draw_song(axes, song, lines, marks)
    _label_panels(panels, marks)
    return figure


class _Stretch(NamedTuple):
    """Neighbouring columns that belong together."""

    name: str
    first: int
    stop: int
    colour: str


def _stretches(edition: Edition, block: Block | None) -> tuple[list[_Stretch], list[_Stretch]]:
    """Return the stretches that are drawn as one line each, and those that are marked and named."""
    colours = dict(zip(edition.blocks, cycle(_BLOCK_COLOURS), strict=False))
    if block is not None:
        statistics = _statistics(block, colours[block])
        return statistics, statistics
    lines = [line for each in edition.blocks for line in _statistics(each, colours[each])]
    return lines, [_Stretch(each.name, each.first, each.stop, colours[each]) for each in edition.blocks]


def _statistics(block: Block, colour: str) -> list[_Stretch]:
    firsts = range(block.first, block.stop, block.bands)
    named = zip(block.statistics, firsts, strict=True)
    return [_Stretch(name, first, first + block.bands, colour) for name, first in named]


def _draw_song(axes: Axes, song: np.ndarray, lines: list[_Stretch], marks: list[_Stretch]) -> None:
    for mark in marks:
        axes.axvspan(mark.first - 0.5, mark.stop - 0.5, color=mark.colour, alpha=0.1, linewidth=0)
        axes.axvline(mark.stop - 0.5, color="white", linewidth=2)
    for _, first, stop, colour in lines:
        axes.plot(range(first, stop), song[first:stop], color=colour, linewidth=0.9, marker=".", markersize=3)


def _linear_limit(raw: np.ndarray, lines: list[_Stretch]) -> float:
    """Return the power of ten up to which a symlog scale is linear, so that no statistic is crushed to 0."""
    sizes = [np.median(np.abs(raw[:, line.first : line.stop])) for line in lines]
    return 10.0 ** np.floor(np.log10(min((size for size in sizes if size > 0), default=1.0)))


def _label_panels(panels: np.ndarray, marks: list[_Stretch]) -> None:
    shared = panels[0, 0]  # its ticks are those of all panels below, its columns those of all panels
    shared.yaxis.set_major_locator(_symlog_locator(shared))
    shared.yaxis.set_major_formatter("{x:g}")
    shared.minorticks_off()
    shared.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    shared.set_xlim(marks[0].first - 0.5, marks[-1].stop - 0.5)
    for left, right in panels:
        left.set_ylabel("raw value\n(symlog scale)")
        right.set_ylabel("deviations\nfrom the mean")
    for top, bottom in zip(panels[0], panels[-1], strict=True):
        _name_marks(top, marks)
        bottom.set_xlabel("column, counted from 0")


def _symlog_locator(axes: Axes) -> Locator:
    """Return evenly spaced ticks for the y axis; matplotlib's own overlap near 0."""
    transform = axes.yaxis.get_transform()
    low, high = transform.transform(np.array(axes.get_ylim())) / transform.linthresh  # in decades
    if high - low < 1:
        return MaxNLocator(5)
    step = np.ceil((high - low) / _MOST_SYMLOG_STEPS)
    powers = transform.linthresh * 10 ** np.arange(step - 1, max(high, -low), step)
    ticks = np.outer(powers, (1, 2, 5) if high - low < 2.5 else (1,)).ravel()
    return FixedLocator([*-ticks, 0, *ticks])


def _name_marks(axes: Axes, marks: list[_Stretch]) -> None:
    """Write each mark's name above it, turned where some name is too wide for its place."""
    fit = _names_fit(marks)
    names = ["\n".join(wrap(mark.name, _room(mark, marks))) if fit else mark.name for mark in marks]
    top = axes.secondary_xaxis("top")
    top.set_xticks([(mark.first + mark.stop - 1) / 2 for mark in marks], names)
    top.tick_params(length=0, rotation=0 if fit else 90)
    top.spines["top"].set_visible(False)


def _room(mark: _Stretch, marks: list[_Stretch]) -> int:
    """Return how many letters there is room for above a mark."""
    return _PANEL_LETTERS * (mark.stop - mark.first) // (marks[-1].stop - marks[0].first)


def _names_fit(marks: list[_Stretch]) -> bool:
    return all(len(word) <= _room(mark, marks) for mark in marks for word in mark.name.split())


def _height_of_turned_names(marks: list[_Stretch]) -> float:
    return 0 if _names_fit(marks) else 0.08 * max(len(mark.name) for mark in marks)


@styled
def confusion(genres: Sequence[str], matrix: np.ndarray, normalized: bool) -> Figure:
    """Draw how many songs of each true genre were given each genre, as a heat map.

    Parameters
    ----------
    genres : sequence of str
        In label order.
    matrix : ndarray of int, shape (genres, genres)
        Songs by true genre (row) and predicted genre (column).
    normalized : bool
        Whether to show shares of each true genre instead of counts; a genre without songs has none (nan, grey).

    Returns
    -------
    Figure
    """
    values = _row_shares(matrix) if normalized else np.asarray(matrix)
    what = "share of each true genre" if normalized else "number of songs"
    inches = 2.2 + 0.5 * len(genres)
    figure = new_figure(f"Predicted against true genres: {what}", max(inches, 5.5), inches)
    axes = figure.subplots()
    # Counts of small genres would all look alike beside a large genre's, so their colours follow the square root.
    norm = Normalize(0, 1) if normalized else PowerNorm(0.5, 0, max(values.max(), 1))
    image = axes.imshow(values, colormaps["Blues"].with_extremes(bad=PALE), norm)
    _annotate(axes, image, values, "{:.2f}" if normalized else "{}")
    _label_cells(axes, genres)
    return figure


def _row_shares(matrix: np.ndarray) -> np.ndarray:
    songs = np.sum(matrix, axis=1, keepdims=True)
    return np.divide(matrix, songs, out=np.full(np.shape(matrix), np.nan), where=songs > 0)


def _annotate(axes: Axes, image: AxesImage, values: np.ndarray, text: str) -> None:
    """Write each cell's value into it, in white where the cell is dark."""
    luminance = image.to_rgba(values)[..., :3] ** 2.2 @ (0.2126, 0.7152, 0.0722)
    for (row, column), value in np.ndenumerate(values):
        shown = "-" if np.isnan(value) else text.format(value)
        colour = "white" if luminance[row, column] < _DARK else "black"
        axes.text(column, row, shown, ha="center", va="center", fontsize=SMALL, color=colour)


def _label_cells(axes: Axes, genres: Sequence[str]) -> None:
    axes.set_xticks(range(len(genres)), _labelled(genres), rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(genres)), _labelled(genres))
    axes.set(xlabel="predicted genre", ylabel="true genre", anchor="NW")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


@styled
def learning_curves(history: "Sequence[Epoch]", name: str) -> Figure:
    """Draw training and held-out loss against the epoch: each fold thin, the mean over the folds thick.

    Parameters
    ----------
    history : sequence of Epoch
        At least one, in any order.
    name : str
        Of the recipe.

    Returns
    -------
    Figure
    """
    folds, fold_of = np.unique([epoch.fold for epoch in history], return_inverse=True)
    epochs, epoch_of = np.unique([epoch.epoch for epoch in history], return_inverse=True)
    losses = np.full((2, len(epochs), len(folds)), np.nan)
    losses[:, epoch_of, fold_of] = np.transpose([(epoch.training_loss, epoch.held_out_loss) for epoch in history])
    lines = f"{len(folds)} folds (thin) and their mean (thick)" if len(folds) > 1 else "one fold"
    figure = new_figure(f"{name}: training and held-out loss by epoch, {lines}", 7.5, 4.2)
    axes = figure.subplots()
    for name, colour, loss in zip(("training", "held out"), (BLUE, VERMILION), losses, strict=True):
        _draw_curves(axes, epochs, loss, name, colour)
    axes.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set(xlabel="epoch", ylabel="loss while training (multiclass log loss)")
    axes.grid(axis="y")
    axes.legend()
    return figure


def _draw_curves(axes: Axes, epochs: np.ndarray, losses: np.ndarray, name: str, colour: str) -> None:
    """Draw losses of shape (epochs, folds)."""
    marker = "o" if len(epochs) <= _MOST_MARKED_EPOCHS else ""
    axes.plot(epochs, losses, color=colour, alpha=0.35, linewidth=0.8, marker=marker, markersize=2)
    axes.plot(epochs, np.nanmean(losses, axis=1), color=colour, linewidth=2.2, marker=marker, markersize=4, label=name)


@styled
def save(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG file, the same bytes for the same picture.

    Raises
    ------
    RunError
        When the file cannot be written.
    """
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
    write_whole(path, buffer.getvalue())
