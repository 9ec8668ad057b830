"""The command line: `python -m competition COMMAND`, also installed as `genre-kit COMMAND`.

Only options are declared here. What a command does is in `genre_kit.commands`, imported when the command
runs, so that ``--help`` and ``check`` never wait for TensorFlow.
"""

import re
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click

from competition import __version__
from competition.errors import KitError, KitWarning
from competition.runtime.memory import take_process

INTERRUPTED, TERMINATED = 130, 143
_MOST_ROWS = 1000


class NumberType(click.FloatRange):
    """A number of a range; what is not a number is refused."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        """Return a float of the range."""
        number = super().convert(value, parameter, context)
        return number if number == number else self.fail(f"{value} is not a number.")


class FoldsType(click.ParamType):
    """A number of folds, or the path of a file with one fold number a row."""

    name = "N|FILE"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> int | Path:
        """Return an int or a Path."""
        text = str(value)
        if re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
            return int(text)
        return Path(text)


class RowsType(click.ParamType):
    """Row numbers from 1, single or as ranges: ``1,5,10-12``."""

    name = "ROWS"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> list[int]:
        """Return the numbers in the order given."""
        rows: list[int] = []
        for part in str(value).split(","):
            found = re.fullmatch(r"\s*(\d{1,9})(?:-(\d{1,9}))?\s*", part, re.ASCII)
            if not found:
                self.fail(f'"{part}" is not a row number or a range; expected for example 1,5,10-12.')
            rows += islice(range(int(found[1]), int(found[2] or found[1]) + 1), _MOST_ROWS)
        return rows or self.fail(f'"{value}" names no rows; ranges go upwards.')


def _options(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Join option declarations into one decorator, first listed first in the help."""

    def decorate(command: Any) -> Any:
        """Declare the options for a command."""
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


_TRAINING = ("model", "preset", "minutes", "recipe", "folds", "groups", "seeds", "seed")
_NOT_TO_BLEND = ("data", "edition", *_TRAINING)
_PATH = click.Path(path_type=Path, readable=False)
_data = click.option(
    "--data", type=_PATH, metavar="DIR", help="Folder with the competition's CSV files. [default: the embedded sample]"
)
_edition = click.option(
    "--edition",
    metavar="NAME|FILE",
    help="Built-in edition or an edition's TOML file. [default: edition.toml in the data folder, else mlbp-2018]",
)
_out = click.option("--out", type=_PATH, metavar="DIR", help="Where the results go. [default: a new folder in runs/]")
_seed = click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**32 - 1),
    default=0,
    show_default=True,
    help="The same seed gives the same files.",
)
_quiet = click.option("--quiet", is_flag=True, help="Say only what was asked for, errors and notes.")
_force = click.option("--force", is_flag=True, help="Replace a finished run in the output folder.")
_folds = click.option(
    "--folds",
    type=FoldsType(),
    default="10",
    show_default=True,
    help="Number of folds, or a file with one fold number a row.",
)
_groups = click.option(
    "--groups",
    type=_PATH,
    metavar="FILE",
    help="One id a training song (artist, say): songs of one id stay in one fold. [default: the edition's, if any]",
)
_training = _options(
    click.option(
        "--model",
        metavar="NAME",
        help="dense or lstm (pools of several models, see --preset), or a single recipe: baseline, support-vector, "
        "... [default: dense]",
    ),
    click.option(
        "--preset",
        type=click.Choice(["quick", "standard", "best"]),
        help="How much effort, for dense and lstm. [default: standard]",
    ),
    click.option(
        "--minutes",
        type=NumberType(0, min_open=True),
        metavar="N",
        help="Train what fits into this time, instead of a preset.",
    ),
    click.option(
        "--recipe",
        type=_PATH,
        metavar="FILE|DIR",
        help="A recipe or ensemble of your own (TOML), or a folder with a recipe.toml, instead of --model.",
    ),
    _folds,
    _groups,
    click.option(
        "--seeds",
        type=click.IntRange(min=1),
        metavar="N",
        help="Networks of each recipe for every fold, whose probabilities are averaged. "
        "[default: the preset's or the file's; 4 for a single recipe]",
    ),
    click.option(
        "--rule",
        type=click.Choice(["threshold", "margin", "per-genre", "argmax", "auto"]),
        default="threshold",
        show_default=True,
        help="How probabilities become labels; auto takes what pays out of fold.",
    ),
    click.option(
        "--threshold",
        type=NumberType(0, 1),
        metavar="P",
        help="Where no probability (margin: no lead over the second) exceeds it, the fallback genre is written. "
        "[default: 0.25; margin: found out of fold]",
    ),
    click.option("--fallback", metavar="GENRE", help="Name or label of the fallback genre. [default: the edition's]"),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="genre-kit")
