"""What the columns of a folder's tables are: id, label, features, and what is left out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from competition.data.formats.table_forms import ROW_NAMES, is_missing
from competition.data.formats.tables import Table
from competition.errors import DataError, listed
from competition.inference.files import LABEL, NEARLY_ALL, FilesFound, is_unique, shared_id
from competition.inference.findings import Finding, Wishes, command

_ID = re.compile(
    r"(.*[_ .-])?id|(?-i:.*[a-z]I[dD])|row[ _]?names?|index|unnamed.*|path|name|file([_ ]?(name|path))?|"
    r"(track|song|clip|audio)([_ ]?(name|number|file))?", re.IGNORECASE)  # fmt: skip
_NUMBERED = re.compile(r"(.*[_ .-])?id|(?-i:.*[a-z]I[dD])|file[_ ]?name", re.IGNORECASE)
"""Names of columns that are ids and never measure anything, even where some stand twice."""
_COUNTER = re.compile(r"row[ _]?names?|index|unnamed.*|no\.?|nr\.?|#|", re.IGNORECASE)
_MOST_GENRES = 0.5
"""More genres than this share of the songs are no genres."""
_MOST_TEXTS = 0.1
"""A column with a smaller share of texts among its numbers is one of numbers with mistakes."""


@dataclass(frozen=True)
class ColumnsFound:
    """The columns of the training file by what they are.

    Attributes
    ----------
    id, label : str or None
    label_texts : tuple of str
        The label of each training song.
    features : tuple of str
    leave_out : tuple of str
    findings : tuple of Finding
    """

    id: str | None
    label: str | None
    label_texts: tuple[str, ...]
    features: tuple[str, ...]
    leave_out: tuple[str, ...]
    findings: tuple[Finding, ...]


def find_columns(files: FilesFound, wishes: Wishes) -> ColumnsFound:
    """Say what each column of the training file is.

    Raises
    ------
    DataError
        When no column can be the labels, or several can; when features of the two files do not match.
    """
    train, test = files.train, files.test
    for name in (wishes.id, wishes.label, wishes.group, *wishes.leave_out):
        if name is not None and not any(name in one for one in (train, test, files.labels) if one is not None):
            raise DataError(f'{train.path}: there is no column "{name}"; it has {listed(train.names)}.')
    _check_headers(files)
    identity, why_id = _id(files, wishes)
    label, label_texts, why_label = _label(files, wishes, identity)
    left: dict[str, str] = dict.fromkeys(wishes.leave_out, "as asked")
    for name in train.names:
        known = (identity, label, wishes.group)
        if name not in known and name not in left and (why := _why_not(name, files, label_texts)):
            left[name] = why
    taken = {identity, label, wishes.group, *left}
    features = tuple(name for name in train.names if name not in taken)
    _check_features(features, left, files, label)
    findings = _findings(identity, why_id, label, why_label, left, features, files)
    out = tuple(name for name in left if name in train)
    return ColumnsFound(identity, label, tuple(label_texts), features, out, tuple(findings))


def _check_headers(files: FilesFound) -> None:
    train, test = files.train, files.test
    if test is None or test.form.has_header == train.form.has_header:
        return
    (one, other) = (train, test) if train.form.has_header else (test, train)
    raise DataError(
        f"{other.path}: has no header, and {one.path.name} has one; expected both or neither, so that columns can be "
        f'matched: take both from the same download, or write its columns\' names ("{one.names[0]}", ...) into line 1.'
    )


def _findings(
    identity: str | None,
    why_id: str,
    label: str | None,
    why_label: str,
    left: dict[str, str],
    features: Sequence[str],
    files: FilesFound,
) -> list[Finding]:
    of_labels = files.train if files.labels is None else files.labels
    word = f"column {label}" if label is not None else "one a line"
    test = files.test
    if files.labels is None and label is not None and test is not None and test.form.has_header and label in test:
        why_label += f"; those of {files.name(test)} are not looked at"
    found = [Finding("labels", f"{word} of {files.name(of_labels)}", why_label)]
    found.append(Finding("id", f"column {identity}", why_id) if identity else Finding("id", "none: songs are counted"))
    reasons: dict[str, list[str]] = {}
    for name, why in left.items():
        reasons.setdefault(why, []).append(name)
    found += [Finding("left out", listed(names), why) for why, names in reasons.items()]
    found.append(Finding("features", f"{len(features)} columns of numbers: {listed(features)}"))
    return found


def _id(files: FilesFound, wishes: Wishes) -> tuple[str | None, str]:
    train, test = files.train, files.test
    if wishes.id is not None:
        return wishes.id, "as asked"
    for table in files.templates:
        if test is not None and table.form.has_header and table.names[0] in test:
            return table.names[0], f"{files.name(table)} has it"
    if files.labels is not None and (shared := shared_id(train, files.labels)) is not None:
        return shared, f"{files.name(files.labels)} has the same"
    return _id_by_name(files, wishes) if train.form.has_header else (None, "")


def _id_by_name(files: FilesFound, wishes: Wishes) -> tuple[str | None, str]:
    train, test = files.train, files.test
    tables = [table for table in (train, test) if table is not None]
    if test is not None and wishes.group is not None and _ID.fullmatch(wishes.group) and is_unique(test, wishes.group):
        return wishes.group, f"its name, and no value stands twice in {files.name(test)}"
    named = [name for name in train.names if _ID.fullmatch(name) and name not in (wishes.group, *wishes.leave_out)]
    named = [name for name in named if not (_is_counter(train, name) and _COUNTER.fullmatch(name))]
    for name in named:
        if all(is_unique(table, name) for table in tables if name in table):
            return name, "its name, and no value stands twice"
    for name in named:
        if _NUMBERED.fullmatch(name) and not LABEL.fullmatch(name):
            _refuse_twice(name, [table for table in tables if name in table])
    only_in_test = [] if test is None else [name for name in test.names if name not in train and _ID.fullmatch(name)]
    for name in only_in_test:
        if test is not None and is_unique(test, name):
            return name, f"its name; only {files.name(test)} has it"
    first = train.names[0]
    if not train.is_number(first) and all(is_unique(table, first) for table in tables):
        return first, "the first column, and no value stands twice"
    return None, ""


def _refuse_twice(name: str, tables: Sequence[Table]) -> None:
    """Raise DataError where a few of a column's ids stand twice in a file."""
    if any(table.count_distinct(name) <= NEARLY_ALL * table.rows for table in tables):
        return
    for table in tables:
        lines: dict[str, int] = {}
        for row, one in enumerate(table.texts(name)):
            if lines.setdefault(one, row) != row:
                raise DataError(
                    f'{table.where(row, name)}: the id "{one}" stood in line {table.line(lines[one])} already; '
                    "expected each once: remove one of the rows, or, where they are parts of one song, say "
                    + command(table.path.parent, f'--group "{name}"')
                )


