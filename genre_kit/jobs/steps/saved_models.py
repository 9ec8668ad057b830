"""A run's saved models, read and applied: what keeps them from it is a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from competition.errors import RunError
from genre_kit.runs.manifest import Manifest


@contextmanager
def applying_models_of(run: Path) -> Iterator[None]:
    """Turn what scikit-learn's models of another version lack into a RunError that says which version wrote them."""
    try:
        yield
    except AttributeError as problem:  # scikit-learn's models of a newer version lack what an older one looks for
        written = Manifest.read(run).environment.get("packages", {}).get("scikit-learn", "another version")
        raise RunError(
            f"{run}: its models were written with scikit-learn {written}, which the installed "
            f"{version('scikit-learn')} cannot use ({problem}); install the version that wrote "
            "them, or train the run again."
        ) from None
