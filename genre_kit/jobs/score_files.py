"""`score --predictions`: given files against known labels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from competition.data.edition import Edition, Roles
from competition.data.formats.csv_files import read_labels
from competition.data.formats.wrapping import data_place
from competition.data.songs import Entries, numbered
from competition.errors import SubmissionError
from competition.inference.find import find_edition
from competition.scoring.boards import goals_of
from competition.scoring.scores import score_genres, score_labels, score_probabilities
from genre_kit.jobs.steps.inputs import PathLike, paths_in
from genre_kit.results.scored_file import ScoredFile
from genre_kit.runs.known_data import KnownData, known_data
from submissions.checks.checker import Checked, read_scorable
from submissions.checks.findings import Expectation
from submissions.layout import Layout, layout_of
from submissions.submission_file import Row, SubmissionTable, read_table


def score_files(
    predictions: Sequence[PathLike] | PathLike,
    labels: PathLike,
    *,
    data: PathLike | None = None,
    edition: str | None = None,
) -> tuple[ScoredFile, ...]:
    """Score submission files against known labels.

    Parameters
    ----------
    predictions : path, or sequence of paths
    labels : path
        One label a line as in the training file, or with ids and a header as in label_pred.csv. Where the edition's
        songs have ids: a column of ids and one of labels, in any order of the songs.
    data, edition
        As for `submit`; only the edition is read. Without both, that of the run whose folder holds one of the files.

    Raises
    ------
    KitError
        When a file cannot be read, or has a ``"broken"`` finding.
    """
    labels, paths = Path(labels), paths_in(predictions)
    known = _known(labels, paths) if data is None and edition is None else None
    found = find_edition(edition if known is None else known.edition, None if data is None else data_place(data))
    found = found.whole
    try:
        entries, targets = read_truth(labels, found)
    except SubmissionError as problem:
        if data is not None or edition is not None or known is not None or not labels.is_file():
            raise
        raise SubmissionError(
            f"{problem} Neither `data` nor `edition` says what the files look like, so those of {found.name} were "
            "expected: give one of them."
        ) from None
    expected = Expectation(found, layout_of(found, entries), shares=None, rows_of=f"one for each label of {labels}")
    checked = [read_scorable(path, expected) for path in paths]
    known_by = None if known is None else known.folder
    return tuple(replace(_scored_file(one, targets, found), known_by=known_by) for one in checked)


def _known(labels: Path, predictions: Sequence[Path]) -> KnownData | None:
    """Return what the run knows whose folder holds the labels, or a file of predictions; None where there is none."""
    return next((known for path in (labels, *predictions) if (known := known_data(path)) is not None), None)


def _scored_file(checked: Checked, targets: np.ndarray, edition: Edition) -> ScoredFile:
    values = checked.known_values
    is_labels = checked.kind == "labels"
    goals = goals_of(edition.boards)
    scores = score_labels(targets, values, goals) if is_labels else score_probabilities(targets, values, goals=goals)
    genres = score_genres(targets, values if is_labels else values.argmax(axis=1), edition.genres)
    return ScoredFile(checked.path, checked.kind, len(targets), scores, genres, checked.findings, goals)


def read_truth(path: Path, edition: Edition) -> tuple[Entries, np.ndarray]:
    """Read true labels: one a line as in the training file, or each beside its id.

    Returns
    -------
    entries : Entries
        The songs' ids, in the file's order; counted where the edition's songs have none.
    targets : ndarray of int64, shape (rows,)
        0-based genre numbers.

    Raises
    ------
    KitError
        When the file is missing or damaged, or a label is none of the edition's.
    """
    if not path.is_file():
        raise SubmissionError(f"{path}: there is no such file; expected the true labels, one a line.")
    table = read_table(path, layout_of(edition, numbered(0)))
    if edition.roles is None:
        targets = _counted_truth(table, edition)
        return numbered(len(targets)), targets
    return _named_truth(table, edition, edition.roles)


def _counted_truth(table: SubmissionTable, edition: Edition) -> np.ndarray:
    if table.header is None or len(table.header) < 2:
        return read_labels(table.path, edition)
    layout = layout_of(edition, numbered(len(table.rows)))
    checked = read_scorable(table.path, Expectation(edition, layout, shares=None))
    if checked.kind != "labels":
        raise SubmissionError(f"{table.path}: holds {checked.kind}; expected true labels, one a line.")
    return checked.known_values


def _named_truth(table: SubmissionTable, edition: Edition, roles: Roles) -> tuple[Entries, np.ndarray]:
    """Read the labels of an edition that says what its columns are."""
    layout = layout_of(edition, numbered(0))
    numbers = _numbers_by_form(edition, layout, roles, table.header)
    table = _with_first_song(table, {text for form in numbers for text in form})
    id_place, label_place = _places(table, layout, roles)
    labels = [row.cells[label_place].strip() for row in table.rows]
    form = next((form for form in numbers if all(label in form for label in labels)), None)
    if form is None:
        row = next(row for row, label in zip(table.rows, labels, strict=True) if label not in numbers[0])
        raise SubmissionError(
            f'{table.path}, line {row.line}: the label is "{row.cells[label_place]}"; expected one of '
            f"{', '.join(numbers[0])}."
        )
    targets = np.array([form[label] for label in labels], np.int64)
    if id_place is None:
        return numbered(len(targets)), targets
    return Entries(_unique([row.cells[id_place] for row in table.rows], table), np.arange(len(targets))), targets


def _numbers_by_form(
    edition: Edition, layout: Layout, roles: Roles, header: Sequence[str] | None
) -> tuple[Mapping[str, int], ...]:
    """Return the genres' numbers by what may be written for them: in submissions, in label files, as names."""
    first = roles.first_label
    in_labels = edition.genres if first is None else [str(first + number) for number in range(len(edition.genres))]
    forms = [layout.label_texts, in_labels, edition.genres]
    if roles.label in (header or ()) and layout.label not in (header or ()):
        forms = [in_labels, layout.label_texts, edition.genres]
    return tuple({text: number for number, text in enumerate(form)} for form in forms)


def _with_first_song(table: SubmissionTable, labels: set[str]) -> SubmissionTable:
    """Return the table of a file without a header, whose first line is a song too."""
    if table.header is None or table.header[-1].strip() not in labels:
        return table
    return replace(table, header=None, rows=(Row(1, table.header), *table.rows))


def _places(table: SubmissionTable, layout: Layout, roles: Roles) -> tuple[int | None, int]:
    """Return the columns of the ids, None where songs have none, and of the labels."""
    header, widths = table.header or (), {len(row.cells) for row in table.rows}
    for names in ((layout.id, layout.label), (roles.id, roles.label)):
        if all(name in header for name in names) and widths == {len(header)}:
            return header.index(str(names[0])), header.index(str(names[1]))
    if widths == {2}:
        return 0, 1
    if widths == {1} and roles.id is None and layout.is_counted:
        return None, 0
    raise SubmissionError(
        f"{table.path}: {len(header) or max(widths, default=0)} column(s); expected the ids of the songs and their "
        f'labels: two columns, "{layout.id},{layout.label}".'
    )


def _unique(ids: Sequence[str], table: SubmissionTable) -> tuple[str, ...]:
    first: dict[str, int] = {}
    for row, one in enumerate(ids):
        if first.setdefault(one, row) != row:
            raise SubmissionError(
                f"{table.path}, line {table.rows[row].line}: id {one} stood in line {table.rows[first[one]].line} "
                "already; every id must stand once."
            )
    return tuple(ids)
