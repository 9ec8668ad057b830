"""Names of files made of names that others gave."""

import re
import unicodedata
from collections.abc import Collection
from itertools import count

_MOST_BYTES = 150  # file systems take 255, of which writing and numbering use some
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def safe_name(text: str) -> str:
    """Return a text as a name that every file system and shell takes: letters, marks and digits of any script stay.

    Examples
    --------
    >>> safe_name("AC/DC: Who Made Who?"), safe_name("फिल्मी गीत"), safe_name("!!!"), safe_name("con")
    ('AC-DC-Who-Made-Who', 'फिल्मी-गीत', 'unnamed', 'con-')
    """
    kept = "".join(letter if _is_safe(letter) else "-" for letter in unicodedata.normalize("NFC", text))
    name = re.sub(r"-{2,}", "-", kept).encode()[:_MOST_BYTES].decode(errors="ignore").strip("-.")
    if not name:
        return "unnamed"
    return f"{name}-" if _DEVICES.fullmatch(name) else name


def _is_safe(letter: str) -> bool:
    return letter in "-_." or unicodedata.category(letter)[0] in "LMN"


def unlike(name: str, taken: Collection[str]) -> str:
    """Return a name that is none of those taken, even where letters' cases are one: with a number where it must be.

    Examples
    --------
    >>> unlike("Intro", ["outro"]), unlike("Intro", ["intro", "INTRO-2"])
    ('Intro', 'Intro-3')
    """
    folded = {_folded(one) for one in taken}
    candidates = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(one for one in candidates if _folded(one) not in folded)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
