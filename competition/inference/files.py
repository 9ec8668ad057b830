"""Which file of a folder is which: training, test, labels, sample submission."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from competition.data.formats.table_forms import NUMBER
from competition.data.formats.tables import Table
from competition.errors import DataError
from competition.inference.findings import Finding, Wishes, command
from competition.inference.folder import Folder

_TEMPLATE = re.compile(r"submi|template|sample_?sub", re.IGNORECASE)
_TRAINING = re.compile(r"(?<![a-z])(train|learn)", re.IGNORECASE)
_TEST = re.compile(r"(?<![a-z])test|unlabel|unknown|predict|eval", re.IGNORECASE)
_GROUPS = re.compile(r"(?<![a-z])group", re.IGNORECASE)
LABEL = re.compile(
    r"((track|song|music|top|true)[_ ]?)?(label|genre|class|target|category|style)s?([_ ]?(top|name|id))?|y",
    re.IGNORECASE,
)
"""What columns of genres are called."""
LABEL_FILE = re.compile(r"(?<![a-z])(y[_-]?train|(train.*)?(label|genre|target)s?)(?![a-z])", re.IGNORECASE)
NEARLY_ALL = 0.9
"""A column of ids with a larger share of different values has a mistake, where they are not all different."""
_NARROW = 3
"""A table of so many columns, or fewer, holds no features."""


@dataclass(frozen=True, eq=False)
class FilesFound:
    """The tables of a folder by what they are.

    Attributes
    ----------
    train : Table
    test, labels, groups : Table or None
    templates : tuple of Table
        Sample submissions: of labels, of probabilities, or one of each.
    others : dict of str to str
        Names of tables that are not used, and why.
    findings : tuple of Finding
    names : dict of int to str
        The tables' names in the edition, by `id`.
    """

    train: Table
    test: Table | None
    labels: Table | None
    groups: Table | None
    templates: tuple[Table, ...]
    others: dict[str, str]
    findings: tuple[Finding, ...]
    names: dict[int, str]

    def name(self, table: Table) -> str:
        """Return the name of a table in the folder."""
        return self.names[id(table)]


def find_files(folder: Folder, wishes: Wishes) -> FilesFound:
    """Say what each table in a folder is.

    Raises
    ------
    DataError
        When no table can be the training songs, or several can.
    """
    tables = dict(folder.tables)
    names = {id(table): name for name, table in tables.items()}
    wished = {role: _wished(folder, name) for role, name in _wished_files(wishes)}
    for table in wished.values():
        tables.pop(names[id(table)], None)
    templates = [wished["template"]] if "template" in wished else _templates(tables, names)
    for table in templates:
        tables.pop(names[id(table)], None)
    groups = wished.get("groups") or _only([one for name, one in _narrow(tables) if _GROUPS.search(name)])
    if groups is not None:
        tables.pop(names[id(groups)], None)
    _refuse_unreadable(folder, "template", _TEMPLATE, is_found=bool(templates))
    if "train" not in wished:
        _refuse_unreadable(folder, "train", _TRAINING, is_found=any(map(_TRAINING.search, _wide(tables))))
    train, why = (wished["train"], "as asked") if "train" in wished else _training(folder, tables)
    tables.pop(names[id(train)], None)
    test, test_why = (wished["test"], "as asked") if "test" in wished else _test(folder, tables, train)
    _refuse_unreadable(folder, "test", _TEST, is_found=test is not None)
    if test is not None:
        tables.pop(names[id(test)], None)
    labels = wished.get("labels") or _labels(tables, names, train, test)
    _refuse_unreadable(folder, "labels", LABEL_FILE, is_found=labels is not None)
    if labels is not None:
        tables.pop(names[id(labels)], None)
    found = [Finding("training", f"{names[id(train)]}: {_size(train)}", why)]
    found += [Finding("test", f"{names[id(test)]}: {_size(test)}", test_why)] if test else []
    found += [Finding("test", "none: no other table has these columns")] if test is None else []
    found += [Finding("template", f"{names[id(one)]}: {_size(one)}", "a sample submission") for one in templates]
    others = {name: _unused(table, train, test) for name, table in tables.items()}
    return FilesFound(train, test, labels, groups, tuple(templates), others, tuple(found), names)


def _refuse_unreadable(folder: Folder, role: str, named: re.Pattern[str], *, is_found: bool) -> None:
    """Raise DataError where a file that is named like one that was not found cannot be read."""
    problem = next((problem for name, problem in folder.unreadable.items() if named.search(name)), None)
    if problem is not None and not is_found:
        raise DataError(f"{problem} (If the file is not needed, move it away, or say which is with --{role}.)")


def _size(table: Table) -> str:
    return f"{table.rows} rows, {len(table.names)} columns, {'a' if table.form.has_header else 'no'} header"


def _wished_files(wishes: Wishes) -> list[tuple[str, str]]:
    roles = ("train", "test", "labels", "template", "groups")
    return [(role, name) for role in roles if (name := getattr(wishes, role)) is not None]


def _wished(folder: Folder, name: str) -> Table:
    if name in folder.unreadable:
        raise DataError(folder.unreadable[name])
    if name not in folder.tables:
        raise DataError(f"{folder.path / name}: there is no such table; the folder has {', '.join(folder.tables)}.")
    return folder.tables[name]


def _only(tables: Sequence[Table]) -> Table | None:
    return tables[0] if len(tables) == 1 else None


def _narrow(tables: dict[str, Table]) -> list[tuple[str, Table]]:
    return [(name, table) for name, table in tables.items() if len(table.names) <= _NARROW]


def _wide(tables: dict[str, Table]) -> dict[str, Table]:
    return {
        name: table
        for name, table in tables.items()
        if len(table.names) > _NARROW and any(map(table.is_number, table.names))
    }


def _templates(tables: dict[str, Table], names: dict[int, str]) -> list[Table]:
    """Return the sample submissions: at most one of labels and one of probabilities."""
    found = [table for name, table in tables.items() if _TEMPLATE.search(name)]
    for is_labels in (True, False):
        alike = [table for table in found if (len(table.names) <= 2) is is_labels]
        if len(alike) > 1:
            raise _ambiguous(alike, names, "may be the sample submission", "--template")
    return found


def _ambiguous(tables: Sequence[Table], names: dict[int, str], may_be: str, option: str) -> DataError:
    listed = " and ".join(names[id(table)] for table in tables)
    return DataError(
        f"{tables[0].path.parent}: {listed} {may_be}; say which: "
        + command(tables[0].path.parent, f"{option} {names[id(tables[0])]}")
    )


def _undivided(tables: dict[str, Table]) -> str | None:
    """Return what is wrong with tables whose cells are divided by blanks; None where there are none."""
    found = [name for name, table in tables.items() if len(table.names) == 1 and _has_blanks(table.text)]
    if not found:
        return None
    name = next(filter(_TRAINING.search, found), found[0])
    return (
        f"{tables[name].path}: each line is one cell with blanks in it; expected cells divided by commas, semicolons, "
        'tabs or bars: write the file again so, with `numpy.savetxt(..., delimiter=",")` or '
        '`pandas.read_csv(..., sep=r"\\s+").to_csv(..., index=False)`.'
    )


def _has_blanks(text: bytes) -> bool:
    """Return whether the second line is numbers, most of it, with blanks in between."""
    parts = b"".join(text.split(b"\n", 2)[1:2]).decode(errors="replace").split()
    return len(parts) > _NARROW and 2 * sum(NUMBER.fullmatch(part) is not None for part in parts) > len(parts)


def _training(folder: Folder, tables: dict[str, Table]) -> tuple[Table, str]:
    wide = _wide(tables)
    names = {id(table): name for name, table in tables.items()}
    if not wide:
        raise DataError(
            next(iter(folder.unreadable.values()), None)
            or _undivided(tables)
            or f"{folder.path}: no table in it has columns of features ({', '.join(folder.tables)}); expected the "
            "training songs: put the competition's download there."
        )
    if len(wide) == 1:
        return next(iter(wide.values())), "the only table of features"
    choices: tuple[tuple[str, Callable[[str, Table], bool]], ...] = (
        ("by its name", lambda name, table: _TRAINING.search(name) is not None),
        ("its songs have labels", lambda name, table: _has_labels_beside(table, tables)),
        ("not named as the test file", lambda name, table: _TEST.search(name) is None),
    )
    for why, choose in choices:
        chosen = [table for name, table in wide.items() if choose(name, table)]
        if len(chosen) == 1:
            return chosen[0], why
        if len(chosen) > 1:
            break
    raise _ambiguous(chosen or list(wide.values()), names, "may be the training songs", "--train")


def _has_labels_beside(table: Table, tables: dict[str, Table]) -> bool:
    return any(_says_labels_of(table, other) for other in tables.values() if other is not table)


def _says_labels_of(table: Table, other: Table) -> bool:
    """Return whether another table has a song's label beside its id, and no features."""
    id_there = shared_id(table, other)
    if id_there is None or _count_numbers(other) > max(_NARROW, _count_numbers(table) / 2):
        return False
    return len(other.names) <= _NARROW or any(LABEL.fullmatch(name) and name not in table for name in other.names)


