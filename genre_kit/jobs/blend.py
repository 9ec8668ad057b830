"""`submit --blend RUN --blend RUN`: finished runs' predictions become one, without training."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from competition.data.edition import EDITION_FILE, edition_text
from competition.data.sample import SOURCE
from competition.scoring.metrics import Estimate, estimate, row_board_log_loss
from competition.scoring.pooling import pooled
from competition.scoring.prior_shift import PriorShift, estimate_shift
from competition.scoring.scores import BOARDS, Scores, score_genres, score_probabilities
from competition.storage import folders
from competition.storage.files import write_whole
from competition.storage.folders import check_free, default_folder, new_run
from genre_kit.jobs.plan import choose_rule
from genre_kit.reports.html import REPORT, write_report
from genre_kit.reports.scores import HEADING, board_table, gain_table, labelled, score_lines, shares_table
from genre_kit.reports.submission import describe_files, describe_shares, warn_of_chance, write_submission
from genre_kit.runs.blending import Blend, BlendableRun, blend, check_alike, read_run
from genre_kit.runs.record import Outcome, write_outcome
from submissions.rule_search import settle

_NAME = "blend"


@dataclass(frozen=True)
class Blended:
    """Runs made one.

    Attributes
    ----------
    runs : tuple of BlendableRun
    blend : Blend
        With a weight for each run.
    outcome : Outcome
    shift : PriorShift
        The genre shares of the test songs.
    corrected : bool
        Whether the test songs' probabilities are corrected for them.
    scores : Scores
    alone : tuple of Estimate
        Each run's own board log loss out of fold.
    over_best : Estimate
        By how much the blend's board log loss is below that of the best run alone.
    started : datetime
    seconds : float
    """

    runs: tuple[BlendableRun, ...]
    blend: Blend
    outcome: Outcome
    shift: PriorShift
    corrected: bool
    scores: Scores
    alone: tuple[Estimate, ...]
    over_best: Estimate
    started: datetime
    seconds: float

    @property
    def shares(self) -> np.ndarray:
        """Each genre's share of the training songs; float64, shape (genres,)."""
        targets = self.outcome.targets
        return np.bincount(targets, minlength=len(self.outcome.edition.genres)) / len(targets)

    def weighted(self) -> list[tuple[str, float, Estimate]]:
        """Return each run's folder, weight and own board log loss."""
        weights = map(float, self.blend.weights)
        return list(zip((str(run.folder) for run in self.runs), weights, self.alone, strict=True))


def blend_runs(
    *, folders: tuple[Path, ...], out: Path | None, quiet: bool, force: bool, correct_shares: bool, **rule: Any
) -> None:
    """Carry out the command; the parameters are its options, `rule` those of `choose_rule`."""
    if len(folders) < 2:
        raise click.UsageError("--blend takes at least two runs: give it once for each, --blend RUN --blend RUN.")
    if out is not None:
        check_free(out, force=force)
    blended = _blend(folders, correct_shares, **rule)
    if correct_shares:
        warn_of_chance(blended.shift)
    edition = blended.outcome.edition
    folder = out or default_folder(edition.name, _NAME)
    with new_run(folder, force=force) as place:
        _write(place, blended)
    if not quiet:
        click.echo("\n".join(_summary(blended, folder)))


def _blend(
    folders: Sequence[Path], correct_shares: bool, rule: str, threshold: float | None, fallback: str | None
) -> Blended:
    started, clock = datetime.now(UTC), time.perf_counter()
    finished = tuple(read_run(folder) for folder in folders)
    check_alike(finished)
    first, targets = finished[0], finished[0].scored.targets
    members = np.stack([run.out_of_fold for run in finished])
    found = blend(targets, members, first.folds)
    test = pooled(np.stack([run.test for run in finished]), found.weights)
    shift = estimate_shift(test, found.out_of_fold)
    chosen = choose_rule(rule, threshold, fallback, first.edition)
    outcome = Outcome(
        edition=first.edition,
        targets=targets,
        folds=first.folds,
        settled=settle(chosen, targets, found.out_of_fold, first.folds.assignment),
        out_of_fold=found.out_of_fold,
        uncalibrated=None,
        test=shift.correct(test) if correct_shares else test,
    )
    losses = np.stack([row_board_log_loss(targets, one) for one in [*members, found.out_of_fold]])
    return Blended(
        runs=finished,
        blend=found,
        outcome=outcome,
        shift=shift,
        corrected=correct_shares,
        scores=score_probabilities(outcome.targets, outcome.out_of_fold, outcome.settled.labels),
        alone=tuple(estimate(loss) for loss in losses[:-1]),
        over_best=estimate(losses[losses[:-1].mean(axis=1).argmin()] - losses[-1]),
        started=started,
        seconds=time.perf_counter() - clock,
    )


