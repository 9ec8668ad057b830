"""The key by which a chief knows its workers: a file in the search's folder, which its owner alone can read."""

import hmac
import secrets
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc

from competition.errors import KitWarning
from competition.storage.files import make_folder, write_whole, writing
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
    RunError
        When it cannot be written.

    Warns
    -----
    KitWarning
        Where the file is damaged: workers that know the old key are refused.
    """
    path = project / KEY
    if path.exists():
        try:
            return read_key(project)
        except TuningError:
            warnings.warn(f"{path}: is damaged; a new key is made: start the workers again.", KitWarning, stacklevel=2)
    with writing(path):
        make_folder(project)
    write_whole(path, f"{secrets.token_hex(32)}\n", private=True)
    return read_key(project)


def read_key(project: Path) -> str:
    """Return the key of a study's folder; raises TuningError where there is none, or it cannot be read."""
    path = project / KEY
    try:
        key = read_once(path).decode("ascii").rstrip("\n")
    except (OSError, UnicodeDecodeError):
        key = ""
    if len(key) != 64:
        raise TuningError(
            f"{path}: the key by which the chief knows its workers cannot be read; a worker takes the chief's own "
            "`out`, and its user. Where the file is damaged, start the chief again: it makes another."
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
