"""What `doctor` finds."""

from dataclasses import dataclass
from pathlib import Path

from competition.runtime.machine import Machine
from competition.runtime.packages import Package


@dataclass(frozen=True)
class TinyJob:
    """How a tiny job went, in a process of its own.

    Attributes
    ----------
    seconds : float
    problem : str or None
        What went wrong; None where the job was done.
    graphics : tuple of str
        The graphics processors that TensorFlow sees.
    """

    seconds: float
    problem: str | None
    graphics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """A machine and its packages, for a report of an error.

    Attributes
    ----------
    kit : str
        Its version.
    machine : Machine
    packages : tuple of Package, or None
        None where the kit is not installed as a package, which knows them.
    left_out : tuple of str
        Other tools' variables that the kit leaves out of its process.
    kept : mapping of str to str
        Variables that it keeps.
    ignored_files : tuple of Path
        Other tools' settings that would change what the kit does if it read them.
    tiny_job : TinyJob
    """

    kit: str
    machine: Machine
    packages: tuple[Package, ...] | None
    left_out: tuple[str, ...]
    kept: dict[str, str]
    ignored_files: tuple[Path, ...]
    tiny_job: TinyJob

    @property
    def is_well(self) -> bool:
        """Whether the kit can work here: no package is missing, and the tiny job was done."""
        return self.tiny_job.problem is None and not any(one.is_missing for one in self.packages or ())
