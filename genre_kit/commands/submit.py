"""`submit`: the main job, in four ways: train, repeat a run, apply a finished run's models, or blend finished runs."""

from pathlib import Path
from typing import Any

import click

from genre_kit import options

_TO_REPEAT = {"manifest", "data", "out", "force", "quiet"}
_NOT_TO_BLEND = ("data", "edition", "test_share", *options.TRAINING)
_NOT_WITHOUT_TRAINING = ("test_share", *options.TRAINING)


def _one(context: click.Context, parameter: click.Parameter, runs: tuple[Path, ...]) -> Path | None:
    """Return the run that is given, if any; several are refused."""
    if len(runs) > 1:
        raise click.UsageError("--from takes one run; --blend RUN --blend RUN pools several. Give one.")
    return runs[0] if runs else None


@click.command()
@options.joined(
    options.data,
    options.training,
    click.option(
        "--from",
        "run",
        type=options.PATH,
        multiple=True,
        callback=_one,
        metavar="RUN",
        help="Train nothing: apply the models of this finished run's folder to the test file.",
    ),
    click.option(
        "--blend",
        type=options.PATH,
        multiple=True,
        metavar="RUN|DIR|OOF.csv,TEST.csv",
        help="Train nothing: pool the predictions of finished runs with the same folds; give it once for each. Another "
        "tool's join: a folder with oof.csv and label_all.csv, or both files.",
    ),
    click.option(
        "--manifest",
        type=options.PATH,
        metavar="FILE|RUN",
        help="Repeat a run as its manifest.json says: same songs, models, seed, folds and rule; with --data where the "
        "songs are elsewhere now.",
    ),
    click.option(
        "--correct-shares",
        is_flag=True,
        help="Correct the probabilities for the genre shares that they show in the test file.",
    ),
    click.option(
        "--test-share",
        type=options.NumberType(0, 0.5, min_open=True),
        metavar="SHARE",
        help="Without a test file: keep this share of the training songs out as one, and score both files on it.",
    ),
    options.out,
    options.edition,
    options.seed,
    options.force,
    options.quiet,
)
@click.pass_context
def submit(
    context: click.Context,
    run: Path | None,
    blend: tuple[Path, ...],
    manifest: Path | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Train, score held-out, write and check both files: the main job."""
    if manifest is not None:
        options.refuse_others(context, _TO_REPEAT, "with --manifest, which says all that is done")
        return _repeat(manifest, quiet, {name: given[name] for name in ("data", "out", "force")})
    if run is not None and blend:
        raise click.UsageError("--from and --blend contradict each other: both say what predicts. Give one.")
    if blend:
        options.refuse(context, _NOT_TO_BLEND, "with --blend, which takes finished runs as they are")
        _blend(blend, quiet, _without(given, _NOT_TO_BLEND))
    elif run is not None:
        options.refuse(context, _NOT_WITHOUT_TRAINING, "with --from, which trains nothing")
        rule = given["rule"] if options.is_given(context, "rule") else None
        _predict(run, quiet, _without(given, _NOT_WITHOUT_TRAINING) | {"rule": rule})
    else:
        _train(quiet, given)


def _without(given: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in names}


def _train(quiet: bool, given: dict[str, Any]) -> None:
    from genre_kit.jobs.train import submit as train
    from genre_kit.reports.lines import say
    from genre_kit.reports.progress import training_progress
    from genre_kit.reports.training import submit_summary

    with training_progress(quiet=quiet) as progress:
        result = train(**given, progress=progress)
    say(submit_summary(result), quiet=quiet)


def _repeat(manifest: Path, quiet: bool, given: dict[str, Any]) -> None:
    from genre_kit.jobs.repeat import repeat
    from genre_kit.reports.lines import say
    from genre_kit.reports.progress import training_progress
    from genre_kit.reports.training import submit_summary

    with training_progress(quiet=quiet) as progress:
        result = repeat(manifest, **given, progress=progress)
    say(submit_summary(result), quiet=quiet)


def _predict(run: Path, quiet: bool, given: dict[str, Any]) -> None:
    from genre_kit.jobs.predict import predict
    from genre_kit.jobs.steps.inputs import name_of_test_songs
    from genre_kit.reports.lines import say
    from genre_kit.reports.submission import predict_summary

    result = predict(run, **given)
    songs = name_of_test_songs(None if result.origin is None else result.origin.path, result.edition)
    say(predict_summary(result, songs, known_by=run if given["data"] is None else None), quiet=quiet)


def _blend(runs: tuple[Path, ...], quiet: bool, given: dict[str, Any]) -> None:
    from genre_kit.jobs.blend import blend
    from genre_kit.reports.lines import say
    from genre_kit.reports.training import blend_summary

    say(blend_summary(blend(runs, **given)), quiet=quiet)