def cli() -> None:
    """From a music-genre competition's CSV files to label_pred.csv and label_all.csv.

    Without --data, what needs data works on a made-up sample competition.
    """


@cli.command()
@_options(
    _data,
    _training,
    click.option(
        "--from",
        "run",
        type=_PATH,
        metavar="RUN",
        help="Train nothing: apply the models of this finished run's folder to the test file.",
    ),
    click.option(
        "--blend",
        type=_PATH,
        multiple=True,
        metavar="RUN",
        help="Train nothing: pool the predictions of finished runs with the same folds; give it once for each.",
    ),
    click.option(
        "--correct-shares",
        is_flag=True,
        help="Correct the probabilities for the genre shares that they show in the test file.",
    ),
    _out,
    _edition,
    _seed,
    _force,
    _quiet,
)
@click.pass_context
def submit(context: click.Context, run: Path | None, blend: tuple[Path, ...], **options: Any) -> None:
    """Train, score held-out, write and check both files: the main job."""
    if run is not None and blend:
        raise click.UsageError("--from and --blend contradict each other: both say what predicts. Give one.")
    if blend:
        _refuse(context, _NOT_TO_BLEND, "with --blend, which takes finished runs as they are")
        from genre_kit.jobs.blend import blend_runs

        kept = {name: value for name, value in options.items() if name not in _NOT_TO_BLEND}
        blend_runs(folders=blend, **kept)
        return
    if run is None:
        from genre_kit.commands.submit import submit

        submit(**options)
        return
    _refuse(context, _TRAINING, "with --from, which trains nothing")
    from genre_kit.jobs.predict import predict

    if not _is_given(context, "rule"):
        options["rule"] = None
    predict(run=run, **{name: value for name, value in options.items() if name not in _TRAINING})


@cli.command()
@_options(
    _data,
    click.option("--model", metavar="NAME", help="What to search over: dense, lstm, classic-lstm. [default: dense]"),
    click.option("--space", type=_PATH, metavar="FILE", help="A space of your own (TOML), instead of --model."),
    click.option(
        "--trials", type=int, metavar="N", help="Trials in all. [default: 60, or as many as --minutes allows]"
    ),
    click.option("--minutes", type=float, metavar="M", help="Time for the whole search, kept to within one trial."),
    click.option(
        "--objective",
        type=click.Choice(["log-loss", "accuracy"]),
        default="log-loss",
        show_default=True,
        help="Which board to search for.",
    ),
    _folds,
    _groups,
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
        type=_PATH,
        metavar="DIR",
        help="The search's folder. [default: runs/EDITION-SPACE-tuning, the same each time]",
    ),
    _edition,
    _seed,
    click.option("--force", is_flag=True, help="Begin another search in a folder that holds a finished one."),
    _quiet,
)
def tune(**options: Any) -> None:
    """Search for a recipe that does better; goes on where it was interrupted."""
    from genre_kit.commands.tune import tune

    tune(**options)


