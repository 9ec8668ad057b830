"""The packages that the kit needs or can use: which are installed, and whether within the ranges it was tested with."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

KIT = "genre-competition-kit"


@dataclass(frozen=True)
class Package:
    """A package.

    Attributes
    ----------
    name : str
    tested : str
        The range of its versions that the kit was tested with.
    installed : str or None
        Its version; None where it is not installed.
    extra : str or None
        What needs it, as extras of the kit are named; None where all do.
    """

    name: str
    tested: str
    installed: str | None
    extra: str | None = None

    @property
    def is_missing(self) -> bool:
        """Whether the kit cannot work without it, and it is not there."""
        return self.installed is None and self.extra is None

    @property
    def is_untested(self) -> bool:
        """Whether its version is outside the range."""
        return self.installed is not None and not SpecifierSet(self.tested).contains(self.installed, prereleases=True)


def packages() -> tuple[Package, ...] | None:
    """Return the packages that the kit names; None where it is not installed as a package, which knows them."""
    try:
        named = requires(KIT)
    except PackageNotFoundError:
        return None
    return tuple(_packages(named or []))


def _packages(named: list[str]) -> Iterator[Package]:
    for requirement in map(Requirement, named):
        extra = _extra(requirement)
        if extra is not None or requirement.marker is None or requirement.marker.evaluate():
            yield Package(requirement.name, str(requirement.specifier), _version(requirement.name), extra)


def _extra(requirement: Requirement) -> str | None:
    """Return the extra that brings a package: its marker says ``extra == "audio"``."""
    found = [] if requirement.marker is None else str(requirement.marker).split("extra == ")[1:]
    return found[0].split('"')[1] if found else None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
