"""`explain`: what a finished run listens to, and where it loses points; from its saved models, without training."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.errors import ArgumentError, KitWarning, RunError
from competition.explain.confusions import costly_pairs_by_labels, costly_pairs_by_loss
from competition.explain.genres import lives_on
from competition.explain.hardest import hardest_songs
from competition.explain.importance import Importance, Songs, importances, sampled
from competition.explain.labels import label_noise
from competition.explain.more_songs import song_curve
from competition.explain.parts import Part, coarse_parts, fine_parts
from competition.models.saved import MODELS, OpenEnsemble, SavedEnsemble, load_models
from competition.storage.folders import KEPT_OUT, new_run
from genre_kit.jobs.steps.explanation_rows import (
    curve_row,
    genre_rows,
    hard_song_rows,
    importance_row,
    noise_row,
    pair_rows,
)
from genre_kit.jobs.steps.inputs import DataChoice, PathLike, keep_songs_out
from genre_kit.jobs.steps.keep import check_out
from genre_kit.jobs.steps.saved_models import applying_models_of
from genre_kit.reports.explanation.page import PAGE, write_page
from genre_kit.reports.explanation.pictures import write_explanation_pictures
from genre_kit.runs.explained.content import Explained, Explanation
from genre_kit.runs.explained.file import write_explanation
from genre_kit.runs.finished import FinishedRun, read_finished
from genre_kit.runs.known_data import known_data
from genre_kit.runs.manifest import Manifest

EXPLAIN = "explain"
"""The folder inside a run's."""
_LEAST_BYTES = 10_000_000
_PREDICTIONS, _OF_COLUMNS = 160_000, 60_000
"""How many songs are predicted in all, for parts of several columns and for single ones: at the size of a competition
of 4363 songs and 264 columns, the preset standard takes about 0.5 ms of a processor for each."""
_LEAST_SONGS, _MOST_SONGS = 200, 1500
_LEAST_OF_COLUMNS, _MOST_COLUMNS = 100, 600
_FAR = 0.1
"""By what share the models' loss may be off the run's own, whose pool is fitted for each fold anew."""

Tell = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def tell_nobody(what: str, done: int, total: int) -> None:
    """Ignore the progress.

    Parameters
    ----------
    what : str
    done, total : int
    """


@dataclass(frozen=True, eq=False)
class _Work:
    """What is explained: a run, its songs and its models."""

    run: FinishedRun
    dataset: Dataset
    models: OpenEnsemble
    seed: int
    tell: Tell

    @property
    def folds(self) -> Folds:
        """Which songs were held out together."""
        return Folds(self.run.assignment)


def explain(
    run: PathLike,
    *,
    data: PathLike | None = None,
    songs: int | None = None,
    repeats: int = 3,
    columns: bool = False,
    seed: int = 0,
    out: PathLike | None = None,
    force: bool = False,
    progress: Tell = tell_nobody,
) -> Explained:
    """Explain a finished run: importance of columns, by genre too, and where it loses points.

    Parameters
    ----------
    run : path
        The folder of a run that `submit` has trained.
    data : path or None
        Where its songs are now; by default where they were.
    songs : int or None
        How many held-out songs columns are shuffled among, at least 2; by default 200 to 1500, by how many parts the
        columns have.
    repeats : int
        Shuffles of each part, at least 1.
    columns : bool
        Whether every single column is measured on as many songs and shuffles as the parts; by default on fewer songs.
    seed : int
        Of the songs drawn and of the shuffles.
    out, force
        As for `submit`; by default the run's ``explain/``, which is written anew.
    progress : callable
        See `Tell`.

    Returns
    -------
    Explained

    Raises
    ------
    KitError
        When the run keeps no models, or its songs are gone or others.
    """
    if songs is not None and songs < 2:
        raise ArgumentError(f"`songs` is {songs}; expected at least 2, as columns are shuffled among them.")
    if repeats < 1:
        raise ArgumentError(f"`repeats` is {repeats}; expected at least 1.")
    run, replaces = Path(run), out is None or force
    finished, saved = read_finished(run), _saved_models(run)
    folder = run / EXPLAIN if out is None else Path(out)
    check_out(folder, force=replaces, least=_LEAST_BYTES)
    dataset = _songs(finished, data)
    progress("reading models", 0, 1)
    with applying_models_of(run):
        work = _Work(finished, dataset, _unflattened(saved, finished).opened(), seed, progress)
        found = _explanation(work, songs, repeats, every_column=columns)
    with new_run(folder, force=replaces) as place:
        write_explanation(place, found)
        pictures = write_explanation_pictures(place, found)
        write_page(place, found, run)
    return Explained(found, folder, folder / PAGE, tuple(folder / name for name in pictures))


