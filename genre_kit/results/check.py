"""What is wrong with submission files."""

from dataclasses import dataclass
from pathlib import Path

from submissions.checks.checker import Checked
from submissions.checks.findings import Finding


@dataclass(frozen=True)
class Against:
    """What files are held against.

    Attributes
    ----------
    rows : int
        Of a submission for it.
    source : str or None
        Where its test songs are, for people; None for the embedded sample, where nobody named other data.
    known_by : Path or None
        The run that knows it, where nobody named data.
    """

    rows: int
    source: str | None
    known_by: Path | None = None


@dataclass(frozen=True, eq=False)
class Check:
    """What is wrong with submission files.

    Attributes
    ----------
    checked : tuple of Checked
        The files that could be read.
    unreadable : tuple of str
        A sentence for each that could not.
    findings : tuple of Finding
        All that was found, in the files and between them.
    against : tuple of Against
        What the files are held against: one a run where runs know their data, else one for all.
    allow_suspicious : bool
        Whether what is well formed but looks wrong passes.
    """

    checked: tuple[Checked, ...]
    unreadable: tuple[str, ...]
    findings: tuple[Finding, ...]
    against: tuple[Against, ...]
    allow_suspicious: bool

    @property
    def counted(self) -> tuple[Finding, ...]:
        """The findings that keep a file from passing."""
        passing = {"note", "suspicious"} if self.allow_suspicious else {"note"}
        return tuple(one for one in self.findings if one.severity not in passing)

    @property
    def passed(self) -> tuple[Checked, ...]:
        """The files with nothing that counts against them."""
        return tuple(one for one in self.checked if not any(finding.path == one.path for finding in self.counted))

    @property
    def is_ok(self) -> bool:
        """Whether all files pass."""
        return not self.counted and not self.unreadable
