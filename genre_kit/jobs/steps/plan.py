"""A plan: all that decides a run's result, made from the arguments that `submit` and `score` share."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from competition.data.edition import Edition
from competition.errors import ArgumentError, KitWarning, RecipeError, listed
from competition.models.ensemble_training import Deadline
from competition.models.ensembles import POOLS, STEADY, Ensemble, Model, load_preset, read_ensemble, single
from competition.models.recipes import load_recipe
from competition.runtime.variables import warn_of_arithmetic
from competition.scoring.boards import goals_of
from competition.scoring.groups import grouping_of
from competition.scoring.many_genres import named
from genre_kit.jobs.steps.folds import choose_folds, written
from genre_kit.jobs.steps.inputs import (
    DataChoice,
    PathLike,
    absolute,
    choose_data,
    keep_songs_out,
    refuse_genres_as_groups,
)
from genre_kit.results.facts import Asked
from genre_kit.results.genres import GenreChoice, Genres
from genre_kit.results.run import Plan
from genre_kit.runs.known_data import known_data
from submissions.rule_search import (
    AUTO,
    RULE_NAMES,
    RuleSearch,
    UsualRule,
    choose_rule,
    refuse_options_without_effect,
)
from submissions.rules import RULES, Rule

DEFAULT_MODEL = "dense"
DEFAULT_PRESET = "standard"


def make_plan(
    *,
    data: PathLike | None,
    edition: str | None,
    with_test: bool,
    model: str | None,
    preset: str | None,
    recipe: PathLike | None,
    minutes: float | None,
    folds: int | PathLike,
    groups: PathLike | None,
    seeds: int | None,
    rule: str | None,
    threshold: float | None,
    fallback: str | None,
    seed: int,
    correct_shares: bool = False,
    test_share: float | None = None,
    add_recipe: PathLike | None = None,
    genres: Genres | None = None,
    without: Genres | None = None,
) -> Plan:
    """Make a plan of the arguments of the same names, as `genre_kit.submit` describes them.

    Raises
    ------
    KitError
        Where they are wrong; ArgumentError where they contradict each other.
    """
    deadline = None if minutes is None else Deadline.within(60 * minutes)
    ensemble = _choose_ensemble(model, preset, recipe, add_recipe, seeds, minutes, data)
    known_by = recipe if add_recipe is None else add_recipe
    return plan_of(
        choose_data(data, edition, known_by, GenreChoice(genres, without)),
        ensemble,
        Asked(written(folds), absolute(groups), rule, threshold, fallback, correct_shares, test_share),
        seed,
        with_test=with_test,
        deadline=deadline,
        is_pool=recipe is None and (model or DEFAULT_MODEL) in POOLS,
    )


def plan_of(
    chosen: DataChoice,
    ensemble: Ensemble,
    asked: Asked,
    seed: int,
    *,
    with_test: bool = True,
    deadline: Deadline | None = None,
    is_pool: bool = False,
) -> Plan:
    """Read the songs and divide them into folds; raises KitError where they are wrong.

    Parameters
    ----------
    chosen : DataChoice
    ensemble : Ensemble
    asked : Asked
    seed : int
    with_test : bool
        Whether test songs are to be labelled.
    deadline : Deadline or None
    is_pool : bool
        Whether the ensemble is one of the kit's pools, which get a steady model where the test songs are strangers, and
        do without those that would learn from too few of the songs.
    """
    warn_of_arithmetic()
    dataset = chosen.open(with_test=(with_test and asked.test_share is None) or None)
    origin = chosen.origin_of(dataset)
    ensemble.check_edition(dataset.edition)
    if asked.groups is not None:
        dataset = dataset.with_groups(Path(asked.groups))
        refuse_genres_as_groups(dataset)
    kept_out = None
    if asked.test_share is not None:
        dataset, kept_out = keep_songs_out(dataset, asked.test_share, seed)
    choice = choose_folds(dataset, asked.folds, seed)
    if is_pool:
        ensemble = _for_songs(ensemble, dataset.rows)
        if choice.has_strangers:
            ensemble = ensemble.with_model(Model(load_recipe(STEADY), seeds=1))
    if asked.correct_shares and dataset.has_other_genres_in_test:
        refuse_correction()
    return Plan(
        dataset=dataset if with_test or choice.needs_test_songs else dataset.without_test(),
        ensemble=ensemble,
        choice=choice,
        rule=rule_for(dataset.edition, asked.rule, asked.threshold, asked.fallback),
        seed=seed,
        asked=asked,
        deadline=deadline,
        kept_out=kept_out,
        origin=origin,
        known_by=chosen.known_by,
        grouping=grouping_of(dataset.groups, dataset.test_groups, lines_are_groups=dataset.lines_are_groups),
    )


def _choose_ensemble(
    model: str | None,
    preset: str | None,
    recipe: PathLike | None,
    add_recipe: PathLike | None,
    seeds: int | None,
    minutes: float | None,
    data: PathLike | None,
) -> Ensemble:
    _refuse_contradictions(model, preset, recipe, seeds, minutes)
    refuse_both("recipe", recipe, "add_recipe", add_recipe, "one replaces the pool that the other adds to")
    model = model or DEFAULT_MODEL
    if recipe is not None:
        chosen = _read(Path(recipe), data)
    elif model in POOLS:
        chosen = load_preset(model, preset or (DEFAULT_PRESET if minutes is None else "best"))
    else:
        chosen = single(load_recipe(model))
    if minutes is not None:
        chosen = replace(chosen, name=f"{chosen.name.removesuffix('-best')}-{minutes:g}-minutes")
    if add_recipe is not None:
        chosen = chosen.with_models_of(_read(Path(add_recipe), data))
    if seeds is not None and not chosen.needs_keras:
        raise ArgumentError(f"`seeds` has no effect on {chosen.name}, of which there is one a fold. Leave it out.")
    return chosen if seeds is None else chosen.with_seeds(seeds)


def _read(path: Path, data: PathLike | None) -> Ensemble:
    """Read a recipe; one that names code to import must be in no folder that may be from somebody else."""
    ensemble = read_ensemble(path)
    if ensemble.imports:
        folder = path if path.is_dir() else path.parent
        if data is not None and folder.resolve().is_relative_to(Path(data).resolve()):
            refuse_imports(ensemble, path, "the competition's files")
        if known_data(path) is not None:
            refuse_imports(ensemble, path, "a run or search")
        ensemble.check_imports()
    return ensemble


def refuse_imports(ensemble: Ensemble, path: Path, of: str) -> None:
    """Raise RecipeError where an ensemble names code to import, and is from a folder of other people, perhaps."""
    if ensemble.imports:
        raise RecipeError(
            f"{path}: names code to import, {listed(ensemble.imports)}, which is not taken from the folder of {of}; if "
            "you trust it, copy the recipe into a file elsewhere, and give that with `recipe`."
        )


def _for_songs(ensemble: Ensemble, songs: int) -> Ensemble:
    """Return a pool's models for so many songs, with a KitWarning about those that are left out."""
    kept = ensemble.for_songs(songs)
    for model in ensemble.models:
        if model not in kept.models:
            warnings.warn(
                f"{model.recipe.name} is left out: it learns from at most {model.most_songs:,} songs, too few of "
                f"{songs:,} to add anything to models that learn from all.",
                KitWarning,
                stacklevel=3,
            )
    return kept


