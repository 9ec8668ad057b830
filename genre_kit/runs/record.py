"""What every scored run keeps of its predictions, whether it was trained or blended: rows, folds, pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from competition.data.edition import Edition
from competition.data.folds import Folds
from competition.models.ensemble_training import Trained
from competition.storage.files import write_whole
from competition.storage.folders import OUT_OF_FOLD
from submissions.layout import probability_header
from submissions.rule_search import Settled


@dataclass(frozen=True, eq=False)
class Outcome:
    """Predictions for training songs by models that have not seen them, and for the test songs.

    Attributes
    ----------
    edition : Edition
    targets : ndarray of int64, shape (rows,)
    folds : Folds
    settled : Settled
        The rule, and the labels that it makes of the out-of-fold rows.
    out_of_fold : ndarray of float64, shape (rows, genres)
    uncalibrated : ndarray of float64, shape (rows, genres), or None
        The same before calibration; None where there was none.
    test : ndarray of float64, shape (test rows, genres), or None
    """

    edition: Edition
    targets: np.ndarray
    folds: Folds
    settled: Settled
    out_of_fold: np.ndarray
    uncalibrated: np.ndarray | None
    test: np.ndarray | None


def write_outcome(place: Path, outcome: Outcome, trained: Sequence[Trained] = ()) -> None:
    """Write folds.csv, oof.csv and the pictures in plots/, with the learning curves of the models just `trained`."""
    # Imported here: matplotlib takes half a second, and not all that imports this module draws.
    from competition.pictures.style import save
    from genre_kit.reports.pictures import draw_curves, draw_outcome

    write_whole(place / "folds.csv", outcome.folds.to_text())
    write_whole(place / OUT_OF_FOLD, csv_text(_out_of_fold(outcome)))
    folder = place / "plots"
    folder.mkdir()
    for name, figure in (draw_outcome(outcome) | draw_curves(trained)).items():
        save(figure, folder / name)


def csv_text(frame: pd.DataFrame) -> str:
    """Return a table as CSV with LF line ends, every number with all its digits."""
    return frame.to_csv(index=False, lineterminator="\n")


def _out_of_fold(outcome: Outcome) -> pd.DataFrame:
    targets, genres = outcome.targets, len(outcome.edition.genres)
    columns = {"Row": np.arange(1, len(targets) + 1), "Fold": outcome.folds.assignment, "Label": targets + 1}
    columns["Predicted"] = outcome.settled.labels + 1
    probabilities = pd.DataFrame(outcome.out_of_fold, columns=probability_header(genres)[1:])
    return pd.concat([pd.DataFrame(columns), probabilities], axis=1)
