"""Columns that are shuffled together: blocks, their bands and statistics, clusters of columns, single columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from competition.data.edition import Block, Edition

BLOCK, BAND, STATISTIC, CLUSTER, COLUMN = "block", "band", "statistic", "cluster", "column"
LEAST_CORRELATION = 0.5
"""Columns of a block without bands are in one cluster where their mean absolute rank correlation is at least this."""
MOST_OF_A_KIND = 24
"""Of more bands, statistics or clusters in a block, neighbours are taken together."""
_MOST_CLUSTERED, _ROWS_CLUSTERED = 2000, 2000


@dataclass(frozen=True)
class Part:
    """Columns that are shuffled together.

    Attributes
    ----------
    kind : str
        ``"block"``, ``"band"``, ``"statistic"``, ``"cluster"`` or ``"column"``.
    block : str
        The block's name.
    name : str
        What people call it inside its block; the block's name for a whole block.
    columns : tuple of int
        Counted from 0.
    place : tuple of int
        Of bands and statistics, their number from 0; of a column, those of its band and its statistic.
    """

    kind: str
    block: str
    name: str
    columns: tuple[int, ...]
    place: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """What it is called among the parts of all blocks.

        Examples
        --------
        >>> Part("band", "rhythm", "band 3", (2,)).title, Part("block", "rhythm", "rhythm", (1, 2)).title
        ('rhythm band 3', 'rhythm')
        """
        return self.name if self.kind == BLOCK or self.name.startswith(self.block) else f"{self.block} {self.name}"


@dataclass(frozen=True)
class Grid:
    """A block with bands as a grid of ranges of bands over ranges of statistics, mostly of one each.

    Attributes
    ----------
    block : Block
    bands, statistics : tuple of range
        Each range's numbers, from 0.
    """

    block: Block
    bands: tuple[range, ...]
    statistics: tuple[range, ...]

    @property
    def band_names(self) -> list[str]:
        """Band 1, or bands 1 to 4."""
        return [_counted("band", one) for one in self.bands]

    @property
    def statistic_names(self) -> list[str]:
        """The statistics' names; of a range, its first and last."""
        return [_named(self.block.statistics, one) for one in self.statistics]

    def columns(self, bands: range, statistics: range) -> tuple[int, ...]:
        """Return the columns of some bands and statistics."""
        block = self.block
        return tuple(block.first + statistic * block.bands + band for statistic in statistics for band in bands)


def grid_of(block: Block) -> Grid | None:
    """Return a block's grid; None where it has no bands."""
    if block.bands < 2:
        return None
    return Grid(block, _ranges(block.bands), _ranges(len(block.statistics)))


def coarse_parts(edition: Edition, features: np.ndarray) -> tuple[Part, ...]:
    """Return the blocks, and their bands and statistics, or clusters of columns where a block has no bands.

    Parameters
    ----------
    edition : Edition
    features : ndarray of float32, shape (rows, columns)
        Of training songs, without missing cells; clusters are found in them.
    """
    return tuple(part for block in edition.blocks for part in _of_block(edition, block, features))


def fine_parts(edition: Edition) -> tuple[Part, ...]:
    """Return each column of the edition; of a block with many bands or statistics, each cell of its grid."""
    return tuple(part for block in edition.blocks for part in _cells(edition, block))


def _of_block(edition: Edition, block: Block, features: np.ndarray) -> Iterator[Part]:
    columns = tuple(range(block.first, block.stop))
    yield Part(BLOCK, block.name, block.name, columns)
    grid = grid_of(block)
    if grid is None:
        yield from _clusters(edition, block, features)
        return
    for place, (bands, name) in enumerate(zip(grid.bands, grid.band_names, strict=True)):
        yield Part(BAND, block.name, name, grid.columns(bands, range(len(block.statistics))), (place,))
    if len(grid.statistics) > 1:
        for place, (statistics, name) in enumerate(zip(grid.statistics, grid.statistic_names, strict=True)):
            yield Part(STATISTIC, block.name, name, grid.columns(range(block.bands), statistics), (place,))


