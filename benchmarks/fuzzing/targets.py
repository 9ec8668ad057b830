"""Who reads which files: each target is a sound file, how it is spoiled, and all that the kit does with it."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

from benchmarks.fuzzing.mutations import Spoil, spoil_archive, spoil_bytes, spoil_cells, spoil_json, spoil_toml
from benchmarks.fuzzing.searching import go_on
from benchmarks.fuzzing.seeds import SONGS
from competition.audio.json_frames import read_json_frames
from competition.audio.keeping import Kept
from competition.audio.listening import Settings, listen
from competition.data.edition import Edition
from competition.data.edition_file import edition_text, read_edition
from competition.data.folds import read_folds
from competition.data.formats.csv_files import read_groups, read_labels, read_names, read_songs
from competition.data.formats.tables import open_table
from competition.data.frames import read_frames
from competition.errors import DataError, KitError
from competition.models.ensembles import read_ensemble
from competition.models.saved import MODELS
from genre_kit.jobs.blend import blend
from genre_kit.jobs.check import check
from genre_kit.jobs.edition import edition as look_at
from genre_kit.jobs.predict import predict
from genre_kit.jobs.repeat import repeat
from genre_kit.jobs.score_files import score_files
from genre_kit.jobs.steps.inputs import open_dataset
from genre_kit.reports.check import check_lines, check_problems
from genre_kit.reports.data import describe_data, describe_edition
from genre_kit.reports.runs import run_lines, runs_table
from genre_kit.reports.scores import comparison_lines, comparison_table, file_lines
from genre_kit.runs.comparing import compare
from genre_kit.runs.known_data import known_data
from genre_kit.runs.listing import list_runs
from genre_kit.runs.recommending import recommend
from tuning.trials.spaces import read_space

Read = Callable[[Path], object]


@dataclass(frozen=True)
class Target:
    """A file of some kind, and its readers.

    Attributes
    ----------
    name : str
    seed : str
        The sound file, below the folder of seeds; it is read there, beside its folder's other files.
    spoil : callable
    read : callable
        Given the file's path, does with it what commands do.
    share : float
        Of all inputs: slow readers get few.
    others : tuple of str
        Sound files whose bytes may be spliced in.
    """

    name: str
    seed: str
    spoil: Spoil
    read: Read
    share: float = 1.0
    others: tuple[str, ...] = ()


@cache
def _plain_edition(folder: Path) -> Edition:
    return read_edition(folder / "edition.toml")


def _features(path: Path) -> None:
    edition = _plain_edition(path.parent)
    read_names(path, edition)
    read_songs(path, edition)


def _labels(path: Path) -> None:
    read_labels(path, _plain_edition(path.parent))


def _plain_folder(path: Path) -> None:
    describe_data(open_dataset(path.parent, None, with_test=None))


def _table(path: Path) -> None:
    table = open_table(path)
    for name in table.names:
        table.texts(name), table.missing_cells(name), table.wrong_cells(name), table.count_distinct(name)
        try:
            table.numbers([name])
        except DataError:
            continue


def _inferred(path: Path) -> None:
    found, _ = look_at(data=path.parent, look=True)
    describe_edition(found, None, path.parent)
    open_dataset(path.parent, None, with_test=None)


def _submission(path: Path) -> None:
    found = check([path], data=path.parent.parent / "plain")
    check_lines(found), check_problems(found)


def _scored(path: Path) -> None:
    plain = path.parent.parent / "plain"
    for one in score_files([path.parent.parent / "run" / "label_all.csv"], path, data=plain):
        file_lines(one, 100)


def _edition(path: Path) -> None:
    edition = read_edition(path, lambda files, roles: ("tempo", "chroma_1", "artist"))
    assert "".join(edition_text(edition))


def _ensemble(path: Path) -> None:
    read_ensemble(path).check_edition(_plain_edition(path.parent.parent / "plain"))


def _folds(path: Path) -> None:
    read_folds(path, SONGS)


def _run(path: Path) -> None:
    """Do what `runs`, `score`, `check` and `submit` do with a run's folder, but for training and writing."""
    run = path.parent.parent if path.parent.name == MODELS else path.parent
    other = run.with_name("other")
    for job in (_listed, _compared, _checked, _blended, _known, _repeated, _applied):
        try:
            job(run, other)
        except KitError:
            continue


def _listed(run: Path, other: Path) -> None:
    found = list_runs(run, "log-loss")
    advice = [recommend(group) for group in found.groups]
    run_lines(found, advice, run), runs_table(found, advice)


def _compared(run: Path, other: Path) -> None:
    comparison = compare([other, run])
    comparison_lines(comparison, None), comparison_table(comparison, 100)


def _checked(run: Path, other: Path) -> None:
    found = check([run])
    check_lines(found), check_problems(found)


def _blended(run: Path, other: Path) -> None:
    with mock.patch("genre_kit.jobs.blend.keep"):
        blend([run, other])


def _known(run: Path, other: Path) -> None:
    known = known_data(run)
    assert known is not None
    open_dataset(known.place, known.edition, with_test=False)


