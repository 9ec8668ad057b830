"""The files of an edition that says what their columns are: ids, labels, groups and missing cells beside features."""

import difflib
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from competition.data.edition import Edition, Roles
from competition.data.formats.table_forms import is_missing
from competition.data.formats.tables import Table, open_table
from competition.data.formats.wrapping import locate
from competition.errors import DataError, KitWarning, among, listed

_LARGEST = float(np.finfo(np.float32).max)
_WHOLE = re.compile(r"([+-]?\d+)\.0*", re.ASCII)
_NAMED = 3


@dataclass(frozen=True, eq=False)
class DescribedFiles:
    """The files of an edition with roles, in a folder; each may be packed as ``.gz`` or ``.zip``.

    Attributes
    ----------
    folder : Path
    edition : Edition
        Its `roles` are not None.

    Notes
    -----
    All methods raise DataError at the first line or cell that is not as expected, or when a file is missing.
    """

    folder: Path
    edition: Edition

    @property
    def roles(self) -> Roles:
        """What the columns are."""
        assert self.edition.roles is not None  # see `open_files`
        return self.edition.roles

    @property
    def training_path(self) -> Path:
        """Where the training songs are."""
        return locate(self.folder, self.edition.files.train)

    @property
    def labels_path(self) -> Path:
        """Where the labels are."""
        return locate(self.folder, self.edition.files.labels or self.edition.files.train)

    @property
    def test_path(self) -> Path:
        """Where the test songs are."""
        if self.edition.files.test is None:
            raise DataError(
                f"{self.folder}: there is no test file (edition {self.edition.name} names none); put one there and "
                "name it in [files] test, or keep some of the training songs out as one with `test_share`, such as 0.3."
            )
        return locate(self.folder, self.edition.files.test)

    @property
    def groups_path(self) -> Path | None:
        """The file that the training songs' groups are in; None where there is none."""
        groups = self.edition.files.groups
        return None if groups is None else locate(self.folder, groups)

    def _open(self, path: Path) -> Table:
        roles = self.roles
        known = (roles.id, roles.label, roles.group)  # a column of numbers can be read all the same
        table = open_table(path, header=roles.header, separator=roles.separator, decimal=roles.decimal, texts=known)
        if table.notes:
            warnings.warn(f"{path}: {'; '.join(table.notes)}.", KitWarning, stacklevel=4)
        return table

    @cached_property
    def _training(self) -> Table:
        return self._open(self.training_path)

    @property
    def _has_header(self) -> bool:
        """Whether the training file has one; the edition says so where that file is not there."""
        return self._training.form.has_header if self.roles.header is None else self.roles.header

    @cached_property
    def _test(self) -> Table:
        table = self._open(self.test_path)
        is_named = table.form.has_header and any(name in table for name in self.roles.features)
        if is_named == self._has_header:
            return table
        with_header, without = ("training", "test") if self._has_header else ("test", "training")
        raise DataError(
            f"{table.path}: the {with_header} file has a header and the {without} file none; expected both or neither, "
            "so that columns can be matched: take both files from the same download."
        )

    def training_songs(self) -> np.ndarray:
        """Return the training songs' features; float32, shape (rows, columns), NaN where a cell is missing."""
        return self._features(self._training, self.roles.features)

    def test_songs(self) -> np.ndarray:
        """Return the test songs' features, as `training_songs` does; float32, shape (test rows, columns)."""
        names = self.roles.features
        if self._test.form.has_header:
            self._say_order(names)
        return self._features(self._test, [self._name_in_test(name) for name in names])

    def _name_in_test(self, name: str) -> str:
        """Return the name in the test file of a column of the training file."""
        return name if self._test.form.has_header else self._places_in_test.get(name, name)

    def _say_order(self, names: Sequence[str]) -> None:
        if not self.training_path.is_file():
            return
        wanted = set(names)
        shared = [[name for name in table.names if name in wanted] for table in (self._test, self._training)]
        if shared[0] != shared[1] and set(shared[0]) == set(shared[1]):
            message = (
                f"{self._test.path}: its columns stand in another order than in the training file; matched by name."
            )
            warnings.warn(message, KitWarning, stacklevel=4)

    @cached_property
    def _places_in_test(self) -> dict[str, str]:
        """The names in a test file without a header, which may lack the label's column, of the training file's."""
        test, training, label = self._test, self._training.names, self.roles.label
        if len(test.names) == len(training):
            return {name: name for name in training}
        kept = [name for name in training if name != label]
        if len(test.names) != len(kept):
            raise DataError(
                f"{test.path}: {len(test.names)} columns, and {len(training)} in {self._training.path.name}; expected "
                "the same features in both: take both files from the same download."
            )
        return {name: str(place) for place, name in enumerate(kept, 1)}

    def _features(self, table: Table, names: Sequence[str]) -> np.ndarray:
        _check_names(table, names, self._training.path if table is not self._training else None)
        try:
            values = self._values(table, names)
        except DataError as problem:
            raise DataError(f"{problem}{among(self._count_wrong(table, names), table.rows)}") from None
        features = values.astype(np.float32)
        if not self.roles.gaps:
            return features
        places = {name: place for place, name in enumerate(self.roles.features)}
        gaps = np.isnan(features[:, [places[name] for name in self.roles.gaps]])
        return np.hstack([features, gaps.astype(np.float32)])

    def _values(self, table: Table, names: Sequence[str]) -> np.ndarray:
        """Return columns of numbers of the sizes, and with the gaps, that are allowed; float64, (rows, columns)."""
        values = table.numbers(names)
        far = np.argwhere(np.abs(values) > _LARGEST)
        if far.size:
            where = table.where(int(far[0][0]), names[far[0][1]])
            raise DataError(f"{where}: {values[tuple(far[0])]:g} is too large; expected at most {_LARGEST:g} in size.")
        if self.roles.missing == "refuse":
            missing = {name: count for name in names if (count := table.count_missing(name))}
            if missing:
                _refuse_missing(table, missing, values, names)
        return values

    def _count_wrong(self, table: Table, names: Sequence[str]) -> int:
        """Return how many lines hold a mistake of any kind."""
        wrong = np.zeros(table.rows, bool)
        for name in names:
            wrong |= table.wrong_cells(name, largest=_LARGEST)
            if self.roles.missing == "refuse":
                wrong |= table.missing_cells(name)
        return int(wrong.sum())

    def targets(self) -> np.ndarray:
        """Return the training songs' 0-based genre numbers; int64, shape (rows,)."""
        table, label = self._labels()
        numbers = _numbers_of(self.edition)
        texts = [_WHOLE.sub(r"\1", text) for text in table.texts(label)]
        targets = np.empty(len(texts), np.int64)
        for row, text in enumerate(texts):
            if text not in numbers:
                wrong = sum(one not in numbers for one in texts)
                mistake = _no_genre(text, self.edition)
                raise DataError(f"{table.where(row, label)}: {mistake}{among(wrong, len(texts))}")
            targets[row] = numbers[text]
        return targets if table is self._training else targets[self._order_of_labels(table)]

    def _labels(self) -> tuple[Table, str]:
        """Return the file of the labels and the name of its column of labels."""
        label = self.roles.label
        table = self._training if self.edition.files.labels is None else self._open(self.labels_path)
        if len(table.names) == 1:
            return table, table.names[0]
        if label is None or label not in table:
            raise DataError(
                f"{table.path}: there is no column {label!r}; it has {listed(table.names)}: name the column of the "
                "labels with label in [columns] of the edition."
            )
        return table, label

    def _order_of_labels(self, table: Table) -> np.ndarray:
        """Return the row of the label file that each training song has; int64, shape (rows,)."""
        name = self.roles.id
        if name is None or name not in table or name not in self._training:
            self._check_equal_rows(table)
            return np.arange(table.rows)
        rows = {one: row for row, one in enumerate(_unique_ids(table, name))}
        ids = self._training.texts(name) if self.roles.group == name else _unique_ids(self._training, name)
        unknown = [one for one in ids if one not in rows]
        if unknown:
            raise DataError(
                f"{table.path}: {len(unknown)} of the {len(ids)} songs of {self._training.path.name} have no label "
                f'here, first {name} "{unknown[0]}" (line {self._training.line(ids.index(unknown[0]))} there); '
                "expected a label for each: take both files from the same download."
            )
        return np.array([rows[one] for one in ids])

    def _check_equal_rows(self, labels: Table) -> None:
        if labels.rows != self._training.rows:
            raise DataError(
                f"{labels.path}: {labels.rows} labels for the {self._training.rows} songs of "
                f"{self._training.path.name}; expected one label a song: take both files from the same download."
            )

    def groups(self) -> np.ndarray | None:
        """Return the training songs' groups by a column; int64, shape (rows,); None where no column says them."""
        name = self.roles.group
        if name is None:
            return None
        _, groups = np.unique(self._group_names(self._training, name), return_inverse=True)
        return groups.astype(np.int64)

    def test_groups(self) -> np.ndarray | None:
        """Return the test songs' groups; int64, shape (test rows,); None where the test file does not say them.

        A song whose cell is missing stands for itself.
        """
        name = None if self.roles.group is None else self._name_in_test(self.roles.group)
        if name is None or name not in self._test or not self._fits_pattern(self._test.texts(name)):
            return None
        rows = zip(self._test.texts(name), self._group_names(self._test, name), strict=True)
        alone = [f"none, in row {row}" if is_missing(text) else group for row, (text, group) in enumerate(rows)]
        return np.unique(alone, return_inverse=True)[1].astype(np.int64)

    def _fits_pattern(self, texts: Sequence[str]) -> bool:
        """Whether some of the texts, of which there may be none, have the part that groups songs."""
        return any(re.fullmatch(self.roles.group_pattern or ".*", text, re.DOTALL) for text in texts)

    def _group_names(self, table: Table, name: str) -> list[str]:
        if name not in table:
            raise DataError(f'{table.path}: there is no column "{name}", which groups the songs; see [columns] group.')
        pattern = re.compile(self.roles.group_pattern or "(.*)", re.DOTALL)
        texts = table.texts(name)
        found = [pattern.fullmatch(text) for text in texts]
        if not any(found):
            raise DataError(
                f'{table.where(0, name)}: "{texts[0]}" does not fit the pattern {pattern.pattern!r}, nor does any '
                "other cell; mend group_pattern in [columns]."
            )
        return [text if match is None else match[1] for text, match in zip(texts, found, strict=True)]

    def ids(self) -> tuple[str, ...] | None:
        """Return the training songs' ids; None where there are none."""
        name = self.roles.id
        return None if name is None or name not in self._training else tuple(self._training.texts(name))

    def test_entries(self) -> "tuple[tuple[str, ...], np.ndarray]":
        """Return the ids of the lines that are handed in, and the line of each test song; int64, shape (test rows,)."""
        is_as_template = self.edition.submission.order == "template"
        template = self._template_ids() if is_as_template else None
        names = self._line_names(template)
        ids = tuple(dict.fromkeys(names)) if template is None else template
        lines = {one: line for line, one in enumerate(ids)}
        self._check_same_ids(names, ids)
        return ids, np.array([lines[one] for one in names], np.int64)

    def _check_same_ids(self, names: Sequence[str], ids: Sequence[str]) -> None:
        known, wanted = dict.fromkeys(names), dict.fromkeys(ids)
        lacking, unused = [one for one in known if one not in wanted], [one for one in ids if one not in known]
        if not (lacking or unused):
            return
        parts = [f'{len(lacking)} test songs are not in it, first "{lacking[0]}"'] if lacking else []
        parts += [f'{len(unused)} of its ids are no test songs\', first "{unused[0]}"'] if unused else []
        raise DataError(
            f"{self.folder / str(self.edition.files.template)}: {', and '.join(parts)}; expected the ids of "
            f"{self.test_path.name}: take both files from the same download."
        )

    def _line_names(self, template: Sequence[str] | None) -> Sequence[str]:
        """Return for each test song the id of its line, given those of the sample submission."""
        roles, form = self.roles, self.edition.submission
        if form.rows == "songs" and roles.group is not None:
            return self._group_names(self._test, self._name_in_test(roles.group))
        if roles.id is not None and (name := self._name_in_test(roles.id)) in self._test:
            return _unique_ids(self._test, name)
        return places_of(template, self._test.rows)

    def _template_ids(self) -> tuple[str, ...]:
        name = self.edition.files.template
        if name is None:
            raise DataError(f'{self.edition.name}: order = "template" needs a template; name it in [files] template.')
        table = open_table(locate(self.folder, name))
        column = self.edition.submission.id
        if column not in table:
            raise DataError(
                f'{table.path}: there is no column "{column}" for the ids; it has {listed(table.names)}: mend id in '
                "[submission]."
            )
        return tuple(_unique_ids(table, column))

    def count_test_songs(self) -> int:
        """Return how many test songs there are."""
        return self._test.rows


