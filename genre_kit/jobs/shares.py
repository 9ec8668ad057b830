"""Whether to correct probabilities for the genre shares of the test songs."""

import warnings

from competition.errors import KitWarning
from competition.scoring.prior_shift import UNLIKELY, PriorShift


def warn_of_chance(shift: PriorShift) -> None:
    """Give a KitWarning where the test songs' shares differ from the training songs' by no more than chance."""
    if shift.chance > UNLIKELY:
        warnings.warn(
            "`correct_shares`: the test songs' genre shares differ from the training songs' by no more than chance "
            f"(p = {shift.chance:.2g}); correcting for them is likelier to cost than to gain.",
            KitWarning,
            stacklevel=2,
        )
