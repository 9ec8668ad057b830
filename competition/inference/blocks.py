"""Blocks of features by their columns' names: numbered bands of one kind, each with the same statistics."""

import re
from collections.abc import Sequence

from competition.data.edition import Block
from competition.data.edition_file import REST, everything

_STATISTICS = {
    "mean": "mean", "avg": "mean", "average": "mean", "mu": "mean",
    "var": "variance", "variance": "variance",
    "std": "deviation", "stdev": "deviation", "stddev": "deviation", "sd": "deviation", "deviation": "deviation",
    "skew": "skewness", "skewness": "skewness",
    "kurt": "kurtosis", "kurtosis": "kurtosis",
    "med": "median", "median": "median",
    "min": "min", "max": "max", "range": "range", "iqr": "iqr",
}  # fmt: skip
_LEAST_BANDS = 3
_PART = re.compile(r"[A-Za-z]+|\d+")
VALUE = "value"
"""The statistic of bands whose names say none."""


def find_blocks(features: Sequence[str]) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    """Return features in the order of their blocks, and the blocks.

    Parameters
    ----------
    features : sequence of str
        Names of columns.

    Returns
    -------
    features : tuple of str
        Those of the first block, statistic by statistic, and so on; what belongs to no block comes last.
    blocks : tuple of Block
        A block "rest" without bands holds what belongs to none; it is one of everything where there are no others.

    Examples
    --------
    >>> names = ["tempo", "mfcc1_mean", "mfcc1_var", "mfcc2_mean", "mfcc2_var", "mfcc3_mean", "mfcc3_var"]
    >>> names, blocks = find_blocks(names)
    >>> names
    ('mfcc1_mean', 'mfcc2_mean', 'mfcc3_mean', 'mfcc1_var', 'mfcc2_var', 'mfcc3_var', 'tempo')
    >>> [(block.name, block.bands, block.statistics) for block in blocks]
    [('mfcc', 3, ('mean', 'variance')), ('rest', 1, ('tempo',))]
    """
    grids: dict[str, dict[tuple[str, int], str]] = {}
    for name in features:
        parsed = parse(name)
        if parsed is not None:
            kind, band, statistic = parsed
            grids.setdefault(kind, {}).setdefault((statistic, band), name)
    ordered: list[str] = []
    blocks: list[Block] = []
    for kind, grid in grids.items():
        statistics = list(dict.fromkeys(statistic for statistic, _ in grid))
        bands = sorted({band for _, band in grid})
        if len(bands) >= _LEAST_BANDS and len(grid) == len(statistics) * len(bands):
            blocks.append(Block(_free_name(kind, blocks), len(ordered), len(bands), tuple(statistics)))
            ordered += [grid[statistic, band] for statistic in statistics for band in bands]
    if not blocks:
        return tuple(features), (everything(features),)
    placed = set(ordered)
    rest = tuple(name for name in features if name not in placed)
    if rest:
        blocks.append(Block(REST, len(ordered), 1, rest))
    return (*ordered, *rest), tuple(blocks)


def parse(name: str) -> tuple[str, int, str] | None:
    """Return what a column's name says: its kind, its band's number and its statistic; None where there is no band.

    Examples
    --------
    >>> parse("mfcc12_mean"), parse("var_chroma_03"), parse("vect_7"), parse("tempo")
    (('mfcc', 12, 'mean'), ('chroma', 3, 'variance'), ('vect', 7, 'value'), None)
    """
    parts = [part.casefold() for part in _PART.findall(name)]
    numbers = [part for part in parts if part.isdecimal()]
    words = [part for part in parts if not part.isdecimal()]
    statistics = [word for word in words if word in _STATISTICS]
    kind = [word for word in words if word not in _STATISTICS]
    if len(numbers) != 1 or len(statistics) > 1 or not kind:
        return None
    return "-".join(kind), int(numbers[0]), _STATISTICS[statistics[0]] if statistics else VALUE


def _free_name(kind: str, blocks: Sequence[Block]) -> str:
    taken = {REST, *(block.name for block in blocks)}
    return kind if kind not in taken else f"{kind}-{len(blocks) + 1}"
