"""Augmentation: how frames are changed anew every time that a network trains on them, as plain data."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from competition.models.base import checks


@dataclass(frozen=True)
class Augmentation:
    """What is done to frames while training; nothing by default, and never to held-out songs.

    Attributes
    ----------
    time_mask, band_mask : float
        The largest share of a row's steps, or of its bands, that one mask sets to the mean; in [0, 1). SpecAugment
        (Park and others, 2019).
    time_shift : float
        The largest share of a row's steps by which it is rolled to either side, in [0, 1).
    gain : float
        The standard deviation of a number that is added to a whole row, in deviations of a band; at least 0.
    noise : float
        The standard deviation of a number that is added to every cell, in deviations of its band; at least 0.
    mixup : float
        The parameter of the beta distribution by which pairs of rows and their genres are mixed; 0 for not at all
        (Zhang and others, 2018).

    Raises
    ------
    RecipeError
        When `check` finds a value outside its range.
    """

    time_mask: float = 0.0
    band_mask: float = 0.0
    time_shift: float = 0.0
    gain: float = 0.0
    noise: float = 0.0
    mixup: float = 0.0

    def check(self, name: str) -> None:
        """Check all values; messages begin with the recipe's name."""
        for one in fields(self):
            check = checks.check_share if one.name in _SHARES else checks.check_not_negative
            check(getattr(self, one.name), where=f"{name}: {one.name}")

    def to_table(self) -> dict[str, Any]:
        """Return the values that are not 0."""
        return {name: value for name, value in asdict(self).items() if value}


_SHARES = ("time_mask", "band_mask", "time_shift")
AUGMENTATION_KEYS = tuple(one.name for one in fields(Augmentation))
