"""What a finished run takes along when it is exported: its models, those of the runs that it blends, and its record."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from competition.data.edition import Edition
from competition.data.edition_file import EDITION_FILE, edition_text, read_edition
from competition.data.songs import numbered
from competition.errors import RunError
from competition.models.saved import MODELS, SavedEnsemble, load_models
from competition.scoring.logarithmic_pool import pooled
from competition.storage.folders import MANIFEST, check_finished
from genre_kit.runs.known_data import is_run
from genre_kit.runs.manifest import Manifest, ScoresFile
from submissions.layout import layout_of
from submissions.rules import Rule, rule_from_table


@dataclass(frozen=True, eq=False)
class Exportable:
    """A finished run that predicts: with its own models, or as a blend of others.

    Attributes
    ----------
    folder : Path
    edition : Edition
    saved : SavedEnsemble or None
        None of a blend.
    blended : tuple of (Exportable, float)
        The runs of a blend, each with its weight.
    """

    folder: Path
    edition: Edition
    saved: SavedEnsemble | None
    blended: tuple[tuple["Exportable", float], ...] = ()

    def predict(self, songs: np.ndarray) -> np.ndarray:
        """Return the kit's own probabilities, before any correction for genre shares.

        Parameters
        ----------
        songs : ndarray of float32, shape (rows, columns)

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """
        if self.saved is not None:
            return self.saved.predict(songs)
        runs, weights = zip(*self.blended, strict=True)
        return pooled(np.stack([run.predict(songs) for run in runs]), np.array(weights))

    @property
    def recipes(self) -> tuple[str, ...]:
        """The names of all recipes that were trained, each once."""
        own = () if self.saved is None else tuple(self.saved.weights)
        return tuple(dict.fromkeys([*own, *(name for run, _ in self.blended for name in run.recipes)]))

    @property
    def is_corrected(self) -> bool:
        """Whether the run's own label_all.csv is corrected for the genre shares of its test file."""
        shares = ScoresFile.read(self.folder).test_shares
        own = shares is not None and bool(shares.corrected)
        return own or any(run.is_corrected for run, _ in self.blended)

    @property
    def rule(self) -> Rule:
        """The run's rule; raises RunError where its record does not say it."""
        try:
            return rule_from_table(Manifest.read(self.folder).rule, self.edition.labels)
        except (KeyError, TypeError) as problem:
            raise RunError(f"{self.folder / MANIFEST}: {problem} is missing; train the run again.") from None

    @property
    def columns(self) -> tuple[str, ...]:
        """What a row of the input holds: the titles of the columns; what says that one is missing is none."""
        gaps = () if self.edition.roles is None else self.edition.roles.gaps
        return self.edition.column_titles[: self.edition.columns - len(gaps)]

    @property
    def gaps(self) -> np.ndarray:
        """The 0-based numbers of the columns of which a further one says that a cell is missing; int64."""
        roles = self.edition.roles
        return np.array([] if roles is None else [roles.features.index(name) for name in roles.gaps], np.int64)

    @property
    def label_texts(self) -> tuple[str, ...]:
        """What label_pred.csv says for each genre of the competition."""
        return layout_of(self.edition, numbered(0)).label_texts

    def about(self) -> dict[str, str]:
        """Return what the exported file says of itself: JSON, but for the edition and the rule in words."""
        manifest, edition = Manifest.read(self.folder), self.edition
        facts: dict[str, Any] = {
            "genres": edition.whole.genres,
            "labels": self.label_texts,
            "columns": self.columns,
            "missing": "median" if edition.allows_gaps else "refuse",
            "recipes": self.recipes,
            "rule": manifest.rule,
            "scores": dict(ScoresFile.read(self.folder).out_of_fold),
            "training_songs": manifest.known_data(self.folder).training_rows,
            "training_sha256": manifest.known_data(self.folder).training_sha256,
            "seed": manifest.seed,
            "folds": manifest.folds,
            "started": manifest.started,
            "kit": manifest.environment.get("kit"),
        }
        words = {"rule_in_words": self.rule.describe(edition.genres), "edition": edition_text(edition)}
        return words | {key: json.dumps(value, ensure_ascii=False) for key, value in facts.items()}


def read_exportable(folder: Path) -> Exportable:
    """Read the folder of a finished run.

    Raises
    ------
    RunError
        When it holds no finished run, or one that neither keeps models nor blends such runs.
    """
    check_finished(folder)
    manifest = Manifest.read(folder)
    if manifest.models is not None:
        raise RunError(f"{folder}: was made by the models of another run; export that one: {manifest.models}.")
    if not manifest.blend:
        saved = load_models(folder / MODELS)
        return Exportable(folder, read_edition(folder / EDITION_FILE), saved)
    blended = tuple((_blended(folder, one.run), one.weight) for one in manifest.blend)
    return Exportable(folder, read_edition(folder / EDITION_FILE), None, blended)


def _blended(folder: Path, run: str) -> Exportable:
    """Return a run of a blend, which is found from where the blend was made, or beside it."""
    places = [place for place in (Path(run), folder.parent / Path(run).name) if is_run(place)]
    if not places:
        raise RunError(
            f"{folder}: blends {run}, which is no finished run there; put the folders of all its runs where they were, "
            "or beside it. Predictions of another tool have no models that could be exported."
        )
    return read_exportable(places[0])
