"""The machine that a process runs on."""

import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from threadpoolctl import threadpool_info

from competition.runtime.processors import usable_processors


@dataclass(frozen=True)
class Machine:
    """What a machine has; memory and disk in bytes.

    Attributes
    ----------
    system, python, processor : str
    instruction_sets : tuple of str
        As numpy names those that it found.
    processors, usable_processors : int
        Logical ones: the machine's, and those that this process may use.
    memory, free_memory : int
        `free_memory`: what a process can take without swapping.
    disks : mapping of str to int
        What is free where runs are written by default, and where temporary files are.
    threads : tuple of str
        Libraries with threads of their own, and how many each takes.
    """

    system: str
    python: str
    processor: str
    instruction_sets: tuple[str, ...]
    processors: int
    usable_processors: int
    memory: int
    free_memory: int
    disks: dict[str, int]
    threads: tuple[str, ...]


def machine(places: Sequence[Path]) -> Machine:
    """Return what the machine has, with the free space at some places."""
    memory = psutil.virtual_memory()
    return Machine(
        system=f"{platform.system()} {platform.release()}, {platform.machine()}{_c_library()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        processor=_processor(),
        instruction_sets=_instruction_sets(),
        processors=psutil.cpu_count() or 1,
        usable_processors=usable_processors(),
        memory=memory.total,
        free_memory=memory.available,
        disks={str(place): shutil.disk_usage(place).free for place in places},
        threads=tuple(map(_threads, threadpool_info())),
    )


def _c_library() -> str:
    return "".join(f", {part}" for part in [" ".join(platform.libc_ver()).strip()] if part)


def _processor() -> str:
    """Return the processor's name: Linux tells it in a file alone."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return (names or [platform.processor() or "unknown"])[0]


def _instruction_sets() -> tuple[str, ...]:
    known = np.show_config(mode="dicts")["SIMD Extensions"]  # type: ignore[call-overload,index]
    return (*known.get("baseline", ()), *known.get("found", ()))


def _threads(library: dict[str, object]) -> str:
    kind = " ".join(str(library[key]) for key in ("architecture", "threading_layer") if library.get(key))
    return f"{library['internal_api']} {library['version']}: {library['num_threads']} ({kind})"
