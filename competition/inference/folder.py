"""The tables in a folder."""

from dataclasses import dataclass
from pathlib import Path

from competition.data.edition_file import EDITION_FILE
from competition.data.formats.tables import Table, open_table
from competition.data.formats.wrapping import only_folder
from competition.errors import DataError, RunError, printable
from competition.storage.places import check_name

_SUFFIXES = {".csv", ".tsv", ".tab", ".txt", ".dat", ".data"}
_PACKED = {".gz", ".zip"}
_NO_DATA = {EDITION_FILE, "label_pred.csv", "label_all.csv", "oof.csv", "folds.csv", "history.csv", "requirements.txt"}
_NO_DATA_STEMS = {"readme", "license", "data_description", "description"}


@dataclass(frozen=True, eq=False)
class Folder:
    """The tables in a folder.

    Attributes
    ----------
    path : Path
        Where they are: the folder that was given, or the only one inside it.
    tables : dict of str to Table
        By the files' names without what they are packed in, in alphabetical order.
    unreadable : dict of str to str
        A sentence for each file that is named like a table and is none.
    """

    path: Path
    tables: dict[str, Table]
    unreadable: dict[str, str]


def read_folder(folder: Path) -> Folder:
    """Read all files in a folder that are named like tables.

    Raises
    ------
    DataError
        When there is no such folder, or no table in it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder; `data` takes the folder that holds the CSV files.")
    place = next((one for one in (folder, *only_folder(folder)) if _candidates(one)), folder)
    tables: dict[str, Table] = {}
    unreadable: dict[str, str] = {}
    for path in _candidates(place):
        try:
            check_name(path, "rename it")
            tables[plain_name(path)] = open_table(path)
        except (DataError, RunError) as problem:
            unreadable[printable(plain_name(path))] = str(problem)
    if not tables:
        first = next(iter(unreadable.values()), "")
        raise DataError(
            first
            or f"{folder}: there is no table in it (.csv, .tsv or .txt, packed or not); put the competition's "
            "download there."
        )
    return Folder(place, tables, unreadable)


def _candidates(folder: Path) -> list[Path]:
    return sorted((path for path in folder.iterdir() if path.is_file() and _is_named_like_table(path)), key=str)


def plain_name(path: Path) -> str:
    """Return a file's name without the ending of what it is packed in."""
    return path.name.removesuffix(path.suffix) if path.suffix in _PACKED and "." in path.stem else path.name


def _is_named_like_table(path: Path) -> bool:
    name = plain_name(path)
    stem, _, suffix = name.rpartition(".")
    is_table = f".{suffix.lower()}" in _SUFFIXES or path.suffix in _PACKED
    return is_table and not name.startswith(".") and name not in _NO_DATA and stem.lower() not in _NO_DATA_STEMS
