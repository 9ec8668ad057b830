"""`tune`: search for a recipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from competition.errors import printable
from genre_kit import options

if TYPE_CHECKING:
    from genre_kit.results.search import SearchPlan
    from tuning.progress import SearchProgress


@click.command()
@options.joined(
    options.data,
    click.option(
        "--model",
        metavar="NAME",
        help="What to search over: dense, lstm, classic-lstm; of frames cnn, classic-frames-lstm. [default: dense]",
    ),
    click.option("--space", type=options.PATH, metavar="FILE", help="A space of your own (TOML), instead of --model."),
    click.option(
        "--trials", type=int, metavar="N", help="Trials in all. [default: 60, or as many as --minutes allows]"
    ),
    click.option("--minutes", type=float, metavar="M", help="Time for the whole search, kept to within one trial."),
    click.option(
        "--objective",
        type=click.Choice(["log-loss", "accuracy"]),
        default="log-loss",
        show_default=True,
        help="Which board to search for: that of probabilities, or that of labels, whatever the edition's rank by.",
    ),
    options.folds,
    options.groups,
    options.genres,
    click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Networks of each fold."),
    click.option(
        "--holdout",
        type=click.FloatRange(0, 0.5, min_open=True),
        metavar="SHARE",
        help="Keep this share of the songs out of the whole search, and score the winner on them once.",
    ),
    click.option(
        "--initial", type=click.IntRange(min=2), default=12, show_default=True, help="Trials before the model is asked."
    ),
    click.option(
        "--alpha",
        type=click.FloatRange(0, min_open=True),
        default=0.01,
        show_default=True,
        help="Noise of the scores, as a share of their variance.",
    ),
    click.option(
        "--beta", type=click.FloatRange(0), default=1.8, show_default=True, help="How much to explore: 0 is not at all."
    ),
    click.option("--racing/--no-racing", default=True, help="End trials early that fall clearly behind. [default: on]"),
    click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Run trials in N processes."),
    click.option("--chief", metavar="HOST:PORT", help="Hand out trials there to workers on other machines."),
    click.option("--worker", metavar="HOST:PORT", help="Run trials that the chief there hands out; needs --id."),
    click.option("--id", "name", metavar="NAME", help="The worker's name, the same when it is started again."),
    click.option(
        "--out",
        type=options.PATH,
        metavar="DIR",
        help="The search's folder. [default: runs/EDITION-SPACE-tuning, the same each time]",
    ),
    options.edition,
    options.seed,
    click.option("--force", is_flag=True, help="Begin another search in a folder that holds a finished one."),
    options.quiet,
)
def tune(quiet: bool, **given: Any) -> None:
    """Search for a recipe that does better; goes on where it was interrupted."""
    from genre_kit.jobs.tune import tune as search
    from genre_kit.reports.lines import say
    from genre_kit.reports.search import search_lines

    found = search(**given, worker_command=_worker_command, progress=lambda plan: _progress(plan, quiet))
    if found is not None:
        say(search_lines(found), quiet=quiet)


def _worker_command(address: str, name: str) -> list[str]:
    """Return this command line as that of one of its workers."""
    return [sys.executable, "-m", "competition", *_as_worker(sys.argv[1:], address, name)]


def _as_worker(arguments: list[str], address: str, name: str) -> list[str]:
    """Return the arguments of ``tune --workers N`` as those of one of the workers."""
    kept, skip = [], False
    for argument in arguments:
        if not skip and not argument.startswith("--workers"):
            kept.append(argument)
        skip = not skip and argument == "--workers"
    return [*kept, "--worker", address, "--id", name]


@contextmanager
def _progress(plan: "SearchPlan", quiet: bool) -> "Iterator[SearchProgress]":
    """Print what is searched, show the search's progress, and say how to resume it when it is interrupted."""
    from genre_kit.reports.lines import say
    from genre_kit.reports.search import plan_lines
    from tuning.progress import search_progress

    say(plan_lines(plan), quiet=quiet)
    try:
        with search_progress(plan.study.objective, plan.budget, quiet=quiet) as progress:
            yield progress
    except (KeyboardInterrupt, SystemExit):
        note = f"note: {plan.folder} holds all finished trials; the same command goes on with the search."
        click.echo(printable(note), err=True)
        raise
