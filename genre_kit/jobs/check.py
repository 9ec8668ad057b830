"""`check`: whether files are what the board expects."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from competition.data.dataset import fingerprint
from competition.data.edition import Edition
from competition.data.formats.opening import CompetitionFiles, open_files
from competition.data.formats.wrapping import data_place
from competition.data.loading import entries_of
from competition.data.songs import Entries, numbered
from competition.errors import DataError, EditionError, KitWarning, RunError, SubmissionError
from competition.inference.find import find_edition
from competition.storage.folders import KEPT_OUT, OUT_OF_FOLD
from genre_kit.jobs.steps.inputs import PathLike, open_dataset, paths_in
from genre_kit.results.check import Against, Check
from genre_kit.runs.finished import read_finished
from genre_kit.runs.known_data import KnownData, is_run, known_data
from genre_kit.runs.manifest import Manifest
from submissions.checks.against_run import check_labels_of_run, check_rule, compare_with_written, not_compared
from submissions.checks.checker import Checked, check_agreement, check_file
from submissions.checks.findings import Expectation, Finding
from submissions.layout import LABEL_FILE, PROBABILITY_FILE, layout_of
from submissions.rules import Rule, rule_from_table
from submissions.writer import read_written_ids, read_written_probabilities

_UNNOTICED = "class columns in a wrong order cannot be noticed"


@dataclass(frozen=True, eq=False)
class _Held:
    """A file, and what it is held against."""

    checked: Checked
    expected: Expectation


def check(
    files: Sequence[PathLike] | PathLike,
    *,
    data: PathLike | None = None,
    edition: str | None = None,
    allow_suspicious: bool = False,
) -> Check:
    """Check submission files against the edition and the test data.

    Parameters
    ----------
    files : path, or sequence of paths
        Submission files, or runs' folders that hold some. Files beside a run's folder are compared with what the run
        wrote.
    data, edition
        As for `submit`; without data, files are checked against that of their run or of the run beside them, else
        against the embedded sample.
    allow_suspicious : bool
        Let pass what is well formed but looks wrong.

    Raises
    ------
    KitError
        When the data cannot be read; what is wrong with the files is in the result.
    """
    places = paths_in(files)
    runs = [place for place in places if is_run(place)]
    expectations = _Expectations(data, edition, runs[0] if runs else None)
    held: list[_Held] = []
    unreadable: list[str] = []
    for path in (file for place in places for file in _files(place)):
        expected = expectations.of(path)
        try:
            held.append(_Held(check_file(path, expected), expected))
        except SubmissionError as problem:
            unreadable.append(str(problem))
    checked = tuple(one.checked for one in held)
    findings = [*(finding for one in checked for finding in one.findings), *_disagreements(held)]
    findings += [finding for run in runs for finding in _against(run, held, runs)]
    return Check(checked, tuple(unreadable), tuple(findings), expectations.told, allow_suspicious)


def _files(path: Path) -> list[Path]:
    """Return the submission files of a run's folder, or the file itself."""
    inside = [path / name for name in (LABEL_FILE, PROBABILITY_FILE)]
    return [file for file in inside if file.is_file()] or [path]


class _Expectations:
    """What each file is held against, which is read once for all files of the same data.

    Parameters
    ----------
    data : path or None
    edition : str or None
    beside : Path or None
        The run beside which files are that know no data.
    """

    def __init__(self, data: PathLike | None, edition: str | None, beside: Path | None) -> None:
        self.data, self.edition, self.beside = data, edition, beside
        self._found: dict[Path | None, tuple[Expectation, Against]] = {}

    @property
    def told(self) -> tuple[Against, ...]:
        """What files were held against, in words."""
        return tuple(against for _, against in self._found.values())

    def of(self, path: Path) -> Expectation:
        """Return what is expected of a file."""
        folder = None if self.data is not None else self._run_of(path)
        if folder not in self._found:
            self._found[folder] = self._named() if folder is None else _of_run(folder, self.edition)
        return self._found[folder][0]

    def _run_of(self, path: Path) -> Path | None:
        known = known_data(path)
        return self.beside if known is None else known.folder

    def _named(self) -> tuple[Expectation, Against]:
        place = None if self.data is None else data_place(self.data)
        expected = _expectation(place, find_edition(self.edition, place).whole)
        return expected, Against(expected.rows, None if self.data is None else str(self.data))


def _of_run(folder: Path, edition: str | None) -> tuple[Expectation, Against]:
    """Return what is expected of files of a run: by its data, or where that cannot be read, by its own record."""
    known = known_data(folder)
    if known is None:
        raise RunError(f"{folder}: holds no run.")
    found = (known.edition if edition is None else find_edition(edition, None)).whole
    if (folder / KEPT_OUT).is_file():
        expected = _kept_out(known, found)
        return expected, Against(expected.rows, f"the songs that it kept out ({KEPT_OUT})", folder)
    try:
        place = known.place
        expected = _expectation(None if place is None else data_place(place), found, known)
    except (RunError, DataError, EditionError) as problem:
        expected = _recorded(known, found, str(problem))
        return expected, Against(expected.rows, "its own record", folder)
    return expected, Against(expected.rows, known.source if place is None else str(place), folder)


def _kept_out(known: KnownData, edition: Edition) -> Expectation:
    """Return what is expected of files of songs that a run kept out of its training file: their ids are known."""
    folder, shares = known.folder, _shares(known)
    try:
        ids = read_written_ids(folder / KEPT_OUT, edition)
    except (OSError, ValueError, KeyError) as problem:
        raise RunError(f"{folder / KEPT_OUT}: cannot be read ({problem}); train the run again.") from None
    layout = layout_of(edition, Entries(ids, np.arange(len(ids))))
    return Expectation(edition, layout, shares, rows_of="the songs that the run kept out")


