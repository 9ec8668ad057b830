"""Pictures of sound: what a song's features are computed from, and songs of several genres side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from competition.audio.features.cepstrum import COEFFICIENTS, cepstrum
from competition.audio.features.chroma import chroma
from competition.audio.features.spectral_descriptors import BANDS, BARK, STATISTICS, measure
from competition.audio.signal.excerpt import HOP, MEL_BANDS, Excerpt
from competition.audio.signal.mel import to_mel
from competition.pictures.style import BLUE, SMALL, new_figure, readable_on, styled
from competition.pictures.titles import in_lines, lettered

_WIDTH = 6.0
_TITLE_LETTERS, _PANEL_LETTERS = 56, 36
_BAR_SHARE = 40
_SPAN, _QUIET = 80.0, -20.0  # decibel
_DEVIATIONS = 3.0
_STEADY = 0.01  # decibel: what varies less than this does so by rounding
_WAVEFORM_COLUMNS = 1000  # each from its least to its largest sample
_PITCHES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_HERTZ = np.array([0, 500, 1000, 2000, 4000, 8000])
_UNITS = {"mean": "sone", "variance": "sone²", "median": "sone", "min": "sone", "max": "sone"}
_SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class _Panel:
    """What is drawn as an image over time.

    Attributes
    ----------
    title, rows, unit : str
        What is shown, what its rows are, and what its colours mean.
    values : callable
        Given an excerpt, returns an array of shape (frames, rows).
    colours : str
        A colour map that colour-blind people can read.
    limits : (float, float)
        What the first and the last colour stand for.
    ticks : callable
        Given a rate in Hz, returns rows from 0, in fractions, and their names.
    inches : float
    """

    title: str
    rows: str
    unit: str
    values: Callable[[Excerpt], np.ndarray]
    colours: str
    limits: tuple[float, float]
    ticks: Callable[[int], tuple[np.ndarray, Sequence[str]]]
    inches: float


def _loudest(excerpt: Excerpt) -> float:
    """Return the level of the loudest mel band; of near silence, one at which it is drawn as dark as it is."""
    return max(float(excerpt.mel_decibel.max()), _QUIET)


def _below_loudest(excerpt: Excerpt) -> np.ndarray:
    return excerpt.mel_decibel - _loudest(excerpt)


def _mel_ticks(rate: int) -> tuple[np.ndarray, Sequence[str]]:
    hertz = _HERTZ[rate / 2 >= _HERTZ]
    places = to_mel(hertz) / to_mel(np.array(rate / 2)) * (MEL_BANDS + 1) - 1
    return np.maximum(places, -0.5), [str(one) for one in hertz]


def _standardized_cepstrum(excerpt: Excerpt) -> np.ndarray:
    values = cepstrum(excerpt)
    deviations = values - values.mean(axis=0)
    spread = deviations.std(axis=0)
    return np.where(spread > _STEADY, deviations / np.maximum(spread, _STEADY), 0)


_DECIBEL = "dB, 0 the loudest"
_MEL = _Panel("Mel spectrogram", "Hz (mel scale)", _DECIBEL, _below_loudest, "viridis", (-_SPAN, 0), _mel_ticks, 2.1)
_PANELS = (
    _MEL,
    _Panel("The same in grey", "Hz (mel scale)", _DECIBEL, _below_loudest, "gray", (-_SPAN, 0), _mel_ticks, 2.1),
    _Panel(
        "Chroma: each pitch class, whatever the octave",
        "pitch class",
        "share of\nthe strongest",
        chroma,
        "cividis",
        (0, 1),
        lambda rate: (np.arange(len(_PITCHES)), _PITCHES),
        2.1,
    ),
    _Panel(
        "MFCC: the spectrum's shape, each coefficient by itself",
        "coefficient",
        "deviations from\nits mean",
        _standardized_cepstrum,
        "PuOr",
        (-_DEVIATIONS, _DEVIATIONS),
        lambda rate: (np.arange(COEFFICIENTS), [str(one) for one in range(COEFFICIENTS)]),
        2.1,
    ),
)
"""What is drawn of a song, from the top down."""
_WAVEFORM_INCHES, _DESCRIPTOR_INCHES = 1.5, 5.1
_DESCRIPTOR_TITLE = (
    "SSD: how loud the bands of hearing are, and how that varies\n"
    "(each column dark at its least value, bright at its largest)"
)


@styled
def sound_of_song(excerpt: Excerpt, name: str, length: str) -> Figure:
    """Draw what a song's features are computed from.

    Parameters
    ----------
    excerpt : Excerpt
        At least a second, of a rate that the Statistical Spectrum Descriptor takes.
    name, length : str
        Of the song, for the title.

    Returns
    -------
    Figure
        From the top down: waveform, mel spectrogram in colour and in grey, chroma and MFCC over time in seconds; then
        the Statistical Spectrum Descriptor, with its values.

    Raises
    ------
    DataError
        When the excerpt is of another rate or too short.
    """
    described = measure(excerpt).values()
    inches = [_WAVEFORM_INCHES, *(panel.inches for panel in _PANELS)]
    heights = (sum(inches), _DESCRIPTOR_INCHES)
    with lettered(name):
        figure = new_figure(_titled(name, length), _WIDTH, sum(heights))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
    panels = above.subplots(len(inches), 2, sharex="col", height_ratios=inches, width_ratios=(_BAR_SHARE, 1))
    _draw_waveform(panels[0, 0], excerpt)
    panels[0, 1].remove()
    for (axes, bar), panel in zip(panels[1:], _PANELS, strict=True):
        image = _draw_over_time(axes, panel, panel.values(excerpt), excerpt.rate)
        axes.set(title=panel.title, ylabel=panel.rows)
        _explain(image, bar, panel.unit)
    panels[-1, 0].set(xlabel="seconds", xlim=(0, excerpt.seconds))
    panels[-1, 0].xaxis.set_major_formatter("{x:g}")
    above.align_ylabels(panels[:, 0])
    _draw_descriptor(below.subplots(), described)
    return figure


def _titled(name: str, length: str) -> str:
    title = in_lines(f"{name}, {length}", _TITLE_LETTERS)
    return title if title.endswith(length) else f"{in_lines(name, _TITLE_LETTERS)}\n{length}"


def _draw_waveform(axes: Axes, excerpt: Excerpt) -> None:
    samples = excerpt.samples
    firsts = np.unique(np.linspace(0, len(samples), _WAVEFORM_COLUMNS, endpoint=False, dtype=int))
    least, largest = np.minimum.reduceat(samples, firsts), np.maximum.reduceat(samples, firsts)
    axes.fill_between(firsts / excerpt.rate, least, largest, color=BLUE, linewidth=0.3)
    most = 1.05 * float(np.abs(samples).max()) or 1.0
    axes.set(title="Waveform", ylabel="amplitude,\nfull scale 1", ylim=(-most, most))
    axes.grid()


def _draw_over_time(axes: Axes, panel: _Panel, values: np.ndarray, rate: int) -> AxesImage:
    """Draw values of shape (frames, rows), a frame around the second that it is centred on."""
    frames, rows = values.shape
    extent = ((-0.5) * HOP / rate, (frames - 0.5) * HOP / rate, -0.5, rows - 0.5)
    look: dict[str, Any] = {"cmap": panel.colours, "vmin": panel.limits[0], "vmax": panel.limits[1], "origin": "lower"}
    image = axes.imshow(values.T, aspect="auto", extent=extent, **look)
    axes.set_yticks(*panel.ticks(rate))
    axes.spines[:].set_visible(False)
    return image


def _explain(image: AxesImage, bar: Axes, unit: str) -> None:
    bar.figure.colorbar(image, bar, label=unit).outline.set_visible(False)


def _draw_descriptor(axes: Axes, values: np.ndarray) -> None:
    """Draw statistics of shape (statistics, bands), each in the colours from its own least to its largest value."""
    lowered = values.T - values.min(axis=1)
    # One outlying band would make all others look alike, so colours follow the square root.
    shares = np.sqrt(lowered / np.where(lowered.max(axis=0) > 0, lowered.max(axis=0), 1))
    image = axes.imshow(shares, "cividis", aspect="auto", origin="lower", vmin=0, vmax=1)
    colours = readable_on(image.to_rgba(shares))
    for (band, statistic), value in np.ndenumerate(values.T):
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": SMALL, "color": colours[band, statistic]}
        axes.text(statistic, band, _short(value), **look)
    axes.set(title=_DESCRIPTOR_TITLE, ylabel="Bark band, from ... to ... Hz")
    axes.set_yticks(range(BANDS), [f"{band}: {low}–{high}" for band, (low, high) in enumerate(pairwise(BARK), 1)])
    axes.set_xticks(range(len(STATISTICS)), [f"{one}\n{_UNITS.get(one, '')}".rstrip() for one in STATISTICS])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _short(value: float) -> str:
    """Return three digits of a number, or all those before the point."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


