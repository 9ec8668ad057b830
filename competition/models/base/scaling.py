"""Scaling: chains of small steps, each fitted only on the rows that a network is trained on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.special import ndtri

from competition.data.edition import Block
from competition.data.gaps import column_medians, with_medians
from competition.errors import RecipeError
from competition.models.base import checks
from competition.runtime.parts import in_parts

SCALINGS = ("standard", "min-max", "robust", "quantile")
SCALING_KEYS = ("scaling", "clip", "components", "block_means")
"""The keys of a `Scaling` in a recipe's file."""
_QUANTILES = 256
_COLUMNS_AT_ONCE = 32
_FARTHEST_SCORE = 3.0
_LEAST_SIZE = 1e-5
"""Of a principal component beside the first one: networks compute in float32, whose rounding is not far below."""


@dataclass(frozen=True)
class Fill:
    """Puts a column's median in place of its missing cells.

    Attributes
    ----------
    medians : ndarray of float64, shape (columns,)
        0 for a column without a value when fitted.
    """

    medians: np.ndarray

    def transform(self, features: np.ndarray) -> np.ndarray:
        """Fill missing cells.

        Parameters
        ----------
        features : ndarray of float64, shape (rows, columns)
            Missing cells are nan.

        Returns
        -------
        ndarray of float64, shape (rows, columns)
            Without nan.
        """
        return with_medians(features, self.medians)


@dataclass(frozen=True)
class Affine:
    """Shifts and scales each column.

    Attributes
    ----------
    center, inverse_scale : ndarray of float64, shape (columns,)
        `inverse_scale` is 0 where the column was constant when fitted: such a column becomes 0 in every
        row, even where it now varies, because nothing could be learned from it.
    """

    center: np.ndarray
    inverse_scale: np.ndarray

    def transform(self, features: np.ndarray) -> np.ndarray:
        """Shift and scale each column.

        Parameters
        ----------
        features : ndarray of float64, shape (rows, columns)

        Returns
        -------
        ndarray of float64, shape (rows, columns)
        """
        return (features - self.center) * self.inverse_scale


@dataclass(frozen=True)
class SmoothClip:
    """Clips values smoothly to ±limit: x / sqrt(1 + (x / limit)^2).

    Notes
    -----
    From RealMLP (Holzmüller et al., Better by Default, NeurIPS 2024), which uses a limit of 3.
    """

    limit: float

    def transform(self, features: np.ndarray) -> np.ndarray:
        """Clip values smoothly.

        Parameters
        ----------
        features : ndarray of float64, any shape

        Returns
        -------
        ndarray of float64, the same shape
            All within ±`limit`.
        """
        return features / np.sqrt(1 + (features / self.limit) ** 2)


@dataclass(frozen=True)
class Quantiles:
    """Maps each column's values to normal scores, interpolating linearly between fitted quantiles.

    Attributes
    ----------
    references : ndarray of float64, shape (quantiles, columns)
        Ascending in each column, strictly except for repetitions of the last.
    scores : ndarray of float64, shape (quantiles, columns)
        The normal score of each reference, within ±3; 0 where the column was constant when fitted.
    """

    references: np.ndarray
    scores: np.ndarray

    def transform(self, features: np.ndarray) -> np.ndarray:
        """Return each value's normal score.

        Parameters
        ----------
        features : ndarray of float64, shape (rows, columns)

        Returns
        -------
        ndarray of float64, shape (rows, columns)
            Within ±3.
        """
        lines = zip(features.T, self.references.T, self.scores.T, strict=True)
        return np.stack([np.interp(values, references, scores) for values, references, scores in lines], axis=1)


@dataclass(frozen=True)
class Projection:
    """A linear map of the columns onto others.

    Attributes
    ----------
    matrix : ndarray of float64, shape (columns, new columns)
    """

    matrix: np.ndarray

    def transform(self, features: np.ndarray) -> np.ndarray:
        """Project each row.

        Parameters
        ----------
        features : ndarray of float64, shape (rows, columns)

        Returns
        -------
        ndarray of float64, shape (rows, new columns)
        """
        return features @ self.matrix


Step = Fill | Affine | SmoothClip | Quantiles | Projection
Fit = Callable[[np.ndarray], Step]


