"""What a run records about the machine and the packages that it ran on."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import competition
from competition.runtime.variables import machine_variables

_PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn")


def environment() -> dict[str, Any]:
    """Return the versions of the kit, of Python and of the packages that affect results, and the machine.

    ``variables`` are those of the environment that change the last digits, where some are set.
    """
    variables = machine_variables()
    return {
        "kit": competition.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "packages": {name: _version(name) for name in _PACKAGES},
        **({"variables": variables} if variables else {}),
    }


def differences(recorded: Mapping[str, Any]) -> list[str]:
    """Return in words what differs from a recorded `environment`: "numpy 2.3.1, here 2.4.6"."""
    here = environment()
    pairs = [(name, recorded.get(name), here[name]) for name in ("kit", "python", "machine")]
    known = recorded.get("packages", {})
    pairs += [(name, known.get(name), version) for name, version in here["packages"].items()]
    then, now = (one.get("variables", {}) for one in (recorded, here))
    pairs += [(name, then.get(name, "not set"), now.get(name, "not set")) for name in sorted({*then, *now})]
    return [f"{name} {old}, here {new}" for name, old, new in pairs if old not in (None, new)]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # another distribution of the same package, such as tensorflow-cpu
        return "unknown"
