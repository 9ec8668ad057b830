"""Names and columns of the two submission files."""

LABEL_FILE = "label_pred.csv"
PROBABILITY_FILE = "label_all.csv"
ID_COLUMN = "Sample_id"
LABEL_COLUMN = "Sample_label"


def label_header() -> list[str]:
    """Return the columns of label_pred.csv."""
    return [ID_COLUMN, LABEL_COLUMN]


def probability_header(genres: int) -> list[str]:
    """Return the columns of label_all.csv for a number of genres."""
    return [ID_COLUMN, *(f"Class_{label}" for label in range(1, genres + 1))]
