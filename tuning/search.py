"""A whole search: trials within a budget, finals, a holdout, and the files of its result."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from competition.data.dataset import Dataset
from competition.errors import printable
from competition.models.ensembles import Ensemble
from competition.runtime import interruption
from competition.runtime.environment import environment
from competition.storage import folders
from competition.storage.files import clear_unfinished, write_whole
from tuning import folder as search_folder
from tuning.folder import SILENT_SECONDS, WORKERS
from tuning.hparams import write_hparams
from tuning.keras_tuner.oracle import SearchOracle
from tuning.keras_tuner.service import as_no_worker
from tuning.keras_tuner.tuner import CrossFitTuner
from tuning.progress import SearchProgress
from tuning.report import RECIPE, Found, recipe_text
from tuning.trials.finals import Finalist, Plain, finalists_of, score_afresh, score_holdout, score_plain
from tuning.trials.outcomes import Outcome, Outcomes, best_first, key_of
from tuning.trials.study import Budget, Study
from tuning.trials_file import write_trials

AFRESH = "afresh"
"""The folder of the finalists' outcomes on new folds."""
RunTrials = Callable[[CrossFitTuner], None]


@dataclass(frozen=True)
class Search:
    """A search as requested.

    Attributes
    ----------
    study : Study
    budget : Budget
    folder : Path
    finalists : int
        How many of the best trials are scored afresh, besides the first.
    own_folds : bool
        Whether the user gave the folds.
    holdout : Dataset or None
        Rows kept out of the study.
    origin : mapping or None
        Where the files of the songs are, as `search.json` keeps it.
    plain : Ensemble or None
        A preset that is scored beside the finalists.
    """

    study: Study
    budget: Budget
    folder: Path
    finalists: int = 3
    own_folds: bool = False
    holdout: Dataset | None = None
    origin: Mapping[str, Any] | None = None
    plain: Ensemble | None = None


def run_search(search: Search, progress: SearchProgress, run_trials: RunTrials = CrossFitTuner.search) -> Found:
    """Run or resume a search, and write its result.

    Parameters
    ----------
    search : Search
    progress : SearchProgress
    run_trials : callable
        Runs the tuner's trials: in this process, or by handing them to workers.

    Raises
    ------
    KitError
        When the trials cannot go on, or a file cannot be written.
    """
    project = search_folder.claim(search.folder, search.study, search.origin)
    watcher = _Watcher(search, project, progress)
    clear_unfinished(search.folder, age=SILENT_SECONDS if (project / WORKERS).exists() else 0.0)
    for place in ("outcomes", AFRESH):
        Outcomes(project / place).drop_damaged(search.study)
    with as_no_worker():
        tuner = CrossFitTuner(search.study, search.budget, project, watcher.trial_ended)
        watcher.write(tuner.oracle)
        run_trials(tuner)
    trials, seconds = watcher.trials(tuner.oracle), tuner.oracle.seconds
    chosen, afresh = finalists_of(search.study, trials, search.finalists), project / AFRESH
    finalists = score_afresh(search.study, afresh, chosen, own_folds=search.own_folds, tell=progress.say)
    plain = _plain(search, afresh, dict(chosen), finalists[0].trial_id, progress)
    found = _found(search, trials, seconds, finalists, plain)
    found = replace(found, is_exhausted=tuner.oracle.is_exhausted)
    _write(search, found)
    return found


def _plain(
    search: Search, afresh: Path, chosen: dict[str, Outcome], winner: str, progress: SearchProgress
) -> Plain | None:
    """Score the preset beside the finalists, of whom the first one chosen is the first trial."""
    if search.plain is None:
        return None
    progress.say("a plain preset scored on the same folds")
    first = next(iter(chosen.values()))
    return score_plain(search.study, afresh, search.plain, first, chosen[winner], own_folds=search.own_folds)


def _found(
    search: Search,
    trials: list[tuple[str, Outcome]],
    seconds: float,
    finalists: list[Finalist],
    plain: Plain | None,
) -> Found:
    holdout = None if search.holdout is None else score_holdout(search.study, search.holdout, finalists[0].values)
    rows = 0 if search.holdout is None else search.holdout.rows
    return Found(search.study, search.budget, trials, seconds, finalists, holdout, rows, plain)


def _write(search: Search, found: Found) -> None:
    with folders.staged(search.folder) as staging:
        write_whole(staging / RECIPE, recipe_text(found.recipe))
        folders.write_json(staging / search_folder.RESULT, found.to_table())
        folders.write_json(staging / folders.MANIFEST, _manifest(search))
        folders.move_in(staging, search.folder)
    names = sorted(
        [RECIPE, search_folder.RESULT, folders.MANIFEST, search_folder.SEARCH, search_folder.FOLDS, "trials.csv"]
    )
    write_whole(search.folder / folders.DONE, "".join(f"{name}\n" for name in names))


def _manifest(search: Search) -> dict[str, Any]:
    dataset = search.study.dataset
    return {
        "command": ["genre-kit", *map(printable, sys.argv[1:])],
        "edition": dataset.edition.name,
        "data": {"source": dataset.source, "rows": dataset.rows, "sha256": dataset.fingerprint},
        "holdout_rows": 0 if search.holdout is None else search.holdout.rows,
        "study": search.study.description,
        "environment": environment(),
    }


class _Watcher:
    """Updates trials.csv, TensorBoard's folder and the progress as trials end."""

    def __init__(self, search: Search, project: Path, progress: SearchProgress) -> None:
        self.search, self.progress = search, progress
        self.outcomes = Outcomes(project / "outcomes")

    def trials(self, oracle: SearchOracle) -> list[tuple[str, Outcome]]:
        """Return the trials that are over, by number."""
        found = ((trial.trial_id, self.outcomes.read(key_of(trial.hyperparameters.values))) for trial in oracle.ended)
        return [(trial_id, outcome) for trial_id, outcome in found if outcome is not None]

    def trial_ended(self, oracle: SearchOracle) -> None:
        """Rewrite the table, and report the trial."""
        interruption.check()
        trials = self.write(oracle)
        self.progress.trial_ended(oracle.end_order[-1], trials, oracle.seconds)

    def write(self, oracle: SearchOracle) -> list[tuple[str, Outcome]]:
        """Write the table and the TensorBoard folder, and drop the probabilities of all but the best trials."""
        trials, study = self.trials(oracle), self.search.study
        write_trials(self.search.folder, study.space, trials)
        write_hparams(self.search.folder / "tensorboard" / study.identity, study.space, trials)
        best = best_first(self.outcomes, study.objective)[: self.search.finalists]
        self.outcomes.keep_probabilities({key_of(outcome.values) for outcome in best})
        return trials
