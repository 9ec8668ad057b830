"""`submit --from RUN`: a finished run's models applied to a test file, without training."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np

from competition.data.csv_files import locate
from competition.data.edition import EDITION_FILE, Edition, find_edition, read_edition
from competition.data.sample import SOURCE
from competition.errors import EditionError, RunError
from competition.models.saved import MODELS, load_models
from competition.scoring.prior_shift import estimate_shift
from competition.storage import folders
from competition.storage.folders import MANIFEST, check_finished, check_free, default_folder, new_run
from genre_kit.jobs.inputs import open_test_songs
from genre_kit.jobs.plan import choose_rule, refuse_options_without_effect
from genre_kit.reports.submission import describe_files, describe_shares, warn_of_chance, write_submission
from genre_kit.runs.finished import read_finished, read_manifest
from submissions.rule_search import Search, settle
from submissions.rules import Rule, rule_from_table


def predict(
    *,
    run: Path,
    data: Path | None,
    edition: str | None,
    out: Path | None,
    quiet: bool,
    force: bool,
    rule: str | None,
    threshold: float | None,
    fallback: str | None,
    correct_shares: bool,
) -> None:
    """Carry out the command; the parameters are its options."""
    check_finished(run)
    if out is not None:
        check_free(out, force=force)
    saved = load_models(run / MODELS)
    _refuse_sample_songs(run, data)
    layout = _edition(run, edition, data)
    chosen = _rule(run, layout, rule, threshold, fallback)
    songs = open_test_songs(data, layout)
    probabilities = saved.predict(songs)
    lines = []
    if correct_shares:
        probabilities, lines = _correct(run, probabilities, layout)
    folder = out or default_folder(layout.name, f"from-{run.resolve().name}")
    with new_run(folder, force=force) as place:
        folders.write_json(place / MANIFEST, _manifest(run, layout, songs, chosen, corrected=correct_shares))
        write_submission(place, probabilities, chosen, layout, shares=None)
    if not quiet:
        source = SOURCE if data is None else locate(data, layout.files.test)
        click.echo(f"models    {run}: nothing was trained\nsongs     {source}: {len(songs)} test songs")
        lines += describe_files(folder, probabilities, chosen, layout, is_real=data is not None)
        click.echo("\n".join(lines))


def _refuse_sample_songs(run: Path, data: Path | None) -> None:
    """Raise RunError where no data is named, and the run was not trained on the embedded sample."""
    source = read_manifest(run).get("data", {}).get("source")
    if data is None and source != SOURCE:
        raise RunError(f"{run}: was trained on {source}; say with --data in which folder the test file is.")


def _correct(run: Path, probabilities: np.ndarray, layout: Edition) -> tuple[np.ndarray, list[str]]:
    """Return the probabilities corrected for the genre shares that they show, and the lines that tell of them."""
    finished = read_finished(run)
    shift = estimate_shift(probabilities, finished.probabilities)
    warn_of_chance(shift)
    training = np.bincount(finished.targets, minlength=len(layout.genres)) / len(finished.targets)
    return shift.correct(probabilities), describe_shares(shift, training, layout.genres, corrected=True)


def _edition(run: Path, edition: str | None, data: Path | None) -> Edition:
    """Return the edition of the data, or the run's own where nothing says another; both must fit each other."""
    trained_on = read_edition(run / EDITION_FILE)
    if edition is None and (data is None or not (data / EDITION_FILE).is_file()):
        return trained_on
    given = find_edition(edition, data)
    if (given.genres, given.blocks) != (trained_on.genres, trained_on.blocks):
        raise EditionError(
            f"{given.name}: has other genres or columns than {trained_on.name}, on which {run} was trained; "
            "its models cannot read them: give data in that layout."
        )
    return given


def _rule(run: Path, edition: Edition, rule: str | None, threshold: float | None, fallback: str | None) -> Rule:
    """Return the rule that is asked for, or the run's own, with those of its parts changed that are given."""
    if rule is not None:
        chosen = choose_rule(rule, threshold, fallback, edition)
        return _found(run, chosen) if isinstance(chosen, Search) else chosen
    try:
        own = rule_from_table(read_manifest(run)["rule"])
    except (KeyError, TypeError) as problem:
        raise RunError(f"{run / MANIFEST}: {problem} is missing; give the rule with --rule.") from None
    name = own.to_table()["name"]
    refuse_options_without_effect(name, threshold, fallback)
    cutoff = {} if threshold is None else {name: threshold}  # of a threshold or a margin
    return replace(own, **cutoff, **({} if fallback is None else {"fallback": edition.target_of(fallback)}))


def _found(run: Path, search: Search) -> Rule:
    """Return the rule that the run's out-of-fold songs lead to."""
    finished = read_finished(run)
    return settle(search, finished.targets, finished.probabilities, finished.assignment).rule


def _manifest(run: Path, edition: Edition, songs: np.ndarray, rule: Rule, *, corrected: bool) -> dict[str, object]:
    return {
        "command": ["genre-kit", *sys.argv[1:]],
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "edition": edition.name,
        "models": str(run),
        "test_rows": len(songs),
        "rule": rule.to_table(),
        "corrected_shares": corrected,
        "environment": folders.environment(),
    }
