"""Signals that end a command, as an exception that passes through all of its code."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class SignalReceivedError(KeyboardInterrupt):
    """A signal ends this command; only the command itself catches it."""


class _Deferred:
    """Whether signals wait, and what raises the one that does."""

    is_on = False
    raise_now: Callable[[], None] | None = None


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Let a signal wait until the end of the block, such as while a child process starts."""
    _Deferred.is_on = True
    try:
        yield
    finally:
        _Deferred.is_on = False
        waiting, _Deferred.raise_now = _Deferred.raise_now, None
        if waiting is not None:
            waiting()


@contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Raise SignalReceivedError at the first Ctrl-C, SIGTERM or hang-up, and ignore later ones."""
    handled = {signal.SIGINT, signal.SIGTERM}
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # `nohup` ignores it on purpose
        handled.add(signal.SIGHUP)

    received: list[SignalReceivedError] = []

    def interrupt(number: int, _frame: object) -> None:
        if _Deferred.is_on:  # and not ignored yet, which a child process would inherit
            _Deferred.raise_now = lambda: interrupt(number, None)
            return
        for handled_number in handled:
            signal.signal(handled_number, signal.SIG_IGN)  # nothing may interrupt the shutdown
        received.append(SignalReceivedError(signal.Signals(number).name))
        raise received[0]

    earlier_handlers = {number: signal.signal(number, interrupt) for number in handled}
    try:
        yield
    except Exception as error:
        # While an extension module is imported, Python may replace the exception by another one.
        if received:
            raise received[0] from error
        raise
    finally:
        for number, handler in earlier_handlers.items():
            signal.signal(number, handler)
