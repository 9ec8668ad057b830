"""Pictures of a competition's songs, raw and standardized; none needs a display.

Every function returns a `matplotlib.figure.Figure` of its own and leaves matplotlib's settings as it found them.
"""

from collections.abc import Sequence
from itertools import cycle
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, Locator, MaxNLocator

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition
from competition.models.base.scaling import fit_scaler
from competition.pictures.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, new_figure, styled
from competition.scoring.many_genres import are_many

_BLOCK_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
_PANEL_LETTERS = 80
_MOST_SYMLOG_STEPS = 7


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
        On the left raw values on a symlog scale; on the right how many standard deviations each is from its
        column's mean over all training songs, a scaling for display that no fold's network sees. Where a cell is
        missing, nothing is drawn.
    """
    lines, marks = _stretches(dataset.edition, block)
    raw, filled = dataset.features[list(rows)], dataset.filled().features
    standardized = fit_scaler(filled).transform(raw)
    columns = "all columns" if block is None else f"{block.name} columns"
    title = f"{_which(dataset, rows)}, {columns}: raw values left, standardized right"
    figure = new_figure(title, 12, 1.3 + 1.4 * len(rows) + _height_of_turned_names(marks))
    panels = figure.subplots(len(rows), 2, sharex=True, sharey="col", squeeze=False)
    panels[0, 0].set_yscale("symlog", linthresh=_linear_limit(filled[list(rows)], lines))
    for pair, row, *songs in zip(panels, rows, raw, standardized, strict=True):
        pair[0].set_title(f"Song {dataset.song_names.row(row)}, {dataset.edition.genres[dataset.targets[row]]}")
        for axes, song in zip(pair, songs, strict=True):
            _draw_song(axes, song, lines, marks)
    what = "column, counted from 1" if dataset.edition.roles is None else "feature, counted from 1 in the blocks' order"
    _label_panels(panels, marks, what)
    return figure


def _which(dataset: Dataset, rows: Sequence[int]) -> str:
    """Return which songs are drawn; of many genres, of how many."""
    genres, drawn = dataset.edition.genres, len(np.unique(dataset.targets[list(rows)]))
    return f"Training songs of {drawn} of {len(genres)} genres" if are_many(genres) else "Training songs"


class _Stretch(NamedTuple):
    """Adjacent columns that belong together, counted from 0; they are drawn counted from 1."""

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
        axes.axvspan(mark.first + 0.5, mark.stop + 0.5, color=mark.colour, alpha=0.1, linewidth=0)
        axes.axvline(mark.stop + 0.5, color="white", linewidth=2)
    for _, first, stop, colour in lines:
        axes.plot(range(first + 1, stop + 1), song[first:stop], color=colour, linewidth=0.9, marker=".", markersize=3)


def _linear_limit(raw: np.ndarray, lines: list[_Stretch]) -> float:
    """Return the power of ten up to which a symlog scale is linear, so that no statistic is squeezed to 0."""
    sizes = [np.median(np.abs(raw[:, line.first : line.stop])) for line in lines]
    return 10.0 ** np.floor(np.log10(min((size for size in sizes if size > 0), default=1.0)))


def _label_panels(panels: np.ndarray, marks: list[_Stretch], what: str) -> None:
    shared = panels[0, 0]  # its ticks are those of all panels below, its columns those of all panels
    shared.yaxis.set_major_locator(_symlog_locator(shared))
    shared.yaxis.set_major_formatter("{x:g}")
    shared.minorticks_off()
    shared.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    shared.set_xlim(marks[0].first + 0.5, marks[-1].stop + 0.5)
    for left, right in panels:
        left.set_ylabel("raw value\n(symlog scale)")
        right.set_ylabel("deviations\nfrom the mean")
    for top, bottom in zip(panels[0], panels[-1], strict=True):
        _name_marks(top, marks)
        bottom.set_xlabel(what)


def _symlog_locator(axes: Axes) -> Locator:
    """Return evenly spaced ticks for the y axis; matplotlib's own overlap near 0."""
    transform: Any = axes.yaxis.get_transform()
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
    top.set_xticks([(mark.first + mark.stop + 1) / 2 for mark in marks], names)
    top.tick_params(length=0, rotation=0 if fit else 90)
    top.spines["top"].set_visible(False)


def _room(mark: _Stretch, marks: list[_Stretch]) -> int:
    """Return how many letters there is room for above a mark."""
    return _PANEL_LETTERS * (mark.stop - mark.first) // (marks[-1].stop - marks[0].first)


def _names_fit(marks: list[_Stretch]) -> bool:
    return all(len(word) <= _room(mark, marks) for mark in marks for word in mark.name.split())


def _height_of_turned_names(marks: list[_Stretch]) -> float:
    return 0 if _names_fit(marks) else 0.08 * max(len(mark.name) for mark in marks)
