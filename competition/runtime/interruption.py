"""Ctrl-C and termination, also where something in between swallows them: an import's bare ``except``, native code."""

import os
import signal
import time
from typing import Any, NoReturn

INTERRUPTED, TERMINATED = 130, 143
SAID = {
    INTERRUPTED: "interrupted: nothing is half written, and what was finished before is as it was.",
    TERMINATED: "terminated: nothing is half written, and what was finished before is as it was.",
}
"""What is said by exit code; true at any moment."""
_PATIENCE = 2.0
_received: list[tuple[BaseException, float]] = []


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; not Python's own, which makes Python end by the signal after all where it has ended an import."""


class Terminated(SystemExit):
    """SIGTERM, or a terminal that was closed."""


_CODES = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}
if hasattr(signal, "SIGHUP"):
    _CODES[signal.SIGHUP] = TERMINATED


def end_at_once() -> None:
    """Let signals end this process, which is the command line's own and has not begun: there is nothing to undo."""
    for number in _CODES:
        signal.signal(number, _end)


def watch() -> None:
    """Let this process's signals raise Interrupted or Terminated, and be remembered for `check`."""
    _received.clear()
    for number in _CODES:
        signal.signal(number, _raise)


def check() -> None:
    """Raise what a signal has raised before, where that has not ended the work."""
    if _received:
        raise _received[0][0]


def _end(number: int, frame: Any) -> NoReturn:
    os.write(2, f"{SAID[_CODES[signal.Signals(number)]]}\n".encode())
    os._exit(_CODES[signal.Signals(number)])


def _raise(number: int, frame: Any) -> None:
    """Raise a signal's exception, unless one has just been raised: a second would disturb the end of the work."""
    now = time.monotonic()
    if _received and now - _received[-1][1] < _PATIENCE:
        return
    code = _CODES[signal.Signals(number)]
    end = Interrupted() if code == INTERRUPTED else Terminated(code)
    _received.append((end, now))
    raise end
