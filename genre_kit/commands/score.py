"""`score`: a model's out-of-fold score; finished runs, each and one against the other; or given files."""

from pathlib import Path
from typing import Any

import click

from competition.errors import printable
from genre_kit import options


@click.command()
@click.argument("runs", nargs=-1, type=options.PATH)
@options.joined(
    options.data,
    options.training,
    click.option(
        "--repeats",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="Draw the folds so many times, with the seeds that follow --seed, and average the scores.",
    ),
    click.option(
        "--predictions",
        type=options.PATH,
        multiple=True,
        metavar="FILE",
        help="Score this file instead of a model; may be repeated.",
    ),
    click.option(
        "--labels",
        type=options.PATH,
        metavar="FILE",
        help="The true labels for --predictions, one a line, or beside their ids.",
    ),
    click.option(
        "--for",
        "board_rows",
        type=click.IntRange(min=1),
        metavar="ROWS",
        help="Say what a board of that many songs is likely to say. [default: the test file's, where it is known]",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON, and nothing else."),
    options.out,
    options.edition,
    options.seed,
    options.force,
    options.quiet,
)
@click.pass_context
def score(
    context: click.Context, runs: tuple[Path, ...], predictions: tuple[Path, ...], labels: Path | None, **given: Any
) -> None:
    """Score a model out of fold; finished RUNS (the second and later ones against the first); or given files."""
    if runs and (predictions or labels):
        raise click.UsageError("Give folders of finished runs, or --predictions and --labels, not both.")
    if runs:
        options.refuse_others(context, {"runs", "board_rows", "as_json", "quiet"}, "on finished runs")
        _compare(runs, given["board_rows"], given["as_json"])
    elif not predictions and labels is None:
        _score_model(**given)
    elif not predictions or labels is None:
        raise click.UsageError("--predictions and --labels belong together. Give both, or neither to score a model.")
    else:
        kept = {"runs", "predictions", "labels", "data", "edition", "board_rows", "as_json", "quiet"}
        options.refuse_others(context, kept, "on given --predictions")
        _score_files(
            predictions, labels, **{name: given[name] for name in ("data", "edition", "board_rows", "as_json")}
        )


def _score_model(quiet: bool, as_json: bool, **given: Any) -> None:
    from genre_kit.jobs.train import score as score_model
    from genre_kit.reports.lines import say, say_json
    from genre_kit.reports.progress import training_progress
    from genre_kit.reports.training import model_table, score_summary

    with training_progress(quiet=quiet or as_json) as progress:
        result = score_model(**given, progress=progress)
    if as_json:
        say_json(model_table(result))
    else:
        say(score_summary(result), quiet=quiet)


def _compare(runs: tuple[Path, ...], board_rows: int | None, as_json: bool) -> None:
    from genre_kit.reports.lines import say, say_json
    from genre_kit.reports.scores import comparison_lines, comparison_table
    from genre_kit.runs.comparing import compare

    comparison = compare(runs)
    if as_json:
        say_json(comparison_table(comparison, board_rows))
    else:
        say(comparison_lines(comparison, board_rows))


def _score_files(
    predictions: tuple[Path, ...], labels: Path, *, board_rows: int | None, as_json: bool, **where: Any
) -> None:
    from genre_kit.jobs.score_files import score_files
    from genre_kit.reports.lines import paragraphs, say, say_json
    from genre_kit.reports.scores import file_lines, file_table

    scored = score_files(predictions, labels, **where)
    for one in scored:
        for finding in one.findings:
            click.echo(printable(f"note: {finding}"), err=True)
    if as_json:
        say_json({"files": [file_table(one, board_rows) for one in scored]})
    else:
        say(paragraphs([file_lines(one, board_rows) for one in scored]))
