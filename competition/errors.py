"""Errors that a user can cause, each with a message that says what to do about it.

Errors that a call from Python can cause are ValueErrors too, as in scikit-learn. Messages name arguments as in Python,
between backticks; the command line replaces them with its options.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What is not seen on a terminal but moves it: control characters, changes of direction, bytes that are no text."""


_LONGEST, _END = 2000, 800


class _Message(Exception):  # noqa: N818  a warning is one, too
    """What is written for the user; of a long one, as where a file's line is one, the beginning and the end are."""

    def __str__(self) -> str:
        """Return the message."""
        text = super().__str__()
        left_out = len(text) - _LONGEST
        if left_out <= 0:
            return text
        return f"{text[: _LONGEST - _END]} [... {left_out:,} letters ...] {text[-_END:]}"


class KitError(_Message):
    """Base of every error whose message is written for the user; the command line prints it and exits with 1."""


class ArgumentError(KitError, ValueError):
    """Arguments contradict each other, or one of them has no effect."""


class EditionError(KitError):
    """An edition file is missing, malformed or contradicts itself."""


class DataError(KitError):
    """A competition CSV is missing or malformed, or the files do not fit each other."""


class FoldsError(KitError, ValueError):
    """The rows cannot be divided into the folds that were asked for."""


class RecipeError(KitError, ValueError):
    """A recipe is missing, malformed or contradicts itself."""


class SubmissionError(KitError):
    """A submission file, or what is to be written into one, is not what the board expects."""


class RunError(KitError):
    """A run folder cannot be written or read, must not be overwritten, or does not fit others."""


class KitWarning(_Message, UserWarning):
    """Something was done differently than asked, or looks wrong without being an error."""


def listed(names: Sequence[object], most: int = 4) -> str:
    """Return the first names of several, and how many more there are, for messages.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    more = len(names) - most
    return ", ".join(map(str, names[:most])) + (f" and {more} more" if more > 0 else "")


def printable(text: str) -> str:
    r"""Return a text for terminals, in which a file's names cannot colour, hide or overwrite anything.

    Examples
    --------
    >>> printable("Rock\x1b[2J")
    'Rock\\x1b[2J'
    """
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def meant(name: str, names: Sequence[str]) -> str:
    """Return the question whether a known name was meant, after a space; nothing where none is near.

    Examples
    --------
    >>> meant("basline", ["baseline", "dense"]), meant("x", ["dense"])
    (' Did you mean "baseline"?', '')
    """
    near = get_close_matches(name, names, n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def among(wrong: int, lines: int) -> str:
    """Return the sentence that follows one about the first wrong line: how many there are, of whatever kind.

    Examples
    --------
    >>> among(1, 60), among(3, 60)
    ('', ' In all, 3 of the 60 lines hold a mistake, of this kind or another.')
    """
    return f" In all, {wrong} of the {lines} lines hold a mistake, of this kind or another." if wrong > 1 else ""
