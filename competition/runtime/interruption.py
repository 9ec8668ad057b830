"""Ctrl-C and termination, also where something in between swallows them: an import's bare ``except``, native code."""

import signal
from typing import Any, NoReturn

TERMINATED = 143
_received: list[BaseException] = []


def watch() -> None:
    """Let this process's signals raise KeyboardInterrupt or SystemExit, and be remembered for `check`."""
    _received.clear()
    signal.signal(signal.SIGINT, _interrupt)
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, _terminate)


def check() -> None:
    """Raise what a signal has raised before, where that has not ended the work."""
    if _received:
        raise _received[0]


def _interrupt(number: int, frame: Any) -> NoReturn:
    _raise(KeyboardInterrupt())


def _terminate(number: int, frame: Any) -> NoReturn:
    _raise(SystemExit(TERMINATED))


def _raise(end: BaseException) -> NoReturn:
    _received.append(end)
    raise end
