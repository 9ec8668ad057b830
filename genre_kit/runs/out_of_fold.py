"""The columns of oof.csv, the same whatever an edition's submission files look like."""

from collections.abc import Sequence

FACTS = ("Row", "Fold", "Label", "Predicted")


def class_columns(labels: Sequence[int]) -> list[str]:
    """Return the names of the columns of probabilities, for genres with these labels."""
    return [f"Class_{label}" for label in labels]


def out_of_fold_header(labels: Sequence[int]) -> list[str]:
    """Return all columns of oof.csv, for genres with these labels."""
    return [*FACTS, *class_columns(labels)]