def _write(place: Path, blended: Blended) -> None:
    outcome, edition = blended.outcome, blended.outcome.edition
    folders.write_json(place / folders.SCORES, _scores_table(blended))
    folders.write_json(place / folders.MANIFEST, _manifest(blended))
    write_whole(place / EDITION_FILE, edition_text(edition))
    write_outcome(place, outcome)
    write_submission(place, outcome.test, outcome.settled.rule, edition, blended.shares)
    write_report(place, outcome.settled.rule.describe(edition.genres))


def _scores_table(blended: Blended) -> dict[str, Any]:
    gain, outcome = blended.blend.gain, blended.outcome
    return {
        "out_of_fold": blended.scores.to_table(),
        "intervals": blended.scores.intervals(),
        "board": board_table(blended.scores, len(outcome.targets), len(outcome.test)),
        "genres": score_genres(outcome.targets, outcome.settled.labels, outcome.edition.genres).to_table(),
        "model": _NAME,
        "folds": blended.outcome.folds.count,
        "members": len(blended.runs),
        "pool": [
            {"recipe": run, "weight": weight, "board_log_loss": alone.value}
            for run, weight, alone in blended.weighted()
        ],
        "pool_is_fitted": blended.blend.is_fitted,
        "pool_gain": gain.value,
        "pool_gain_se": gain.standard_error,
        "gain_over_best": blended.over_best.value,
        "gain_over_best_se": blended.over_best.standard_error,
        "rule_gain": gain_table(outcome.settled.gain),
        "test_shares": shares_table(blended.shift, blended.shares, corrected=blended.corrected),
        "seconds": round(blended.seconds, 1),
    }


def _manifest(blended: Blended) -> dict[str, Any]:
    outcome = blended.outcome
    return {
        "command": ["genre-kit", *sys.argv[1:]],
        "started": blended.started.isoformat(timespec="seconds"),
        "seconds": round(blended.seconds, 1),
        "edition": asdict(outcome.edition),
        "data": dict(blended.runs[0].scored.data),
        "ensemble": {"name": _NAME, "models": []},
        "folds": outcome.folds.count,
        "blend": [{"run": run, "weight": weight} for run, weight, _ in blended.weighted()],
        "rule": outcome.settled.rule.to_table(),
        "environment": folders.environment(),
    }


def _summary(blended: Blended, folder: Path) -> list[str]:
    source, outcome = blended.runs[0].scored.data["source"], blended.outcome
    lines = [f"blend     {len(blended.runs)} runs on {source}: nothing was trained", ""]
    lines += [f"held-out scores {HEADING}"]
    lines += score_lines(blended.scores, len(outcome.targets), len(outcome.test), BOARDS)
    weights = [f"{run}: alone {alone}, weight {weight:.2f}" for run, weight, alone in blended.weighted()]
    what = "these gain" if blended.blend.is_fitted else "all weigh the same: found ones would gain"
    weights.append(f"{what} {blended.blend.gain} board log loss")
    weights.append(f"blending gains {blended.over_best} over the best run alone")
    lines += ["", *labelled("pool", weights)]
    lines += describe_shares(blended.shift, blended.shares, outcome.edition.genres, corrected=blended.corrected)
    rule, gain = outcome.settled.rule, outcome.settled.describe_gain()
    lines += describe_files(folder, outcome.test, rule, outcome.edition, is_real=source != SOURCE, gain=gain)
    return [*lines, f"report    {folder / REPORT}: all scores, genre by genre, and pictures"]
