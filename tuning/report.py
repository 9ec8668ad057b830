"""What a search found, for machines and for people."""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from competition.models.networks.recipe import Recipe
from competition.scoring.metrics import Estimate
from competition.scoring.scores import Scores, shown
from competition.storage.toml import toml_text
from tuning.trials.outcomes import SAID, Outcome
from tuning.trials.study import REPEATS, Budget, Study

if TYPE_CHECKING:
    from tuning.trials.finals import Finalist, Plain

RECIPE = "recipe.toml"


@dataclass(frozen=True)
class Found:
    """A finished search.

    Attributes
    ----------
    study : Study
    budget : Budget
    trials : sequence of (trial number, Outcome)
    seconds : float
        Over all sessions of the search.
    finalists : sequence of Finalist
        The best first: the winner.
    holdout : Scores or None
    holdout_rows : int
        0 without a holdout.
    plain : Plain or None
        What a preset scores on the finals' folds.
    is_exhausted : bool
        Whether no recipe was left in the space that had not been tried, before the budget was spent.
    """

    study: Study
    budget: Budget
    trials: Sequence[tuple[str, Outcome]]
    seconds: float
    finalists: "Sequence[Finalist]"
    holdout: Scores | None
    holdout_rows: int
    plain: "Plain | None" = None
    is_exhausted: bool = False

    @property
    def recipe(self) -> Recipe:
        """The winner's recipe."""
        return self.study.space.to_recipe(self.finalists[0].values, f"{self.study.space.name}-tuned")

    def to_table(self) -> dict[str, Any]:
        """Return the result as a JSON-serializable dictionary."""
        return {
            "objective": self.study.objective.name,
            "space": self.study.space.name,
            "trials": len(self.trials),
            "states": dict(Counter(outcome.state for _, outcome in self.trials)),
            **({"exhausted": True} if self.is_exhausted else {}),
            "seconds": round(self.seconds, 1),
            "budget": asdict(self.budget),
            "folds": self.study.folds.count,
            "first": self.trials[0][0],
            "winner": self.finalists[0].to_table(),
            "finalists": [one.to_table() for one in self.finalists],
            "plain": None if self.plain is None else self.plain.to_table(),
            "holdout": None if self.holdout is None else self.holdout.to_table() | {"rows": self.holdout_rows},
            "recipe": self.recipe.to_table(),
        }


def recipe_text(recipe: Recipe) -> str:
    """Return a recipe as the TOML file that `competition.models.recipes.read_recipe` reads."""
    return toml_text(recipe.to_table())


def result_lines(
    result: Mapping[str, Any], folder: Path, data: Path | None = None, *, has_test: bool = True, without: str = ""
) -> list[str]:
    """Return the lines that report a result.

    Parameters
    ----------
    result : mapping
    folder : Path
        The search's.
    data : Path or None
        The folder that was searched on; None for the sample.
    has_test : bool
        Whether there is a test file; where there is none, songs are to be kept out.
    without : str
        The genres that were left out, as submit takes them; empty where none was.
    """
    name = shown(result["objective"])
    states = ", ".join(f"{count} {SAID.get(state, state)}" for state, count in sorted(result["states"].items()))
    lines = [f"trials    {result['trials']} ({states}) in {result['seconds'] / 60:.1f} minutes"]
    if result.get("exhausted"):
        lines += ["          it ends here: no recipe is left in the space that has not been tried"]
    lines += [""]
    lines += [f"{name:<24}{'as searched':>12}{f'on {REPEATS} new sets of folds':>24}{'better than the first by':>28}"]
    lines += [_line(one, place, result["first"]) for place, one in enumerate(result["finalists"])]
    plain = result.get("plain")  # searches of older versions have none
    lines += [] if plain is None else [_plain_line(plain)]
    lines += ["", "The score as searched is the best of many and flatters its recipe; expect the one on new folds."]
    if result["holdout"] is not None:
        held = result["holdout"]
        score = Estimate(held[_score_name(result)], held[f"{_score_name(result)}_se"])
        lines += [f"holdout   {score} on {held['rows']} songs kept out of the whole search, scored once"]
    if result["winner"]["trial_id"] == result["first"]:
        lines += ["winner    the recipe that the search began with: no other one held up"]
    lines += [] if plain is None else [f"compare   {_verdict(plain)}"]
    submit = "python -m competition submit" + ("" if data is None else f" --data {data}")
    submit += f" --without {shlex.quote(without)}" if without else ""
    submit += "" if has_test else " --test-share 0.3"
    return [
        *lines,
        f"recipe    {folder / RECIPE}",
        f"next      {submit} --add-recipe {folder} --out runs/with",
        "          trains it in the pool of submit's other models; with --recipe instead, alone",
        f"          then see whether it helped: {submit} --out runs/without",
        "          python -m competition score runs/without runs/with",
    ]


def _score_name(result: Mapping[str, Any]) -> str:
    return "accuracy_argmax" if result["objective"] == "accuracy" else result["objective"]


def _plain_line(plain: Mapping[str, Any]) -> str:
    fresh, gain = (Estimate(plain[name], plain[f"{name}_se"]) for name in ("afresh", "gain"))
    return f"{'':<8}{_preset(plain):<16}{'':>12}{fresh!s:>24}{gain!s:>28}"


def _preset(plain: Mapping[str, Any]) -> str:
    """Return what a preset's ensemble, such as ``"dense-quick"``, is called on the command line."""
    return f"preset {plain['name'].rpartition('-')[2]}"


def _verdict(plain: Mapping[str, Any]) -> str:
    """Return how the preset compares with the winner."""
    over = Estimate(plain["over_winner"], plain["over_winner_se"])
    size = f"by {Estimate(abs(over.value), over.standard_error)}"
    what = f"a plain submit with {_preset(plain)}, a pool of models,"
    if abs(over.value) <= over.standard_error:
        return f"{what} and the winner alone do not differ clearly ({size})"
    return f"{what} is {'better' if over.value > 0 else 'worse'} than the winner alone {size}"


def _line(one: Mapping[str, Any], place: int, first: str) -> str:
    title = ("winner" if place == 0 else "") + f"{'':<{2 if place == 0 else 8}}trial {one['trial_id']}"
    fresh = f"{Estimate(one['afresh'], one['afresh_se'])}"
    gain = "the first trial" if one["trial_id"] == first else f"{Estimate(one['gain'], one['gain_se'])}"
    return f"{title:<24}{one['searched']:>12.4f}{fresh:>24}{gain:>28}"
