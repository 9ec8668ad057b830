"""Which of several runs on the same songs to hand in to each board: the best, or a simpler one that is as good."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scipy.special import ndtr

from competition.errors import RunError
from competition.scoring.boards import BY_SCORE, Metric
from competition.scoring.metrics import Estimate
from genre_kit.runs.comparing import differences_in, improvement, is_clear
from genre_kit.runs.finished import FinishedRun, check_comparable, most_grouped, read_finished
from genre_kit.runs.listing import RunSummary


@dataclass(frozen=True)
class Recommendation:
    """The run to hand in to a board.

    Attributes
    ----------
    metric : Metric
        What the board ranks by.
    best : RunSummary
        The run with the best score.
    simpler : RunSummary or None
        The simplest run, of fewer recipes or of fewer models a fold, than which the best is not clearly better; None
        where there is none.
    gain : Estimate or None
        By how much the best is better than it, paired by song: above 0 is better, of losses too.
    """

    metric: Metric
    best: RunSummary
    simpler: RunSummary | None = None
    gain: Estimate | None = None

    @property
    def run(self) -> RunSummary:
        """The run to hand in: the simpler one, where there is one."""
        return self.best if self.simpler is None else self.simpler


@dataclass(frozen=True)
class Advice:
    """What to hand in.

    Attributes
    ----------
    recommendations : tuple of Recommendation
        One a board; none where no run has files to hand in.
    unreadable : tuple of str
        A sentence for each run that could not be compared.
    """

    recommendations: tuple[Recommendation, ...]
    unreadable: tuple[str, ...] = ()


def recommend(runs: Sequence[RunSummary]) -> Advice:
    """Say which runs to hand in.

    Parameters
    ----------
    runs : sequence of RunSummary
        On the same songs, for the same boards. Those without submission files are left out, and those whose files are
        of songs kept out of the training file, for which there is no board; where some hold out songs that are like
        the test songs, those that do not are left out too: their scores promise too much.
    """
    readable, unreadable = _readable(candidates_of(runs))
    names = readable[0].summary.ranked_by if readable else ()
    return Advice(tuple(_for_board(BY_SCORE[name], readable) for name in names), unreadable)


def candidates_of(runs: Sequence[RunSummary]) -> list[RunSummary]:
    """Return the runs that may be handed in, as `recommend` says."""
    candidates = [run for run in runs if run.has_files and not run.kept_out]
    return [run for run in candidates if run.is_like_test] or candidates


@dataclass(frozen=True)
class Next:
    """The run of those not sent yet that is likeliest to be the best on a board.

    Attributes
    ----------
    metric : Metric
        What the board ranks by.
    run : RunSummary
    against : RunSummary or None
        The best, by its own score, of those that were sent; None where none was.
    gain : Estimate or None
        By how much the run is better than that, paired by song: above 0 is better, of losses too.
    """

    metric: Metric
    run: RunSummary
    against: RunSummary | None = None
    gain: Estimate | None = None

    @property
    def chance(self) -> float | None:
        """How likely it is that the run is the better one, if the gain is about normally distributed."""
        if self.gain is None or not self.gain.standard_error > 0:
            return None
        return float(ndtr(self.gain.value / self.gain.standard_error))


def likeliest(metric: Metric, unsent: Sequence[RunSummary], sent: Sequence[RunSummary]) -> Next | None:
    """Return the unsent run that is likeliest to be the best on a board; None where there is none.

    Parameters
    ----------
    metric : Metric
        What the board ranks by.
    unsent, sent : sequence of RunSummary
        On the same songs; those that cannot be read are passed over.
    """
    waiting, rivals = (_readable(some)[0] for some in (unsent, sent))
    if not waiting:
        return None
    best = max(waiting, key=lambda one: _worth(metric, one.summary))
    if not rivals:
        return Next(metric, best.summary)
    rival = max(rivals, key=lambda one: _worth(metric, one.summary))
    groups = most_grouped([best.run, rival.run]).groups
    difference = differences_in(metric.score, best.run, [rival.run], groups)[0]
    return Next(metric, best.summary, rival.summary, improvement(metric.score, difference))


class _Candidate(NamedTuple):
    summary: RunSummary
    run: FinishedRun


def _readable(runs: Sequence[RunSummary]) -> tuple[list[_Candidate], tuple[str, ...]]:
    readable: list[_Candidate] = []
    problems = []
    for summary in runs:
        try:
            found = _Candidate(summary, read_finished(summary.folder))
            check_comparable((readable or [found])[0].run, found.run)
            readable.append(found)
        except RunError as problem:
            problems.append(str(problem))
    return readable, tuple(problems)


def _for_board(metric: Metric, candidates: Sequence[_Candidate]) -> Recommendation:
    best = max(candidates, key=lambda one: _worth(metric, one.summary))
    simpler = [one for one in candidates if one.summary.size < best.summary.size]
    simpler.sort(key=lambda one: (one.summary.size, -_worth(metric, one.summary)))
    groups = most_grouped([one.run for one in candidates]).groups
    differences = differences_in(metric.score, best.run, [one.run for one in simpler], groups)
    gains = [improvement(metric.score, difference) for difference in differences]
    for one, gain in zip(simpler, gains, strict=True):
        if not is_clear(gain):
            return Recommendation(metric, best.summary, one.summary, gain)
    return Recommendation(metric, best.summary)


def _worth(metric: Metric, run: RunSummary) -> float:
    value = run.score(metric.score).value
    return -value if metric.is_loss else value
