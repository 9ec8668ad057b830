"""Pictures of which genres are confused with which."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from competition.pictures.genres import labelled
from competition.pictures.style import PALE, SMALL, VERMILION, new_figure, readable_on, styled
from competition.pictures.titles import in_lines
from competition.scoring.many_genres import MOST_SHOWN, are_many, those_shown

_WIDTH = 7.5
_MAP_INCHES, _INCHES_PER_PAIR = 5.0, 0.2
_MANY_LETTERS = 26


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
        Of many genres, the cells' colours without their values, some of the names, and the largest confusions.
    """
    if are_many(genres):
        return _confusion_of_many(genres, np.asarray(matrix), normalized=normalized)
    values = _row_shares(matrix) if normalized else np.asarray(matrix)
    inches = 2.2 + 0.5 * len(genres)
    figure = new_figure(_title(normalized=normalized), max(inches, 5.5), inches)
    axes = figure.subplots()
    # Counts of small genres would all look alike beside a large genre's, so their colours follow the square root.
    norm = Normalize(0, 1) if normalized else PowerNorm(0.5, 0, max(values.max(), 1))
    image = axes.imshow(values, colormaps["Blues"].with_extremes(bad=PALE), norm)
    _annotate(axes, image, values, "{:.2f}" if normalized else "{}")
    _label_cells(axes, genres)
    return figure


def _title(*, normalized: bool) -> str:
    return f"Predicted against true genres: {'share of each true genre' if normalized else 'number of songs'}"


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
    axes.set_xticks(range(len(genres)), labelled(genres), rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(genres)), labelled(genres))
    axes.set(xlabel="predicted genre", ylabel="true genre", anchor="NW")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _confusion_of_many(genres: Sequence[str], matrix: np.ndarray, *, normalized: bool) -> Figure:
    """Draw all genres' confusions as colours, and the largest ones as bars."""
    values = _row_shares(matrix) if normalized else matrix
    wrong = np.nan_to_num(values) * (1 - np.eye(len(genres)))
    pairs = [divmod(int(cell), len(genres)) for cell in those_shown(wrong.ravel()) if wrong.flat[cell] > 0]
    heights = (_MAP_INCHES, 0.7 + _INCHES_PER_PAIR * max(len(pairs), 1))
    figure = new_figure(_title(normalized=normalized), _WIDTH, 0.6 + sum(heights))
    above, below = figure.subplots(2, 1, height_ratios=heights)
    _draw_map(above, genres, values, normalized=normalized)
    _draw_pairs(below, genres, matrix, pairs, normalized=normalized)
    return figure


def _draw_map(axes: Axes, genres: Sequence[str], values: np.ndarray, *, normalized: bool) -> None:
    most = 1 if normalized else max(values.max(), 1)
    # Among many genres nearly all cells are small: their colours follow the square root.
    image = axes.imshow(values, colormaps["Blues"].with_extremes(bad=PALE), PowerNorm(0.5, 0, most))
    shown = range(0, len(genres), -(-len(genres) // MOST_SHOWN))
    names = labelled(genres, _MANY_LETTERS)
    axes.set_xticks(shown, [str(place + 1) for place in shown], rotation=90)
    axes.set_yticks(shown, [names[place] for place in shown])
    axes.set(xlabel="label of the predicted genre", ylabel="true genre")
    axes.set_title(f"All {len(genres)} genres; one in {shown.step} is named")
    axes.tick_params(length=2)
    axes.spines[:].set_visible(False)
    what = "share of the true genre's songs" if normalized else "songs"
    axes.figure.colorbar(image, ax=axes, label=what, shrink=0.6).outline.set_visible(False)


def _draw_pairs(
    axes: Axes, genres: Sequence[str], matrix: np.ndarray, pairs: Sequence[tuple[int, int]], *, normalized: bool
) -> None:
    """Draw the largest confusions, pairs of a true and a predicted genre, the largest on top."""
    songs = matrix.sum(axis=1)
    counts = np.array([matrix[pair] for pair in pairs])
    widths = counts / songs[[true for true, _ in pairs]] if normalized and pairs else counts
    bars = axes.barh(range(len(pairs)), widths, 0.7, color=VERMILION)
    axes.bar_label(bars, [f"{matrix[pair]} of {songs[pair[0]]}" for pair in pairs], padding=3, fontsize=SMALL)
    names = [in_lines(genre, _MANY_LETTERS, most=1) for genre in genres]
    axes.set_yticks(range(len(pairs)), [f"{names[true]} as {names[predicted]}" for true, predicted in pairs])
    axes.set_ylim(max(len(pairs), 1) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("share of the true genre's songs" if normalized else "songs")
    largest = f"The {len(pairs)} largest confusions: true genre as predicted genre"
    axes.set_title(largest if pairs else "No song is given another genre")
