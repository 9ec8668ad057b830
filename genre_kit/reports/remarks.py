"""What a run's numbers are held against, and what is remarkable about them: said on the terminal and in the report."""

from collections.abc import Iterator, Mapping

from competition.scoring.boards import BY_SCORE
from competition.scoring.many_genres import named
from competition.scoring.probabilities import GUESSING
from genre_kit.runs.manifest import PoolRow, ScoresFile, YardstickRow

_LEAST_WEIGHT = 0.005
_FAR = 0.15
"""The share of what the best model gains over guessing; a model that lacks more of it is far worse than the rest."""
_HARDLY = 0.1
"""Of the score's standard error: a smaller gain is not worth the time."""
_SHOWN = 5e-5
"""What four digits show."""


def yardstick_sentences(scores: ScoresFile) -> list[str]:
    """Return a sentence for each yardstick: what it scores, and what it is; none for older runs."""
    return [f"{_values(one)}: {_meaning(one, scores)}" for one in scores.yardsticks or ()]


def _values(one: YardstickRow) -> str:
    return ", ".join(f"{value:.4f} {BY_SCORE[name].title}" for name, value in one.scores.items())


def _meaning(one: YardstickRow, scores: ScoresFile, where: str = "on the same folds") -> str:
    if one.name == GUESSING:
        commonest = max(scores.genres, key=lambda genre: genre["songs"])["genre"]
        return f"always {commonest}, and every genre's share as its probability"
    return f"a plain {one.name.replace('-', ' ')} {where}"


def kept_out_sentences(scores: ScoresFile) -> list[str]:
    """Return whether songs that were kept out score as was forecast, and what simple predictions of them score.

    Parameters
    ----------
    scores : ScoresFile
        There are no sentences where no songs were kept out.
    """
    if scores.kept_out is None:
        return []
    known = scores.kept_out_yardsticks or ()
    simple = [f"{_values(one)}: {_meaning(one, scores, where='trained on the other songs')}" for one in known]
    return [*_against_forecast(scores, scores.kept_out), *simple]


def _against_forecast(scores: ScoresFile, kept_out: Mapping[str, float]) -> list[str]:
    """Return the sentence that holds each board's score against its forecast."""
    intervals = {} if scores.board is None else {name: scores.board.interval_of(name) for name in scores.boards}
    said = [
        f"{BY_SCORE[name].title} lies {_where(kept_out[name], low, high)} its forecast, {low:.4f} to {high:.4f}"
        for name, interval in intervals.items()
        if interval is not None and name in kept_out
        for low, high in [interval]
    ]
    return ["; ".join(said)] if said else []


def _where(value: float, low: float, high: float) -> str:
    return "below" if value < low else "above" if value > high else "within"


def remarks(scores: ScoresFile) -> list[str]:
    """Return a sentence for each remarkable thing about a run's scores.

    Parameters
    ----------
    scores : ScoresFile
        What an older run's does not hold is passed over.
    """
    return [*_on_yardstick(scores), *_on_pool(scores), *_on_genres(scores), *_on_time(scores)]


def _on_yardstick(scores: ScoresFile) -> Iterator[str]:
    """Yield what simple predictions are not beaten by."""
    loss = scores.boards[1]
    members = {one.recipe for one in scores.pool}
    for one in scores.yardsticks or ():
        if scores.out_of_fold[loss] >= one.scores[loss] and members != {one.name}:
            what = "guessing" if one.name == GUESSING else f"a plain {one.name.replace('-', ' ')}"
            yield f"these models do no better than {what} ({one.scores[loss]:.4f} {BY_SCORE[loss].title})"


def _on_pool(scores: ScoresFile) -> Iterator[str]:
    """Yield which members of the pool are far worse than the best, or have no weight."""
    if len(scores.pool) < 2:
        return
    known = [one for one in scores.pool if one.alone is not None]
    for one in known:
        best = min((other for other in known if other is not one), key=_loss)
        if _is_far_worse(one, best, scores):
            has = "no weight" if one.weight < _LEAST_WEIGHT else f"weight {one.weight:.2f}"
            sizes = f"{one.alone:.4f} {BY_SCORE[scores.boards[1]].title}, not {best.alone:.4f}"
            yield f"{one.recipe} is far worse than {best.recipe} ({sizes}); it has {has}"
        elif one.weight < _LEAST_WEIGHT:
            yield f"{one.recipe} has no weight: the others do without it"


def _loss(one: PoolRow) -> float:
    return float("inf") if one.alone is None else one.alone


def _is_far_worse(one: PoolRow, best: PoolRow, scores: ScoresFile) -> bool:
    nothing = next((row.scores[scores.boards[1]] for row in scores.yardsticks or () if row.name == GUESSING), None)
    return nothing is not None and _loss(one) - _loss(best) > _FAR * max(0.0, nothing - _loss(best))


def _on_genres(scores: ScoresFile) -> Iterator[str]:
    """Yield which genres are never predicted."""
    never = [one for one in scores.genres if one["songs"] and one.get("predicted_share") == 0]
    if never:
        names = named([f"{one['genre']} ({one['songs']} songs)" for one in never])
        yield f"never predicted, out of fold: {names}"


def _on_time(scores: ScoresFile) -> Iterator[str]:
    """Yield whether more time is likely to help."""
    loss = scores.boards[1]
    if scores.late_gain is not None and scores.late_gain < _HARDLY * scores.out_of_fold[f"{loss}_se"]:
        gain = f"{scores.late_gain:.4f} {BY_SCORE[loss].title}" if scores.late_gain >= _SHOWN else "nothing"
        yield f"more time will hardly help: the models trained in the second half of it gained {gain}"
