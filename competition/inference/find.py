"""The edition of a data folder: the one asked for, the one that lies there, a built-in one, or what its files show."""

import warnings
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Edition, Files, Roles
from competition.data.edition_file import (
    DEFAULT_EDITION,
    EDITION_FILE,
    Header,
    built_in_editions,
    load_edition,
    read_edition,
)
from competition.data.formats.table_forms import form_at
from competition.data.formats.wrapping import locate, only_folder, open_text
from competition.errors import DataError, EditionError, KitWarning
from competition.inference.findings import COMMAND, FRAMES, Inferred
from competition.shift.drift import looks_misread

_NEAR = 2
"""A training file with so many columns more or less than a built-in edition's is one of it, with a mistake."""
_LOOKED_AT = 50
"""Songs in which the order of blocks is looked for."""
_TOLD = ("training", "test", "labels", "id", "left out", "groups", "missing", "hand in", "not used", "not read")


def find_edition(name_or_path: str | Edition | None, data: Path | None) -> Edition:
    """Return the edition asked for, else the one in the data folder, else a built-in one, else what the files show.

    A KitWarning says what the files were taken for, where that had to be seen.

    Parameters
    ----------
    name_or_path : str, Edition or None
        A built-in edition's name, an edition's TOML file, or the edition itself.
    data : Path or None
        A folder, or the inside of an archive, from `data_place`; None for the default edition.

    Raises
    ------
    EditionError
        As `load_edition`, and when there is no such data folder.
    DataError
        As `infer`.
    """
    if data is not None and not data.is_dir():
        raise EditionError(f"{data}: there is no such folder; `data` takes the folder that holds the CSV files.")
    if isinstance(name_or_path, Edition):
        return name_or_path
    if name_or_path is not None:
        return load_edition(name_or_path, None if data is None else header_in(data))
    if data is None:
        return load_edition(DEFAULT_EDITION)
    for place in (data, *only_folder(data)):
        if (place / EDITION_FILE).is_file():
            return read_edition(place / EDITION_FILE, header_in(data))
    built_in = recognised(data)
    if built_in is not None:
        return built_in
    from competition.inference.edition import infer

    found = infer(data)
    warnings.warn(_told(data, found), KitWarning, stacklevel=2)
    return found.edition


def header_in(data: Path) -> Header:
    """Return what reads the names of the training file's columns in a data folder."""

    def names(files: Files, roles: Roles) -> Sequence[str]:
        """Return the names of the training file's columns."""
        from competition.data.formats.tables import open_table  # here alone: plain files need no pyarrow

        path = locate(data, files.train)
        return open_table(path, header=roles.header, separator=roles.separator, decimal=roles.decimal).names

    return names


def recognised(data: Path) -> Edition | None:
    """Return the built-in edition whose files are in a folder: their names, and nearly their number of columns."""
    others = [name for name in built_in_editions() if name != DEFAULT_EDITION]
    for name in (DEFAULT_EDITION, *others):
        edition = load_edition(name)
        assert edition.files.labels is not None
        try:
            train = locate(data, edition.files.train)
            locate(data, edition.files.labels)
        except DataError:
            continue
        width, features = _first_songs(train)
        if abs(width - edition.columns) <= _NEAR:
            return edition if features is None else _in_its_layout(train, features, edition)
    return None


def _first_songs(train: Path) -> tuple[int, np.ndarray | None]:
    """Return the number of columns and the first songs, float32, (songs, columns); None where not all are numbers."""
    with open_text(train) as file:
        rows = list(islice(file, _LOOKED_AT))
    try:
        features = np.loadtxt(rows, np.float32, delimiter=",", comments=None, ndmin=2)
    except ValueError:
        return len(form_at(train).names), None
    return features.shape[1], features


def _in_its_layout(train: Path, features: np.ndarray, first: Edition) -> Edition:
    """Return the edition whose minima are below their maxima: those of one width differ in their blocks' order."""
    if features.shape[1] != first.columns or not _is_misread(features, first):
        return first
    for edition in map(load_edition, built_in_editions()):
        if edition.columns == first.columns and not _is_misread(features, edition):
            order = ", ".join(block.name for block in edition.blocks)
            warnings.warn(
                f"{train}: its columns are in the order of {edition.name} ({order}); read as that edition.",
                KitWarning,
                stacklevel=4,
            )
            return edition
    return first


def _is_misread(features: np.ndarray, edition: Edition) -> bool:
    songs = Dataset(edition, features, np.zeros(len(features), np.int64), None, "")
    return looks_misread(songs) is not None


def _told(data: Path, found: Inferred) -> str:
    told = [f"{one.what:<9} {one}" for one in found.findings if one.what in _TOLD]
    doubts = [f"doubtful: {doubt}" for doubt in found.doubts]
    head = f"{data}: has no edition.toml; its files are taken for this; {COMMAND} --data {data} writes it down:"
    if data.name == FRAMES:
        head = "the data frames are taken for this:"
    return "\n      ".join([head, *told, *doubts])
