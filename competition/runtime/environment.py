"""What a run records about the machine and the packages that it ran on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import competition

_PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn")


def environment() -> dict[str, Any]:
    """Return the versions of the kit, of Python and of the packages that affect results, and the machine."""
    return {
        "kit": competition.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # another distribution of the same package, such as tensorflow-cpu
        return "unknown"
