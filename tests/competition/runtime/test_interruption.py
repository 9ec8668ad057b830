import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from competition.runtime import interruption


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
