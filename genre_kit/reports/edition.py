"""The lines that say what a folder's files are."""

import textwrap
from pathlib import Path

from competition.data.edition_file import EDITION_FILE
from competition.inference.findings import Inferred
from genre_kit.reports.lines import WIDTH, labelled


def describe_edition(found: Inferred, path: Path, data: Path) -> list[str]:
    """Return the lines that `edition` prints; `path` is where the edition was written, `data` what it is of."""
    lines: list[str] = []
    for finding in found.findings:
        lines += labelled(finding.what, textwrap.wrap(str(finding), WIDTH))
    for doubt in found.doubts:
        lines += labelled("doubtful", textwrap.wrap(doubt, WIDTH))
    is_beside = path.name == EDITION_FILE and path.parent == data
    how = f"--data {data}" if is_beside else f"--data {data} --edition {path}"
    lines.append(f"written   {path}: correct there what is otherwise")
    return [*lines, f"next      python -m competition submit {how}"]
