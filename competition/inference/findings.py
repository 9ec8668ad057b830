"""What is wished, and what is found, when a folder's files are looked at."""

from dataclasses import dataclass

from competition.data.edition import Edition, Missing

COMMAND = "python -m competition edition"
FRAMES = "data frames"
"""Where songs come from that are no files."""


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
