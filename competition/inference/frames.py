"""Data frames as a folder of files, so that they are looked at as files are."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from competition.errors import ArgumentError
from competition.inference.findings import FRAMES

Labels = str | Sequence[object] | np.ndarray | pd.Series | pd.DataFrame


@contextmanager
def as_folder(train: pd.DataFrame, labels: Labels | None, test: pd.DataFrame | None) -> Iterator[Path]:
    """Write data frames as a competition's files, which are there as long as the context is.

    Parameters
    ----------
    train : DataFrame
        One row a song; an index that has a name is a column too.
    labels : str, sequence, Series, DataFrame or None
        The name of the column of `train` that has the genres, one genre a song, or a table of ids and genres; None
        where a column of `train` shows that it has them.
    test : DataFrame or None
        The songs to be labelled.

    Raises
    ------
    ArgumentError
        When something else than a data frame is given, there is no such column, or the number of labels is not that of
        songs.
    """
    for name, given in (("train", train), ("test", test)):
        if given is not None and not isinstance(given, pd.DataFrame):
            raise ArgumentError(
                f"`{name}` is of the type {type(given).__name__}; expected a pandas data frame; `train` and "
                "`test` have the same columns."
            )
    if isinstance(labels, str):
        if labels not in train.columns:
            raise ArgumentError(f'`labels` is "{labels}", which is no column of `train`; it has {_some(train)}.')
        train, labels = train.drop(columns=labels), train[labels]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / FRAMES
        folder.mkdir()
        _write(train, folder / "train.csv")
        if labels is not None:
            _write(_labels(labels, len(train)), folder / "train_labels.csv")
        if test is not None:
            _write(test, folder / "test.csv")
        yield folder


def _labels(labels: Sequence[object] | np.ndarray | pd.Series | pd.DataFrame, songs: int) -> pd.DataFrame:
    if isinstance(labels, pd.DataFrame):
        return labels
    if len(labels) != songs:
        raise ArgumentError(f"`labels` has {len(labels)} labels for {songs} songs of `train`; expected one a song.")
    name = labels.name if isinstance(labels, pd.Series) and labels.name is not None else "label"
    return pd.DataFrame({str(name): np.asarray(labels)})


def _write(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=frame.index.name is not None)


def _some(frame: pd.DataFrame) -> str:
    return ", ".join(map(str, frame.columns[:5])) + (", ..." if len(frame.columns) > 5 else "")