def _is_counter(table: Table, name: str) -> bool:
    """Return whether a column counts the rows, from 0 or 1."""
    if not table.is_whole(name):
        return False
    values = table.numbers([name])[:, 0]
    return bool(values[0] in (0, 1) and np.array_equal(values, values[0] + np.arange(len(values))))


def _label(files: FilesFound, wishes: Wishes, identity: str | None) -> tuple[str | None, list[str], str]:
    """Return the column of labels, its cells in the training songs' order, and why it is that one."""
    train, labels = files.train, files.labels
    if labels is not None:
        names = [name for name in labels.names if name != identity]
        if wishes.label is None and len(names) > 1 and not labels.form.has_header and _is_counter(labels, names[0]):
            names = names[1:]
        chosen = wishes.label or _one_label(labels, names)
        is_by_id = identity is not None and identity in labels and identity in train
        why = f"matched by {identity}" if is_by_id else "one for each training song"
        is_named = labels.form.has_header or len(labels.names) > 1
        return (chosen if is_named else None), _in_order(files, chosen, identity), why
    free = [name for name in train.names if name != identity]
    chosen, why = (wishes.label, "as asked") if wishes.label else _label_in_training(files, free)
    _check_label(train, chosen)
    return chosen, train.texts(chosen), why


def _one_label(table: Table, names: Sequence[str]) -> str:
    named = [name for name in names if LABEL.fullmatch(name)]
    chosen = names if len(names) == 1 else named
    if len(chosen) == 1:
        _check_label(table, chosen[0])
        return chosen[0]
    raise _two_labels(table, named or names)