def _count_numbers(table: Table) -> int:
    return sum(map(table.is_number, table.names))


def shared_id(table: Table, other: Table) -> str | None:
    """Return the column whose values in one table are ids in the other table: most of them; None where none is."""
    if table.form.has_header != other.form.has_header:
        return None
    for name in table.names:
        if name in other and _may_be_id(table, name) and _may_be_id(other, name):
            ids = set(table.texts(name))
            if 2 * len(ids & set(other.texts(name))) > len(ids):
                return name
    return None


def _may_be_id(table: Table, name: str) -> bool:
    """Return whether a column has another value in nearly each row; which ones do not is said when it is read."""
    if table.is_empty(name) or (table.is_number(name) and not table.is_whole(name)):
        return False
    return table.count_distinct(name) > NEARLY_ALL * table.rows


def is_unique(table: Table, name: str) -> bool:
    """Return whether a column of texts or whole numbers has another value in each row."""
    if name not in table or table.is_empty(name) or (table.is_number(name) and not table.is_whole(name)):
        return False
    return table.count_distinct(name) == table.rows and not table.count_missing(name)


def _test(folder: Folder, tables: dict[str, Table], train: Table) -> tuple[Table | None, str]:
    names = {id(table): name for name, table in tables.items()}
    wide = _wide(tables)
    named = [table for name, table in wide.items() if _TEST.search(name)]
    if len(named) > 1:
        named = [table for table in named if _have_much_in_common(table, train)] or named
    if len(named) > 1:
        raise _ambiguous(named, names, "may be the test songs", "--test")
    if named:
        return named[0], "by its name"
    alike = [table for table in wide.values() if _have_much_in_common(table, train) and not _has_all(table, train)]
    if len(alike) > 1:
        raise _ambiguous(alike, names, "may be the test songs", "--test")
    return (alike[0], "it has the training file's columns but one or more") if alike else (None, "")


