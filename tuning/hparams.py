"""TensorBoard's HParams view of a search's trials: ``tensorboard --logdir DIR``."""

import errno
import secrets
from collections.abc import Sequence
from pathlib import Path

from competition.runtime.backend import tensorflow  # before TensorBoard, which would import it with all its greetings
from competition.storage.files import STAGING_PREFIX, writing
from tuning.trials.outcomes import Outcome
from tuning.trials.spaces import Space

from tensorboard.plugins.hparams import api  # isort: skip

_MOST_LETTERS = 200
_METRICS = ("board_log_loss", "accuracy", "spread", "seconds")


def write_hparams(folder: Path, space: Space, trials: Sequence[tuple[str, Outcome]]) -> None:
    """Write one TensorBoard run per trial, each whole or not at all; existing ones are kept.

    Parameters
    ----------
    folder : Path
        TensorBoard's log directory.
    space : Space
        Not used.
    trials : sequence of (trial number, Outcome)

    Raises
    ------
    RunError
        When a run cannot be written.
    """
    for trial_id, outcome in trials:
        if not (folder / trial_id).exists():
            with writing(folder):
                _write(folder, space, trial_id, outcome)


def _write(folder: Path, space: Space, trial_id: str, outcome: Outcome) -> None:
    staging = folder / f"{STAGING_PREFIX}{secrets.token_hex(4)}"
    staging.mkdir(parents=True)
    try:
        _write_summary(staging, trial_id, outcome)
    except tensorflow.errors.OpError as problem:  # TensorFlow's own, for what is an OSError elsewhere
        raise OSError(errno.EIO, " ".join(str(problem.message).split())[:_MOST_LETTERS], str(staging)) from None
    staging.rename(folder / trial_id)


def _write_summary(staging: Path, trial_id: str, outcome: Outcome) -> None:
    with tensorflow.summary.create_file_writer(str(staging)).as_default():
        api.hparams(dict(outcome.values) | {"state": outcome.state}, trial_id=trial_id)
        values = {name: getattr(outcome, name) for name in _METRICS} | dict(outcome.others)
        for name, value in values.items():
            tensorflow.summary.scalar(name, value, step=0)