def _numbers_of(edition: Edition) -> dict[str, int]:
    """Return the number of the genre that each text stands for in the label file."""
    first = None if edition.roles is None else edition.roles.first_label
    return {genre if first is None else str(number + first): number for number, genre in enumerate(edition.genres)}


def places_of(template: Sequence[str] | None, rows: int) -> Sequence[str]:
    """Return the ids of test songs without ids: counted, from 0 where a sample submission does, else in its order.

    Examples
    --------
    >>> places_of(None, 3), places_of(["2", "0", "1"], 3), places_of(["b", "a", "c"], 3)
    (['1', '2', '3'], ['0', '1', '2'], ['b', 'a', 'c'])
    """
    counted = [[str(number) for number in range(first, first + rows)] for first in (1, 0)]
    fitting = [ids for ids in counted if template is not None and set(ids) == set(template)]
    return [*fitting, counted[0] if template is None or len(template) != rows else template][0]


def _no_genre(text: str, edition: Edition) -> str:
    wanted = list(_numbers_of(edition))
    near = difflib.get_close_matches(text.casefold(), [one.casefold() for one in wanted], n=1)
    hint = next((f'; did you mean "{one}"?' for one in wanted if near and one.casefold() == near[0]), "")
    if is_missing(text):
        return f"the label is missing; expected one of {listed(wanted)}: fill it in, or leave the row out."
    return (
        f'the label "{text[:40]}" is no genre of edition {edition.name} ({listed(wanted)}){hint or "."} '
        "Mend the label, or genres in the edition."
    )


