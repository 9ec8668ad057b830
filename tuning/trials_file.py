"""A search's trials as a table: ``trials.csv``."""

from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pandas as pd

from competition.storage.files import write_whole
from competition.storage.reading import read_whole
from tuning.errors import TuningError
from tuning.trials.outcomes import Outcome
from tuning.trials.spaces import Space

FILE = "trials.csv"
_CURE = "the command of the search writes it again"
_AFTER = ("board_log_loss", "spread", "accuracy", "seconds", "state")


def trials_frame(space: Space, trials: Sequence[tuple[str, Outcome]]) -> pd.DataFrame:
    """Return one row per trial: its number, its hyperparameters (none where they had no effect), its scores."""
    names = [one.name for one in space.hyperparameters]
    rows = [
        {"trial_id": trial_id}
        | {name: outcome.values.get(name) for name in names}
        | {name: getattr(outcome, name) for name in _AFTER}
        | dict(outcome.others)
        for trial_id, outcome in trials
    ]
    others = dict.fromkeys(name for _, outcome in trials for name in outcome.others)
    return pd.DataFrame(rows, columns=["trial_id", *names, *_AFTER, *others], dtype=object)


def write_trials(folder: Path, space: Space, trials: Sequence[tuple[str, Outcome]]) -> None:
    """Write the table into a folder, whole or not at all.

    Parameters
    ----------
    folder : Path
    space : Space
    trials : sequence of (trial number, Outcome)

    Raises
    ------
    RunError
        When the file cannot be written.
    """
    text = trials_frame(space, trials).to_csv(index=False, lineterminator="\n")
    write_whole(folder / FILE, text, lasting=False)  # every start of the search writes it anew


def read_trials(folder: Path) -> pd.DataFrame:
    """Read the table of a search's folder; trial numbers stay text.

    Raises
    ------
    TuningError
        When the file is missing, empty or cut short.
    """
    text = read_whole(folder / FILE, TuningError, _CURE)
    try:
        trials = pd.read_csv(StringIO(text), dtype={"trial_id": str})
    except ValueError as problem:
        raise TuningError(f"{folder / FILE}: cannot be read ({problem}); {_CURE}.") from None
    missing = [name for name in ("trial_id", *_AFTER) if name not in trials]
    if missing:
        raise TuningError(f"{folder / FILE}: cannot be read (it has no column {missing[0]}); {_CURE}.")
    return trials