def _refuse_contradictions(
    model: str | None, preset: str | None, recipe: PathLike | None, seeds: int | None, minutes: float | None
) -> None:
    refuse_both("model", model, "recipe", recipe, "a recipe says its own model")
    if preset is not None and (recipe is not None or (model or DEFAULT_MODEL) not in POOLS):
        raise ArgumentError(f"`preset` is for `model` {' and `model` '.join(POOLS)}, not for a single recipe.")
    for name, value in (("preset", preset), ("seeds", seeds)):
        refuse_both("minutes", minutes, name, value, "both say how much is trained")


def refuse_both(one: str, first: object, other: str, second: object, why: str) -> None:
    """Raise ArgumentError where two arguments are given that exclude each other.

    Parameters
    ----------
    one, other : str
        The arguments' names.
    first, second : object
        Their values; None where they are not given.
    why : str
        The sentence's end.
    """
    if first is not None and second is not None:
        raise ArgumentError(f"`{one}` and `{other}` contradict each other: {why}. Give one.")


def refuse_correction() -> NoReturn:
    """Raise ArgumentError where genre shares cannot be compared."""
    raise ArgumentError(
        "`correct_shares` compares the genre shares of test and training songs, and the test file has songs of genres "
        "that are left out, too. Leave it out."
    )


def rule_for(
    edition: Edition, asked: str | None, threshold: float | None, fallback: str | None
) -> Rule | RuleSearch | UsualRule:
    """Return the rule that is asked for, or the search that is to find it.

    A rule that nobody asks for, by its name or by an option of it, gives way to argmax where it costs too much.

    Parameters
    ----------
    edition : Edition
    asked : str or None
        One of `RULE_NAMES`; None for the edition's.
    threshold : float or None
        In [0, 1]; None for the rule's default, or where it is to be found.
    fallback : str or None
        Name or label of the fallback genre; by default the edition's.

    Raises
    ------
    ArgumentError
        When there is no rule of that name, an argument has no effect on it, or it needs a fallback genre and the
        edition's is left out.
    EditionError
        When the edition has no such genre.

    Warns
    -----
    KitWarning
        Where the edition's rule is another, as its fallback genre is left out.
    """
    usual = edition.whole.default_rule
    name = (edition.default_rule if fallback is None and threshold is None else usual) if asked is None else asked
    if name not in RULE_NAMES:
        raise ArgumentError(f"`rule` is {name!r}; expected one of {', '.join(RULE_NAMES)}.")
    refuse_options_without_effect(name, threshold, fallback)
    target = edition.fallback_target if fallback is None else edition.target_of(fallback)
    if target is None:
        _check_does_without_fallback(name, edition)
        target = 0  # which these rules pass over
    if asked is None and name != usual:
        message = (
            f"{edition.fallback}, the fallback genre of rule {usual}, is left out: labels are those of rule {name}"
        )
        warnings.warn(f"{message}. Name another `fallback` to keep {usual}.", KitWarning, stacklevel=2)
    rule = choose_rule(name, threshold, target, goals_of(edition.boards).labels)
    is_asked_for = asked is not None or threshold is not None or fallback is not None
    return rule if is_asked_for or not isinstance(rule, Rule) or rule.fallback is None else UsualRule(rule)


def _check_does_without_fallback(name: str, edition: Edition) -> None:
    """Raise ArgumentError where a rule has a fallback genre, and the edition's is left out."""
    if name == AUTO or "fallback" in RULES[name].options:
        raise ArgumentError(
            f"`rule` {name} falls back to {edition.fallback}, which is left out; name another `fallback`, of "
            f"{named(edition.genres)}, or take `rule` argmax."
        )
