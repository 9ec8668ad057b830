"""What a run keeps of its training songs: the columns of oof.csv, whatever an edition's files look like, and names."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from competition.data.songs import COUNTED, SongNames
from competition.errors import RunError

SONGS = "training_songs.csv"
"""What each row of oof.csv is called; there is none where it is the training file's row of that number."""
_ROW, _FILE_ROW, _ID = "Row", "File_row", "Id"

FACTS = ("Row", "Fold", "Label", "Predicted")


def class_columns(labels: Sequence[int]) -> list[str]:
    """Return the names of the columns of probabilities, for genres with these labels."""
    return [f"Class_{label}" for label in labels]


def out_of_fold_header(labels: Sequence[int]) -> list[str]:
    """Return all columns of oof.csv, for genres with these labels."""
    return [*FACTS, *class_columns(labels)]


def songs_text(names: SongNames, rows: int) -> str | None:
    """Return the content of training_songs.csv; None where songs have no ids, and are all rows of their file."""
    if names == COUNTED:
        return None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_ROW, _FILE_ROW] if names.ids is None else [_ROW, _FILE_ROW, _ID])
    for place in range(rows):
        writer.writerow([place + 1, names.row(place), *([] if names.ids is None else [names.ids[place]])])
    return text.getvalue()


def read_songs(folder: Path) -> SongNames:
    """Read what a run's training songs are called; raises RunError where the file is damaged."""
    path = folder / SONGS
    if not path.is_file():
        return COUNTED
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        ids = tuple(row[_ID] for row in rows) if rows and _ID in rows[0] else None
        return SongNames(ids, tuple(int(row[_FILE_ROW]) for row in rows))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise RunError(f"{path}: cannot be read ({problem!r}); train the run again.") from None
