"""The genre competition kit as a program: its command line, and the same jobs as Python functions.

``import genre_kit`` is quick: what a name refers to is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from competition import __version__
    from competition.errors import KitError, KitWarning
    from competition.models.estimator import GenreClassifier
    from genre_kit import kaggle
    from genre_kit.jobs.blend import blend
    from genre_kit.jobs.check import check
    from genre_kit.jobs.edition import edition
    from genre_kit.jobs.explain import explain
    from genre_kit.jobs.export import export
    from genre_kit.jobs.machine.doctor import doctor
    from genre_kit.jobs.predict import predict
    from genre_kit.jobs.repeat import repeat
    from genre_kit.jobs.sample import sample
    from genre_kit.jobs.score_files import score_files
    from genre_kit.jobs.sound.extract import extract
    from genre_kit.jobs.track import track
    from genre_kit.jobs.train import score, submit
    from genre_kit.jobs.tune import tune
    from genre_kit.results.exported import Exported
    from genre_kit.results.run import Result
    from genre_kit.runs.comparing import compare

__all__ = [
    "Exported",
    "GenreClassifier",
    "KitError",
    "KitWarning",
    "Result",
    "__version__",
    "blend",
    "check",
    "compare",
    "doctor",
    "edition",
    "explain",
    "export",
    "extract",
    "kaggle",
    "predict",
    "repeat",
    "sample",
    "score",
    "score_files",
    "submit",
    "track",
    "tune",
]

_ROOMS = {
    "Exported": "genre_kit.results.exported",
    "GenreClassifier": "competition.models.estimator",
    "KitError": "competition.errors",
    "KitWarning": "competition.errors",
    "Result": "genre_kit.results.run",
    "__version__": "competition",
    "blend": "genre_kit.jobs.blend",
    "check": "genre_kit.jobs.check",
    "compare": "genre_kit.runs.comparing",
    "doctor": "genre_kit.jobs.machine.doctor",
    "edition": "genre_kit.jobs.edition",
    "export": "genre_kit.jobs.export",
    "explain": "genre_kit.jobs.explain",
    "extract": "genre_kit.jobs.sound.extract",
    "predict": "genre_kit.jobs.predict",
    "repeat": "genre_kit.jobs.repeat",
    "sample": "genre_kit.jobs.sample",
    "score": "genre_kit.jobs.train",
    "score_files": "genre_kit.jobs.score_files",
    "submit": "genre_kit.jobs.train",
    "track": "genre_kit.jobs.track",
    "tune": "genre_kit.jobs.tune",
}


def __getattr__(name: str) -> Any:
    if name == "kaggle":  # a package of three functions, not one
        return import_module("genre_kit.kaggle")
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
