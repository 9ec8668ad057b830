"""The lines about the two submission files."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from competition.data.edition import Edition
from competition.data.sample import SOURCE
from competition.scoring.many_genres import are_many, named, those_shown
from competition.scoring.metrics import Estimate
from competition.scoring.prior_shift import UNLIKELY
from competition.scoring.probabilities import FLOOR
from competition.storage.folders import SCORES
from genre_kit.reports.data import said_by
from genre_kit.reports.lines import WIDTH, labelled
from genre_kit.results.run import Result
from genre_kit.runs.manifest import Manifest, ScoresFile
from submissions.layout import LABEL_FILE, PROBABILITY_FILE
from submissions.rule_search import Settled
from submissions.rules import Argmax, Rule, rule_to_table


def describe_shares(result: Result) -> list[str]:
    """Return the lines that compare the test songs' genre shares with those of the training songs.

    There are none where the difference is no more than chance, and nothing is corrected for it.
    """
    shift, shares = result.shift, result.training_shares if result.held_out is None else result.held_out.shares
    if shift is None or shares is None or not (result.corrected or _is_shift_clear(result)):
        return []
    verdict = "no more than by chance" if shift.chance > UNLIKELY else "more than by chance"
    used = (
        "the probabilities are corrected for them" if result.corrected else "--correct-shares takes them into account"
    )
    by_genre = _by_genre(result.edition.genres, shares, shift.estimated)
    lines = [f"genre shares differ between the files {verdict} (p = {shift.chance:.2g}); {used}"]
    lines += textwrap.wrap(f"training|test, estimated: {by_genre}", WIDTH)
    return labelled("shares", lines)


def _by_genre(genres: Sequence[str], known: np.ndarray, estimated: np.ndarray) -> str:
    """Return both shares of each genre; of many, those that differ most first."""
    order = those_shown(np.abs(estimated - known)) if are_many(genres) else range(len(genres))
    said = [f"{genres[place]} {known[place]:.3f}|{estimated[place]:.3f}" for place in order]
    if not are_many(genres):
        return ", ".join(said)
    return f"{', '.join(said)}, which differ most, and {len(genres) - len(said)} more in {SCORES}"


def _is_shift_clear(result: Result) -> bool:
    """Whether genre shares differ, and nothing else does that would look like it."""
    is_grouped = result.plan is not None and result.plan.dataset.groups is not None  # its chance counts rows as songs
    return result.shift is not None and result.shift.chance <= UNLIKELY and result.forecast is None and not is_grouped


def describe_files(result: Result, *, is_real: bool) -> list[str]:
    """Return the lines that say which rule was used, where the files are, and where they can be handed in."""
    edition, folder = result.edition, result.folder or Path()
    lines = [f"rule      {result.rule.describe(edition.genres)}{_fallbacks(result)}"]
    if result.held_out is not None:
        lines += _gain_lines(result, result.held_out.settled)
    lines += [f"files     {folder / LABEL_FILE}", f"          {folder / PROBABILITY_FILE}"]
    lines += ["          both checked: they are what the boards expect", *_left_out_lines(edition)]
    return [*lines, *(_boards(edition, folder) if is_real else [])]


def _left_out_lines(edition: Edition) -> list[str]:
    """Return a line on what the files say of genres that are left out; none where there are none."""
    names = named(edition.left_out)
    what = f"no song is labelled {names}: each has probability {FLOOR:g} in {PROBABILITY_FILE}"
    return labelled("", textwrap.wrap(what, WIDTH)) if names else []


def _gain_lines(result: Result, settled: Settled) -> list[str]:
    """Return the lines on what the rule gains out of fold; where it costs, what the labels are without it."""
    lines, probabilities, labels = gain_lines(settled), result.probabilities, result.predicted
    if settled.given_up is not None:
        return lines + _with_usual_rule(result, settled.given_up.rule)
    if settled.gain.value >= 0 or probabilities is None or labels is None or settled.rule.name == Argmax.name:
        return lines
    changed = np.count_nonzero(labels != probabilities.argmax(axis=1))
    if not changed:
        return [*lines, *labelled("", ["argmax would give the same labels"])]
    without = (
        [f"without it: python -m competition submit --from {result.folder} --rule argmax"] if result.trained else []
    )
    return [*lines, *labelled("", [f"argmax would give {changed} of the {len(labels)} labels otherwise", *without])]


def _with_usual_rule(result: Result, usual: Rule) -> list[str]:
    """Return the line that says how to have the labels of the usual rule, which gave way to argmax."""
    if result.trained and result.probabilities is not None:
        how = f"python -m competition submit --from {result.folder} --rule {usual.name}"
        return labelled("", [f"with it all the same: {how}"])
    return labelled("", [f"--rule {usual.name} takes it all the same"])


def gain_lines(settled: Settled) -> list[str]:
    """Return the lines on what a rule gains out of fold: none where it is argmax, as given."""
    return labelled("", textwrap.wrap(settled.describe_gain(), WIDTH))


def _boards(edition: Edition, folder: Path) -> list[str]:
    """Return where the files can be handed in, and the command that does; nothing where no board has a slug."""
    slugs = [(name, board.slug) for name, board in edition.boards.items() if board.slug is not None]
    pages = [f"{name.replace('_', ' '):<9} https://www.kaggle.com/c/{slug}" for name, slug in slugs]
    return [*pages, *(labelled("send", [f"python -m competition send {folder}"]) if pages else [])]


def _fallbacks(result: Result) -> str:
    if result.rule.fallback is None or result.probabilities is None:
        return ""
    fell_back = np.count_nonzero(result.rule.falls_back(result.probabilities))
    return f" ({fell_back} of {len(result.probabilities)} test songs)"


def predict_summary(result: Result, songs: str, known_by: Path | None = None) -> list[str]:
    """Return the lines that `submit --from` ends with.

    Parameters
    ----------
    result : Result
    songs : str
        Where the test songs came from.
    known_by : Path or None
        The run that knew that, where nobody named it.
    """
    count = 0 if result.probabilities is None else len(result.probabilities)
    files = describe_files(result, is_real=songs != SOURCE)
    lines = [
        f"models    {result.models_of}: nothing was trained",
        f"data      {said_by(known_by)}{songs}: {count} test songs",
    ]
    return [*lines, *describe_shares(result), files[0], *_known_accuracy(result), *files[1:]]


def _known_accuracy(result: Result) -> list[str]:
    """Return the line with the accuracy that the run whose models predict has measured for the rule, where it has."""
    if result.models_of is None or not (result.models_of / SCORES).is_file():
        return []
    known = ScoresFile.read(result.models_of).out_of_fold
    is_own = Manifest.read(result.models_of).rule == rule_to_table(result.rule, result.edition.labels)
    name = "accuracy" if is_own else "accuracy_argmax" if result.rule.name == Argmax.name else ""
    if name not in known:
        return []
    score = Estimate(known[name], known[f"{name}_se"])
    return labelled("", [f"held-out accuracy of {result.models_of} with this rule: {score}"])
