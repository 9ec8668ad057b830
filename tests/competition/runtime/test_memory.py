"""What the command line does to its process, and what importing the kit leaves alone."""

import gc
import platform
import subprocess

import pytest
from support import run_python

from competition.runtime.backend import keras

pytestmark = pytest.mark.process

HEAPS = """
import ctypes, threading
from competition.runtime.memory import take_process
{call}
thread = threading.Thread(target=bytearray, args=(50_000,))
thread.start()
thread.join()
ctypes.CDLL(None).malloc_stats()
"""
FAULTS = """
import resource
import numpy
from competition.runtime.memory import keep_freed, take_process
{call}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def work():
    arrays = [numpy.ones(2**18) for _ in range(8)]
work()
before = faults()
work()
print(faults() - before < 100)
"""
FROZEN = """
import gc
from competition.runtime.memory import take_process
take_process()
import competition.runtime.backend
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return run_python("-c", code, check=True)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are not asked")
@pytest.mark.parametrize(("call", "heaps"), [("", 2), ("take_process()", 1)])
def test_the_command_lines_threads_share_one_heap(call: str, heaps: int):
    assert run(HEAPS.format(call=call)).stderr.count("Arena ") == heaps


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are not asked")
@pytest.mark.parametrize(
    ("call", "is_kept"), [("", False), ("keep_freed()", False), ("take_process(); keep_freed()", True)]
)
def test_freed_memory_is_kept_where_the_process_is_the_command_lines(call: str, is_kept: bool):
    assert run(FAULTS.format(call=call)).stdout == f"{is_kept}\n"


def test_the_collector_is_kept_off_the_imports_of_the_command_line_alone():
    assert run(FROZEN).stdout == "True True\n"
    assert keras
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
