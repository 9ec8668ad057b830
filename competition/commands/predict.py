"""`submit --from RUN`: a finished run's models applied to a test file, without training."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np

from competition import runs
from competition.commands.inputs import open_test_songs
from competition.commands.plan import choose_rule
from competition.commands.submission import describe_files, warn_of_chance, write_submission
from competition.csv_files import locate
from competition.edition import EDITION_FILE, Edition, find_edition, read_edition
from competition.errors import EditionError, RunError
from competition.finished import read_finished
from competition.prior_shift import estimate_shift
from competition.runs import MANIFEST, check_finished, check_free, default_folder, new_run
from competition.saved_models import MODELS, load_models
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
    layout = _edition(run, edition, data)
    chosen = _rule(run, layout, rule, threshold, fallback)
    songs = open_test_songs(data, layout)
    probabilities = load_models(run / MODELS).predict(songs)
    if correct_shares:
        shift = estimate_shift(probabilities, read_finished(run).probabilities)
        warn_of_chance(shift)
        probabilities = shift.correct(probabilities)
    folder = out or default_folder(layout.name, f"from-{run.resolve().name}")
    with new_run(folder, force=force) as place:
        runs.write_json(place / MANIFEST, _manifest(run, layout, songs, chosen))
        write_submission(place, probabilities, chosen, layout, shares=None)
    if not quiet:
        source = "the embedded sample competition" if data is None else locate(data, layout.files.test)
        click.echo(f"models    {run}: nothing was trained\nsongs     {source}: {len(songs)} test songs")
        click.echo("\n".join(describe_files(folder, probabilities, chosen, layout, is_real=data is not None)))


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
    if rule is not None or threshold is not None or fallback is not None:
        chosen = choose_rule(rule or "threshold", threshold, fallback, edition)
        return _found(run, chosen) if isinstance(chosen, Search) else chosen
    try:
        return rule_from_table(json.loads((run / MANIFEST).read_text())["rule"])
    except (OSError, ValueError, KeyError) as problem:
        raise RunError(f"{run / MANIFEST}: cannot be read ({problem}); give the rule with --rule.") from None


def _found(run: Path, search: Search) -> Rule:
    """Return the rule that the run's out-of-fold songs lead to."""
    finished = read_finished(run)
    return settle(search, finished.targets, finished.probabilities, finished.assignment).rule


def _manifest(run: Path, edition: Edition, songs: np.ndarray, rule: Rule) -> dict[str, object]:
    return {
        "command": ["genre-kit", *sys.argv[1:]],
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "edition": edition.name,
        "models": str(run),
        "test_rows": len(songs),
        "rule": rule.to_table(),
        "environment": runs.environment(),
    }