def _shares(known: KnownData) -> np.ndarray | None:
    """Return each genre's share of a run's training songs; None where genres are left out, or it held out none."""
    has_shares = (known.folder / OUT_OF_FOLD).is_file() and not known.edition.left_out
    return read_finished(known.folder).shares if has_shares else None


def _recorded(known: KnownData, edition: Edition, problem: str) -> Expectation:
    """Return what a run's own files say that is expected, with a KitWarning about what cannot be checked."""
    layout = layout_of(edition, _recorded_entries(known.folder, edition, problem))
    shares = _shares(known)
    unchecked = "whether the rows are those of the test file cannot be checked"
    message = f"{problem} Its files are held against its own record: {unchecked}"
    warnings.warn(message + (f", and {_UNNOTICED}." if shares is None else "."), KitWarning, stacklevel=2)
    return Expectation(edition, layout, shares, rows_of="as many as the run wrote")


def _recorded_entries(folder: Path, edition: Edition, problem: str) -> Entries:
    manifest = Manifest.read(folder)
    rows = manifest.test_rows if manifest.data is None else manifest.data.test_rows
    lines = rows if manifest.test_lines is None else manifest.test_lines
    try:
        ids, _ = read_written_probabilities(folder / PROBABILITY_FILE, edition)
    except RunError:
        ids = ()
    if lines and len(ids) == lines:
        return Entries(ids, np.arange(lines))
    if lines and edition.roles is None:
        return numbered(lines)
    raise RunError(f"{problem} Nor does the run's own {PROBABILITY_FILE} say which rows are expected.")


def _expectation(data: Path | None, edition: Edition, known: KnownData | None = None) -> Expectation:
    if data is None:
        dataset = open_dataset(None, edition, with_test=True)
        return Expectation(edition, layout_of(edition, dataset.entries), dataset.shares)
    files = open_files(data, edition)
    layout = layout_of(edition, _entries(files, known))
    try:
        targets = files.targets()
    except DataError as problem:
        message = f"{problem} Without the training labels, {_UNNOTICED}."
        warnings.warn(message, KitWarning, stacklevel=2)
        return Expectation(edition, layout, None)
    return Expectation(edition, layout, np.bincount(targets, minlength=len(edition.genres)) / len(targets))


def _entries(files: CompetitionFiles, known: KnownData | None) -> Entries:
    """Return the lines that are expected, of which the test file must be sound, and what the run knows."""
    songs = files.test_songs()
    if known is not None and files.edition == known.edition.whole:
        known.check_test_songs(fingerprint(songs))
    return entries_of(files) or numbered(len(songs))


def _disagreements(held: Sequence[_Held]) -> list[Finding]:
    pairs = _pairs(_of_kind(held, "labels"), _of_kind(held, "probabilities"))
    return [finding for labels, values in pairs for finding in check_agreement(labels.checked, values.checked)]


def _of_kind(held: Sequence[_Held], kind: str) -> list[_Held]:
    return [one for one in held if one.checked.kind == kind and one.checked.values is not None]


def _pairs(some: Sequence[_Held], others: Sequence[_Held]) -> Iterator[tuple[_Held, _Held]]:
    """Yield all pairs of files that are of the same rows."""
    for one in some:
        for other in others:
            if one.expected.layout == other.expected.layout:
                yield one, other


def _against(run: Path, held: Sequence[_Held], runs: Sequence[Path]) -> Iterator[Finding]:
    """Compare files beside runs with those of their kind in a run, and the labels to hand in with the run's rule."""
    written: dict[str, list[_Held]] = {}
    given: dict[str, list[_Held]] = {}
    for kind in ("labels", "probabilities"):
        written[kind] = [one for one in _of_kind(held, kind) if one.checked.path.parent == run]
        beside = [one for one in _of_kind(held, kind) if one.checked.path.parent not in runs]
        pairs = list(_pairs(beside, written[kind]))
        yield from (compare_with_written(one.checked, other.checked) for one, other in pairs)
        given[kind] = [one for one, _ in pairs]
        yield from (not_compared(one.checked, run) for one in beside if written[kind] and one not in given[kind])
    yield from _against_rule(run, given, written)


def _against_rule(run: Path, given: dict[str, list[_Held]], written: dict[str, list[_Held]]) -> Iterator[Finding]:
    """Hold labels against the run's rule; labels given alone are compared with the run's, which says the same."""
    if given["labels"] and not given["probabilities"]:
        return
    check = check_rule if given["labels"] or not given["probabilities"] else check_labels_of_run
    for labels, values in _pairs(
        given["labels"] or written["labels"], given["probabilities"] or written["probabilities"]
    ):
        edition = labels.expected.edition.only(_genres_of(run, labels.expected.edition))
        yield from check(labels.checked, values.checked, _rule_of(run, edition), edition)


def _genres_of(run: Path, edition: Edition) -> Sequence[str]:
    known = known_data(run)
    return edition.genres if known is None else known.edition.genres


def _rule_of(run: Path, edition: Edition) -> Rule:
    try:
        return rule_from_table(Manifest.read(run).rule, edition.labels)
    except (KeyError, TypeError) as problem:
        raise RunError(f"{run}: its rule cannot be read ({problem!r}); train the run again.") from None
