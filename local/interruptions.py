"""Signals that ask a command to end, as an exception that passes through all of its code."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Interrupted(BaseException):
    """A signal asks for the end; like KeyboardInterrupt, nobody but the command catches it."""


@contextmanager
def signals_as_interruptions() -> Iterator[None]:
    """Turn Ctrl-C, a termination and a closed terminal into Interrupted, once."""
    asked = {signal.SIGINT, signal.SIGTERM}
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
        asked.add(signal.SIGHUP)

    def interrupt(number: int, _frame: object) -> None:
        for one in asked:
            signal.signal(one, signal.SIG_IGN)  # stopping takes a moment and must not be torn
        raise Interrupted(signal.Signals(number).name)

    before = {one: signal.signal(one, interrupt) for one in asked}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