def _saved_models(run: Path) -> SavedEnsemble:
    """Open the models' index; raises RunError where there are none, or some read more than columns."""
    manifest = Manifest.read(run)
    if manifest.blend:
        raise RunError(f"{run}: is a blend, which has no models of its own; explain the runs that it pools.")
    recipes = [model.get("recipe", {}) for model in (manifest.ensemble or {}).get("models", ())]
    reading = [recipe["name"] for recipe in recipes if recipe.get("reads", "columns") != "columns"]
    if reading:
        raise RunError(
            f"{run}: {reading[0]} reads frames, of which no column can be shuffled; expected a run whose models read "
            "columns alone."
        )
    return load_models(run / MODELS)


def _songs(finished: FinishedRun, data: PathLike | None) -> Dataset:
    """Return the songs that a run was trained on, with its groups; raises RunError where they are not there."""
    run = finished.folder
    known = known_data(run)
    assert known is not None  # a finished run knows its data, or says why not
    place = known.place if data is None else data
    dataset = DataChoice(place, known.edition, known).open(with_test=False)
    if (run / KEPT_OUT).is_file():
        dataset = _without_kept_out(dataset, run)
    if dataset.training_fingerprint != finished.training_hash:
        raise RunError(
            f"{run}: was trained on other songs than those in {dataset.source} (SHA-256 {finished.training_hash:.8}, "
            f"not {dataset.training_fingerprint:.8}); give the folder of its songs with `data`."
        )
    if finished.has_lost_groups:
        message = "its songs are grouped, and it does not say how: errors are over songs, and too small."
        warnings.warn(f"{run}: {message}", KitWarning, stacklevel=3)
    return replace(dataset, groups=finished.groups)


def _without_kept_out(dataset: Dataset, run: Path) -> Dataset:
    manifest = Manifest.read(run)
    if manifest.asked is None or manifest.asked.test_share is None or manifest.seed is None:
        raise RunError(f"{run}: does not say which songs were kept out; train the run again.")
    if manifest.asked.groups is not None:
        dataset = dataset.with_groups(Path(manifest.asked.groups))
    rest, _ = keep_songs_out(dataset, manifest.asked.test_share, manifest.seed)
    return rest.without_test()


def _unflattened(saved: SavedEnsemble, run: FinishedRun) -> SavedEnsemble:
    """Return the models pooled as for songs like the training songs, whatever the test file's are."""
    weights = {name: weight / run.flattening for name, weight in saved.weights.items()}
    return replace(saved, weights=weights, biases=saved.biases / run.flattening)


