"""`fetch`: a competition's files, from Kaggle to a folder that is ready to work on."""

import hashlib
import re
import shutil
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from competition.data.edition import BOARD_METRICS, Board
from competition.data.edition_file import EDITION_FILE, built_in_editions, load_edition
from competition.data.formats.wrapping import locate, open_text
from competition.errors import ArgumentError, DataError, EditionError, KitWarning, RunError
from competition.inference.findings import COMMAND, Inferred
from competition.inference.text import commented
from competition.storage.files import make_folder, write_whole
from competition.storage.folders import move_in, staged
from competition.storage.places import check_place
from genre_kit.jobs.edition import edition as look_at
from genre_kit.jobs.steps.inputs import PathLike
from genre_kit.kaggle.door.answers import Competition
from genre_kit.kaggle.door.client import Kaggle, connect
from genre_kit.kaggle.unpacking import unpack
from genre_kit.results.fetched import Fetched, Teller, nobody
from genre_kit.runs.boards.metrics import is_same_metric, metric_for

_LEAST_BYTES = 100_000_000
_BEGUN = ".fetching-"
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
_ADDRESS = re.compile(r"https?://(?:www\.)?kaggle\.com/(?:c|competitions)/([^/?#]+).*")
_LABELS_MD5 = {
    "mlbp-2018": "9078bae58420e8090ba1264a3d18bc82",
    "mlbp-2017": "9078bae58420e8090ba1264a3d18bc82",
}
"""Of the built-in editions' files of labels, which are the same."""


@dataclass(frozen=True)
class _Wanted:
    """What is to be fetched: the boards of a built-in edition, or one board."""

    boards: Mapping[str, Board]
    built_in: str | None = None

    @property
    def slugs(self) -> tuple[str, ...]:
        """The last parts of the boards' addresses, of those that have one."""
        return tuple(board.slug for board in self.boards.values() if board.slug is not None)


def fetch(*, edition: str, out: PathLike, force: bool = False, progress: Teller = nobody) -> Fetched:
    """Download a competition's files, unpack them, and write down what they are.

    Parameters
    ----------
    edition : str
        A built-in edition's name; or the slug of any other competition, the last part of its address.
    out : path
        The folder. A download that was cut off there goes on, or starts again where Kaggle has other files now.
    force : bool
        Whether files of the same names are replaced.
    progress : callable
        Given a line about what is going on.

    Returns
    -------
    Fetched

    Raises
    ------
    KaggleError
        When Kaggle, or the way there, refuses.
    DataError
        When the archive is damaged, leads outside its folder, or is far larger than tables are; when it does not show
        what its files are.
    RunError
        When files are there already, or cannot be written.

    Warns
    -----
    KitWarning
        Where files are not those of the edition, or the board ranks by what the kit does not compute.
    """
    wanted, folder = _wanted(edition), Path(out)
    check_place(folder, _LEAST_BYTES)
    _check_free(folder, force=force)
    kaggle = connect()
    competition = _entered(kaggle, wanted.slugs)
    progress(f"fetching  {competition.slug} ...")
    files, size = _download(kaggle, competition.slug, folder)
    found = _with_boards(_recognised(folder, competition.slug), wanted, competition)
    if wanted.built_in is not None:
        _compare_labels(folder, found, wanted.built_in)
    write_whole(folder / EDITION_FILE, commented(found, str(folder)))
    return Fetched(folder, competition.slug, files, size, found, folder / EDITION_FILE)


def _wanted(edition: str) -> _Wanted:
    """Return the boards that a built-in edition's name, a slug or a competition's address stands for."""
    address = _ADDRESS.fullmatch(edition.strip())
    slug = address[1] if address else edition.strip()
    for name in built_in_editions():
        boards = load_edition(name).boards
        if slug == name or slug in {board.slug for board in boards.values()}:
            return _Wanted(boards, name)
    if not _SLUG.fullmatch(slug):
        raise ArgumentError(
            f"`edition` is {edition!r}; expected {', '.join(built_in_editions())}, or a competition's slug: the last "
            "part of its address, of small letters, digits and hyphens."
        )
    return _Wanted({"main": Board("accuracy", slug)})