def _two_labels(table: Table, names: Sequence[str]) -> DataError:
    return DataError(
        f"{table.path}: {' and '.join(names[:3])} may be the labels; say which: "
        f"{command(table.path.parent, f'--label {names[0]}')}"
    )


def _label_in_training(files: FilesFound, free: Sequence[str]) -> tuple[str, str]:
    """Return the column of the training file that is the labels, and why."""
    train, test = files.train, files.test
    lacking = [name for name in free if test is not None and test.form.has_header and name not in test]
    named = [name for name in free if LABEL.fullmatch(name)]
    both = [name for name in named if name in lacking]
    if len(both) == 1:
        return both[0], "by its name, and the test file lacks it"
    if len(named) == 1:
        return named[0], "by its name"
    if len(named) > 1:
        return _one_of_same(files, both or named)
    is_wider = test is not None and not train.form.has_header and len(test.names) == len(train.names) - 1
    if is_wider and _looks_like_labels(train, free[-1]):
        return free[-1], "the last column, which the test file lacks"
    few = [name for name in (lacking or free) if _looks_like_labels(train, name)]
    if len(few) == 1:
        return few[0], "the only column that the test file lacks" if lacking else "the only column of few values"
    if free and free[-1] in few and not train.is_number(free[-1]):
        return free[-1], "the last column, a text of few values"
    if few:
        return _one_of_same(files, few)
    raise DataError(
        f"{train.path}: no column looks like the genres (a text, or a whole number, of few values), and no other file "
        f"has them; say which: {command(train.path.parent, '--label COLUMN')}"
    )


def _one_of_same(files: FilesFound, names: Sequence[str]) -> tuple[str, str]:
    """Return one of the columns that say the same labels: the sample submission's, else the first of texts."""
    train = files.train
    labels = train.texts(names[0])
    if not all(_says_labels(train, name, labels) for name in names):
        raise _two_labels(train, names)
    handed_in = [name for table in files.templates for name in names if len(table.names) == 2 and name in table]
    texts = [name for name in names if not train.is_number(name)]
    why = f"{' and '.join(names)} say the same"
    return (handed_in[0], f"{why}, and the sample submission has it") if handed_in else ([*texts, *names][0], why)


def _looks_like_labels(table: Table, name: str) -> bool:
    if table.is_empty(name) or _has_fractions(table, name):
        return False
    return 2 <= table.count_distinct(name) <= max(2, table.rows / 5) and not (
        table.is_number(name) and table.form.has_header and not LABEL.fullmatch(name)
    )


def _has_fractions(table: Table, name: str) -> bool:
    if not table.is_number(name) or table.is_whole(name):
        return False
    values = table.numbers([name])
    return not np.array_equal(values, np.rint(values), equal_nan=True)


def _check_label(table: Table, name: str) -> None:
    if name not in table:
        raise DataError(f'{table.path}: there is no column "{name}"; it has {listed(table.names)}.')
    distinct = table.count_distinct(name)
    where = f"{table.path}, {table.column_in_words(name)}"
    if _has_fractions(table, name):
        raise DataError(
            f"{where}: holds numbers with fractions; expected genres: a name or a whole number for each song. Name the "
            f"column of the genres: {command(table.path.parent, '--label COLUMN')}"
        )
    if distinct > _MOST_GENRES * table.rows:
        raise DataError(
            f"{where}: has {distinct} values in {table.rows} songs; expected few genres with several songs each. Name "
            f"the column of the genres: {command(table.path.parent, '--label COLUMN')}"
        )
    if distinct < 2:
        raise DataError(f"{where}: has one value in all songs; expected at least two genres.")


