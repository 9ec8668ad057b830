"""The pictures of an explained run."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from competition.explain.importance import CLEAR
from competition.explain.parts import BAND, BLOCK, CLUSTER, COLUMN, STATISTIC
from competition.pictures.importance import Worth, importance_bars, importance_by_genre, importance_grid, song_curve
from competition.pictures.style import save
from competition.pictures.titles import lettered
from competition.scoring.scores import shown
from genre_kit.runs.explained.content import CurveRow, Explanation, ImportanceRow, Pair

GENRES, SONGS, BLOCKS = "by-genre.png", "more-songs.png", "blocks.png"
_MOST_PARTS = 60


def picture_of(block: str) -> str:
    """Return the name of a block's picture."""
    return f"block-{block}.png"


def write_explanation_pictures(place: Path, found: Explanation) -> list[str]:
    """Draw an explanation into a folder, and return the names of the pictures."""
    with lettered(" ".join([*found.genres, *(row.title for row in (*found.importance, *found.columns))])):
        figures = _drawn(found)
        for name, figure in figures.items():
            save(figure, place / name)
    return list(figures)


def _drawn(found: Explanation) -> dict[str, Figure]:
    loss, blocks = shown(found.loss), [row for row in found.importance if row.kind == BLOCK]
    figures = {}
    if len(blocks) > 1:
        figures[BLOCKS] = importance_bars("Whole blocks", _worth(blocks), loss)
    for block in blocks:
        parts = [row for row in found.importance if row.block == block.block and row.kind != BLOCK]
        if parts:
            figures[picture_of(block.block)] = _block(block, parts, found, loss)
    figures[GENRES] = _by_genre(found, loss)
    if found.more_songs is not None:
        figures[SONGS] = _song_curve(found.more_songs, loss)
    return figures


def _worth(rows: Sequence[ImportanceRow]) -> Worth:
    return Worth([row.title for row in rows], *_numbers([row.loss for row in rows]))


def _numbers(pairs: Sequence[Pair]) -> tuple[np.ndarray, np.ndarray]:
    """Return values and errors, nan where they are not known."""
    values, errors = np.array([[np.nan if one is None else one for one in pair] for pair in pairs], float).T
    return values, errors


def _block(block: ImportanceRow, parts: Sequence[ImportanceRow], found: Explanation, loss: str) -> Figure:
    bands = [row for row in parts if row.kind == BAND]
    if not bands:
        alike = [row for row in parts if row.kind in (CLUSTER, COLUMN)]
        return importance_bars(f"{block.title}: clusters of columns that go together", _worth(alike), loss)
    statistics = [row for row in parts if row.kind == STATISTIC] or [block]
    cells, clear = _cells(block.block, len(bands), len(statistics), found)
    return importance_grid(f"{block.title}: what is shuffled", _named(bands), _named(statistics), cells, clear, loss)


def _named(rows: Sequence[ImportanceRow]) -> Worth:
    return Worth([row.name for row in rows], *_numbers([row.loss for row in rows]))


def _cells(block: str, bands: int, statistics: int, found: Explanation) -> tuple[np.ndarray | None, np.ndarray]:
    rows = [row for row in found.columns if row.block == block]
    clear = np.zeros((statistics, bands), bool)
    if not rows:
        return None, clear
    cells = np.zeros((statistics, bands))
    values, errors = _numbers([row.loss for row in rows])
    for row, value, error in zip(rows, values, errors, strict=True):
        band, statistic = row.place
        cells[statistic, band], clear[statistic, band] = value, value > CLEAR * error
    return cells, clear


def _by_genre(found: Explanation, loss: str) -> Figure:
    rows = [row for row in found.importance if row.kind != STATISTIC]
    if len(rows) > _MOST_PARTS:
        rows = sorted(rows, key=lambda row: -(row.loss[0] or 0.0))[:_MOST_PARTS]
    numbers = [_numbers(row.by_genre) for row in rows]
    values, errors = (np.array([pair[which] for pair in numbers]).T for which in (0, 1))
    return importance_by_genre(found.genres, [row.title for row in rows], values, values > CLEAR * errors, loss)


def _song_curve(curve: CurveRow, loss: str) -> Figure:
    losses, errors = _numbers([size.loss for size in curve.sizes])
    low, high = curve.loss_interval
    twice = losses[-1] - np.array([curve.loss_gain, high, low])
    return song_curve(curve.model, [size.songs for size in curve.sizes], losses, errors, tuple(twice.tolist()), loss)
