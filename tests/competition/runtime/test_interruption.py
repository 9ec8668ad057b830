import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from support import ROOT

from competition.runtime import interruption
from competition.runtime.interruption import INTERRUPTED, SAID, TERMINATED, Interrupted, Terminated


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    numbers = [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)]
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)
    interruption._received.clear()


@pytest.mark.parametrize(("number", "end"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_that_something_swallows_ends_the_work_at_its_next_step(number: signal.Signals, end: type):
    interruption.watch()
    interruption.check()
    with suppress(BaseException):  # as a careless import does
        signal.raise_signal(number)
    with pytest.raises(end):
        interruption.check()


def test_a_new_command_begins_without_an_old_signal():
    interruption.watch()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    interruption.watch()
    interruption.check()


def test_a_second_signal_does_not_disturb_the_end_and_a_late_one_is_heard(monkeypatch: pytest.MonkeyPatch):
    interruption.watch()
    with pytest.raises(Terminated):
        signal.raise_signal(signal.SIGTERM)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.raise_signal(number)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3)  # the first has been swallowed
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(Terminated):
        interruption.check()


@pytest.mark.process
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED)])
def test_a_signal_during_the_imports_ends_the_process_with_its_sentence(number: signal.Signals, code: int):
    """As `genre_kit.__main__` has it: what arrives before the command line is there is answered too."""
    program = (
        "from genre_kit import __main__; import os, sys, signal\n"
        "class Late:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == 'genre_kit.cli': os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Late())\n"
        "__main__.main()\n"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (code, "", f"{SAID[code]}\n")
    assert os.linesep not in SAID[code]