def _cells(edition: Edition, block: Block) -> Iterator[Part]:
    grid, titles = grid_of(block), edition.column_titles
    if grid is None:
        yield from (Part(COLUMN, block.name, titles[one], (one,)) for one in range(block.first, block.stop))
        return
    for statistic, statistics in enumerate(grid.statistics):
        for band, bands in enumerate(grid.bands):
            columns = grid.columns(bands, statistics)
            name = f"{grid.band_names[band]}, {grid.statistic_names[statistic]}"
            yield Part(COLUMN, block.name, name, columns, (band, statistic))


def _ranges(count: int) -> tuple[range, ...]:
    """Return at most `MOST_OF_A_KIND` ranges of neighbours, of equal length but for the last.

    Examples
    --------
    >>> _ranges(3), _ranges(50)[-2:]
    ((range(0, 1), range(1, 2), range(2, 3)), (range(45, 48), range(48, 50)))
    """
    step = -(-count // MOST_OF_A_KIND)
    return tuple(range(first, min(first + step, count)) for first in range(0, count, step))


def _counted(what: str, numbers: range) -> str:
    first, last = numbers[0] + 1, numbers[-1] + 1
    return f"{what} {first}" if first == last else f"{what}s {first} to {last}"


def _named(names: Sequence[str], numbers: range) -> str:
    first, last = names[numbers[0]], names[numbers[-1]]
    return first if len(numbers) == 1 else f"{first} to {last}"


def _clusters(edition: Edition, block: Block, features: np.ndarray) -> Iterator[Part]:
    """Yield clusters of a block's columns, the largest first; none where the block is one column, or one cluster."""
    numbers = clustered(features[:, block.columns])
    members = [np.flatnonzero(numbers == number) + block.first for number in range(numbers.max() + 1)]
    if len(members) < 2:
        return
    for columns in sorted(members, key=lambda one: (-len(one), one[0])):
        names = [edition.column_titles[one] for one in columns]
        more = f" and {len(names) - 1} like it" if len(names) > 1 else ""
        kind = CLUSTER if len(names) > 1 else COLUMN
        yield Part(kind, block.name, f"{names[0]}{more}", tuple(int(one) for one in columns))


def clustered(features: np.ndarray) -> np.ndarray:
    """Return the number of each column's cluster, from 0; int64, shape (columns,).

    Parameters
    ----------
    features : ndarray, shape (rows, columns)
        Without missing cells; of many rows the first of equal steps are looked at.

    Notes
    -----
    Average linkage on 1 - |Spearman's rank correlation|, cut where the mean correlation between two clusters falls
    below `LEAST_CORRELATION`, or at `MOST_OF_A_KIND` clusters. Beyond 2000 columns neighbours are taken together.

    Examples
    --------
    >>> x, y = np.random.default_rng(0).normal(size=(2, 100))
    >>> clustered(np.column_stack([x, y, -x**3])).tolist()
    [0, 1, 0]
    """
    columns = features.shape[1]
    if columns < 2:
        return np.zeros(columns, np.int64)
    if columns > _MOST_CLUSTERED:
        return np.repeat(np.arange(MOST_OF_A_KIND), -(-columns // MOST_OF_A_KIND))[:columns]
    step = -(-len(features) // _ROWS_CLUSTERED)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations = np.nan_to_num(np.abs(np.corrcoef(rankdata(features[::step], axis=0), rowvar=False)))
    distances = np.clip(1 - correlations, 0, 1)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    found = fcluster(tree, 1 - LEAST_CORRELATION, "distance")
    if found.max() > MOST_OF_A_KIND:
        found = fcluster(tree, MOST_OF_A_KIND, "maxclust")
    _, firsts, numbers = np.unique(found, return_index=True, return_inverse=True)
    return firsts.argsort().argsort()[numbers]
