"""A run's report: one HTML file that opens anywhere, made of the files that the run has written."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from competition.data.edition_file import EDITION_FILE, read_edition
from competition.data.songs import COUNTED, SongNames
from competition.models.ensembles import RECIPE_FILE, STEADY
from competition.scoring.boards import BY_SCORE, LabelsMetric, Metric
from competition.scoring.intervals import Interval
from competition.scoring.many_genres import are_many, named
from competition.scoring.metrics import Estimate
from competition.scoring.probabilities import FLOOR
from competition.scoring.scores import LOSSES, score_genres, shown
from competition.storage.files import write_whole
from competition.storage.folders import KEPT_OUT, OUT_OF_FOLD, REPORT
from genre_kit.reports.page.pictures import PLOTS, TEST_FILE
from genre_kit.reports.remarks import kept_out_sentences, remarks, yardstick_sentences
from genre_kit.reports.scores import songs_of
from genre_kit.results.genres import some_in_words
from genre_kit.runs.boards.sent import BoardsFile
from genre_kit.runs.manifest import Manifest, ScoresFile
from genre_kit.runs.out_of_fold import class_columns, read_songs
from submissions.layout import LABEL_FILE, PROBABILITY_FILE
from submissions.rule_search import change_in_words, in_short
from submissions.writer import read_written_ids, read_written_labels, read_written_probabilities

_HARDEST = 20
_LEAST_CERTAIN = 10
_TEST_FILE_ALT = "Distances of held-out songs and test songs to the training songs, and the columns that differ most"
_PICTURES = {
    "genres": "Genres of the training songs, and those predicted for the test songs",
    "confusion-counts": "Songs of each true genre by predicted genre, counts",
    "confusion-shares": "Songs of each true genre by predicted genre, shares",
    "reliability": "How often the most probable genre is right, by its probability",
    "threshold": "Accuracy and fallbacks by threshold",
}


@dataclass(frozen=True)
class Picture:
    """A picture as it is embedded in HTML.

    Attributes
    ----------
    source : str
        The whole PNG as a data URI.
    alt : str
    """

    source: str
    alt: str


def write_report(place: Path, rule: str) -> None:
    """Write report.html into a folder that holds a run's other files.

    Parameters
    ----------
    place : Path
        With scores.json, manifest.json, oof.csv and plots/; recipe.toml and label_pred.csv, which takes edition.toml,
        are optional.
    rule : str
        The rule in words.
    """
    environment = templates()
    environment.filters["named"] = named
    environment.filters["score"] = lambda value: "–" if value is None else f"{value:.4f}"
    environment.filters["percent"] = lambda share: "–" if np.isnan(share) else f"{100 * share:.1f} %"
    page = environment.get_template("report.html").render(_contents(place) | {"rule": rule})
    write_whole(place / REPORT, page.encode("utf-8", "backslashreplace"))  # paths need not be text


def templates() -> Environment:
    """Return the environment of all pages' templates."""
    environment = Environment(
        loader=PackageLoader("genre_kit.reports.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["capitalized"] = _capitalized
    return environment


def _contents(place: Path) -> dict[str, Any]:
    """Return what the template shows, read from the run's files."""
    scores, manifest = ScoresFile.read(place), Manifest.read(place)
    rows = pd.read_csv(place / OUT_OF_FOLD)
    targets, labels = (np.searchsorted(manifest.labels, rows[name]) for name in ("Label", "Predicted"))
    genres = manifest.edition["genres"]
    metrics = [BY_SCORE[name] for name in scores.boards]
    probabilities = rows[class_columns(manifest.labels)].to_numpy()
    losses = metrics[1].row_values(targets, probabilities)
    songs = read_songs(place)
    return {
        "scores": scores,
        "manifest": manifest,
        "estimates": _distinct(list(_estimates(scores.out_of_fold, scores.intervals or {}))),
        "by_group": _by_group(scores, metrics),
        "metrics": metrics,
        "board": scores.board,
        "board_songs": "" if scores.board is None else songs_of(scores.board),
        "expected": _expected(scores, metrics),
        "yardsticks": yardstick_sentences(scores),
        "remarks": remarks(scores),
        "sent": BoardsFile.read(place).submissions,
        "kept_out": _kept_out_rows(scores),
        "kept_out_sentences": kept_out_sentences(scores),
        "gain": scores.rule_gain,
        "gain_sentence": _gain_sentence(scores, metrics[0]),
        "given_up": _given_up(scores, manifest, metrics[0]),
        "shares": scores.test_shares,
        "genres": _genre_rows(genres, targets, labels, _test_labels(place), losses),
        "folds": _fold_rows(rows["Fold"].to_numpy(), targets, labels, probabilities, metrics),
        "hardest": _hardest_rows(genres, targets, probabilities, songs),
        "are_many": are_many(genres),
        "has_ids": songs.ids is not None,
        "least_certain": _least_certain_rows(genres, place),
        "copies": _copy_rows(genres, targets, manifest, songs, _kept_out_ids(place)),
        "counts": _models_by_recipe(manifest, scores),
        "pictures": {name: embedded(place / PLOTS / f"{name}.png", alt) for name, alt in _PICTURES.items()},
        "test_file": scores.test_file,
        "steady": STEADY,
        "some": some_in_words(genres, manifest.left_out),
        "floor": FLOOR,
        "test_file_picture": _picture_if_there(place / PLOTS / TEST_FILE, _TEST_FILE_ALT),
        "curves": [embedded(path, _alt_of_curves(path)) for path in _curves(place / PLOTS)],
        "recipe": _text(place / RECIPE_FILE),
        "files": sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()),
    }


def _by_group(scores: ScoresFile, metrics: Sequence[Metric]) -> list[dict[str, Any]]:
    """Return what groups score, their rows taken together; of votes, what boards rank labels by."""
    if scores.by_group is None:
        return []
    mean, vote = (list(_estimates(scores.by_group[how], scores.by_group[how]["intervals"])) for how in ("mean", "vote"))
    labels = [metric.score for metric in metrics]
    return _distinct(mean) + [one | {"name": f"{one['name']} by vote"} for one in vote if one["key"] in labels]


def _estimates(table: Mapping[str, float], intervals: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each score with its standard error, and its interval where it has one."""
    for key, value in table.items():
        if f"{key}_se" in table:
            name = _capitalized(shown(key))
            error, interval = table[f"{key}_se"], intervals.get(key)
            is_loss = key in LOSSES
            yield {"key": key, "name": name, "value": value, "error": error, "interval": interval, "is_loss": is_loss}


def _distinct(estimates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave accuracy argmax out where every label is the most probable genre: it is the same number twice."""
    by_key = {one["key"]: (one["value"], one["error"]) for one in estimates}
    is_told = by_key.get("accuracy") == by_key.get("accuracy_argmax")
    return [one for one in estimates if not (is_told and one["key"] == "accuracy_argmax")]


def _capitalized(name: str) -> str:
    return name[:1].upper() + name[1:]


def _expected(scores: ScoresFile, metrics: Sequence[Metric]) -> str:
    """Return what boards are expected to say of test songs that are unlike the training songs; empty elsewhere."""
    if scores.board is None or scores.board.expected_accuracy is None:
        return ""
    values = {"accuracy": scores.board.expected_accuracy, "board_log_loss": scores.board.expected_board_log_loss}
    known = [f"{one.title} {values[one.score]:.4f}" for one in metrics if values.get(one.score) is not None]
    return ", ".join(known)


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _test_labels(place: Path) -> np.ndarray | None:
    path = place / LABEL_FILE
    return read_written_labels(path, read_edition(place / EDITION_FILE)) if path.is_file() else None


def _genre_rows(
    genres: list[str], targets: np.ndarray, labels: np.ndarray, test: np.ndarray | None, losses: np.ndarray
) -> list[dict[str, Any]]:
    scores = score_genres(targets, labels, genres)
    in_test = [None] * len(genres) if test is None else np.bincount(test, minlength=len(genres)) / len(test)
    sums = np.bincount(targets, losses, minlength=len(genres))
    loss = np.divide(sums, scores.songs, out=np.full(len(genres), np.nan), where=scores.songs > 0)
    known = (scores.songs, scores.share, scores.predicted_share, in_test, scores.precision, scores.recall, loss)
    names = ("genre", "songs", "share", "predicted", "in_test", "precision", "recall", "loss")
    return [dict(zip(names, cells, strict=True)) for cells in zip(genres, *known, strict=True)]


def _fold_rows(
    folds: np.ndarray, targets: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, metrics: Sequence[Metric]
) -> list[dict[str, Any]]:
    """Return each fold's scores: those that the boards rank by, of its songs alone."""
    predictions = [labels if isinstance(metric, LabelsMetric) else probabilities for metric in metrics]
    return [
        {"fold": fold, "songs": rows.sum(), "scores": [
            metric.row_values(targets[rows], predicted[rows]).mean()
            for metric, predicted in zip(metrics, predictions, strict=True)
        ]}
        for fold, rows in ((fold, folds == fold) for fold in np.unique(folds))
    ]  # fmt: skip


def _gain_sentence(scores: ScoresFile, metric: Metric) -> str:
    """Return what the rule gains, as the terminal says it; empty for older runs."""
    gain = scores.rule_gain
    if gain is None or gain.value is None or gain.standard_error is None:
        return ""
    return change_in_words(Estimate(gain.value, gain.standard_error, Interval(*gain.interval)), metric.title)


def _given_up(scores: ScoresFile, manifest: Manifest, metric: Metric) -> str:
    """Return what the usual rule costs where the run did without it; empty elsewhere."""
    gain = scores.usual_rule_gain
    if gain is None or gain.value is None or gain.standard_error is None or manifest.usual_rule is None:
        return ""
    return f"{manifest.usual_rule['name']}, which {in_short(Estimate(gain.value, gain.standard_error), metric.title)}"


def _kept_out_rows(scores: ScoresFile) -> list[dict[str, Any]]:
    """Return what songs that were kept out score, by what boards rank by."""
    known, intervals = scores.kept_out or {}, scores.kept_out_intervals or {}
    return [
        {"name": _capitalized(shown(name)), "value": known[name], "error": known[f"{name}_se"],
         "interval": intervals.get(name)}
        for name in scores.boards
        if name in known
    ]  # fmt: skip


def _hardest_rows(
    genres: list[str], targets: np.ndarray, probabilities: np.ndarray, songs: SongNames
) -> list[dict[str, Any]]:
    """Return the songs whose true genre was given the lowest probability."""
    own = probabilities[np.arange(len(targets)), targets]
    predicted = probabilities.argmax(axis=1)
    return [
        {"song": songs.name(row), "row": songs.row(row), "true": genres[targets[row]], "own": own[row],
         "predicted": genres[predicted[row]], "probability": probabilities[row].max()}
        for row in own.argsort(kind="stable")[:_HARDEST]
    ]  # fmt: skip


def _least_certain_rows(genres: list[str], place: Path) -> list[dict[str, Any]]:
    """Return the test songs whose most probable genre is least probable; none without a test file."""
    path = place / PROBABILITY_FILE
    if not path.is_file():
        return []
    ids, probabilities = read_written_probabilities(path, read_edition(place / EDITION_FILE))
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    return [
        {"id": ids[row], "best": [(genres[genre], probabilities[row, genre]) for genre in order[row]]}
        for row in probabilities.max(axis=1).argsort(kind="stable")[:_LEAST_CERTAIN]
    ]


def _copy_rows(
    genres: list[str], targets: np.ndarray, manifest: Manifest, songs: SongNames, kept_out: SongNames
) -> list[dict[str, Any]]:
    """Return the test songs that are equal to a training song, with that song's genre."""
    copies = () if manifest.data is None else manifest.data.copies or ()
    return [
        {"test": kept_out.name(test - 1), "training": songs.name(row - 1), "genre": genres[targets[row - 1]]}
        for test, row in copies
    ]


def _kept_out_ids(place: Path) -> SongNames:
    """Return what songs that were kept out are called; test songs of a file are counted."""
    if not (place / KEPT_OUT).is_file():
        return COUNTED
    return SongNames(read_written_ids(place / KEPT_OUT, read_edition(place / EDITION_FILE)))


def _models_by_recipe(manifest: Manifest, scores: ScoresFile) -> dict[str, int]:
    """Return how many models of each recipe were trained; none of a blend's runs."""
    counts: dict[str, int] = {}
    for model in (manifest.ensemble or {}).get("models", ()):
        name = model["recipe"]["name"]
        counts[name] = counts.get(name, 0) + scores.folds * model["seeds"]
    return counts


def embedded(path: Path, alt: str) -> Picture:
    """Return a PNG file as it is embedded; `alt` says what it shows."""
    return Picture("data:image/png;base64," + base64.b64encode(path.read_bytes()).decode(), alt)


def _picture_if_there(path: Path, alt: str) -> Picture | None:
    return embedded(path, alt) if path.is_file() else None


def _curves(folder: Path) -> list[Path]:
    """Return the pictures of learning curves."""
    return sorted(folder.glob("learning-curves*.png"))


def _alt_of_curves(path: Path) -> str:
    recipe = path.stem.removeprefix("learning-curves").removeprefix("-")
    return f"Training and held-out loss by epoch{f', {recipe}' if recipe else ''}"