@cli.command()
@click.argument("runs", nargs=-1, type=_PATH)
@_options(
    _data,
    _training,
    click.option(
        "--repeats",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="Draw the folds so many times, with the seeds that follow --seed, and average the scores.",
    ),
    click.option(
        "--predictions",
        type=_PATH,
        multiple=True,
        metavar="FILE",
        help="Score this file instead of a model; may be repeated.",
    ),
    click.option("--labels", type=_PATH, metavar="FILE", help="The true labels for --predictions, one a line."),
    click.option(
        "--for",
        "board_rows",
        type=click.IntRange(min=1),
        metavar="ROWS",
        help="Say what a board of that many songs is likely to say. [default: the test file's, where it is known]",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON, and nothing else."),
    _out,
    _edition,
    _seed,
    _force,
    _quiet,
)
@click.pass_context
def score(
    context: click.Context, runs: tuple[Path, ...], predictions: tuple[Path, ...], labels: Path | None, **options: Any
) -> None:
    """Score a model out of fold; finished RUNS (the second and later ones against the first); or given files."""
    if runs and (predictions or labels):
        raise click.UsageError("Give folders of finished runs, or --predictions and --labels, not both.")
    if runs:
        _refuse_others(context, "finished runs", options, {"board_rows", "as_json", "quiet"})
        from genre_kit.jobs.compare import score_runs

        score_runs(folders=runs, board_rows=options["board_rows"], as_json=options["as_json"])
        return
    if not predictions and labels is None:
        from genre_kit.commands.score import score_model

        score_model(**options)
        return
    if not predictions or labels is None:
        raise click.UsageError("--predictions and --labels belong together. Give both, or neither to score a model.")
    kept = {"data", "edition", "board_rows", "as_json"}
    _refuse_others(context, "given --predictions", options, kept | {"quiet"})
    from genre_kit.jobs.compare import score_files

    score_files(predictions=predictions, labels=labels, **{name: options[name] for name in kept})


def _refuse_others(context: click.Context, what: str, options: dict[str, Any], kept: set[str]) -> None:
    used = [name for name in options if name not in kept and _is_given(context, name)]
    if used:
        raise click.UsageError(f"--{used[0].replace('_', '-')} has no effect on {what}. Leave it out.")


@cli.command()
@click.argument("files", nargs=-1, required=True, type=_PATH)
@_options(
    _data,
    click.option("--allow-suspicious", is_flag=True, help="Let pass what is well formed but looks wrong."),
    _edition,
    _quiet,
)
def check(**options: Any) -> int:
    """Check submission FILES, or those in runs' folders, against the edition and the test data."""
    from genre_kit.commands.check import check

    return 0 if check(**options) else 1


@cli.command()
@_options(
    _data,
    click.option(
        "--rows",
        type=RowsType(),
        help="Songs to draw, by line of the training file: 1,5,10-12. [default: the first of each genre]",
    ),
    click.option(
        "--tuning", type=_PATH, metavar="DIR", help="Draw the search in this folder instead, into its plots/ or --out."
    ),
    _out,
    _edition,
    _force,
    _quiet,
)
@click.pass_context
def plot(context: click.Context, tuning: Path | None, **options: Any) -> None:
    """Draw the data: genre distribution, raw and standardized songs; or a search."""
    if tuning is None:
        from genre_kit.commands.plot import plot

        plot(**options)
        return
    used = [name for name in ("data", "edition", "rows") if _is_given(context, name)]
    if used:
        raise click.UsageError(f"--{used[0]} has no effect with --tuning. Leave it out.")
    from genre_kit.commands.plot_tuning import plot_tuning

    plot_tuning(tuning=tuning, **{name: options[name] for name in ("out", "quiet", "force")})


@cli.command()
@click.argument("place", type=_PATH, default=Path("runs"))
@_options(
    click.option(
        "--sort",
        type=click.Choice(["accuracy", "log-loss", "time"]),
        default="log-loss",
        show_default=True,
        help="The best on this board first, or the latest.",
    ),
    click.option("--json", "as_json", is_flag=True, help="For machines."),
)
def runs(**options: Any) -> None:
    """List all runs under PLACE, by default those in runs/."""
    from genre_kit.commands.runs import runs

    runs(**options)


@cli.command()
@_options(
    click.option(
        "--songs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Training songs; the test file has half as many again. [default: 4363]",
    ),
    _edition,
    _out,
    click.option("--force", is_flag=True, help="Replace files of the same names in the output folder."),
    _quiet,
)
def sample(**options: Any) -> None:
    """Write the sample competition as CSV files."""
    from genre_kit.commands.sample import sample

    sample(**options)


def _refuse(context: click.Context, names: Sequence[str], why: str) -> None:
    """Raise UsageError where one of the options `names` is given."""
    used = [name for name in names if _is_given(context, name)]
    if used:
        raise click.UsageError(f"--{used[0]} has no effect {why}. Leave it out.")


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; every mistake is met by a sentence on stderr."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, _terminate)
    with warnings.catch_warnings():
        warnings.simplefilter("always", KitWarning)
        warnings.showwarning = _show_warning
        try:
            return cli.main(arguments, prog_name=_program_name(), standalone_mode=False) or 0
        except KitError as problem:
            click.echo(f"error: {problem}", err=True)
            return 1
        except click.ClickException as problem:
            problem.show()
            return problem.exit_code
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted", err=True)
            return INTERRUPTED
        except BrokenPipeError:
            sys.stderr.close()  # whoever read the output has left; there is nobody to tell
            return 1
        except OSError as problem:
            click.echo(f"error: {problem.filename or 'output'}: {problem.strerror}.", err=True)
            return 1


def main() -> None:
    """Be the program: run the command line of this process and exit with its code."""
    take_process()
    sys.exit(run())


def _program_name() -> str:
    return "python -m competition" if Path(sys.argv[0]).name == "__main__.py" else "genre-kit"


def _terminate(signal_number: int, frame: Any) -> None:
    raise SystemExit(TERMINATED)


def _show_warning(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
    if issubclass(category, KitWarning):
        click.echo(f"note: {message}", err=True)
