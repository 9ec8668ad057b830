"""After a power cut or a damaged disk: trials and their outcomes agree again, and what is lost is done again."""

import warnings

from competition.errors import KitWarning
from tuning.keras_tuner.oracle import SearchOracle
from tuning.trials.outcomes import Outcome, Outcomes, key_of


def recover(oracle: SearchOracle, outcomes: Outcomes) -> None:
    """Make trials whose files are lost of their outcomes, and open those again whose outcomes are.

    Parameters
    ----------
    oracle : SearchOracle
        Which has read all files that there are.
    outcomes : Outcomes
        Of the same project.
    """
    for trial in oracle.ended:
        if outcomes.read(key_of(trial.hyperparameters.values)) is None:
            warnings.warn(f"trial {trial.trial_id}: its outcome is lost; it is run again.", KitWarning, stacklevel=2)
            oracle.reopen(trial)
    unclaimed = _unclaimed(oracle, outcomes)
    for number in oracle.lost:
        key = key_of(oracle.study.space.defaults) if int(number) == 0 else ""
        outcome = unclaimed.pop(key if key in unclaimed else next(iter(unclaimed), ""), None)
        if outcome is not None:
            oracle.adopt(number, outcome.values, outcome.metrics())
        elif number < max(oracle.trials, default=""):
            oracle.renew(number)
    oracle.save()


def _unclaimed(oracle: SearchOracle, outcomes: Outcomes) -> dict[str, Outcome]:
    """Return the outcomes of no trial that is known, by their keys, the oldest first."""
    claimed = {key_of(trial.hyperparameters.values) for trial in oracle.trials.values()}
    paths = sorted(outcomes.folder.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    found = ((path.stem, outcomes.read(path.stem)) for path in paths if path.stem not in claimed)
    return {key: outcome for key, outcome in found if outcome is not None}
