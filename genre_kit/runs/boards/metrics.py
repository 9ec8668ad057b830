"""Kaggle's names of metrics, and the kit's."""

import re
from collections.abc import Mapping

from competition.data.edition import BOARD_METRICS

_KNOWN: Mapping[str, tuple[str, ...]] = {
    "accuracy": ("accuracy",),
    "accuracyscore": ("accuracy",),
    "categorizationaccuracy": ("accuracy",),
    "balancedaccuracy": ("balanced-accuracy",),
    "balancedaccuracyscore": ("balanced-accuracy",),
    "macrof1": ("macro-f1",),
    "macrof1score": ("macro-f1",),
    "macrofscore": ("macro-f1",),
    "f1macro": ("macro-f1",),
    "logloss": ("binary-log-loss", "log-loss"),
    "columnwiselogloss": ("binary-log-loss",),
    "meancolumnwiselogloss": ("binary-log-loss",),
    "multiclassloss": ("log-loss",),
    "multiclasslogloss": ("log-loss",),
}
"""By the name without spaces, signs and capitals. A log loss of many columns may be of cells or of rows: the edition
decides."""


def metrics_named(name: str) -> tuple[str, ...]:
    """Return the kit's metrics that a board's name of one may mean, the likeliest first; none where none is the same.

    Examples
    --------
    >>> metrics_named("Categorization Accuracy"), metrics_named("Mean Average Precision")
    (('accuracy',), ())
    """
    return _KNOWN.get(re.sub(r"[^a-z0-9]", "", name.lower()), ())


def is_same_metric(metric: str, name: str) -> bool:
    """Return whether the kit's metric is what a board ranks by; where the board does not say, the edition is believed.

    Parameters
    ----------
    metric : str
        Of `competition.data.edition.BOARD_METRICS`.
    name : str
        The board's own; may be empty.
    """
    return not name.strip() or metric in metrics_named(name)


def metric_for(name: str, *, has_classes: bool) -> str:
    """Return the metric to train for where a board ranks by `name`.

    Parameters
    ----------
    name : str
        The board's own; may be empty.
    has_classes : bool
        Whether a submission has a column for each genre.
    """
    wanted = "probabilities" if has_classes else "labels"
    fitting = [one for one in metrics_named(name) if BOARD_METRICS[one] == wanted]
    return (fitting or [*metrics_named(name)] or ["binary-log-loss" if has_classes else "accuracy"])[0]
