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
_DIGITS = 64
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
    with writing(path):
        if path.exists():
            if (key := _key_in(path)) is not None:
                return key
            warnings.warn(
                f"{path}: is damaged; another key is made: workers on other machines must be started again.",
                KitWarning,
                stacklevel=2,
            )
    with writing(path):
        make_folder(project)
    write_whole(path, f"{secrets.token_hex(_DIGITS // 2)}\n", private=True)
    return read_key(project)


def read_key(project: Path) -> str:
    """Return the key of a study's folder; raises TuningError where there is none, or it cannot be read."""
    path = project / KEY
    try:
        key = _key_in(path)
    except OSError:
        key = None
    if key is None:
        raise TuningError(
            f"{path}: the key by which the chief knows its workers cannot be read; a worker takes the chief's own "
            "`out`, and its user. Where the file is damaged, start the chief again: it makes another."
        )
    return key


def _key_in(path: Path) -> str | None:
    """Return the key in a file, None where it is damaged; raises OSError where it cannot be read."""
    key = read_once(path).decode("ascii", errors="replace").rstrip("\n")
    return key if len(key) == _DIGITS and key.isascii() else None


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
