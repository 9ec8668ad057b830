"""Another tool's predictions as a member of a blend: probabilities of held-out training songs and of the test songs.

They are read in the image of a finished run, which knows the songs, their genres and the submission's lines.
"""

import warnings
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from competition.data.edition import Edition
from competition.data.folds import read_folds
from competition.data.songs import Entries, numbered
from competition.errors import KitWarning, RunError, among, listed
from competition.scoring.metrics import Estimate
from competition.scoring.probabilities import bounded, narrowed
from competition.storage.folders import FOLDS, OUT_OF_FOLD
from competition.storage.reading import read_whole
from genre_kit.runs.blending import BlendableRun
from genre_kit.runs.out_of_fold import FACTS, class_columns, read_songs
from submissions.checks.checker import read_scorable
from submissions.checks.findings import Expectation
from submissions.layout import PROBABILITY_FILE, layout_of

_CURE = "write it again"
_ROW, _FOLD, _LABEL, _ = FACTS
_SUM = 1e-3
"""How far the sum of a row's probabilities may be from 1."""
_SURER, _ERRORS = 0.05, 5
"""By how much, and by how many standard errors, who is surer of the training songs has probably seen them."""


@dataclass(frozen=True)
class Outside:
    """The files of another tool.

    Attributes
    ----------
    held_out, test : Path
        CSV files with a column of probabilities for each genre.
    folds : Path or None
        One fold number a training song.
    """

    held_out: Path
    test: Path
    folds: Path | None = None

    @property
    def place(self) -> Path:
        """What it is called: its folder, or the file of the training songs."""
        return self.held_out.parent if self.held_out.name == OUT_OF_FOLD else self.held_out


def outside_files(place: Path) -> Outside | None:
    """Return the files that a place names: a folder with both, or ``OOF.csv,TEST.csv``; None where it names none."""
    if place.is_dir():
        found = Outside(place / OUT_OF_FOLD, place / PROBABILITY_FILE, place / FOLDS)
        if not (found.held_out.is_file() and found.test.is_file()):
            return None
        return found if found.folds is not None and found.folds.is_file() else replace(found, folds=None)
    first, comma, second = str(place).partition(",")
    return Outside(Path(first), Path(second)) if comma and not place.exists() else None


def read_outside(files: Outside, run: BlendableRun) -> BlendableRun:
    """Read another tool's predictions of a run's songs.

    Parameters
    ----------
    files : Outside
    run : BlendableRun
        A finished run of the kit on the same songs.

    Returns
    -------
    BlendableRun
        The run with these predictions in the place of its own.

    Raises
    ------
    RunError
        Where a file cannot be read, is of other songs, or holds no probabilities of these genres.

    Warns
    -----
    KitWarning
        Where its folds are others or not known, or its models seem to have seen the training songs.
    """
    table = _read(files.held_out)
    table = table.iloc[_order(table, files.held_out, run)]
    _check_labels(table, files.held_out, run)
    found = replace(
        run.scored,
        folder=files.place,
        model=str(files.place),
        probabilities=_probabilities(table, files.held_out, run.edition),
        foreseen=None,
        record=None,
        flattening=1.0,
    )
    outside = BlendableRun(found, run.edition, run.ids, _test(files.test, run))
    _warn_of_folds(_folds(table, files, run), outside, run)
    _warn_of_seen_songs(outside, run)
    return outside


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(StringIO(read_whole(path, RunError, _CURE)), dtype=str, keep_default_na=False)
    except ValueError as problem:
        raise RunError(f"{path}: cannot be read as a table with a header ({problem}).") from None


def _order(table: pd.DataFrame, path: Path, run: BlendableRun) -> np.ndarray:
    """Return the place in the table of each of the run's training songs."""
    count, ids = len(run.scored.targets), read_songs(run.folder).ids
    if len(table) != count:
        raise RunError(
            f"{path}: {len(table)} rows; expected one for each of the {count} training songs of {run.folder}."
        )
    column, known = _ROW, [str(row + 1) for row in range(count)]
    if _ROW not in table and ids is not None:
        column, known = layout_of(run.edition, numbered(0)).id, list(ids)
    if column not in table:
        return np.arange(count)
    places = {name.strip(): place for place, name in enumerate(table[column])}
    missing = [name for name in known if name not in places]
    if missing:
        raise RunError(
            f"{path}: column {column} lacks {listed(missing)}, training songs of {run.folder}; expected each of them "
            "once."
        )
    return np.array([places[name] for name in known])


