"""Addresses of chiefs and names of workers."""

import os
import re
import socket

from tuning.errors import TuningError


def parse_address(text: str, option: str) -> tuple[str, int]:
    """Return the host and the port of ``HOST:PORT``; raises TuningError, which names `option`, where it is none.

    Examples
    --------
    >>> parse_address("node1:8000", "chief")
    ('node1', 8000)
    """
    found = re.fullmatch(r"([\w.-]+):(\d{1,5})", text)
    if not found or not 0 < int(found[2]) < 65536:
        raise TuningError(f'`{option}`: "{text}" is no address; expected HOST:PORT, such as node1:8000.')
    return found[1], int(found[2])


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_port_free(host: str, port: int) -> None:
    """Raise TuningError when the port cannot be bound; grpc itself would share it with another server."""
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as problem:
        reason = problem.strerror if problem.errno is None else os.strerror(problem.errno)
        raise TuningError(f"`chief`: {host}:{port} cannot be listened at: {reason}; name another port.") from None


def check_worker_name(name: str) -> None:
    """Raise TuningError when no worker may have this name: Keras Tuner takes any name with "chief" for the chief's."""
    if "chief" in name or not re.fullmatch(r"\w[\w.-]*", name):
        raise TuningError(
            f'`name`: a worker cannot be called "{name}"; expected letters, digits, "_", "-" and ".", without "chief".'
        )
