"""The columns of oof.csv, the same whatever an edition's submission files look like."""

FACTS = ("Row", "Fold", "Label", "Predicted")


def class_columns(genres: int) -> list[str]:
    """Return the names of the columns of probabilities, for a number of genres."""
    return [f"Class_{label}" for label in range(1, genres + 1)]


def out_of_fold_header(genres: int) -> list[str]:
    """Return all columns of oof.csv, for a number of genres."""
    return [*FACTS, *class_columns(genres)]
