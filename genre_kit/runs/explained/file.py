"""``explain.json``: what explaining a run found; docs/files.md describes it."""

from dataclasses import asdict
from pathlib import Path

from competition.storage.folders import write_json
from genre_kit.runs.explained.content import Explanation
from genre_kit.runs.records import built, read_table

EXPLANATION = "explain.json"
FORMAT = 1
"""Raised when a reader of today could misread the file."""
_CURE = "explain the run again"


def write_explanation(place: Path, found: Explanation) -> None:
    """Write ``explain.json`` into a folder."""
    write_json(place / EXPLANATION, {"format": FORMAT} | asdict(found))


def read_explanation(folder: Path) -> Explanation:
    """Read ``explain.json`` from a folder.

    Raises
    ------
    RunError
        When it is missing, damaged, lacks something, or a newer version of the kit wrote it.
    """
    path = folder / EXPLANATION
    return built(Explanation, read_table(path, FORMAT, _CURE), path, _CURE)
