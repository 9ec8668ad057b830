"""The one door to MLflow: writing records into a store, each once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from competition.errors import ArgumentError, RunError
from competition.runtime.variables import environment_with
from genre_kit.tracking.records import Record

_KEY, _WHOLE = "genre_kit.key", "genre_kit.whole"
_DATABASE = {".db", ".sqlite", ".sqlite3"}
_SETTINGS = {
    "MLFLOW_ALLOW_FILE_STORE": "true",  # a folder is as good as a database for some hundred runs
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}
_SECRET = re.compile(r"(?<=://)[^/@\s]*@")


def address_of(place: str) -> str:
    """Return MLflow's address of a store: of a folder, or of an SQLite file, or what is one already.

    Examples
    --------
    >>> address_of("http://127.0.0.1:5000")
    'http://127.0.0.1:5000'
    """
    if "://" in place or place.startswith("file:"):
        return place
    path = Path(place).absolute()
    return f"sqlite:///{path}" if path.suffix in _DATABASE else path.as_uri()


def shown(address: str) -> str:
    """Return an address without a name and a password in it.

    Examples
    --------
    >>> shown("https://me:secret@example.org/mlflow")
    'https://example.org/mlflow'
    """
    return _SECRET.sub("", address)


class Store:
    """A store of MLflow's, and which records it has."""

    def __init__(self, client: Any, artifacts: str | None) -> None:
        self._client, self._artifacts = client, artifacts
        self._experiments: dict[str, str] = {}

    def add(self, record: Record, parent: str | None = None) -> bool:
        """Write a record with its children, if it is not there, and return whether it was written.

        One that was begun and not finished, as its process was killed, is deleted and written again.
        """
        experiment = self._experiment(record.experiment)
        known = self._client.search_runs([experiment], f"tags.`{_KEY}` = '{record.key}'")
        if any(_WHOLE in one.data.tags for one in known):
            return False
        for one in known:
            self._client.delete_run(one.info.run_id)
        tags = dict(record.tags) | {_KEY: record.key} | ({} if parent is None else {"mlflow.parentRunId": parent})
        run = self._client.create_run(experiment, int(1000 * record.started), tags, record.name).info.run_id
        self._fill(run, record)
        for child in record.children:
            self.add(child, run)
        self._client.set_tag(run, _WHOLE, "true")
        self._client.set_terminated(run, "FINISHED", int(1000 * record.ended))
        return True

    def _fill(self, run: str, record: Record) -> None:
        from mlflow.entities import Metric, Param

        ended = int(1000 * record.ended)
        metrics = [Metric(name, value, ended, 0) for name, value in record.metrics.items()]
        parameters = [Param(name, value) for name, value in record.parameters.items()]
        for start in range(0, max(len(metrics), len(parameters)), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            self._client.log_batch(run, metrics[part], parameters[part])
        for name, path in record.files.items():
            self._client.log_artifact(run, str(path), str(Path(name).parent) if "/" in name else None)

    def _experiment(self, name: str) -> str:
        if name not in self._experiments:
            found = self._client.get_experiment_by_name(name)
            self._experiments[name] = (
                self._client.create_experiment(name, self._artifacts) if found is None else found.experiment_id
            )
        return self._experiments[name]


_AT_ONCE = 100
"""Metrics and parameters that one request may hold."""


@contextmanager
def opened(address: str) -> Iterator[Store]:
    """Open a store, which is made where there is none.

    Raises
    ------
    ArgumentError
        When MLflow is not installed.
    RunError
        When the store cannot be opened, or refuses something.
    """
    with environment_with(_SETTINGS), _explained(address):
        from mlflow import MlflowClient

        if address.startswith("sqlite:///"):
            import alembic  # noqa: F401
            import sqlalchemy  # noqa: F401

            Path(address.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        yield Store(MlflowClient(tracking_uri=address, registry_uri=address), _artifacts(address))


def _artifacts(address: str) -> str | None:
    """Return where a database's files go: beside it, not where the command was run; None where the store decides."""
    if not address.startswith("sqlite:///"):
        return None
    path = Path(address.removeprefix("sqlite:///"))
    return path.with_name(f"{path.stem}-files").as_uri()


@contextmanager
def _explained(address: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as problem:
        raise ArgumentError(
            f"`to_mlflow` needs the package {problem.name}; run pip install -r requirements-mlflow.txt."
        ) from None
    except Exception as problem:
        from mlflow.exceptions import MlflowException

        if not isinstance(problem, MlflowException | OSError) and "sqlalchemy" not in type(problem).__module__:
            raise
        first = shown(str(problem)).strip().splitlines()[0]
        raise RunError(f"{shown(address)}: the MLflow store cannot be written: {first}") from None
