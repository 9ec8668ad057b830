"""`runs --to-mlflow`: finished runs and searches into an MLflow store."""

from pathlib import Path

from genre_kit.jobs.steps.inputs import PathLike
from genre_kit.runs.listing import list_runs
from genre_kit.tracking.mlflow_store import address_of, opened, shown
from genre_kit.tracking.records import Tracked, records_of


def track(place: PathLike, to_mlflow: PathLike, *, edition: str | None = None, data: str | None = None) -> Tracked:
    """Write the finished runs and searches under a place into an MLflow store, each once.

    Parameters
    ----------
    place : path
    to_mlflow : path or str
        A folder, an SQLite file (``.db``), or an address as MLflow has it, such as ``"http://127.0.0.1:5000"``.
    edition, data : str or None
        Only runs of this edition, or on training songs with this SHA-256.

    Raises
    ------
    ArgumentError
        When MLflow is not installed.
    KitError
        When there is no such place, files are damaged, or the store cannot be written.
    """
    found = list_runs(Path(place), "time", edition=edition, data=data)
    records = list(records_of(found, Path(place)))
    address = address_of(str(to_mlflow))
    with opened(address) as store:
        added = [store.add(record) for record in records]
    both = list(zip(records, added, strict=True))
    return Tracked(shown(address), tuple(one for one, new in both if new), tuple(one for one, new in both if not new))
