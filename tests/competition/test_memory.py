"""What is asked of the C library, where it is glibc."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are not asked")

HEAPS = """
import ctypes, threading
from competition.memory import share_one_heap
{call}
thread = threading.Thread(target=bytearray, args=(50_000,))
thread.start()
thread.join()
ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.parametrize(("call", "heaps"), [("", 2), ("share_one_heap()", 1)])
def test_threads_share_one_heap_when_told_to(call: str, heaps: int):
    told = subprocess.run([sys.executable, "-c", HEAPS.format(call=call)], capture_output=True, text=True, check=True)
    assert told.stderr.count("Arena ") == heaps