@styled
def spectrograms_of_genres(excerpts: Sequence[Excerpt], titles: Sequence[str]) -> Figure:
    """Draw the mel spectrograms of songs side by side, in the same colours and on the same axes.

    Parameters
    ----------
    excerpts : sequence of Excerpt
        At least one; all of the same rate.
    titles : sequence of str
        The genre and the song of each.

    Returns
    -------
    Figure
        The last colour is the loudest mel band of all songs.
    """
    lines = -(-len(excerpts) // _SIDE_BY_SIDE)
    figure = new_figure("Mel spectrograms, one song of each genre", _WIDTH, 1.4 + 1.5 * lines)
    panels = figure.subplots(lines, _SIDE_BY_SIDE, sharex=True, sharey=True, squeeze=False)
    shown, left_over = panels.flat[: len(excerpts)], panels.flat[len(excerpts) :]
    loudest = max(map(_loudest, excerpts))
    for axes, excerpt, title in zip(shown, excerpts, titles, strict=True):
        image = _draw_over_time(axes, _MEL, excerpt.mel_decibel - loudest, excerpt.rate)
        with lettered(title):
            axes.set_title(in_lines(title, _PANEL_LETTERS))
    for axes in left_over:
        axes.set_visible(False)
    _label_outer(list(panels[:, 0]), list(shown[-_SIDE_BY_SIDE:]), max(excerpt.seconds for excerpt in excerpts))
    bar = figure.colorbar(image, ax=panels, location="bottom", aspect=50, pad=0.02, label=f"{_DECIBEL} of all")
    bar.outline.set_visible(False)
    return figure


def _label_outer(left: Sequence[Axes], lowest: Sequence[Axes], seconds: float) -> None:
    """Label the panels on the left and the lowest ones of each column; all panels share their axes."""
    for axes in left:
        axes.set_ylabel(_MEL.rows)
    for axes in lowest:
        axes.set_xlabel("seconds")
        axes.tick_params(labelbottom=True)
    lowest[0].set_xlim(0, seconds)
    lowest[0].xaxis.set_major_locator(MaxNLocator(5, steps=(1, 2, 5, 10)))