def _in_order(files: FilesFound, label: str, identity: str | None) -> list[str]:
    """Return the label of each training song, from a file of labels; those without one are refused when it is read."""
    labels, train = files.labels, files.train
    assert labels is not None
    texts = labels.texts(label)
    if identity is None or identity not in labels or identity not in train:
        return texts
    by_id = dict(zip(labels.texts(identity), texts, strict=True))
    return [by_id[one] for one in train.texts(identity) if one in by_id]


def _why_not(name: str, files: FilesFound, labels: Sequence[str]) -> str:
    """Return why a column is no feature; nothing where it is one."""
    train, test = files.train, files.test
    if _says_labels(train, name, labels):
        return "says the labels again"
    if train.is_empty(name):
        return "all cells are missing"
    if not train.is_number(name):
        _refuse_mistakes(train, name, test)
        return "texts" if test is None or name in test else "texts, which the test file lacks"
    if (name == ROW_NAMES or _COUNTER.fullmatch(name)) and _is_counter(train, name):
        return "counts the rows"
    if _ID.fullmatch(name) and train.is_whole(name) and train.count_distinct(name) == train.rows:
        return "another name of each song"
    if _NUMBERED.fullmatch(name) and train.is_whole(name):
        return "a number that names something, and measures nothing"
    return ""


def _says_labels(train: Table, name: str, labels: Sequence[str]) -> bool:
    """Return whether a column has another value for each label, and one for all songs of a label."""
    genres = len(set(labels))
    if len(labels) != train.rows or train.is_empty(name) or train.count_distinct(name) != genres:
        return False
    return len(set(zip(train.texts(name), labels, strict=True))) == genres


def _refuse_mistakes(train: Table, name: str, test: Table | None) -> None:
    """Raise DataError for a column of numbers in which a few cells are texts."""
    texts = train.texts(name)
    wrong = [row for row, text in enumerate(texts) if not is_missing(text) and not _is_number(text)]
    in_test = test is not None and name in test and test.is_number(name)
    if wrong and (in_test or len(wrong) < _MOST_TEXTS * len(texts)):
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise DataError(
            f'{train.where(wrong[0], name)}: the cell is the text "{texts[wrong[0]][:40]}"{more}, and other cells are '
            f"numbers; expected numbers: mend it, or leave the column out: "
            + command(train.path.parent, f'--leave-out "{name}"')
        )


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _check_features(features: Sequence[str], left: dict[str, str], files: FilesFound, label: str | None) -> None:
    train, test = files.train, files.test
    if not features:
        raise DataError(f"{train.path}: none of its columns holds numbers that could be features; expected some.")
    if test is None or not (test.form.has_header and train.form.has_header):
        return
    lacking = [name for name in features if name not in test]
    extra = [name for name in test.names if name not in train and test.is_number(name)]

    def cure(name: str) -> str:
        """Return how a column is left out."""
        return command(train.path.parent, f'--leave-out "{name}"')

    if lacking:
        near = f' (it has "{extra[0]}")' if extra else ""
        raise DataError(
            f"{test.path}: {len(lacking)} of the training file's {len(features)} features are missing: "
            f"{listed(lacking)}{near}; expected the same columns in both: rename them, or leave them out: "
            + cure(lacking[0])
        )
    named = [name for name in extra if not _ID.fullmatch(name) and name != label and name not in left]
    if named:
        raise DataError(
            f"{test.path}: the columns {listed(named)} are not in {train.path.name}; expected the same in both: take "
            f"both files from the same download, or leave them out: {cure(named[0])}"
        )
