"""The data that a run's or a search's folder knows: where it is, how it is read, and whether it is still the same."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from competition.data.edition import Edition
from competition.data.edition_file import EDITION_FILE, edition_from_table, edition_table, load_edition, read_edition
from competition.data.sample import SOURCE
from competition.errors import RunError
from competition.inference.findings import FRAMES
from competition.storage.folders import DONE, MANIFEST
from genre_kit.results.facts import Origin
from genre_kit.runs.manifest import Manifest
from tuning.folder import SEARCH, read_origin

_CURE = "give it with `data`"
_GO_ON = f"{_CURE}, this or other, to go on with what is there now"
_REPEAT = "a repeat needs the songs as they were: give their folder with `data`, or train on these with `recipe`"


@dataclass(frozen=True)
class KnownData:
    """The data that a folder knows.

    Attributes
    ----------
    folder : Path
        The run's or the search's.
    source : str or None
        Where the songs came from, for people.
    origin : Origin or None
        None where an older version of the kit wrote the folder.
    edition : Edition
        By which the files were read.
    cure : str
        What to do where the songs are others now; an error's last words.
    """

    folder: Path
    source: str | None
    origin: Origin | None
    edition: Edition
    cure: str = _GO_ON

    @property
    def place(self) -> Path | None:
        """Where the data is: a folder or an archive; None for the embedded sample.

        Raises
        ------
        RunError
            Where it is no longer there, or not known.
        """
        if self.source == SOURCE:
            return None
        if self.source == FRAMES:
            raise RunError(f"{self.folder}: its songs were data frames, which are in no file; {_CURE}.")
        if self.origin is None or self.origin.path is None:
            words = "" if self.source is None else f', but for "{self.source}"'
            raise RunError(f"{self.folder}: does not say where its data is{words}; {_CURE}.")
        path = Path(self.origin.path)
        if not os.path.exists(path):  # noqa: PTH110  a name that is too long is no error there
            raise RunError(f"{self.folder}: its data is no longer in {path}; {_CURE}, from where it is now.")
        return path

    def check_training_songs(self, sha256: str) -> None:
        """Raise RunError where the training songs have another hash than they had."""
        self._check("training", None if self.origin is None else self.origin.training_sha256, sha256)

    def check_test_songs(self, sha256: str) -> None:
        """Raise RunError where the test songs have another hash than they had."""
        self._check("test", None if self.origin is None else self.origin.test_sha256, sha256)

    def _check(self, which: str, known: str | None, found: str) -> None:
        if known is not None and known != found and self.origin is not None:
            place = self.origin.path or SOURCE
            raise RunError(
                f"{self.folder}: its data in {place} has changed (the SHA-256 of the {which} songs was {known:.8}, "
                f"and is {found:.8}); {self.cure}."
            )


def known_data(place: Path) -> KnownData | None:
    """Return the data that a folder of a run or a search knows, or that of a file in one; None for other places.

    Raises
    ------
    KitError
        Where the folder's own record cannot be read.
    """
    folder = place if place.is_dir() else place.parent
    if (folder / SEARCH).is_file():
        return _of_search(folder)
    return _of_run(folder) if is_run(folder) else None


def known_by_manifest(path: Path, manifest: Manifest) -> KnownData:
    """Return the data that a run's record tells of by itself, wherever it stands; raises RunError where it does not."""
    if set(manifest.edition) == {"name"}:
        raise RunError(f"{path}: does not hold the run's edition; give the run's folder instead.")
    source = None if manifest.data is None else manifest.data.source
    return KnownData(path, source, manifest.origin, _edition(manifest.edition, path), _REPEAT)


def is_run(place: Path) -> bool:
    """Return whether a place is the folder of a finished run."""
    return (place / MANIFEST).is_file() and (place / DONE).is_file()


def _of_run(folder: Path) -> KnownData:
    manifest = Manifest.read(folder)
    source = None if manifest.data is None else manifest.data.source
    edition = _edition_of_run(folder, manifest)
    return KnownData(folder, source or _source_of(manifest.origin), manifest.origin, edition)


def _source_of(origin: Origin | None) -> str | None:
    """Return the words for the songs of a run that only read test songs: those of the sample are in no place."""
    return SOURCE if origin is not None and origin.path is None else None


def _of_search(folder: Path) -> KnownData | None:
    table = read_origin(folder)
    if table is None:
        raise RunError(f"{folder}: does not say where its data is; {_CURE}.")
    try:
        origin = Origin(table["path"], table["training_sha256"], table["test_sha256"])
        return KnownData(folder, table["source"], origin, _edition(table["edition"], folder / SEARCH))
    except (KeyError, TypeError) as problem:
        raise RunError(f"{folder / SEARCH}: origin cannot be read ({problem!r}); {_CURE}.") from None


def _edition(table: Mapping[str, Any], path: Path) -> Edition:
    return edition_from_table(_without_none(table), None, where=f"{path}: edition")


def _edition_of_run(folder: Path, manifest: Manifest) -> Edition:
    if (folder / EDITION_FILE).is_file():
        return read_edition(folder / EDITION_FILE)
    if set(manifest.edition) != {"name"}:
        return _edition(manifest.edition, folder / MANIFEST)
    models = Path(str(manifest.models)) / EDITION_FILE  # of an older run that trained nothing
    return read_edition(models) if models.is_file() else load_edition(manifest.edition["name"])


def _without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table without what 0.1.0 wrote as null."""
    parts = {key: _without_none(value) if isinstance(value, Mapping) else value for key, value in table.items()}
    return {key: value for key, value in parts.items() if value is not None}


def origin_table(source: str, origin: Origin, edition: Edition) -> dict[str, Any]:
    """Return what a search's folder keeps of its data, as a JSON-serializable dictionary."""
    return {"source": source, **asdict(origin), "edition": edition_table(edition)}
