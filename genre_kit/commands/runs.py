"""`runs`: all runs under a place, the best or the latest first."""

from pathlib import Path

import click

from competition.errors import printable
from genre_kit import options


@click.command()
@click.argument("place", type=options.PATH, default=Path("runs"))
@options.joined(
    click.option(
        "--sort",
        type=click.Choice(["accuracy", "log-loss", "time"]),
        default="log-loss",
        show_default=True,
        help="The best on this board first, or the latest. Of an edition with other boards, accuracy stands for that "
        "of labels, log-loss for that of probabilities.",
    ),
    click.option("--data", type=options.PATH, metavar="DIR", help="Only runs on the training songs in this folder."),
    click.option("--edition", metavar="NAME", help="Only runs of this edition."),
    click.option(
        "--to-mlflow",
        metavar="URI",
        help="Write them, and finished searches, into an MLflow store instead, each once: a folder, an SQLite file "
        "(mlflow.db), or an address.",
    ),
    click.option("--json", "as_json", is_flag=True, help="For machines."),
)
@click.pass_context
def runs(
    context: click.Context,
    place: Path,
    sort: str,
    data: Path | None,
    edition: str | None,
    to_mlflow: str | None,
    as_json: bool,
) -> None:
    """List all runs under PLACE, by default those in runs/, and say which to hand in."""
    if to_mlflow is not None:
        options.refuse(context, ("sort", "as_json"), "with --to-mlflow")
        return _track(place, to_mlflow, edition, data)
    from genre_kit.reports.lines import say, say_json
    from genre_kit.reports.runs import run_lines, runs_table
    from genre_kit.runs.listing import list_runs
    from genre_kit.runs.recommending import recommend

    found = list_runs(place, sort, edition=edition, data=None if data is None else _training_songs(data))
    advice = [recommend(group) for group in found.groups]
    for line in dict.fromkeys([*found.unreadable, *(problem for one in advice for problem in one.unreadable)]):
        click.echo(printable(f"note: {line}"), err=True)
    if as_json:
        say_json(runs_table(found, advice))
    else:
        say(run_lines(found, advice, place, filtered=data is not None or edition is not None))


def _track(place: Path, to_mlflow: str, edition: str | None, data: Path | None) -> None:
    from genre_kit.jobs.track import track
    from genre_kit.reports.lines import say
    from genre_kit.reports.runs import tracked_lines

    songs = None if data is None else _training_songs(data)
    say(tracked_lines(track(place, to_mlflow, edition=edition, data=songs), place))


def _training_songs(data: Path) -> str:
    """Return the SHA-256 of a folder's training songs."""
    from genre_kit.jobs.steps.inputs import open_dataset

    return open_dataset(data, None, with_test=False).training_fingerprint
