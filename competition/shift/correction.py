"""Whether to correct probabilities for the genre shares of the test songs."""

import warnings

from competition.errors import KitWarning
from competition.scoring.prior_shift import UNLIKELY, PriorShift
from competition.shift.diagnosis import Diagnosis


def warn_of_chance(shift: PriorShift, diagnosis: Diagnosis | None = None) -> None:
    """Give a KitWarning where the correction is likelier to cost than to gain.

    Parameters
    ----------
    shift : PriorShift
    diagnosis : Diagnosis or None
        How the test file differs otherwise.
    """
    if diagnosis is not None and diagnosis.is_unlike:
        what = "its columns differ" if "columns" in diagnosis.kinds else "its songs look like other artists'"
        warnings.warn(
            f"`correct_shares`: the test file differs in more than genre shares ({what}), so that they cannot be "
            "estimated well; correcting for them is likelier to cost than to gain.",
            KitWarning,
            stacklevel=2,
        )
    elif shift.chance > UNLIKELY:
        warnings.warn(
            "`correct_shares`: the test songs' genre shares differ from the training songs' by no more than chance "
            f"(p = {shift.chance:.2g}); correcting for them is likelier to cost than to gain.",
            KitWarning,
            stacklevel=2,
        )
