"""Signals that ask a command to end, as an exception that passes through all of its code."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class SignalReceivedError(BaseException):
    """A signal asks for the end; like KeyboardInterrupt, nobody but the command catches it."""


@contextmanager
def signals_as_interruptions() -> Iterator[None]:
    """Turn Ctrl-C, a termination and a closed terminal into SignalReceivedError, once."""
    request = {signal.SIGINT, signal.SIGTERM}
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
        request.add(signal.SIGHUP)

    def interrupt(number: int, _frame: object) -> None:
        for one in request:
            signal.signal(one, signal.SIG_IGN)  # stopping takes a moment and must not be torn
        raise SignalReceivedError(signal.Signals(number).name)

    before = {one: signal.signal(one, interrupt) for one in request}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
