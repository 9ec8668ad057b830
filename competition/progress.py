"""How far a training is: a bar on a terminal, plain lines elsewhere, nothing when asked to be quiet."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from tqdm import tqdm

from competition.crossfit import Progress, no_progress

_LINES = 5


@contextmanager
def training_progress(*, quiet: bool) -> Iterator[Progress]:
    """Yield what `cross_fit` is to call on its way."""
    if quiet:
        yield no_progress
    elif sys.stderr.isatty():
        with tqdm(desc="training", unit="epoch", leave=False) as bar:
            yield lambda done, total, loss: _advance(bar, done, total, loss)
    else:
        yield _say


def _advance(bar: tqdm, done: int, total: int, held_out_loss: float) -> None:
    bar.total = total
    bar.set_postfix_str(f"held-out loss {held_out_loss:.3f}", refresh=False)
    bar.update(done - bar.n)


def _say(done: int, total: int, held_out_loss: float) -> None:
    if done * _LINES // total > (done - 1) * _LINES // total:
        click.echo(f"epoch {done} of {total}: held-out training loss {held_out_loss:.3f}")