@dataclass(frozen=True)
class Scaler:
    """Fitted steps, applied in turn."""

    steps: tuple[Step, ...]

    def columns_out(self, columns: int) -> int:
        """Return how many columns come out when `columns` go in."""
        projections = [step for step in self.steps if isinstance(step, Projection)]
        return projections[-1].matrix.shape[1] if projections else columns

    def transform(self, features: np.ndarray) -> np.ndarray:
        """Apply all steps, in float64.

        Parameters
        ----------
        features : ndarray, shape (rows, columns)
            As in the files.

        Returns
        -------
        ndarray of float32, shape (rows, columns of the last step)
        """
        return in_parts(self._transform_part, np.asarray(features))

    def _transform_part(self, features: np.ndarray) -> np.ndarray:
        return _applied(self.steps, np.asarray(features, np.float64)).astype(np.float32)


@dataclass(frozen=True)
class Scaling:
    """How columns are scaled, as a recipe defines it.

    Attributes
    ----------
    kind : str
        ``"standard"``: mean 0, deviation 1. ``"min-max"``: from -1 to 1. ``"robust"``: median 0, interquartile
        range that of a normal distribution with deviation 1. ``"quantile"``: normal scores of the ranks.
    clip : float
        Limit of the smooth clipping after that, in its units; 0 for none.
    components : int
        Principal components kept after all of that, each with deviation 1: at most as many as there are columns. One
        along which the fitted rows do not vary becomes 0 in every row. 0 for all columns as they are.
    block_means : bool
        Whether columns are first replaced by their means over each block's bands.
    """

    kind: str = "standard"
    clip: float = 0.0
    components: int = 0
    block_means: bool = False

    def check(self, name: str) -> None:
        """Raise RecipeError, whose message begins with the recipe's name, where a value is outside its range."""
        checks.check_choice(self.kind, SCALINGS, where=f"{name}: scaling")
        checks.check_not_negative(self.clip, where=f"{name}: clip")
        checks.check_whole(self.components, 0, where=f"{name}: components")
        checks.check_truth(self.block_means, where=f"{name}: block_means")

    def to_table(self) -> dict[str, Any]:
        """Return the scaling under the keys that it has in a recipe's file."""
        return dict(zip(SCALING_KEYS, (self.kind, self.clip, self.components, self.block_means), strict=True))


def scaling_from_table(table: Mapping[str, Any]) -> Scaling:
    """Return the scaling that a recipe's table describes, with defaults for missing keys."""
    plain = Scaling().to_table()
    return Scaling(*(table.get(key, plain[key]) for key in SCALING_KEYS))


def fit_scaler(
    features: np.ndarray, scaling: Scaling = Scaling(), blocks: Sequence[Block] = (), *, fills: bool = False
) -> Scaler:
    """Fit a chain of steps to training rows.

    Parameters
    ----------
    features : ndarray, shape (rows, columns)
    scaling : Scaling
    blocks : sequence of Block
        Those over whose bands the means are taken; needed only for block means.
    fills : bool
        Whether missing cells, which are nan, are filled before all else; without it there must be none.

    Returns
    -------
    Scaler

    Raises
    ------
    RecipeError
        When there are more components than rows.

    Examples
    --------
    >>> scaler = fit_scaler(np.array([[1.0, 7.0], [3.0, 7.0]]))
    >>> scaler.transform(np.array([[5.0, 8.0]]))
    array([[3., 0.]], dtype=float32)
    """
    features = np.asarray(features)
    chain: list[Fit | Step] = [partial(_by_columns, _FITTERS[scaling.kind])]
    if scaling.block_means:
        chain.insert(0, _block_means(blocks, features.shape[1]))
    if fills:
        chain.insert(0, partial(_by_columns, lambda table: Fill(column_medians(table))))
    if scaling.clip:
        chain.append(SmoothClip(scaling.clip))
    if scaling.components:
        chain += [partial(_principal_components, components=scaling.components), _fit_standard]
    return _fit_in_turn(chain, features)