def _check_labels(table: pd.DataFrame, path: Path, run: BlendableRun) -> None:
    """Raise RunError where the table tells the songs' labels, and they are not those of the run's songs."""
    if _LABEL not in table:
        return
    expected = [str(run.edition.labels[target]) for target in run.scored.targets]
    for row, (own, other) in enumerate(zip(table[_LABEL], expected, strict=True), 1):
        if own.strip() not in (other, run.edition.genres[run.scored.targets[row - 1]]):
            raise RunError(
                f"{path}: training song {row} has the label {own}, and {other} in {run.folder}; expected the songs of "
                "that run, in the training file's order."
            )


def _probabilities(table: pd.DataFrame, path: Path, edition: Edition) -> np.ndarray:
    """Return the songs' probabilities, float64, shape (songs, genres)."""
    whole = edition.whole
    forms = [layout_of(edition, numbered(0)).class_of_genre, class_columns(whole.labels), whole.genres]
    forms += [tuple(map(str, whole.labels))]
    columns = next((list(form) for form in forms if set(form) <= set(table)), None)
    if columns is None:
        missing = [name for name in forms[0] if name not in table]
        raise RunError(
            f"{path}: there is no column {listed(missing)}; expected one of probabilities for each genre, named as in "
            f"the submission ({listed(forms[0])}), as genres ({listed(whole.genres)}) or labels ({listed(forms[-1])})."
        )
    try:
        values = table[columns].to_numpy(np.float64)
    except ValueError as problem:
        raise RunError(f"{path}: a probability is not a number ({problem}).") from None
    wrong = np.flatnonzero(~((values >= 0) & (np.abs(values.sum(axis=1, keepdims=True) - 1) <= _SUM)).all(axis=1))
    if wrong.size:
        raise RunError(
            f"{path}: the probabilities of training song {wrong[0] + 1} are {listed(list(values[wrong[0]]), 10)}; "
            f"expected numbers of at least 0 that sum to 1.{among(len(wrong), len(values))}"
        )
    return narrowed(bounded(values), edition.places)


def _test(path: Path, run: BlendableRun) -> np.ndarray:
    """Return the probabilities of the lines of the submission, from a file that is checked as one."""
    whole = run.edition.whole
    layout = layout_of(whole, Entries(run.ids, np.arange(len(run.ids))))
    checked = read_scorable(path, Expectation(whole, layout, shares=None))
    if checked.kind != "probabilities":
        raise RunError(f"{path}: holds {checked.kind}; expected the test songs' probabilities.")
    return narrowed(bounded(checked.known_values), run.edition.places)


def _folds(table: pd.DataFrame, files: Outside, run: BlendableRun) -> np.ndarray | None:
    """Return the fold of each training song; None where no file tells."""
    if files.folds is not None:
        return read_folds(files.folds, len(table)).assignment
    return pd.factorize(table[_FOLD])[0] if _FOLD in table else None


def _warn_of_folds(folds: np.ndarray | None, outside: BlendableRun, run: BlendableRun) -> None:
    """Warn where songs were held out otherwise than the run's."""
    if folds is None:
        message = f"{outside.folder}: does not tell its folds; its rows are taken for predictions of held-out songs."
        warnings.warn(message, KitWarning, stacklevel=3)
    elif not _are_alike(folds, run.folds.assignment):
        message = (
            f"{outside.folder}: holds out other songs together than {run.folder} does, so the blend's held-out scores "
            f"may be a little too good; with the folds of {run.folder / FOLDS} they would not."
        )
        warnings.warn(message, KitWarning, stacklevel=3)


def _are_alike(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = len(np.unique(np.stack([one, other]), axis=1).T)
    return pairs == len(np.unique(one)) == len(np.unique(other))


def _warn_of_seen_songs(outside: BlendableRun, run: BlendableRun) -> None:
    """Warn where the other tool is surer of training songs than of test songs, by more than the run is."""
    own, other = (_surer(one.out_of_fold, one.test) for one in (run, outside))
    gap, error = other.value - own.value, float(np.hypot(own.standard_error, other.standard_error))
    if gap > max(_SURER, _ERRORS * error):
        sure = [one.max(axis=1).mean() for one in (outside.out_of_fold, outside.test)]
        message = (
            f"{outside.folder}: is surer of the training songs (probability {sure[0]:.2f} of its choices) than of the "
            f"test songs ({sure[1]:.2f}), as models are of songs that they have seen; give predictions of songs held "
            "out of their training, or the blend will trust it too much."
        )
        warnings.warn(message, KitWarning, stacklevel=3)


def _surer(training: np.ndarray, test: np.ndarray) -> Estimate:
    """Return by how much higher the likeliest genres' probabilities are for training songs than for test songs."""
    tops = [one.max(axis=1) for one in (training, test)]
    error = np.sqrt(sum(one.var() / len(one) for one in tops))
    return Estimate(float(tops[0].mean() - tops[1].mean()), float(error))
