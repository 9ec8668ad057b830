"""What is wished, and what is found, when a folder's files are looked at."""

from dataclasses import dataclass
from pathlib import Path

from competition.data.edition import Edition, Missing
from competition.scoring.many_genres import named

COMMAND = "python -m competition edition"
FRAMES = "data frames"
"""Where songs come from that are no files."""
_IN_FRAMES = {
    "--leave-out": "drop that column from the data frames",
    "--label": "name it with `labels`",
    "--group": "give `groups`, a file with one id a song",
    "--groups": "give `groups`, a file with one id a song",
    "--missing": "fill them in the data frames",
}


def command(folder: Path, option: str) -> str:
    """Return the command that says what a folder's files are; of data frames, what to do instead.

    Parameters
    ----------
    folder : Path
    option : str
        What is to be added, an option first.

    Examples
    --------
    >>> command(Path("songs"), "--label genre")
    'python -m competition edition --data songs --label genre'
    """
    flag = option.split()[0]
    if folder.name == FRAMES and flag in _IN_FRAMES:
        return _IN_FRAMES[flag]
    return f"{COMMAND} --data {folder} {option}"


@dataclass(frozen=True)
class Wishes:
    """What is not to be inferred, because it is said; None for what is not said.

    Attributes
    ----------
    train, test, labels, template, groups : str or None
        Names of files in the folder.
    id, label, group : str or None
        Names of columns; numbers, as texts, where files have no header.
    leave_out : tuple of str
        Columns that are no features.
    missing : str or None
        As in `Roles`.
    """

    train: str | None = None
    test: str | None = None
    labels: str | None = None
    template: str | None = None
    groups: str | None = None
    id: str | None = None
    label: str | None = None
    group: str | None = None
    leave_out: tuple[str, ...] = ()
    missing: Missing | None = None


@dataclass(frozen=True)
class Finding:
    """What something in the folder is taken for, and why."""

    what: str
    taken: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.taken}, {self.why}" if self.why else self.taken


def findings_of(edition: Edition, why: str) -> tuple[Finding, ...]:
    """Return what an edition says of its files and columns.

    Parameters
    ----------
    edition : Edition
    why : str
        How it is known.
    """
    files, roles, form = edition.files, edition.roles, edition.submission
    label = "" if roles is None or roles.label is None else f"column {roles.label} of "
    said = {
        "edition": f"{edition.name}: {edition.columns} columns, {len(edition.genres)} genres",
        "training": files.train,
        "test": files.test or "none",
        "labels": f"{label}{files.labels or files.train}",
        "id": "" if roles is None else f"column {roles.id}" if roles.id else "none",
        "groups": files.groups or ("" if roles is None or roles.group is None else f"column {roles.group}"),
        "left out": "" if roles is None else ", ".join(roles.leave_out),
        "missing": "" if roles is None else roles.missing,
        "genres": named(edition.genres),
        "blocks": "; ".join(f"{one.name}: {len(one.statistics) * one.bands} columns" for one in edition.blocks),
        "hand in": f"{form.id},{form.label}",
        "boards": ", ".join(f"{name}: {one.metric}" for name, one in edition.boards.items()),
    }
    return tuple(Finding(what, taken, why if what == "edition" else "") for what, taken in said.items() if taken)


@dataclass(frozen=True)
class Inferred:
    """An edition that fits a folder's files.

    Attributes
    ----------
    edition : Edition
    findings : tuple of Finding
        What led to it.
    doubts : tuple of str
        What may be otherwise, as sentences.
    """

    edition: Edition
    findings: tuple[Finding, ...]
    doubts: tuple[str, ...] = ()
