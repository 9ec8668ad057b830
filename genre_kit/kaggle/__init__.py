"""To Kaggle and back, by Kaggle's own client: a competition's files, submissions, and what boards say of them.

``genre_kit.kaggle.fetch``, ``send`` and ``board`` are imported when they are first used; the client, the package
`kaggle`, when something is asked of Kaggle.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genre_kit.kaggle.door.refusals import KaggleError
    from genre_kit.kaggle.fetching import fetch
    from genre_kit.kaggle.reviewing import board
    from genre_kit.kaggle.sending import send

__all__ = ["KaggleError", "board", "fetch", "send"]

_ROOMS = {
    "KaggleError": "genre_kit.kaggle.door.refusals",
    "board": "genre_kit.kaggle.reviewing",
    "fetch": "genre_kit.kaggle.fetching",
    "send": "genre_kit.kaggle.sending",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_ROOMS])
