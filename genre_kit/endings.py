"""What ends a command before its work is done: what is said of it on stderr, and the exit code."""

import os
import sys

import click

from competition.errors import KitError, printable
from competition.runtime.interruption import INTERRUPTED, SAID, Terminated
from competition.runtime.memory import is_no_memory
from competition.storage.files import cure_of

_NO_MEMORY = (
    "the memory does not suffice{what}. Close other programs, raise the limit where there is one (ulimit -v, a "
    "container's), or give less at once: fewer songs, --preset quick, --processes 1, fewer --workers."
)
_PLACES_ERRORS = ("FailedPreconditionError", "NotFoundError", "PermissionDeniedError")
"""What TensorFlow, which Keras Tuner writes with, calls trouble with a file or a folder; it is not imported for it."""
_NO_READER = "what was reading the output has gone, so the work was ended; --quiet says nothing there."


def code_of(problem: BaseException) -> int | None:
    """Say why a command has ended, and return its exit code; None where nobody can say: then it is the kit's fault."""
    if isinstance(problem, click.ClickException):
        problem.show()
        return problem.exit_code
    if isinstance(problem, click.Abort | KeyboardInterrupt):
        _say(SAID[INTERRUPTED])
        return INTERRUPTED
    if isinstance(problem, Terminated):
        _say(SAID[int(str(problem.code))])
        return int(str(problem.code))
    text = in_words(problem)
    if text is None:
        return None
    _say(f"error: {text}")
    return 1


def in_words(problem: BaseException) -> str | None:
    """Return the sentence about a mistake, or about the machine's trouble; None for what is neither."""
    if isinstance(problem, KitError):
        return str(problem)
    if isinstance(problem, BrokenPipeError):
        return _NO_READER
    if is_no_memory(problem):
        return _NO_MEMORY.format(what=f" ({' '.join(str(problem).split())[:200]})" if str(problem) else "")
    if isinstance(problem, OSError):
        cure = cure_of(problem, "write elsewhere")
        return f"{problem.filename or 'output'}: {problem.strerror or problem}; {cure}."
    if type(problem).__name__ in _PLACES_ERRORS:
        return f"output: {' '.join(str(problem).split())[:200]}; look after the folder, or write elsewhere."
    return None


def leave_output() -> None:
    """Let nothing be said on stdout any more: Python would try again as it ends, and say so where nobody reads."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str) -> None:
    try:
        click.echo(printable(text), err=True)
    except OSError:  # nobody reads that either
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
