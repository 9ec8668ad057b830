"""The look that all of the kit's pictures share."""

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.figure import Figure

from competition.storage.files import write_whole

# The colours of Okabe and Ito, which colour-blind people can distinguish.
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
PALE = "#E6E6E6"
SMALL = 8
"""The size in points of text within the axes."""

_INK = "#333333"
_DOTS_PER_INCH = 140
_DARK = 0.18
_SETTINGS = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#999999",
    "axes.labelcolor": _INK,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.titlesize": 9,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.titlesize": 12,
    "font.size": 9,
    "grid.color": PALE,
    "legend.frameon": False,
    "text.color": _INK,
    "text.parse_math": False,  # a genre may have dollar signs in its name
    "xtick.color": _INK,
    "xtick.labelsize": SMALL,
    "ytick.color": _INK,
    "ytick.labelsize": SMALL,
}

styled = style.context(_SETTINGS, after_reset=True)
"""Decorator: the function draws with the kit's settings; afterwards the user's own are restored."""


def new_figure(title: str, width: float, height: float) -> Figure:
    """Return an empty figure with its title at the left.

    Parameters
    ----------
    title : str
    width, height : float
        In inches.
    """
    figure = Figure((width, height), layout="constrained")
    figure.suptitle(title, x=0.1 / width, ha="left")
    return figure


def readable_on(colours: np.ndarray) -> np.ndarray:
    """Return "white" for dark colours and "black" for the others; of the shape without the last axis.

    Parameters
    ----------
    colours : ndarray of float, shape (..., 3 or 4)
        Red, green and blue from 0 to 1.

    Examples
    --------
    >>> readable_on(np.array([[0.0, 0.0, 0.5], [1.0, 1.0, 0.0]])).tolist()
    ['white', 'black']
    """
    luminance = colours[..., :3] ** 2.2 @ (0.2126, 0.7152, 0.0722)
    return np.where(luminance < _DARK, "white", "black")


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
