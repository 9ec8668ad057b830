"""How a submission is to look: by the sample submissions, else by the training file's own names."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from competition.data.edition import SubmissionForm
from competition.data.formats.described import places_of
from competition.data.formats.table_forms import ROW_NAMES
from competition.data.formats.tables import Table
from competition.errors import DataError
from competition.inference.columns import ColumnsFound
from competition.inference.files import FilesFound
from competition.inference.findings import Finding
from competition.scoring.many_genres import named

_MARKS = "_. ()[]-"
_NUMBERED = re.compile(r"(?:class|label|genre|prob[^\W\d]*|p)?[_ ]?(\d+)", re.IGNORECASE)


def find_submission(
    files: FilesFound, columns: ColumnsFound, genres: Sequence[str], songs: Sequence[str] | None
) -> tuple[SubmissionForm, list[Finding], list[str]]:
    """Return how a submission looks, and what was found and is doubtful.

    Parameters
    ----------
    files : FilesFound
    columns : ColumnsFound
    genres : sequence of str
    songs : sequence of str or None
        The group of each test row, where rows are grouped by their names.

    Raises
    ------
    DataError
        When a sample submission has a column of probabilities for no genre, or lacks one for a genre.
    """
    plain = _by_names(files, columns)
    if not files.templates:
        taken = f"{plain.id},{plain.label}: " + ("the test file's ids" if columns.id else "songs counted from 1")
        return plain, [Finding("hand in", taken, "there is no sample submission")], []
    form, doubts = plain, []
    for table in files.templates:
        if not table.form.has_header:
            doubts.append(f"{files.name(table)} has no header: the names of its columns are not taken over.")
        elif len(table.names) == 2:
            form = _replaced(form, id=table.names[0], label=table.names[1])
            doubts += _doubt_labels(table, genres, files.name(table))
        else:
            classes, doubt = _classes(table, genres)
            form = _replaced(form, id=table.names[0], classes=classes)
            doubts += doubt
    form = _replaced(form, **_lines(files, columns, songs, doubts))
    order = "the sample submission's ids, in its order" if form.order == "template" else "the test file's ids"
    per_song = ", one line a song" if form.rows == "songs" else ""
    columns_of = list(genres) if form.classes is None else [column for column, _ in form.classes]
    some = ",".join(columns_of[:3]) + (",..." if len(columns_of) > 3 else "")
    taken = f"{form.id},{form.label}, or probabilities {form.id},{some}: {order}{per_song}"
    return form, [Finding("hand in", taken, "genres as in the training file")], doubts


def untrained_genres(templates: Sequence[Table], genres: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return genres of no training song that a sample submission wants probabilities of, and what is doubtful.

    Parameters
    ----------
    templates : sequence of Table
    genres : sequence of str
        Those of the training songs. Where one of them has no column, names are written otherwise, and none is returned.

    Returns
    -------
    (tuple of str, list of str)
        As the sample submission writes them; sentences.
    """
    known = set(map(_key, genres))
    for table in (one for one in templates if one.form.has_header and len(one.names) > max(2, len(genres) + 1)):
        names = table.names[1:]
        for cores in (names, _cores(names)):
            keys = list(map(_key, cores))
            others = tuple(core for core, key in zip(cores, keys, strict=True) if key not in known)
            if known <= set(keys) and len(set(keys)) == len(keys) and _holds_probabilities(table, names):
                return others, [f"{table.path.name} has columns without training songs: {named(others)}."]
    return (), []


def _holds_probabilities(table: Table, names: Sequence[str]) -> bool:
    if not all(map(table.is_number, names)):
        return False
    numbers = table.numbers(names)
    return not ((numbers < 0) | (numbers > 1)).any()


def _by_names(files: FilesFound, columns: ColumnsFound) -> SubmissionForm:
    """Return a submission with the names of the training file's columns, where they have some."""
    form, of_labels = SubmissionForm(first_label=None), files.labels or files.train
    names = [columns.label] if columns.label is not None else list(of_labels.names)
    if of_labels.form.has_header:
        form = replace(form, label=names[0])
    is_named = files.train.form.has_header and columns.id not in (None, ROW_NAMES)
    return replace(form, id=str(columns.id)) if is_named else form


def _replaced(form: SubmissionForm, **changes: object) -> SubmissionForm:

    return replace(form, **changes)  # type: ignore[arg-type]