def _unique_ids(table: Table, name: str) -> list[str]:
    ids = table.texts(name)
    first: dict[str, int] = {}
    for row, one in enumerate(ids):
        if first.setdefault(one, row) != row:
            raise DataError(
                f'{table.where(row, name)}: the id "{one}" stood in line {table.line(first[one])} already; expected '
                "each once: remove one of the rows, or name another column as id."
            )
    return ids


def _check_names(table: Table, names: Sequence[str], training: Path | None) -> None:
    lacking = [name for name in names if name not in table]
    if lacking:
        beside = "" if training is None else f", which {training.name} has"
        written = {name.casefold(): name for name in table.names}
        near = difflib.get_close_matches(lacking[0].casefold(), written, n=1)
        hint = f' (it has "{written[near[0]]}")' if near else ""
        raise DataError(
            f"{table.path}: {len(lacking)} column(s) are missing{beside}: {listed(lacking)}{hint}; expected the same "
            "features in both files: take them from the same download, or leave these columns out with leave_out."
        )


def _refuse_missing(table: Table, missing: dict[str, int], values: np.ndarray, names: Sequence[str]) -> None:
    worst = sorted(missing, key=lambda name: -missing[name])
    counts = ", ".join(f"{name} ({missing[name]})" for name in worst[:5]) + (", ..." if len(worst) > 5 else "")
    row = int(np.flatnonzero(np.isnan(values).any(axis=1))[0])
    raise DataError(
        f"{table.path}, line {table.line(row)}: of {table.rows} songs {sum(missing.values())} cells are missing in "
        f"{len(missing)} column(s): {counts}; expected numbers. To put the median of the training songs there, inside "
        'each fold, say missing = "median" in [columns] of the edition (python -m competition edition --data '
        f"{table.path.parent} --missing median writes it), or leave these columns out with leave_out there."
    )
