"""The key by which a chief knows its workers: a file in the search's folder, which its owner alone can read."""

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc

from competition.storage.files import make_folder, writing
from competition.storage.opening import read_once
from tuning.errors import TuningError

KEY = "key"
"""The file in a study's folder."""
_NAME = "genre-kit-key"
_REFUSED = "the key of the search's folder is missing or wrong"


def make_key(project: Path) -> str:
    """Return the key of a study's folder, which is made where there is none: a chief that comes back has the same.

    Raises
    ------
    RunError, TuningError
        When it cannot be written or read.
    """
    path = project / KEY
    if not path.exists():
        with writing(path):
            make_folder(project)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
    return read_key(project)


def read_key(project: Path) -> str:
    """Return the key of a study's folder; raises TuningError where there is none, or it cannot be read."""
    path = project / KEY
    try:
        key = read_once(path).decode("ascii")
    except (OSError, UnicodeDecodeError):
        key = ""
    if len(key) != 64:
        raise TuningError(
            f"{path}: the key by which the chief knows its workers cannot be read; a worker takes the chief's own "
            "`out`, and its user. Remove the file where it is damaged, and start the chief again."
        )
    return key


class KeyedServer(grpc.ServerInterceptor):
    """Refuses requests without a chief's key before anything in them is read."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._refusal = grpc.unary_unary_rpc_method_handler(_refuse)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Return the handler of a request that has the key; else one that refuses it."""
        given = [value for name, value in handler_call_details.invocation_metadata if name == _NAME]
        is_known = len(given) == 1 and hmac.compare_digest(str(given[0]).encode(), self._key.encode())
        return continuation(handler_call_details) if is_known else self._refusal


def _refuse(request: bytes, context: grpc.ServicerContext) -> None:
    context.abort(grpc.StatusCode.UNAUTHENTICATED, _REFUSED)


class KeyedClient(grpc.UnaryUnaryClientInterceptor):
    """Sends a key with every request."""

    def __init__(self, key: str) -> None:
        self._key = key

    def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        """Send a request with the key."""
        metadata = [*(client_call_details.metadata or ()), (_NAME, self._key)]
        return continuation(client_call_details._replace(metadata=metadata), request)
