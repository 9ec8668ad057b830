"""Progress of a search: a bar on a terminal, a line per trial elsewhere, nothing when asked to be quiet."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from tqdm import tqdm

from competition.scoring.boards import BY_SCORE
from tuning.trials.outcomes import SAID, Outcome, best_first
from tuning.trials.study import Budget, Objective


class SearchProgress:
    """Reports trials as they end.

    Parameters
    ----------
    objective : Objective
    budget : Budget
    bar : tqdm or None
        None for lines.
    quiet : bool
    """

    def __init__(self, objective: Objective, budget: Budget, bar: tqdm | None, quiet: bool) -> None:
        self.objective, self.budget, self.bar, self.quiet = objective, budget, bar, quiet

    def say(self, text: str) -> None:
        """Report what is being done besides the trials."""
        if self.bar is not None:
            self.bar.set_postfix_str(text)
        elif not self.quiet:
            click.echo(text)

    def trial_ended(self, trial_id: str, trials: list[tuple[str, Outcome]], seconds: float) -> None:
        """Report the trial that has just ended, the best score so far, and the time left.

        Parameters
        ----------
        trial_id : str
        trials : list of (trial number, Outcome)
            All that have ended, this one included.
        seconds : float
            Duration of the search so far, over all its sessions.
        """
        name = BY_SCORE[self.objective.name].title
        best = best_first((outcome for _, outcome in trials), self.objective)
        shown = f"best {best[0].value(self.objective):.4f}" if best else "none finished yet"
        left = _trials_left(self.budget, len(trials), seconds)
        if self.bar is not None:
            self.bar.total, self.bar.n = self.budget.trials, len(trials)
            self.bar.set_postfix_str(f"{name}: {shown}, {left}")
        elif not self.quiet:
            (outcome,) = (outcome for known, outcome in trials if known == trial_id)
            of = "" if self.budget.trials is None else f" of {self.budget.trials}"
            score = f"{name} {outcome.value(self.objective):.4f}"
            click.echo(
                f"trial {trial_id}{of}: {SAID.get(outcome.state, outcome.state)}, {score}, {outcome.seconds:.1f} s; "
                f"{shown}, {left}"
            )


def _trials_left(budget: Budget, trials: int, seconds: float) -> str:
    """Return how long the trials will go on; the best ones are scored again after them."""
    lefts = [] if budget.seconds is None else [budget.seconds - seconds]
    if budget.trials is not None:
        lefts.append((budget.trials - trials) * seconds / max(trials, 1))
    left = min(lefts, default=0.0)
    return time_left(left) if left > 0 else "then the best are scored again"


def time_left(seconds: float) -> str:
    """Return a span of time that is left, for people.

    Examples
    --------
    >>> time_left(40.2), time_left(130)
    ('about 40 s left', 'about 2 min left')
    """
    minutes = max(0.0, seconds) / 60
    return f"about {minutes:.0f} min left" if minutes >= 1 else f"about {60 * minutes:.0f} s left"


@contextmanager
def search_progress(objective: Objective, budget: Budget, *, quiet: bool) -> Iterator[SearchProgress]:
    """Yield the listener that a search reports its trials to.

    Parameters
    ----------
    objective : Objective
    budget : Budget
    quiet : bool
    """
    if quiet or not sys.stderr.isatty():
        yield SearchProgress(objective, budget, None, quiet)
        return
    with tqdm(desc="trials", unit="trial", total=budget.trials, leave=False) as bar:
        yield SearchProgress(objective, budget, bar, quiet)
