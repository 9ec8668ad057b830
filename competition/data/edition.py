"""An edition: what one year's competition files look like and what its labels mean."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from competition.errors import EditionError
from competition.storage import toml

EDITION_FILE = "edition.toml"
DEFAULT_EDITION = "mlbp-2018"
_BUILT_IN = Path(__file__).parent / "editions"

_check_keys = partial(toml.check_keys, error=EditionError)
_check_text = partial(toml.check_text, error=EditionError)
_check_name = partial(toml.check_name, error=EditionError)
_check_names = partial(toml.check_names, error=EditionError)
_check_whole = partial(toml.check_whole, error=EditionError)


@dataclass(frozen=True)
class Block:
    """Adjacent feature columns of one kind, statistic-major: all bands of one statistic, then the next.

    Attributes
    ----------
    name : str
    first : int
        The block's first column, counted from 0.
    bands : int
    statistics : tuple of str
        In column order.

    Examples
    --------
    >>> block = Block("chroma", first=2, bands=3, statistics=("mean", "max"))
    >>> block.stop
    8
    >>> block.sequence(np.arange(9.0)[None])[0]
    array([[2., 5.],
           [3., 6.],
           [4., 7.]])
    """

    name: str
    first: int
    bands: int
    statistics: tuple[str, ...]

    @property
    def stop(self) -> int:
        """One past the block's last column."""
        return self.first + self.bands * len(self.statistics)

    @property
    def columns(self) -> slice:
        """The block's columns in a feature matrix."""
        return slice(self.first, self.stop)

    def sequence(self, features: np.ndarray) -> np.ndarray:
        """View the block's columns as a sequence over its bands.

        Parameters
        ----------
        features : ndarray, shape (rows, columns)
            All of the edition's columns.

        Returns
        -------
        ndarray, shape (rows, bands, statistics)
            A view of `features`.
        """
        grid = features[:, self.columns].reshape(len(features), len(self.statistics), self.bands)
        return grid.transpose(0, 2, 1)


@dataclass(frozen=True)
class Files:
    """The names of an edition's CSV files inside the data folder.

    Attributes
    ----------
    train, labels, test : str
    groups : str or None
        One id per training song, of what must not be split between folds: its artist, or the song it is a part of.
    """

    train: str
    labels: str
    test: str
    groups: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files that the edition has."""
        return tuple(name for name in (self.train, self.labels, self.test, self.groups) if name is not None)


@dataclass(frozen=True)
class Edition:
    """One competition: its genres, its files and the meaning of its columns.

    Attributes
    ----------
    name, title : str
    genres : tuple of str
        Label 1 is the first.
    fallback : str
        The genre given to a row that the model is unsure about.
    files : Files
    blocks : tuple of Block
        In column order, without gaps or overlaps.
    boards : mapping of str to str
        Kaggle slugs of the accuracy and log-loss boards; may be empty.
    """

    name: str
    title: str
    genres: tuple[str, ...]
    fallback: str
    files: Files
    blocks: tuple[Block, ...]
    boards: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> int:
        """The number of feature columns."""
        return self.blocks[-1].stop

    @property
    def fallback_target(self) -> int:
        """The fallback genre's 0-based number."""
        return self.genres.index(self.fallback)

    def block_of(self, column: int) -> Block:
        """Return the block that holds a 0-based column."""
        return next(block for block in self.blocks if column < block.stop)

    def target_of(self, genre: str) -> int:
        """Return the 0-based number of a genre given by its name or by its label (``"1"`` is the first).

        Raises
        ------
        EditionError
            When the edition has no such genre.
        """
        if genre in self.genres:
            return self.genres.index(genre)
        if genre.isdecimal() and 1 <= int(genre) <= len(self.genres):
            return int(genre) - 1
        raise EditionError(
            f'"{genre}" is not a genre of {self.name}; expected a label from 1 to {len(self.genres)} '
            f"or one of {', '.join(self.genres)}."
        )


def built_in_editions() -> tuple[str, ...]:
    """Return the names of the editions that come with the kit, in alphabetical order."""
    return tuple(sorted(path.stem for path in _BUILT_IN.glob("*.toml")))


def edition_file(name_or_path: str | Path) -> Path:
    """Return the TOML file of a built-in edition given by name, or of any other given by its path.

    Raises
    ------
    EditionError
        When there is no such edition.
    """
    if str(name_or_path) in built_in_editions():
        return _BUILT_IN / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if not path.is_file():
        raise EditionError(
            f"{name_or_path}: no such edition; expected {' or '.join(built_in_editions())}, "
            "or the path of an edition's TOML file."
        )
    return path


