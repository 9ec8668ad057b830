"""`explain`: what a finished run listens to, and where it loses points."""

from pathlib import Path
from typing import Any

import click

from genre_kit import options


@click.command()
@click.argument("run", type=options.PATH)
@options.joined(
    click.option(
        "--data", type=options.PATH, metavar="DIR", help="Where the run's songs are now. [default: where they were]"
    ),
    click.option(
        "--songs",
        type=click.IntRange(min=2),
        metavar="N",
        help="Shuffle columns among so many held-out songs. [default: 200 to 1500, by the number of blocks and bands]",
    ),
    click.option("--repeats", type=click.IntRange(min=1), default=3, show_default=True, help="Shuffles of each part."),
    click.option(
        "--columns",
        is_flag=True,
        help="Measure every single column on as many songs and shuffles as the blocks. [default: on fewer]",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print what is found as JSON, and nothing else."),
    click.option(
        "--out", type=options.PATH, metavar="DIR", help="Where it is written. [default: explain/ in RUN, anew]"
    ),
    options.seed,
    options.force,
    options.quiet,
)
def explain(run: Path, as_json: bool, quiet: bool, **given: Any) -> None:
    """Explain RUN, a finished run: which columns its models listen to, and where it loses points.

    Nothing is trained but a quick model for the learning curve. The page is explain/explain.html in RUN.
    """
    from genre_kit.jobs.explain import explain as explain_run
    from genre_kit.reports.explanation.lines import explain_progress, explanation_lines, explanation_table
    from genre_kit.reports.lines import say, say_json

    with explain_progress(quiet=quiet or as_json) as progress:
        explained = explain_run(run, progress=progress, **given)
    if as_json:
        say_json(explanation_table(explained))
    else:
        say(explanation_lines(explained), quiet=quiet)
