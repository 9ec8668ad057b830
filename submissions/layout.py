"""What the two submission files of a competition look like: their names, columns, ids and labels."""

import re
from dataclasses import dataclass
from typing import Literal

from competition.data.edition import Edition
from competition.data.songs import Entries

LABEL_FILE = "label_pred.csv"
PROBABILITY_FILE = "label_all.csv"
Kind = Literal["labels", "probabilities"]
_WHOLE = re.compile(r"0|[1-9]\d{0,14}", re.ASCII)


@dataclass(frozen=True)
class Layout:
    """The columns and lines of both files, and how genres are written: all genres of the competition.

    Attributes
    ----------
    id, label : str
        The names of these columns.
    label_texts : tuple of str
        What is written for each genre.
    classes : tuple of str
        The names of the columns of probabilities, in the file's order.
    class_genres : tuple of int
        The 0-based number of the genre of each of them.
    ids : tuple of str
        In the order of the lines.
    """

    id: str
    label: str
    label_texts: tuple[str, ...]
    classes: tuple[str, ...]
    class_genres: tuple[int, ...]
    ids: tuple[str, ...]

    def columns(self, kind: Kind) -> tuple[str, ...]:
        """Return the header of one of the files."""
        return (self.id, self.label) if kind == "labels" else (self.id, *self.classes)

    @property
    def rows(self) -> int:
        """The number of lines below the header."""
        return len(self.ids)

    @property
    def class_of_genre(self) -> tuple[str, ...]:
        """The name of each genre's column of probabilities, in the order of the genres."""
        names = dict(zip(self.class_genres, self.classes, strict=True))
        return tuple(names[genre] for genre in range(len(names)))

    @property
    def first_label(self) -> int | None:
        """The number of the first genre; None where labels are names, or are not counted."""
        first = self.label_texts[0]
        is_counted = is_plain_whole(first) and self.label_texts == counted(len(self.label_texts), int(first))
        return int(first) if is_counted else None

    @property
    def has_whole_ids(self) -> bool:
        """Whether all ids are whole numbers, which may be written in other digits than these: ``01`` is 1."""
        return all(map(is_plain_whole, self.ids))

    @property
    def is_counted(self) -> bool:
        """Whether the ids count the lines from 1."""
        return self.ids == counted(len(self.ids))


def layout_of(edition: Edition, entries: Entries) -> Layout:
    """Return the layout of an edition's files, which genres that it leaves out do not change.

    `competition.data.songs.numbered` makes entries of counted rows.

    Examples
    --------
    >>> from competition.data.songs import numbered
    >>> from competition.data.edition_file import load_edition
    >>> layout_of(load_edition("mlbp-2018"), numbered(3)).columns("labels")
    ('Sample_id', 'Sample_label')
    """
    form, genres = edition.submission, edition.whole.genres
    first = form.first_label
    named = genres if first is None else [f"Class_{number}" for number in range(1, len(genres) + 1)]
    classes = tuple(zip(named, genres, strict=True)) if form.classes is None else form.classes
    return Layout(
        id=form.id,
        label=form.label,
        label_texts=genres if first is None else tuple(str(first + number) for number in range(len(genres))),
        classes=tuple(name for name, _ in classes),
        class_genres=tuple(genres.index(genre) for _, genre in classes),
        ids=entries.ids,
    )


def counted(rows: int, first: int = 1) -> tuple[str, ...]:
    """Return the numbers of rows as texts."""
    return tuple(map(str, range(first, first + rows)))


def is_plain_whole(text: str) -> bool:
    """Return whether a text is a whole number in its shortest form."""
    return _WHOLE.fullmatch(text) is not None
