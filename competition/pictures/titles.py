"""Titles made of texts that others wrote: of any length, in any script."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from matplotlib import rc_context
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font

_USUAL = "DejaVu Sans"
_SHOWS_NOTHING = "Last Resort"  # has a box for every letter there is


def printable(text: str) -> str:
    r"""Return a text with question marks in place of what cannot be shown, such as line breaks.

    Examples
    --------
    >>> printable("two\nlines, caf\udce9")
    'two?lines, caf?'
    """
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def in_lines(text: str, letters: int, most: int = 2) -> str:
    r"""Return a text in lines of at most so many letters; an ellipsis stands for what does not fit.

    Parameters
    ----------
    text : str
    letters : int
        Of a line; a Chinese, Japanese or Korean one is as wide as two.
    most : int
        How many lines.

    Examples
    --------
    >>> in_lines("one two three", 8), in_lines("one two three", 8, most=1), in_lines("音楽音楽", 4)
    ('one two\nthree', 'one two…', '音楽\n音楽')
    """
    lines: list[str] = []
    left = printable(text).strip()
    while left and len(lines) < most:
        fits = _how_many_fit(left, letters)
        space = left.rfind(" ", 0, fits + 1)
        end = len(left) if fits == len(left) else space if space > 0 else fits
        lines.append(left[:end].rstrip())
        left = left[end:].lstrip()
    if left:
        lines[-1] = lines[-1][: _how_many_fit(lines[-1], letters - 1)].rstrip() + "…"
    return "\n".join(lines)


def _how_many_fit(text: str, letters: int) -> int:
    room = letters
    for place, letter in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1 - (unicodedata.combining(letter) > 0)
        if room < 0:
            return place
    return len(text)


@contextmanager
def lettered(text: str) -> Iterator[None]:
    """Letter what is drawn meanwhile in fonts that have the letters of a text, where this machine has them."""
    with rc_context({"font.family": families_for(text)}):
        yield


def families_for(text: str) -> list[str]:
    """Return the font that pictures are lettered with, and further ones of this machine for letters that it lacks.

    Examples
    --------
    >>> families_for("Dvořák, Чайковский")
    ['DejaVu Sans']
    """
    families, missing = [_USUAL], {ord(letter) for letter in text if not letter.isspace()}
    missing -= _letters_of(fontManager.findfont(_USUAL))
    fonts = (font for font in fontManager.ttflist if not font.name.startswith(_SHOWS_NOTHING))
    for font in sorted(fonts, key=lambda font: (font.style != "normal", font.name, font.fname)) if missing else ():
        if found := missing & _letters_of(font.fname):
            families.append(font.name)
            missing -= found
    return families


@lru_cache(maxsize=8)
def _letters_of(path: str) -> frozenset[int]:
    """Return the code points that a font has; none for one that is gone or cannot be read."""
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
