"""Folds, and why they are as they are."""

from dataclasses import dataclass

from competition.data.folds import Folds
from competition.shift.diagnosis import Diagnosis
from competition.shift.like_test import LikeTest


@dataclass(frozen=True)
class FoldChoice:
    """Folds, and what led to them.

    Attributes
    ----------
    folds : Folds
    diagnosis : Diagnosis or None
        How the test file differs; None where there is no test file.
    like_test : LikeTest or None
        None where the folds are random ones, or those of a file.
    """

    folds: Folds
    diagnosis: Diagnosis | None = None
    like_test: LikeTest | None = None

    @property
    def has_strangers(self) -> bool:
        """Whether the test songs look like other artists' than the training songs."""
        return self.diagnosis is not None and self.diagnosis.has_strangers

    @property
    def needs_test_songs(self) -> bool:
        """Whether a score says more with the test songs' predictions, or other folds are to be made like them."""
        return self.like_test is not None or (self.diagnosis is not None and self.diagnosis.is_unlike)
