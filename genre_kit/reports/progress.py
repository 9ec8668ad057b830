"""How far a training is: a bar on a terminal, plain lines elsewhere, nothing when asked to be quiet."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from tqdm import tqdm

from competition.models.base.crossfit import Progress, no_progress
from competition.models.ensembles import Model

_LINES = 3


@contextmanager
def training_progress(*, quiet: bool) -> Iterator[Callable[[Model], Progress]]:
    """Yield what is called before each model is trained, and returns what its training is to call on its way."""
    if quiet:
        yield lambda model: no_progress
    elif sys.stderr.isatty():
        with tqdm(leave=False, bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}") as bar:
            yield lambda model: _start(bar, model)
    else:
        yield lambda model: lambda done, total, loss: _say(model, done, total, loss)


def _start(bar: tqdm, model: Model) -> Progress:
    bar.reset()
    bar.set_description(f"training {model.recipe.name}")
    return lambda done, total, loss: _advance(bar, done, total, loss)


def _advance(bar: tqdm, done: int, total: int, held_out_loss: float) -> None:
    bar.total = total
    if held_out_loss == held_out_loss:
        bar.set_postfix_str(f"loss on held-out songs {held_out_loss:.3f}", refresh=False)
    bar.update(done - bar.n)


def _say(model: Model, done: int, total: int, held_out_loss: float) -> None:
    if done * _LINES // total == (done - 1) * _LINES // total:
        return
    unit = "epoch" if model.is_network else "fold"
    loss = f": loss on held-out songs {held_out_loss:.3f}, with dropout" if model.is_network else ""
    click.echo(f"{model.recipe.name}, {unit} {done} of {total}{loss}")
