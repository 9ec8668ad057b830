"""How far a training is: a bar on a terminal, plain lines elsewhere, nothing when asked to be quiet."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

if TYPE_CHECKING:
    from competition.training import Epoch


@contextmanager
def training_progress(folds: int, epochs: int, *, quiet: bool) -> Iterator[Callable[["Epoch"], None]]:
    """Yield what `cross_fit` is to call after each epoch."""
    if quiet:
        yield lambda epoch: None
    elif sys.stderr.isatty():
        with tqdm(total=folds * epochs, desc="training", unit="epoch", leave=False) as bar:
            yield lambda epoch: _advance(bar, epoch, folds)
    else:
        yield lambda epoch: _say_last(epoch, folds, epochs)


def _advance(bar: tqdm, epoch: "Epoch", folds: int) -> None:
    bar.set_postfix_str(f"fold {epoch.fold + 1}/{folds}, held-out loss {epoch.held_out_loss:.3f}", refresh=False)
    bar.update()


def _say_last(epoch: "Epoch", folds: int, epochs: int) -> None:
    if epoch.epoch == epochs:
        click.echo(f"fold {epoch.fold + 1} of {folds}: held-out multiclass log loss {epoch.held_out_loss:.3f}")
