"""The two submission files as text, label_pred.csv and label_all.csv, and those of finished runs read back."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from competition.data.edition import Edition
from competition.data.songs import numbered
from competition.errors import RunError, SubmissionError
from competition.runtime.parts import parts
from competition.scoring.probabilities import narrowed
from competition.storage.reading import read_whole
from submissions.layout import Layout, layout_of

_CURE = "train the run again"


def label_text(predicted: np.ndarray, layout: Layout) -> str:
    r"""Return the content of label_pred.csv.

    Parameters
    ----------
    predicted : ndarray of int, shape (lines,)
        0-based numbers among all genres, in the order of the layout's ids.
    layout : Layout

    Examples
    --------
    >>> from competition.data.edition_file import load_edition
    >>> label_text(np.array([4, 0]), layout_of(load_edition("mlbp-2018"), numbered(2)))
    'Sample_id,Sample_label\n1,5\n2,1\n'
    """
    return "".join(label_parts(predicted, layout))


def label_parts(predicted: np.ndarray, layout: Layout) -> Iterator[str]:
    """Yield what `label_text` returns, some lines at a time.

    Parameters
    ----------
    predicted : ndarray of int, shape (lines,)
    layout : Layout
    """
    texts = np.array(layout.label_texts, object)
    return _parts(lambda part: texts[np.asarray(predicted)[part, None]], [layout.label], layout)


def probability_text(probabilities: np.ndarray, layout: Layout) -> str:
    r"""Return the content of label_all.csv, every number at full precision.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (lines, genres)
        In the order of the layout's ids and of all genres.
    layout : Layout

    Raises
    ------
    SubmissionError
        When a probability is not strictly between 0 and 1, or a row does not sum to 1 within 1e-6.

    Examples
    --------
    >>> layout = Layout("song", "genre", ("jazz", "rock"), ("rock", "jazz"), (1, 0), ids=("a.mp3",))
    >>> probability_text(np.array([[0.75, 0.25]]), layout)
    'song,rock,jazz\na.mp3,0.25,0.75\n'
    """
    return "".join(probability_parts(probabilities, layout))


def probability_parts(probabilities: np.ndarray, layout: Layout) -> Iterator[str]:
    """Yield what `probability_text` returns, some lines at a time; all of them have been checked before the first.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (lines, genres)
    layout : Layout

    Raises
    ------
    SubmissionError
        As `probability_text` does.
    """
    probabilities = np.asarray(probabilities, np.float64)
    sums = np.abs(probabilities.sum(axis=1) - 1) <= 1e-6
    wrong = np.flatnonzero(~(((probabilities > 0) & (probabilities < 1)).all(axis=1) & sums))
    if wrong.size:
        raise SubmissionError(
            f"row {wrong[0] + 1} of the probabilities is {probabilities[wrong[0]]}; expected numbers strictly "
            "between 0 and 1 that sum to 1."
        )
    return _parts(lambda part: probabilities[part, layout.class_genres], layout.classes, layout)


def _parts(cells_of: Callable[[slice], np.ndarray], columns: Sequence[str], layout: Layout) -> Iterator[str]:
    """Yield a file's lines: the header, and ids with the cells (rows, columns) of each part."""
    for part in parts(layout.rows):
        rows = pd.DataFrame(cells_of(part), columns=list(columns))
        rows.insert(0, layout.id, np.array(layout.ids[part], object))
        yield rows.to_csv(index=False, header=part.start == 0, lineterminator="\n")


def read_written_labels(path: Path, edition: Edition) -> np.ndarray:
    """Read a label_pred.csv that the kit has written; 0-based genre numbers, int64, shape (lines,).

    Raises
    ------
    RunError
        When the file cannot be read, is cut short, lacks a column or holds something else than labels.
    """
    layout = layout_of(edition, numbered(0))
    numbers = {layout.label_texts[place]: number for number, place in enumerate(edition.places)}
    with _named(path):
        texts = pd.read_csv(_written(path), dtype=str, keep_default_na=False)[layout.label]
        return np.array([numbers[text] for text in texts], np.int64)


def read_written_ids(path: Path, edition: Edition) -> tuple[str, ...]:
    """Return the ids in a file that the kit has written; raises OSError, KeyError or ValueError as the others do."""
    return tuple(pd.read_csv(path, dtype=str, keep_default_na=False)[layout_of(edition, numbered(0)).id])


def read_written_probabilities(path: Path, edition: Edition) -> tuple[tuple[str, ...], np.ndarray]:
    """Read a label_all.csv that the kit has written.

    Returns
    -------
    ids : tuple of str
    probabilities : ndarray of float64, shape (lines, genres)
        In the order of the edition's genres, among which they sum to 1.

    Raises
    ------
    RunError
        When the file cannot be read, is cut short, lacks a column or holds something else than numbers.
    """
    layout = layout_of(edition, numbered(0))
    with _named(path):
        table = pd.read_csv(_written(path), dtype={layout.id: str}, keep_default_na=False)
        values = table[list(layout.class_of_genre)].to_numpy(np.float64)
        return tuple(table[layout.id]), narrowed(values, edition.places)


def _written(path: Path) -> StringIO:
    return StringIO(read_whole(path, RunError, _CURE), newline="")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Turn what is wrong with a file's content into an error that names it."""
    try:
        yield
    except (ValueError, KeyError) as problem:
        raise RunError(f"{path}: cannot be read ({problem}); {_CURE}.") from None
