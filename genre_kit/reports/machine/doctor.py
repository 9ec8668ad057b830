"""What `doctor` prints: lines, or JSON, that tell neither the user's name nor the home folder."""

import getpass
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from competition.runtime.packages import Package
from genre_kit.reports.lines import WIDTH, labelled
from genre_kit.results.machine import Diagnosis, TinyJob

_GIGABYTE = 1e9


def doctor_lines(found: Diagnosis) -> list[str]:
    """Return the lines that `doctor` prints."""
    machine = found.machine
    disks = (f"{_gigabytes(free)} free in {place}" for place, free in machine.disks.items())
    lines = [
        *labelled("kit", [f"{found.kit}, {machine.python}"]),
        *labelled("system", _wrapped([machine.system])),
        *labelled("processor", _wrapped([f"{machine.processor}: {_processors(found)}", *machine.instruction_sets])),
        *labelled("threads", list(machine.threads)),
        *labelled("memory", [f"{_gigabytes(machine.memory)}, {_gigabytes(machine.free_memory)} of it free"]),
        *labelled("disk", list(disks)),
        *labelled("graphics", _wrapped(found.tiny_job.graphics or ["none that TensorFlow sees"])),
        *labelled("packages", _package_lines(found.packages)),
        *labelled("variables", _variable_lines(found)),
        *labelled(
            "files", [f"{path}: not read by the kit" for path in found.ignored_files] or ["no other tool's settings"]
        ),
        *labelled("tiny job", _wrapped([_tiny_job(found.tiny_job)])),
    ]
    return [anonymous(line) for line in lines]


def doctor_table(found: Diagnosis) -> dict[str, Any]:
    """Return the same as a JSON-serializable dictionary."""
    packages = [asdict(one) | {"is_untested": one.is_untested} for one in found.packages or ()]
    table = asdict(found) | {"packages": packages, "is_well": found.is_well}
    return _anonymous_table(table | {"ignored_files": list(map(str, found.ignored_files))})


def doctor_problems(found: Diagnosis) -> list[str]:
    """Return the sentences about what keeps the kit from working, or may."""
    if found.packages is None:
        return ["the kit is not installed as a package: in its folder, run pip install --no-deps -e ."]
    missing = [f"{one.name} is not installed; {_cure(one)}" for one in found.packages if one.is_missing]
    untested = [
        f"{one.name} {one.installed} is not among the versions that the kit was tested with; if something is wrong, "
        f"{_cure(one)}"
        for one in found.packages
        if one.is_untested
    ]
    failed = [] if found.tiny_job.problem is None else [f"the tiny job was not done: {found.tiny_job.problem}"]
    return [anonymous(f"{line}.") for line in [*missing, *untested, *failed]]


def _cure(package: Package) -> str:
    return f"run pip install '{package.name}{package.tested}'"


def anonymous(text: str) -> str:
    """Return a text with ``~`` for the home folder, and ``USER`` for the user's name in what paths are left.

    Examples
    --------
    >>> anonymous(f"{Path.home()}/runs")
    '~/runs'
    """
    text = re.sub(rf"{re.escape(str(Path.home()))}(?![^/\s:;,'\"])", "~", text)
    return re.sub(rf"(?<=/){re.escape(_user())}(?![^/\s:;,'\"])", "USER", text)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name is known for the user's number
        return Path.home().name


def _anonymous_table(value: Any) -> Any:
    if isinstance(value, dict):
        return {anonymous(str(key)): _anonymous_table(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_anonymous_table(entry) for entry in value]
    return anonymous(value) if isinstance(value, str) else value


def _processors(found: Diagnosis) -> str:
    machine = found.machine
    of_them = "" if machine.usable_processors == machine.processors else f"{machine.usable_processors} of "
    return f"{of_them}{machine.processors} logical processors"


def _gigabytes(size: int) -> str:
    return f"{size / _GIGABYTE:.1f} GB"


def _package_lines(found: Sequence[Package] | None) -> list[str]:
    if found is None:
        return ["not known: the kit is not installed as a package"]
    needed = [f"{one.name} {_version(one)}" for one in found if one.extra is None]
    optional = [f"{one.name} {_version(one)} (for {one.extra})" for one in found if one.extra is not None]
    odd = sum(one.is_missing or one.is_untested for one in found)
    verdict = "all within the ranges that the kit was tested with" if odd == 0 else f"{odd} not as the kit was tested"
    return [verdict, *_wrapped(needed), *_wrapped(optional)]


def _version(package: Package) -> str:
    if package.installed is None:
        return "not installed"
    return f"{package.installed} (tested: {package.tested})" if package.is_untested else package.installed


def _variable_lines(found: Diagnosis) -> list[str]:
    kept = _wrapped([f"{name}={value}" for name, value in found.kept.items()])
    left_out = _wrapped([f"left out of the kit's process: {', '.join(found.left_out)}"] if found.left_out else [])
    return [*kept, *left_out] or ["none that matter"]


def _tiny_job(job: TinyJob) -> str:
    if job.problem is None:
        return f"done in {job.seconds:.1f} s: networks trained, both files written and checked"
    return f"not done: {job.problem}"


def _wrapped(parts: Iterable[str]) -> list[str]:
    return textwrap.wrap(", ".join(parts), WIDTH, break_long_words=False, break_on_hyphens=False)
