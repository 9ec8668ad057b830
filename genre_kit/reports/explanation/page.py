"""The page of an explained run, beside its report: one HTML file that opens anywhere."""

import os
from pathlib import Path
from typing import Any

from competition.explain.parts import BLOCK
from competition.scoring.scores import shown
from competition.storage.files import write_whole
from competition.storage.folders import GROUPS, REPORT
from genre_kit.reports.explanation.lines import largest, more_songs_sentence, noise_sentence, shuffled_sentence
from genre_kit.reports.explanation.pictures import BLOCKS, GENRES, SONGS, picture_of
from genre_kit.reports.page.html import Picture, embedded, templates
from genre_kit.runs.explained.content import Explanation
from genre_kit.runs.out_of_fold import read_songs

PAGE = "explain.html"
_MOST = 15


def write_page(place: Path, found: Explanation, run: Path) -> None:
    """Write explain.html into a folder that holds an explanation's pictures.

    Parameters
    ----------
    place : Path
    found : Explanation
    run : Path
        The explained run.
    """
    environment = templates()
    environment.filters["error"] = lambda one: "–" if one is None else f"{one:.4f}"
    environment.filters["probability"] = lambda one: f"{one:.1e}" if one < 0.0005 else f"{one:.4f}"
    page = environment.get_template(PAGE).render(_contents(place, found, run))
    write_whole(place / PAGE, page.encode("utf-8", "backslashreplace"))  # names need not be text


def _contents(place: Path, found: Explanation, run: Path) -> dict[str, Any]:
    loss, blocks = shown(found.loss), [row for row in found.importance if row.kind == BLOCK]
    names = [name for name in (picture_of(row.block) for row in blocks) if (place / name).is_file()]
    songs = place / SONGS
    return {
        "found": found,
        "loss": loss,
        "score": shown(found.score),
        "blocks": largest(blocks, len(blocks)),
        "finer": largest([row for row in found.importance if row.kind != BLOCK], _MOST),
        "columns": largest(found.columns, _MOST),
        "shuffled": shuffled_sentence(found).replace("`columns`", "--columns"),
        "noise": noise_sentence(found),
        "more_songs": _capitalized(more_songs_sentence(found)),
        "has_ids": read_songs(run).ids is not None,
        "grouped": (run / GROUPS).is_file(),
        "report": Path(os.path.relpath(run / REPORT, _final(place))).as_posix() if (run / REPORT).is_file() else None,
        "blocks_picture": _picture(place / BLOCKS, f"Rise of the {loss} by block shuffled"),
        "block_pictures": [_picture(place / name, f"Rise of the {loss} inside {name[6:-4]}") for name in names],
        "genres_picture": _picture(place / GENRES, f"Rise of each genre's {loss} by part shuffled"),
        "songs_picture": _picture(songs, f"{loss} by the number of training songs"),
    }


def _final(place: Path) -> Path:
    """Return the folder that the staging folder `place` is moved into."""
    return place.parent


def _capitalized(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _picture(path: Path, alt: str) -> Picture | None:
    return embedded(path, alt) if path.is_file() else None
