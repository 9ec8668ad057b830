"""`submit --from RUN`: a finished run's models applied to a test file, without training."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from competition.data.dataset import fingerprint
from competition.data.edition import Edition
from competition.data.edition_file import EDITION_FILE, read_edition
from competition.data.formats.wrapping import data_place
from competition.errors import EditionError, RunError
from competition.inference.find import find_edition
from competition.models.saved import MODELS, load_models
from competition.scoring.boards import Goals, goals_of
from competition.scoring.prior_shift import estimate_shift
from competition.shift.correction import warn_of_chance
from competition.storage.folders import KEPT_OUT, MANIFEST, check_finished
from genre_kit.jobs.steps.inputs import DataChoice, PathLike, absolute, choose_data, open_test_songs
from genre_kit.jobs.steps.keep import check_out, keep
from genre_kit.jobs.steps.plan import refuse_correction, rule_for
from genre_kit.jobs.steps.saved_models import applying_models_of
from genre_kit.results.facts import Origin
from genre_kit.results.run import Result
from genre_kit.runs.finished import read_finished
from genre_kit.runs.manifest import Manifest
from submissions.rule_search import RuleSearch, UsualRule, refuse_options_without_effect, settle
from submissions.rules import Rule, rule_from_table


def predict(
    run: PathLike,
    *,
    data: PathLike | None = None,
    edition: str | None = None,
    rule: str | None = None,
    threshold: float | None = None,
    fallback: str | None = None,
    correct_shares: bool = False,
    out: PathLike | None = None,
    force: bool = False,
) -> Result:
    """Label a test file by a finished run's models; nothing is trained.

    Parameters
    ----------
    run : path
        The folder of a run that `submit` has trained.
    data, edition, correct_shares, out, force
        As for `submit`; of the data only the test file is read. Without data, that of the run.
    rule, threshold, fallback
        As for `submit`; by default those of the run, and each argument that is given replaces its part alone.

    Returns
    -------
    Result
        With `labels`, `probabilities` and `folder`; there are no scores, as nothing was held out.

    Raises
    ------
    KitError
        When the run keeps no models, or they cannot read the data.
    """
    run = Path(run)
    check_finished(run)
    check_out(out, force=force)
    saved = load_models(run / MODELS)
    songs_of = choose_data(data, edition, run)
    if songs_of.known is not None and (run / KEPT_OUT).is_file():
        raise RunError(
            f"{run}: has no test file: its test songs were kept out of its training file with `test_share`; give "
            f"`data` with a test file. Labels of the songs kept out by another rule take a new run of submit."
        )
    found = _edition(run, edition, songs_of)
    if correct_shares and found.left_out:
        refuse_correction()
    chosen = _rule(run, found, rule, threshold, fallback)
    started, clock = datetime.now(UTC), time.perf_counter()
    songs, entries, frames = open_test_songs(songs_of.data, found)
    sha256 = fingerprint(songs)
    if songs_of.known is not None and found == songs_of.known.edition:
        songs_of.known.check_test_songs(sha256)
    _refuse_gaps(run, songs)
    with applying_models_of(run):
        probabilities = saved.predict(songs, frames)
    finished = read_finished(run) if correct_shares else None
    shift = None if finished is None else estimate_shift(probabilities, finished.probabilities)
    if shift is not None:
        warn_of_chance(shift)
    result = Result(
        name=run.resolve().name,
        edition=found,
        data=None,
        rule=chosen,
        probabilities=entries.gathered(probabilities if shift is None else shift.correct(probabilities)),
        entries=entries,
        started=started,
        seconds=time.perf_counter() - clock,
        shift=shift,
        corrected=correct_shares,
        training_shares=None if finished is None else finished.shares,
        models_of=run,
        origin=Origin(absolute(songs_of.data), test_sha256=sha256),
    )
    return keep(result, out, (found.name, f"from-{run.resolve().name}"), force=force)


def _refuse_gaps(run: Path, songs: np.ndarray) -> None:
    """Raise RunError where cells are missing that the run's models cannot fill."""
    rows = np.flatnonzero(np.isnan(songs).any(axis=1))
    if rows.size and not read_edition(run / EDITION_FILE).allows_gaps:
        raise RunError(
            f"{run}: was trained on files in which no cell may be missing, and {len(rows)} of the {len(songs)} test "
            f"songs have missing cells, the first in row {rows[0] + 1}; train a run on an edition that lets them be "
            'missing: missing = "median" in its [columns] (docs/editions.md).'
        )


def _edition(run: Path, edition: str | None, songs: DataChoice) -> Edition:
    """Return the edition of the data, or the run's own where nothing says another; both must fit each other."""
    trained_on = read_edition(run / EDITION_FILE)
    folder = None if songs.data is None else data_place(songs.data)
    if edition is None and (songs.known is not None or folder is None or not (folder / EDITION_FILE).is_file()):
        return trained_on
    given = find_edition(edition, folder).whole
    if (given.genres, given.blocks) != (trained_on.whole.genres, trained_on.blocks):
        raise EditionError(
            f"{given.name}: has other genres or columns than {trained_on.name}, on which {run} was trained; "
            "its models cannot read them: give data in that layout."
        )
    return given.only(trained_on.genres)


def _rule(run: Path, edition: Edition, rule: str | None, threshold: float | None, fallback: str | None) -> Rule:
    """Return the rule that is asked for, or the run's own with the given parts changed."""
    if rule is not None:
        chosen = rule_for(edition, rule, threshold, fallback)
        return chosen if isinstance(chosen, Rule) else _found(run, chosen, goals_of(edition.boards))
    try:
        own = rule_from_table(_own_rule(Manifest.read(run), threshold, fallback), edition.labels)
    except (KeyError, TypeError) as problem:
        raise RunError(f"{run / MANIFEST}: {problem} is missing; give the rule with `rule`.") from None
    refuse_options_without_effect(own.name, threshold, fallback)
    return own.changed(threshold, None if fallback is None else edition.target_of(fallback))


def _own_rule(known: Manifest, threshold: float | None, fallback: str | None) -> Mapping[str, Any]:
    """Return a run's rule; the usual one that it did without where a part of that is given, and so asked for."""
    is_asked_for = threshold is not None or fallback is not None
    return known.usual_rule if is_asked_for and known.usual_rule is not None else known.rule


def _found(run: Path, search: RuleSearch | UsualRule, goals: Goals) -> Rule:
    """Find the rule on the run's out-of-fold songs."""
    finished = read_finished(run)
    targets, assignment, groups = finished.targets, finished.assignment, finished.groups
    return settle(search, targets, finished.as_test, assignment, goals.labels, groups).rule