def _repeated(run: Path, other: Path) -> None:
    with mock.patch("genre_kit.jobs.repeat.submit_plan"):
        repeat(run)


def _applied(run: Path, other: Path) -> None:
    with mock.patch("genre_kit.jobs.predict.keep"):
        predict(run, data=run.with_name("plain"))


def _models(path: Path) -> None:
    _applied(path.parent.parent, path)


def _zip(path: Path) -> None:
    look_at(data=path, look=True)
    open_dataset(path, None, with_test=None)


def _frames(path: Path) -> None:
    read_frames(path, 4)


def _kept(path: Path) -> None:
    kept = Kept(path.parent, Settings(("mfcc",)))
    target = kept.place("content")
    shutil.copyfile(path, target)
    kept.find("content")


def _sound(path: Path) -> None:
    listen(path, Settings(("mfcc",)))


_RUN_FILES = (
    ("manifest.json", spoil_json, 0.3),
    ("scores.json", spoil_json, 0.2),
    ("oof.csv", spoil_cells, 0.05),
    ("label_pred.csv", spoil_cells, 0.05),
    ("label_all.csv", spoil_cells, 0.05),
    ("groups.csv", spoil_cells, 0.02),
    ("folds.csv", spoil_cells, 0.02),
    ("edition.toml", spoil_toml, 0.05),
    ("DONE", spoil_bytes, 0.01),
)
_SEARCH_FILES = (
    ("search.json", spoil_json, 0.1),
    ("result.json", spoil_json, 0.1),
    ("trials.csv", spoil_cells, 0.05),
    ("oracle.json", spoil_json, 0.2),
    ("trial.json", spoil_json, 0.3),
    ("outcome.json", spoil_json, 0.2),
    ("probabilities.npy", spoil_bytes, 0.05),
    ("finalist.json", spoil_json, 0.1),
)
TARGETS: tuple[Target, ...] = (
    Target("features, no header", "plain/songs.csv", spoil_cells, _features, 8, ("described/train.csv",)),
    Target("labels", "plain/genres.csv", spoil_cells, _labels, 8, ("loose/groups.txt",)),
    Target("groups", "loose/groups.txt", spoil_cells, read_groups, 10, ("described/train.csv",)),
    Target("folds", "loose/folds.txt", spoil_cells, _folds, 10),
    Target("a plain competition", "plain/unknown.csv", spoil_cells, _plain_folder, 1),
    Target("features, gzipped", "loose/songs.csv.gz", spoil_bytes, read_groups, 6),
    Target("table with a header", "described/train.csv", spoil_cells, _table, 2, ("plain/songs.csv",)),
    Target("a described competition", "described/train.csv", spoil_cells, _inferred, 0.3, ("plain/songs.csv",)),
    Target("its test file", "described/test.csv", spoil_cells, _inferred, 0.1),
    Target("its sample submission", "described/sample_submission.csv", spoil_cells, _inferred, 0.1),
    Target("a competition in an archive", "loose/data.zip", spoil_archive, _zip, 0.5),
    Target("labels to hand in", "run/label_pred.csv", spoil_cells, _submission, 1, ("run/label_all.csv",)),
    Target("probabilities to hand in", "run/label_all.csv", spoil_cells, _submission, 1, ("run/oof.csv",)),
    Target("the true labels", "loose/truth.csv", spoil_cells, _scored, 1, ("run/label_pred.csv",)),
    Target("edition", "plain/edition.toml", spoil_toml, _edition, 8, ("loose/space.toml",)),
    Target("edition with columns", "loose/columns.toml", spoil_toml, _edition, 6),
    Target("recipes", "loose/ensemble.toml", spoil_toml, _ensemble, 8, ("plain/edition.toml",)),
    Target("space", "loose/space.toml", spoil_toml, lambda path: read_space(path), 5, ("loose/ensemble.toml",)),
    *(Target(f"run: {name}", f"run/{name}", spoil, _run, share) for name, spoil, share in _RUN_FILES),
    Target("run: models.json", "run/models/models.json", spoil_json, _models, 0.3),
    Target("run: scikit-learn model", "run/models/01-discriminant-analysis.skops", spoil_archive, _models, 0.15),
    Target("run: network", "network/models/01-recipe.keras", spoil_archive, _models, 0.01),
    *(Target(f"search: {name}", f"search/{name}", spoil, go_on, share) for name, spoil, share in _SEARCH_FILES),
    Target("frames, JSON", "loose/frames.json", spoil_json, lambda path: read_json_frames(path).columns, 12),
    Target("frames, array", "loose/frames.npy", spoil_bytes, _frames, 12),
    Target("a song kept", "loose/kept.npz", spoil_archive, _kept, 4),
    *(
        Target(f"sound: {kind}", f"loose/song.{kind}", spoil_bytes, _sound, 0.03)
        for kind in ("wav", "flac", "ogg", "aiff", "au", "mp3", "w64", "caf")
    ),
)  # fmt: skip


def chosen(targets: Sequence[Target], words: Sequence[str]) -> list[Target]:
    """Return the targets that have one of some words in their names; all, where there are none."""
    return [one for one in targets if not words or any(word in one.name for word in words)]