def _lines(files: FilesFound, columns: ColumnsFound, songs: Sequence[str] | None, doubts: list[str]) -> dict[str, str]:
    """Return which lines a submission has, by the ids of the sample submission."""
    template, test = files.templates[0], files.test
    if test is None or not template.form.has_header:
        return {}
    ids = template.texts(template.names[0])
    if songs is not None and set(ids) == set(songs):
        return {"order": "template", "rows": "songs"}
    known = test.texts(columns.id) if columns.id is not None and columns.id in test else None
    if known is None and len(ids) == test.rows:
        if list(places_of(ids, test.rows)) == ids and not ids[0].isdecimal():
            doubts.append(
                f"{files.name(test)} has no ids: its rows are taken to stand in the order of {files.name(template)}."
            )
        return {"order": "template"}
    if known is None or not set(ids) & set(known):
        mine = f"has {test.rows} rows without ids" if known is None else f'has others, such as "{known[0]}"'
        raise DataError(
            f'{template.path}: its {len(ids)} ids, such as "{ids[0]}", are not those of {test.path.name}, which '
            f"{mine}; expected the same ids in both: take both files from the same download."
        )
    return {"order": "template"}


def _doubt_labels(table: Table, genres: Sequence[str], name: str) -> list[str]:
    texts = set(table.texts(table.names[1]))
    if texts <= {*genres, ""} or len(texts) == 1:
        odd = texts - {*genres, ""}
        if not odd or not (table.is_number(table.names[1]) and not any(map(str.isdecimal, genres))):
            return []
        return [
            f"{name} has the number {odd.pop()} in {table.names[1]}, and the training file names: names are written; "
            "where the board wants numbers, say first_label in [submission]."
        ]
    odd = texts - {*genres, ""}
    return [f'{name} has "{min(odd)}" in {table.names[1]}, which is no genre of the training file.'] if odd else []


def _classes(table: Table, genres: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """Return the columns of probabilities with their genres, and what is doubtful."""
    names = list(table.names[1:])
    by_name = _matched(names, genres)
    if by_name is not None:
        return by_name, []
    numbers = [match[1] for name in names if (match := _NUMBERED.fullmatch(name))]
    if len(numbers) == len(names) == len(genres):
        order = sorted(range(len(names)), key=lambda place: int(numbers[place]))
        genre_of = dict(zip(order, genres, strict=True))
        classes = tuple((name, genre_of[place]) for place, name in enumerate(names))
        is_certain = set(numbers) == set(genres)
        doubt = f"{table.path.name}: {names[order[0]]} is taken for {genres[0]}, and so on in alphabetical order."
        return classes, [] if is_certain else [doubt]
    cores = dict(zip(names, map(_key, _cores(names)), strict=True))
    known = set(map(_key, genres))
    extra = [name for name in names if _key(name) not in known and cores[name] not in known]
    lacking = [genre for genre in genres if not {_key(genre)} & {*cores.values(), *map(_key, names)}]
    what = f'the column "{extra[0]}" is no genre of the training file' if extra else "columns are missing"
    raise DataError(
        f"{table.path}, line 1: {what}"
        + (f', and there is none for "{lacking[0]}"' if lacking else "")
        + f"; expected one for each of the {len(genres)} genres: {', '.join(genres[:5])}"
        + (", ..." if len(genres) > 5 else "")
        + ". Write genres in both files alike."
    )


def _key(name: str) -> str:
    """Return a name without what people write differently: case, blanks and marks."""
    return re.sub(r"[\W_]+", "", name.casefold()) or name


def _matched(names: Sequence[str], genres: Sequence[str]) -> tuple[tuple[str, str], ...] | None:
    """Return columns with their genres where names are genres, whatever stands before or behind all of them."""
    known = {_key(genre): genre for genre in genres}
    for cores in (names, _cores(names)):
        found = [known.get(_key(core)) for core in cores]
        if None not in found and len(set(found)) == len(genres):
            return tuple((name, str(genre)) for name, genre in zip(names, found, strict=True))
    return None


def _cores(names: Sequence[str]) -> list[str]:
    """Return names without what all of them begin and end with, up to a mark."""
    first, last = _common_start(names), _common_start([name[::-1] for name in names])
    return [name[len(first) : len(name) - len(last)] for name in names]


def _common_start(names: Sequence[str]) -> str:
    """Return what all names begin with, up to its last mark."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    start = "".join(letters[0] for letters in alike)
    return start[: 1 + max(map(start.rfind, _MARKS))]