def _explanation(work: _Work, songs: int | None, repeats: int, *, every_column: bool) -> Explanation:
    run, genres = work.run, work.run.genres
    filled = work.dataset.filled()
    parts = coarse_parts(work.dataset.edition, filled.features)
    fine = fine_parts(work.dataset.edition)
    count = _songs_for(parts, repeats, songs, run)
    of_columns = _songs_for_columns(fine, count, every_column=every_column)
    chosen = sampled(run.targets, count, work.seed)
    before = work.models.pool_held_out(work.dataset.features[chosen], run.assignment[chosen], work.folds.count)
    _warn_where_far(run, chosen, before)
    coarse = _measured(work, chosen, parts, repeats, "shuffling blocks and bands")
    column_repeats = (repeats if every_column else 1) if of_columns else 0
    single = _measured(work, chosen[:of_columns], fine, column_repeats, "shuffling columns") if of_columns else ()
    metric = run.goals.probabilities
    names = work.dataset.song_names
    curve = song_curve(work.dataset, work.folds, run.goals, work.seed, partial(work.tell, "learning curve"))
    titles = work.dataset.edition.column_titles
    return Explanation(
        run=run.folder.resolve().name,
        model=run.model,
        edition=work.dataset.edition.title,
        training_sha256=run.training_hash,
        genres=genres,
        loss=metric.score,
        score=run.goals.labels.score,
        run_loss=float(run.row_scores[metric.score].mean()),
        held_out_loss=float(metric.row_values(run.targets[chosen], before).mean()),
        held_out_score=float(run.goals.labels.row_values(run.targets[chosen], before.argmax(axis=1)).mean()),
        of_songs=len(run.targets),
        songs=len(chosen),
        repeats=repeats,
        column_songs=of_columns,
        column_repeats=column_repeats,
        seed=work.seed,
        importance=tuple(importance_row(one, titles) for one in coarse),
        columns=tuple(importance_row(one, titles) for one in single),
        lives_on=genre_rows(lives_on(coarse, genres)),
        pairs_by_loss=pair_rows(costly_pairs_by_loss(run.targets, run.probabilities, metric, run.groups), genres),
        pairs_by_labels=pair_rows(costly_pairs_by_labels(run.targets, run.labels, len(genres), run.groups), genres),
        hardest=hard_song_rows(
            hardest_songs(filled.features, run.targets, run.probabilities, run.groups), genres, names
        ),
        label_noise=noise_row(label_noise(run.targets, run.probabilities, run.groups), genres, names),
        more_songs=curve_row(curve),
    )


def _songs_for(parts: Sequence[Part], repeats: int, songs: int | None, run: FinishedRun) -> int:
    """Return how many songs parts are shuffled among."""
    most = min(max(_PREDICTIONS // (len(parts) * repeats), _LEAST_SONGS), _MOST_SONGS) if songs is None else songs
    return min(most, len(run.targets))


def _songs_for_columns(fine: Sequence[Part], songs: int, *, every_column: bool) -> int:
    """Return how many songs single columns are shuffled among: the first of these; 0 where there are too many."""
    if every_column:
        return songs
    return 0 if len(fine) > _MOST_COLUMNS else min(max(_OF_COLUMNS // len(fine), _LEAST_OF_COLUMNS), songs)


def _measured(
    work: _Work, chosen: np.ndarray, parts: Sequence[Part], repeats: int, what: str
) -> tuple[Importance, ...]:
    run = work.run
    groups = None if run.groups is None else run.groups[chosen]
    songs = Songs(work.dataset.features[chosen], run.targets[chosen], len(run.genres), groups)

    def predict(features: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Predict songs by the models that have not seen them.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
        rows : ndarray of int64, shape (rows,)
            Which of the chosen songs each is.
        """
        return work.models.pool_held_out(features, run.assignment[chosen[rows]], work.folds.count)

    return importances(predict, songs, parts, run.goals, repeats, work.seed, partial(work.tell, what))


def _warn_where_far(run: FinishedRun, chosen: np.ndarray, before: np.ndarray) -> None:
    """Say where the saved models' loss is not about that of the run's own held-out probabilities."""
    metric = run.goals.probabilities
    own, found = (metric.row_values(run.targets[chosen], one).mean() for one in (run.probabilities[chosen], before))
    if abs(found - own) > _FAR * own:
        warnings.warn(
            f"{run.folder}: its saved models have a {metric.title} of {found:.4f} on held-out songs, its oof.csv of "
            f"{own:.4f}: were its files changed? What follows is of the models.",
            KitWarning,
            stacklevel=4,
        )
