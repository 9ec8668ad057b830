"""`edition`: what a folder's files are, written down as an edition."""

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from competition.data.edition import BOARD_METRICS, Board, Edition, Missing
from competition.data.edition_file import EDITION_FILE, read_edition
from competition.data.formats.opening import open_files
from competition.data.formats.wrapping import data_place
from competition.errors import ArgumentError, DataError, RunError
from competition.inference.edition import infer
from competition.inference.find import header_in, recognised
from competition.inference.findings import Finding, Inferred, Wishes, findings_of
from competition.inference.plain import with_medians
from competition.inference.text import commented
from competition.storage.files import write_whole
from competition.storage.places import check_name, check_place
from genre_kit.jobs.steps.inputs import PathLike

_LEAST_BYTES = 1_000_000


def edition(
    *,
    data: PathLike,
    train: str | None = None,
    test: str | None = None,
    labels: str | None = None,
    template: str | None = None,
    groups: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
    group_column: str | None = None,
    leave_out: Sequence[str] = (),
    missing: Missing | None = None,
    metrics: Sequence[str] = (),
    out: PathLike | None = None,
    force: bool = False,
    look: bool = False,
) -> tuple[Inferred, Path | None]:
    """Look at a folder's files, say what each is and why, and write an edition that says so.

    Parameters
    ----------
    data : path
        The folder with the competition's files, or a zip archive.
    train, test, labels, template, groups : str or None
        Names of files, where they are not to be inferred.
    label_column, id_column, group_column : str or None
        Names of columns; their numbers, from 1, where files have no header.
    leave_out : sequence of str
        Columns that are no features.
    missing : str or None
        ``"refuse"`` (the default) or ``"median"``.
    metrics : sequence of str
        What the boards rank by, of `competition.data.edition.BOARD_METRICS`: files do not show it. By default accuracy
        and binary log loss.
    out : path or None
        The edition's file; by default ``edition.toml`` in the folder, or beside an archive.
    force : bool
        Whether a file there is replaced.
    look : bool
        Only look, and write nothing: where an edition lies in the folder, and nothing is said otherwise, what it says.

    Returns
    -------
    Inferred, Path or None
        What was found, and where the edition is; None where nothing was written.

    Raises
    ------
    KitError
        When the files do not show what they are, or may be read in two ways; when the edition cannot be written.
    """
    columns = (id_column, label_column, group_column, tuple(leave_out))
    wishes = Wishes(train, test, labels, template, groups, *columns, missing)
    check_name(Path(data), "rename it")
    place = data_place(data)
    there = place / EDITION_FILE
    if look:
        _refuse_writing(out, force=force)
        if there.is_file() and wishes == Wishes() and not metrics:
            return _said(place), None
        return _with_boards(_look(place, wishes), metrics), None
    path = _default(Path(data), place) if out is None else Path(out)
    if path.exists() and not force:
        raise RunError(
            f"{path}: is there already, and decides how the files are read; `look` says what it says, `force` "
            "replaces it."
        )
    _check_file(path)
    found = _with_boards(_look(place, wishes), metrics)
    if (
        there.is_file()
        and out is not None
        and not isinstance(there, zipfile.Path)
        and path.resolve() != there.resolve()
    ):
        unused = f"{there} is not looked at here, and still decides where `edition` is not given"
        found = replace(found, doubts=(*found.doubts, unused))
    write_whole(path, commented(found, str(data)))
    return found, path


def _check_file(path: Path) -> None:
    """Raise RunError where an edition cannot be written, before the files are looked at."""
    check_name(path, "name another file with `out`")
    check_place(path.parent, _LEAST_BYTES)
    if path.is_dir():
        raise RunError(f"{path}: is a folder; name a file with `out`.")
    if not path.parent.is_dir():
        raise RunError(f"{path}: there is no folder {path.parent}; make it, or name another place with `out`.")


def _refuse_writing(out: PathLike | None, *, force: bool) -> None:
    for name, given in (("out", out), ("force", force)):
        if given:
            raise ArgumentError(f"`look` writes nothing, and `{name}` is about what is written. Leave one out.")


def _said(place: Path) -> Inferred:
    """Return what the edition in a folder says."""
    said = read_edition(place / EDITION_FILE, header_in(place))
    return Inferred(said, findings_of(said, f"as {place / EDITION_FILE} says"), _labels_doubts(said, place))


def _labels_doubts(edition: Edition, place: Path) -> tuple[str, ...]:
    """Return which genres no song has: the files may be another competition's of as many columns."""
    try:
        counts = np.bincount(open_files(place, edition).targets(), minlength=len(edition.genres))
    except DataError as problem:
        return (str(problem),)
    return tuple(
        f"no song has label {number + 1} ({edition.genres[number]}): is this another competition of as many columns? "
        f"Write its genres into {EDITION_FILE}"
        for number in np.flatnonzero(counts == 0)
    )


def _with_boards(found: Inferred, metrics: Sequence[str]) -> Inferred:
    """Return what was found, with boards that rank by some metrics."""
    for metric in metrics:
        if metric not in BOARD_METRICS:
            raise ArgumentError(f"`metrics` has {metric!r}; expected some of {', '.join(BOARD_METRICS)}.")
    boards = {metric: Board(metric) for metric in metrics} or found.edition.boards
    return replace(found, edition=replace(found.edition, boards=boards))


def _default(data: Path, place: Path) -> Path:
    return data.with_name(f"{data.stem}-{EDITION_FILE}") if isinstance(place, zipfile.Path) else place / EDITION_FILE


def _look(place: Path, wishes: Wishes) -> Inferred:
    known, why = (
        _known(place, is_filled=wishes.missing == "median") if replace(wishes, missing=None) == Wishes() else (None, "")
    )
    if known is None:
        return infer(place, wishes)
    finding = Finding("edition", f"{known.name}: {known.columns} columns, {len(known.genres)} genres", why)
    if wishes.missing != "median":
        return Inferred(known, (finding,), _labels_doubts(known, place))
    filled = Finding("missing", "filled by the median inside each fold")
    return Inferred(with_medians(known, place), (finding, filled), _labels_doubts(known, place))


def _known(place: Path, *, is_filled: bool) -> tuple[Edition | None, str]:
    """Return the edition of plain files that is recognised, or whose cells are to be filled, and how it is known."""
    if is_filled and (place / EDITION_FILE).is_file():
        there = read_edition(place / EDITION_FILE, header_in(place))
        return (there if there.roles is None else None), f"as {EDITION_FILE} there says"
    return recognised(place), "by the files' names and columns"