def _check_free(folder: Path, *, force: bool) -> None:
    """Raise RunError where there are other files already than those of a fetch that was cut off."""
    if force or not folder.is_dir():
        return
    others = sorted(one.name for one in folder.iterdir() if not one.name.startswith("."))
    if others:
        raise RunError(
            f"{folder}: is not empty ({others[0]}); name another folder with `out`, or replace files of the same names "
            "with `force`. What was fetched there before needs no fetching again: give it as data."
        )


def _entered(kaggle: Kaggle, slugs: tuple[str, ...]) -> Competition:
    """Return the first competition that the user takes part in; the first of all where that is not known of any."""
    known = [kaggle.competition(slug) or Competition(slug, has_entered=False) for slug in slugs]
    return next((one for one in known if one.has_entered), known[0])


def _download(kaggle: Kaggle, slug: str, folder: Path) -> tuple[tuple[str, ...], int]:
    """Bring a competition's files into a folder, all of them or none; return their names, and their bytes."""
    begun = folder / f"{_BEGUN}{slug}"
    with staged(folder) as place:
        make_folder(begun)
        try:
            kaggle.download(slug, begun)
            archive = _archive(begun, slug)
            files = unpack(archive, place)
        except DataError:
            shutil.rmtree(begun, ignore_errors=True)  # what is damaged does not go on
            raise
        finally:
            with suppress(OSError):  # there is something to go on with
                begun.rmdir()
        size = sum((place / name).stat().st_size for name in files)
        move_in(place, folder)
    if EDITION_FILE not in files:
        (folder / EDITION_FILE).unlink(missing_ok=True)  # of the files that were there before
    shutil.rmtree(begun, ignore_errors=True)
    return files, size


def _archive(begun: Path, slug: str) -> Path:
    """Return what was downloaded: the client names it by the address that it came from."""
    found = [one for one in begun.rglob("*") if one.is_file()]
    if not found:
        raise DataError(f"{slug}: nothing was downloaded; look at the competition's page of its data.")
    return max(found, key=lambda one: one.stat().st_size)


def _recognised(folder: Path, slug: str) -> Inferred:
    try:
        return look_at(data=folder, look=True)[0]
    except (DataError, EditionError) as problem:
        raise type(problem)(
            f"{problem} The files of {slug} are in {folder}; say what they are with {COMMAND} --data {folder} and the "
            f'options it names, and write slug = "{slug}" into its board there.'
        ) from None


def _with_boards(found: Inferred, wanted: _Wanted, competition: Competition) -> Inferred:
    """Return what was found, with the boards' slugs; of a competition that is not built in, with its board's metric."""
    edition, boards = found.edition, wanted.boards
    if wanted.built_in is None:
        has_classes = edition.submission.classes is not None
        boards = {"main": Board(metric_for(competition.metric, has_classes=has_classes), competition.slug)}
    elif edition.name != wanted.built_in:
        message = f"{competition.slug}: its files are not those of {wanted.built_in}, and are read as {edition.name}."
        warnings.warn(message, KitWarning, stacklevel=3)
    board = next(iter(boards.values()))
    if wanted.built_in is None and not is_same_metric(board.metric, competition.metric):
        message = (
            f'{competition.slug}: its board ranks by "{competition.metric}", which the kit does not compute. Training '
            f"goes by {board.metric}; expected is one of {', '.join(BOARD_METRICS)}: correct metric in {EDITION_FILE} "
            "where one of them is the same."
        )
        warnings.warn(message, KitWarning, stacklevel=3)
    return replace(found, edition=replace(edition, boards=boards))


def _compare_labels(folder: Path, found: Inferred, built_in: str) -> None:
    """Warn where a built-in edition's labels are not the known ones, whatever ends their lines."""
    name = load_edition(built_in).files.labels
    try:
        path = locate(folder, name or "")
        with open_text(path) as file:
            text = file.read().encode()
    except DataError as problem:
        warnings.warn(f"{problem} The labels of {built_in} cannot be compared.", KitWarning, stacklevel=3)
        return
    alike = (text, text.replace(b"\n", b"\r\n"), text.rstrip(b"\n"))
    if _LABELS_MD5[built_in] not in {hashlib.md5(one, usedforsecurity=False).hexdigest() for one in alike}:
        warnings.warn(
            f"{path}: its labels are not those that {built_in} is known by (MD5 {_LABELS_MD5[built_in]}): other songs, "
            "or another order? Scores stay honest; those that others have published are of other data.",
            KitWarning,
            stacklevel=3,
        )