def load_edition(name_or_path: str | Path) -> Edition:
    """Load a built-in edition by name, or any other from the path of its TOML file.

    Raises
    ------
    EditionError
        When there is no such edition, or its file is malformed or contradicts itself.

    Examples
    --------
    >>> load_edition("mlbp-2018").columns
    264
    """
    return read_edition(edition_file(name_or_path))


def find_edition(name_or_path: str | None, data: Path | None) -> Edition:
    """Return the edition asked for, else the one described in the data folder, else the default.

    Raises
    ------
    EditionError
        As `load_edition`, and when there is no such data folder.
    """
    if data is not None and not data.is_dir():
        raise EditionError(f"{data}: there is no such folder; `data` takes the folder that holds the CSV files.")
    if name_or_path is not None:
        return load_edition(name_or_path)
    if data is not None and (data / EDITION_FILE).is_file():
        return read_edition(data / EDITION_FILE)
    return load_edition(DEFAULT_EDITION)


def edition_text(edition: Edition) -> str:
    """Return the TOML text that `read_edition` reads as this edition."""
    table = asdict(edition)
    table["files"] = {kind: name for kind, name in table["files"].items() if name is not None}
    return tomli_w.dumps(table)


def read_edition(path: Path) -> Edition:
    """Read an edition's TOML file; raises EditionError as `load_edition` does."""
    table = toml.read_toml(path, EditionError)
    required = ("name", "title", "genres", "fallback", "files", "blocks")
    _check_keys(table, required, ("boards",), where=str(path))
    genres = _check_names(table["genres"], 2, where=f"{path}: genres")
    return Edition(
        name=_check_name(table["name"], where=f"{path}: name"),
        title=_check_text(table["title"], where=f"{path}: title"),
        genres=genres,
        fallback=_fallback(table["fallback"], genres, where=f"{path}: fallback"),
        files=_files(table["files"], where=f"{path}: [files]"),
        blocks=_blocks(table["blocks"], where=str(path)),
        boards=_boards(table.get("boards", {}), where=f"{path}: [boards]"),
    )


def _fallback(value: Any, genres: tuple[str, ...], *, where: str) -> str:
    if value not in genres:
        raise EditionError(f"{where}: {value!r} is no genre of this edition; expected one of {', '.join(genres)}.")
    return value


def _table(value: Any, *, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EditionError(f"{where}: expected a table, found {value!r}.")
    return value


def _files(value: Any, *, where: str) -> Files:
    _check_keys(_table(value, where=where), ("train", "labels", "test"), ("groups",), where=where)
    files = {name: _check_text(file, where=f"{where} {name}") for name, file in value.items()}
    for name, file in files.items():
        if Path(file).name != file or file == EDITION_FILE:
            raise EditionError(f'{where} {name}: "{file}" is no plain file name; all files lie in the data folder.')
        if list(files.values()).count(file) > 1:
            raise EditionError(f'{where} {name}: "{file}" is named twice; expected different files.')
    return Files(**files)


def _boards(value: Any, *, where: str) -> dict[str, str]:
    _check_keys(_table(value, where=where), (), ("accuracy", "log_loss"), where=where)
    return {board: _check_text(slug, where=f"{where} {board}") for board, slug in value.items()}


def _blocks(value: Any, *, where: str) -> tuple[Block, ...]:
    if not isinstance(value, list) or not value:
        raise EditionError(f"{where}: expected at least one [[blocks]] table, found {value!r}.")
    blocks = tuple(_block(table, where=f"{where}: block {number}") for number, table in enumerate(value, 1))
    _check_names([block.name for block in blocks], 1, where=f"{where}: the blocks' names")
    expected = 0
    for block in blocks:
        if block.first != expected:
            kind = "a gap" if block.first > expected else "an overlap"
            raise EditionError(
                f'{where}: block "{block.name}" starts at column {block.first}, expected {expected}: '
                f"there is {kind} between it and what stands before; list the blocks in column order."
            )
        expected = block.stop
    return blocks


def _block(value: Any, *, where: str) -> Block:
    _check_keys(_table(value, where=where), ("name", "first", "bands", "statistics"), (), where=where)
    return Block(
        name=_check_name(value["name"], where=f"{where}, name"),
        first=_check_whole(value["first"], 0, where=f"{where}, first"),
        bands=_check_whole(value["bands"], 1, where=f"{where}, bands"),
        statistics=_check_names(value["statistics"], 1, where=f"{where}, statistics"),
    )
