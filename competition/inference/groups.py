"""Songs that belong together: parts of one song, by their names."""

import re
from collections import Counter
from collections.abc import Sequence

from competition.data.formats.tables import Table
from competition.inference.columns import ColumnsFound
from competition.inference.files import NEARLY_ALL, FilesFound
from competition.inference.findings import Finding, Wishes, command

PART = r"(.+)[._ -](?:part|seg|segment|chunk|clip|slice)?_?\d+(?:\.[A-Za-z]\w{1,4})?"
"""A song's name, the number of a part of it, and a file's ending."""
_ARTIST = re.compile(r"(artist|album|performer|band|composer)([_ ]?(id|name))?", re.IGNORECASE)
_SONG = re.compile(r"(song|track|file|clip|recording)s?([_ ]?(id|name|number))?", re.IGNORECASE)
_LEAST_PARTS = 1.5
_FEW = 3
"""Groups that are fewer than so many times the genres are genres, not songs."""


def find_groups(
    files: FilesFound, columns: ColumnsFound, wishes: Wishes
) -> tuple[str | None, str | None, list[Finding], list[str]]:
    """Return the column of groups, the pattern of the part that counts, and what was found and is doubtful."""
    train = files.train
    if wishes.group is not None:
        return wishes.group, None, [Finding("groups", f"column {wishes.group}", "as asked")], []
    genres = set(columns.label_texts)
    named = [name for name in train.names if name in (columns.id, *columns.leave_out) and not train.is_empty(name)]
    for name in named:
        songs = _songs(train.texts(name), genres, columns.label_texts)
        if songs is not None:
            parts = train.rows / len(set(songs))
            taken = f"{len(set(songs))} songs of {parts:.3g} parts each, by the names in column {name}"
            return name, PART, [Finding("groups", taken, "parts of one song stay in one fold")], []
    for name in train.names:
        is_id = name.casefold().endswith("id")  # a name may be that of two songs
        if (
            name != columns.label
            and _SONG.fullmatch(name)
            and _repeats(train, name, 1 / NEARLY_ALL if is_id else _LEAST_PARTS)
        ):
            count = train.count_distinct(name)
            taken = f"column {name}: {count} songs in {train.rows} rows"
            return name, None, [Finding("groups", taken, "rows of one song stay in one fold")], []
    return None, None, [], _doubts(train)


def _songs(names: Sequence[str], genres: set[str], labels: Sequence[str]) -> list[str] | None:
    """Return the song that each name is a part of; None where names do not look like parts of songs."""
    found = [re.fullmatch(PART, name) for name in names]
    songs = [match[1] for match in found if match is not None]
    if len(songs) < len(names) or len(set(names)) < len(names):
        return None
    counts = Counter(songs)
    if len(names) < _LEAST_PARTS * len(counts) or len(counts) < _FEW * len(genres) or genres & set(counts):
        return None
    of_song = dict(zip(songs, labels, strict=False))
    one_genre = all(of_song[song] == label for song, label in zip(songs, labels, strict=False))
    return songs if one_genre else None


def _repeats(table: Table, name: str, parts: float = _LEAST_PARTS) -> bool:
    """Return whether the rows of a song, artist, ... are more than one, and so many on average."""
    if table.is_empty(name) or (table.is_number(name) and not table.is_whole(name)):
        return False
    return 2 < table.count_distinct(name) <= table.rows / parts


def _doubts(train: Table) -> list[str]:
    return [
        f"{name} could group the songs, so that no {name} is on both sides of a fold: "
        + command(train.path.parent, f"--group {name} --force")
        for name in train.names
        if _ARTIST.fullmatch(name) and _repeats(train, name)
    ]