def _fit_in_turn(chain: Sequence[Fit | Step], table: np.ndarray) -> Scaler:
    """Fit those steps that are to be fitted, each to what the ones before it make of the table."""
    steps: list[Step] = []
    applied = 0
    for one in chain:
        if callable(one):
            if applied < len(steps):
                table, applied = _applied(steps[applied:], np.asarray(table, np.float64)), len(steps)
            steps.append(one(table))
        else:
            steps.append(one)
    return Scaler(tuple(steps))


def _applied(steps: Sequence[Step], table: np.ndarray) -> np.ndarray:
    for step in steps:
        table = step.transform(table)
    return table


def _by_columns(fit: Fit, table: np.ndarray) -> Step:
    """Fit a step that treats each column alone to some columns after the others: large tables would be many copies."""
    count = max(1, table.shape[1] // _COLUMNS_AT_ONCE)
    fitted = [fit(np.ascontiguousarray(some, np.float64)) for some in np.array_split(table, count, axis=1)]
    values = zip(*(vars(one).values() for one in fitted), strict=True)
    kind: Any = type(fitted[0])
    return kind(*(np.concatenate(arrays, axis=-1) for arrays in values))


def _affine(table: np.ndarray, center: np.ndarray, scale: np.ndarray) -> Affine:
    # Rounding gives a constant column a tiny scale of its own, so the scale does not show whether it is constant.
    varies = (np.ptp(table, axis=0) > 0) & (scale > 0)
    return Affine(center, np.where(varies, 1 / np.where(varies, scale, 1), 0.0))


def _fit_standard(table: np.ndarray) -> Affine:
    return _affine(table, table.mean(axis=0), table.std(axis=0))


def _fit_min_max(table: np.ndarray) -> Affine:
    low, high = table.min(axis=0), table.max(axis=0)
    return _affine(table, (low + high) / 2, (high - low) / 2)


def _fit_robust(table: np.ndarray) -> Affine:
    low, middle, high = np.quantile(table, [0.25, 0.5, 0.75], axis=0)
    scale = (high - low) / (ndtri(0.75) - ndtri(0.25))
    # More than half of a column on one value, such as a silent band's floor: only the deviation shows its spread.
    return _affine(table, middle, np.where(scale > 0, scale, table.std(axis=0)))


def _fit_quantiles(table: np.ndarray) -> Quantiles:
    levels = np.linspace(0, 1, min(_QUANTILES, len(table)))
    columns = [_reference_line(column, levels) for column in np.quantile(table, levels, axis=0).T]
    return Quantiles(*(np.stack(lines, axis=1) for lines in zip(*columns, strict=True)))


def _reference_line(quantiles: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one column's references and scores; a value that many rows share gets the middle of its levels."""
    references, place = np.unique(quantiles, return_inverse=True)
    middle = np.bincount(place, weights=levels) / np.bincount(place)
    scores = np.clip(ndtri(middle), -_FARTHEST_SCORE, _FARTHEST_SCORE)
    # All folds' arrays have the same length, however many rows they have: a pack stacks them.
    padding = (0, _QUANTILES - len(references))
    return np.pad(references, padding, mode="edge"), np.pad(scores, padding, mode="edge")


def _principal_components(table: np.ndarray, components: int) -> Projection:
    components = min(components, table.shape[1])
    if components > len(table):
        raise RecipeError(
            f"{components} principal components of {len(table)} training songs; expected no more components than "
            "songs: lower the recipe's components."
        )
    centered = table - table.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centered, full_matrices=False)
    # Columns that follow from others leave directions of rounding alone, which scaling would blow up.
    kept = directions[:components] * (sizes[:components, None] > _LEAST_SIZE * sizes[0])
    # A direction and its opposite are the same component: fix the sign, so that machines agree.
    signs = np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)])
    return Projection((kept * signs[:, None]).T)


def _block_means(blocks: Sequence[Block], columns: int) -> Projection:
    means = []
    for block in blocks:
        for place in range(len(block.statistics)):
            mean = np.zeros(columns)
            first = block.first + place * block.bands
            mean[first : first + block.bands] = 1 / block.bands
            means.append(mean)
    return Projection(np.stack(means, axis=1))


_FITTERS: dict[str, Callable[[np.ndarray], Step]] = {
    "standard": _fit_standard,
    "min-max": _fit_min_max,
    "robust": _fit_robust,
    "quantile": _fit_quantiles,
}
