"""Pictures of genres: how many songs each has, and which are confused with which."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from competition.pictures.style import BLUE, ORANGE, PALE, SMALL, new_figure, readable_on, styled


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


def _draw_bars(axes: Axes, offset: float, height: float, widths: np.ndarray, counts: np.ndarray, **look: Any) -> None:
    bars = axes.barh(np.arange(len(counts)) + offset, widths, height, **look)
    texts = [f"{count} ({percent:.1f}%)" for count, percent in zip(counts, _percents(counts), strict=True)]
    axes.bar_label(bars, texts, padding=3, fontsize=SMALL)


def _percents(counts: np.ndarray) -> np.ndarray:
    return 100 * np.asarray(counts) / max(np.sum(counts), 1)


@styled
def confusion(genres: Sequence[str], matrix: np.ndarray, normalized: bool) -> Figure:
    """Draw a confusion matrix as a heat map.

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
    colours = readable_on(image.to_rgba(values))
    for (row, column), value in np.ndenumerate(values):
        shown = "-" if np.isnan(value) else text.format(value)
        axes.text(column, row, shown, ha="center", va="center", fontsize=SMALL, color=colours[row, column])


def _label_cells(axes: Axes, genres: Sequence[str]) -> None:
    axes.set_xticks(range(len(genres)), _labelled(genres), rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(genres)), _labelled(genres))
    axes.set(xlabel="predicted genre", ylabel="true genre", anchor="NW")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
