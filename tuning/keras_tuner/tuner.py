"""The tuner runs trials: each is a full cross-validation."""

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from competition.runtime.backend import keras  # noqa: F401  sets Keras's backend before Keras Tuner asks for it
from tuning.errors import TuningError
from tuning.keras_tuner.oracle import SearchOracle, Trial, keras_tuner
from tuning.keras_tuner.recovery import recover
from tuning.trials.evaluation import evaluate
from tuning.trials.outcomes import FAILED, Outcome, Outcomes, best_first, key_of
from tuning.trials.spaces import Value
from tuning.trials.study import Budget, Study

_MOST_FAILURES = 3


class CrossFitTuner(keras_tuner.BayesianOptimization):
    """Keras Tuner's Bayesian optimization in which one trial is one `competition.models.networks.engine.cross_fit`.

    Parameters
    ----------
    study : Study
    budget : Budget
    project : Path
        The folder of everything that belongs to this study: Keras Tuner's files, and ``outcomes``.
    on_trial_end : callable
        Called with the oracle after every trial.
    """

    def __init__(
        self, study: Study, budget: Budget, project: Path, on_trial_end: Callable[[SearchOracle], None]
    ) -> None:
        self.study = study
        self.outcomes = Outcomes(project / "outcomes")
        self._failures = 0
        with redirect_stdout(StringIO()):  # it prints where it reloads from
            # Not the parent's constructor: that one would make an oracle of its own.
            super(keras_tuner.BayesianOptimization, self).__init__(
                oracle=SearchOracle(study, budget, on_trial_end), directory=project.parent, project_name=project.name
            )

    def run_trial(self, trial: Trial) -> dict[str, float]:
        """Run a trial and return its metrics; those of an earlier outcome of the same hyperparameters, if there is one.

        Raises
        ------
        keras_tuner.errors.FatalError
            From a KitError: three trials in a row failed, or an outcome cannot be written. Any other exception
            would count as a failed trial, which Keras Tuner's model never sees.
        """
        try:
            outcome = self._outcome_of(self.study.space.complete(trial.hyperparameters.values))
            self._count_failures(outcome.state == FAILED, outcome.message)
        except Exception as problem:
            raise keras_tuner.errors.FatalError(str(problem)) from problem
        return outcome.metrics()

    def _outcome_of(self, values: dict[str, Value]) -> Outcome:
        key = key_of(values)
        outcome = self.outcomes.read(key)
        if outcome is None:
            best = best_first(self.outcomes, self.study.objective)
            outcome, probabilities = evaluate(self.study, values, best[0] if best else None)
            self.outcomes.write(key, outcome, probabilities)
        return outcome

    def on_trial_begin(self, trial: Trial) -> None:
        """Stop when files can no longer be written."""
        self._raise_problem()

    def on_trial_end(self, trial: Trial) -> None:
        """Record the trial, and stop when files can no longer be written."""
        super().on_trial_end(trial)
        self._raise_problem()

    def search(self) -> None:
        """Run trials until the budget is spent; raises KitError when they cannot go on."""
        try:
            super().search()
        except keras_tuner.errors.FatalError as stop:
            raise stop.__cause__ from None

    def reload(self) -> None:
        """Read the oracle's files, and let them and the outcomes agree; this tuner has no state of its own."""
        if not self._is_worker():
            self.oracle.reload()
            recover(self.oracle, self.outcomes)

    def save(self) -> None:
        """Write the oracle's file; this tuner has no state of its own."""
        if not self._is_worker():
            self.oracle.save()

    def _raise_problem(self) -> None:
        if not self._is_worker() and self.oracle.problem is not None:
            raise self.oracle.problem

    def _get_tuner_fname(self) -> str:
        """Return the file whose presence means that there is something to reload.

        Keras Tuner's own is written after the first trial and named after the process, so that a first trial could be
        lost, and a chief could not continue what a single process began.
        """
        project = Path(self.project_dir)
        return str(next(project.glob("trial_*/trial.json"), project / "oracle.json"))

    def _count_failures(self, failed: bool, message: str) -> None:
        self._failures = self._failures + 1 if failed else 0
        if self._failures >= _MOST_FAILURES:
            raise TuningError(
                f"{_MOST_FAILURES} trials in a row failed, the last with: {message}. "
                "Mend the cause; the same command then goes on with the other trials."
            )
