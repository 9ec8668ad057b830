"""Progress of a training: a bar on a terminal, plain lines elsewhere, nothing when asked to be quiet."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from tqdm import tqdm

from competition.models.ensembles import Model
from competition.runtime import interruption
from genre_kit.reports.lines import say
from genre_kit.reports.training import announcement
from genre_kit.results.events import Advanced, Event, Listener, Planned, Started, nobody

_LINES = 3


@contextmanager
def training_progress(*, quiet: bool) -> Iterator[Listener]:
    """Yield the listener that a job sends its events to."""
    if quiet:
        yield _unless_interrupted(nobody)
    elif sys.stderr.isatty():
        with tqdm(leave=False, bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}") as bar:
            yield _unless_interrupted(lambda event: _draw(bar, event))
    else:
        yield _unless_interrupted(_print)


def _unless_interrupted(listener: Listener) -> Listener:
    """Return a listener that ends the job where a signal should have."""

    def listen(event: Event) -> None:
        """Hear an event."""
        interruption.check()
        listener(event)

    return listen


def _draw(bar: tqdm, event: Event) -> None:
    match event:
        case Planned():
            bar.clear()
            say(announcement(event))
        case Started(model):
            bar.reset()
            bar.set_description(f"training {model.recipe.name}")
        case Advanced(_, done, total, loss):
            _advance(bar, done, total, loss)


def _advance(bar: tqdm, done: int, total: int, held_out_loss: float) -> None:
    bar.total = total
    if held_out_loss == held_out_loss:
        bar.set_postfix_str(f"loss on held-out songs {held_out_loss:.3f}", refresh=False)
    bar.update(done - bar.n)


def _print(event: Event) -> None:
    match event:
        case Planned():
            say(announcement(event))
        case Advanced(model, done, total, loss):
            _print_step(model, done, total, loss)


def _print_step(model: Model, done: int, total: int, held_out_loss: float) -> None:
    if done * _LINES // total == (done - 1) * _LINES // total:
        return
    unit = "epoch" if model.is_network else "fold"
    loss = f": loss on held-out songs {held_out_loss:.3f}, with dropout" if model.is_network else ""
    click.echo(f"{model.recipe.name}, {unit} {done} of {total}{loss}")