def _has_all(table: Table, train: Table) -> bool:
    """Return whether a table has all columns of the training file, and so its labels, too."""
    return train.form.has_header and set(train.names) <= set(table.names)


def _have_much_in_common(table: Table, train: Table) -> bool:
    if table.form.has_header != train.form.has_header:
        return True  # which is refused when they are read
    if not table.form.has_header:
        return abs(len(table.names) - len(train.names)) <= 2
    return 2 * len(set(table.names) & set(train.names)) >= len(train.names)


def _labels(tables: dict[str, Table], names: dict[int, str], train: Table, test: Table | None) -> Table | None:
    """Return the table that says the training songs' genres."""
    by_id = [table for table in tables.values() if _says_labels_of(train, table)]
    named = [table for table in by_id if any(map(LABEL.fullmatch, table.names))] or by_id
    if len(named) > 1:
        raise _ambiguous(named, names, "may be the labels", "--labels")
    if named:
        return named[0]
    narrow = [table for _, table in _narrow(tables)]
    if not any(LABEL.fullmatch(name) for name in train.names):
        _refuse_other_ids(narrow, train, test)
    alone = [table for table in narrow if table.rows == train.rows and (test is None or test.rows != table.rows)]
    alone = [table for table in alone if not _TEST.search(names[id(table)])]
    alone = [table for table in alone if any(map(LABEL.fullmatch, table.names))] or alone
    return alone[0] if len(alone) == 1 else None


def _refuse_other_ids(narrow: Sequence[Table], train: Table, test: Table | None) -> None:
    """Raise DataError where a table has labels beside ids, but not those of the training songs."""
    for table in narrow:
        name = next((name for name in table.names if name in train and _may_be_id(table, name)), None)
        is_of_test = test is not None and shared_id(test, table) is not None
        if name is not None and not is_of_test and any(map(LABEL.fullmatch, table.names)):
            known = set(table.texts(name))
            unknown = [one for one in train.texts(name) if one not in known]
            raise DataError(
                f"{table.path}: {len(unknown)} of the {train.rows} songs of {train.path.name} have no label here, "
                f'first {name} "{unknown[0]}"; expected a label for each: take both files from the same download.'
            )


def _unused(table: Table, train: Table, test: Table | None) -> str:
    if test is not None and len(table.names) <= _NARROW and shared_id(test, table) is not None:
        return "has the ids of the test songs: not looked at"
    if set(table.names) == set(train.names):
        return "has the training file's columns; add its rows to that file to train on them"
    return "not needed"
