"""Pictures of genres: how many songs each has."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from competition.pictures.style import BLUE, ORANGE, SKY, SMALL, new_figure, styled
from competition.pictures.titles import in_lines
from competition.scoring.many_genres import are_many, those_shown

_WIDTH = 7.5
_CURVE_INCHES = 2.4
_MANY_LETTERS = 30
_INCHES_ALONE, _INCHES_OF_PAIRS = 0.3, 0.45
_MANY_SHARE = 0.8


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
        Test songs given each genre. With it the bars show percents, because the two files differ in their numbers of
        songs.

    Returns
    -------
    Figure
        Horizontal bars, label 1 on top, each with its count and its percent. Of many genres, all of them as one curve,
        and the bars of some: those with the most songs, or those whose shares differ most.
    """
    if are_many(genres):
        return _distribution_of_many(genres, counts, predicted)
    figure = new_figure(_title(counts, predicted), _WIDTH, 1.3 + _inches(predicted) * len(genres))
    axes = figure.subplots()
    _draw_bars(axes, labelled(genres), np.arange(len(genres)), counts, predicted)
    if predicted is not None:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0, ncols=2)
    return figure


def _title(counts: np.ndarray, predicted: np.ndarray | None) -> str:
    if predicted is None:
        return f"Training songs of each genre, {np.sum(counts)} in all"
    return "Genres of the training songs and genres predicted for the test songs"


def _inches(predicted: np.ndarray | None) -> float:
    """Return the height of a genre's bars."""
    return _INCHES_ALONE if predicted is None else _INCHES_OF_PAIRS


def labelled(genres: Sequence[str], letters: int | None = None) -> list[str]:
    """Return genres with their labels before them, cut to so many letters if that is given."""
    names = [f"{label} {genre}" for label, genre in enumerate(genres, 1)]
    return names if letters is None else [in_lines(name, letters, most=1) for name in names]


def _draw_bars(
    axes: Axes, names: Sequence[str], shown: np.ndarray, counts: np.ndarray, predicted: np.ndarray | None
) -> None:
    """Draw the bars of some genres, the first on top; names, counts and predicted are of all genres."""
    if predicted is None:
        _draw_series(axes, 0.0, 0.7, np.asarray(counts), counts, shown, color=BLUE)
    else:
        training, test = f"{np.sum(counts)} training songs", f"{np.sum(predicted)} test songs, predicted"
        _draw_series(axes, -0.2, 0.38, _percents(counts), counts, shown, color=BLUE, label=training)
        _draw_series(axes, 0.2, 0.38, _percents(predicted), predicted, shown, color=ORANGE, label=test)
    axes.set_yticks(range(len(shown)), [names[genre] for genre in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set(xlabel="training songs" if predicted is None else "share of the songs (%)", ylabel="genre")
    axes.tick_params(axis="y", length=0)


def _draw_series(
    axes: Axes, offset: float, height: float, widths: np.ndarray, counts: np.ndarray, shown: np.ndarray, **look: Any
) -> None:
    bars = axes.barh(np.arange(len(shown)) + offset, widths[shown], height, **look)
    texts = [f"{counts[genre]} ({_percents(counts)[genre]:.1f}%)" for genre in shown]
    axes.bar_label(bars, texts, padding=3, fontsize=SMALL)


def _percents(counts: np.ndarray) -> np.ndarray:
    return 100 * np.asarray(counts) / max(np.sum(counts), 1)


def _distribution_of_many(genres: Sequence[str], counts: np.ndarray, predicted: np.ndarray | None) -> Figure:
    """Draw all genres as a curve from the most to the fewest songs, and the bars of some."""
    differences = None if predicted is None else np.abs(_percents(counts) - _percents(predicted))
    shown = those_shown(counts if differences is None else differences)
    heights = (_CURVE_INCHES, 0.8 + _MANY_SHARE * _inches(predicted) * len(shown))
    figure = new_figure(_title(counts, predicted), _WIDTH, 0.8 + sum(heights))
    above, below = figure.subplots(2, 1, height_ratios=heights)
    _draw_curve(above, counts, predicted)
    _draw_bars(below, labelled(genres, _MANY_LETTERS), shown, counts, predicted)
    which = "with the most training songs" if predicted is None else "whose shares differ most"
    below.set_title(f"The {len(shown)} of {len(genres)} genres {which}")
    return figure


def _draw_curve(axes: Axes, counts: np.ndarray, predicted: np.ndarray | None) -> None:
    """Draw all genres' songs, from the genre with the most training songs to that with the fewest."""
    order, places = np.argsort(-np.asarray(counts), kind="stable"), np.arange(len(counts))
    values = np.asarray(counts) if predicted is None else _percents(counts)
    edges = np.arange(len(counts) + 1) - 0.5
    axes.stairs(values[order], edges, fill=True, color=SKY if predicted is not None else BLUE, label="training songs")
    if predicted is not None:
        given = _percents(predicted)[order]
        axes.plot(places, given, "o", color=ORANGE, markersize=3, label="test songs, predicted")
        axes.legend(loc="upper right")
    few, many = np.min(counts), np.max(counts)
    axes.set_title(f"All {len(counts)} genres, from {many} training songs to {few}")
    axes.set(xlim=(-0.5, len(counts) - 0.5), ylim=(0, None), xlabel="genre, by its number of training songs")
    axes.set_ylabel("training songs" if predicted is None else "share of\nthe songs (%)")
    axes.set_xticks([])
    axes.grid(axis="y")
