"""The two submission files as text: label_pred.csv and label_all.csv."""

import numpy as np
import pandas as pd

from competition.errors import SubmissionError
from submissions.layout import ID_COLUMN, LABEL_COLUMN, probability_header


def label_text(predicted: np.ndarray) -> str:
    r"""Return the content of label_pred.csv.

    Parameters
    ----------
    predicted : ndarray of int, shape (test rows,)
        0-based genre numbers in the test file's order.

    Examples
    --------
    >>> label_text(np.array([4, 0]))
    'Sample_id,Sample_label\n1,5\n2,1\n'
    """
    labels = pd.DataFrame({LABEL_COLUMN: np.asarray(predicted) + 1})
    return _text(labels)


def probability_text(probabilities: np.ndarray) -> str:
    r"""Return the content of label_all.csv, every number at full precision.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (test rows, genres)

    Raises
    ------
    SubmissionError
        When a probability is not strictly between 0 and 1, or a row does not sum to 1 within 1e-6.

    Examples
    --------
    >>> probability_text(np.array([[0.75, 0.25]]))
    'Sample_id,Class_1,Class_2\n1,0.75,0.25\n'
    """
    probabilities = np.asarray(probabilities, np.float64)
    sums = np.abs(probabilities.sum(axis=1) - 1) <= 1e-6
    wrong = np.flatnonzero(~(((probabilities > 0) & (probabilities < 1)).all(axis=1) & sums))
    if wrong.size:
        raise SubmissionError(
            f"row {wrong[0] + 1} of the probabilities is {probabilities[wrong[0]]}; expected numbers strictly "
            "between 0 and 1 that sum to 1."
        )
    return _text(pd.DataFrame(probabilities, columns=probability_header(probabilities.shape[1])[1:]))


def _text(rows: pd.DataFrame) -> str:
    rows.insert(0, ID_COLUMN, np.arange(1, len(rows) + 1))
    return rows.to_csv(index=False, lineterminator="\n")
