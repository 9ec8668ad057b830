"""Progress of a training: a bar on a terminal, plain lines elsewhere, nothing when asked to be quiet."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import click
from tqdm import tqdm

from competition.models.ensembles import Model
from competition.runtime import interruption
from genre_kit.reports.lines import say
from genre_kit.reports.training import announcement
from genre_kit.results.events import Advanced, Event, Listener, Planned, Started, nobody
from genre_kit.results.run import Plan
from tuning.progress import time_left

_LINES = 3


@dataclass
class Place:
    """Where a training stands: which of its models is being trained, in which round, and since when."""

    clock: Callable[[], float] = time.monotonic
    plan: Plan | None = None
    started: float = 0.0
    models: int = 0
    rounds: Counter[str] = field(default_factory=Counter)

    def hear(self, event: Event) -> None:
        """Follow the events of a training."""
        match event:
            case Planned(plan):
                self.plan = plan
            case Started(model):
                self.started = self.clock()
                self.models += 1
                self.rounds[model.recipe.name] += 1

    def title(self, model: Model) -> str:
        """Return a model's name, and under a time budget the round: how often the recipe has had its turn."""
        name = model.recipe.name
        is_in_rounds = self.plan is not None and self.plan.deadline is not None
        return f"round {self.rounds[name]}: {name}" if is_in_rounds else name

    def is_new(self, model: Model) -> bool:
        """Whether the recipe has its first turn."""
        return self.rounds[model.recipe.name] == 1

    def left(self, done: int, total: int) -> str:
        """Return how long the rest takes: of the time budget, or of this model, and how many models follow."""
        if self.plan is not None and self.plan.deadline is not None:
            return time_left(self.plan.deadline.remaining)
        parts = [time_left((self.clock() - self.started) / done * (total - done))] if done < total else []
        following = self._following()
        if following:
            parts.append(f"{following} more recipe{'s' if following > 1 else ''} to train")
        return ", then ".join(parts)

    def _following(self) -> int:
        """Return how many models come after this one in the same draw of the folds."""
        return 0 if self.plan is None else -self.models % len(self.plan.ensemble.models)


@contextmanager
def training_progress(*, quiet: bool) -> Iterator[Listener]:
    """Yield the listener that a job sends its events to."""
    place = Place()
    if quiet:
        yield _unless_interrupted(nobody, place)
    elif sys.stderr.isatty():
        with tqdm(leave=False, bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}") as bar:
            yield _unless_interrupted(lambda event: _draw(bar, event, place), place)
    else:
        yield _unless_interrupted(lambda event: _print(event, place), place)


def _unless_interrupted(listener: Listener, place: Place) -> Listener:
    """Return a listener that ends the job where a signal should have."""

    def listen(event: Event) -> None:
        """Hear an event."""
        interruption.check()
        place.hear(event)
        listener(event)

    return listen


def _draw(bar: tqdm, event: Event, place: Place) -> None:
    match event:
        case Planned():
            bar.clear()
            say(announcement(event))
        case Started(model):
            bar.reset()
            bar.set_description(f"training {place.title(model)}")
        case Advanced(_, done, total, loss):
            _advance(bar, done, total, loss)


def _advance(bar: tqdm, done: int, total: int, held_out_loss: float) -> None:
    bar.total = total
    if held_out_loss == held_out_loss:
        bar.set_postfix_str(f"held-out loss of single networks {held_out_loss:.3f}", refresh=False)
    bar.update(done - bar.n)


def _print(event: Event, place: Place) -> None:
    match event:
        case Planned():
            say(announcement(event))
        case Advanced(model, done, total, loss) if done * _LINES // total > (done - 1) * _LINES // total:
            click.echo(progress_line(model, done, total, loss, place))


def progress_line(model: Model, done: int, total: int, held_out_loss: float, place: Place) -> str:
    """Return the line about a step of a model's training.

    Networks' losses are those of single ones with dropout on. They may rise where the averaged and calibrated
    predictions still improve, which the first line of each says.
    """
    line = f"{place.title(model)}, {'epoch' if model.is_network else 'fold'} {done} of {total}"
    if model.is_network:
        line += f": held-out loss of single networks {held_out_loss:.3f}"
        line += " (may rise while their average improves)" if place.is_new(model) and done * _LINES < 2 * total else ""
    left = place.left(done, total)
    return f"{line}; {left}" if left else line
