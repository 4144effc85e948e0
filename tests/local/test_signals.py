"""A signal ends a command as one exception, whatever the code that it meets makes of it."""

import os
import signal

import pytest

from local.signals import SignalReceivedError, signals_as_exceptions, signals_deferred


def test_replaced_exception_is_still_the_signal() -> None:
    with pytest.raises(SignalReceivedError, match="SIGTERM"), signals_as_exceptions():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except SignalReceivedError:
            raise TypeError("as an interrupted import of _ssl raises") from None


def test_other_exceptions_pass_unchanged() -> None:
    with pytest.raises(TypeError, match="no signal"), signals_as_exceptions():
        raise TypeError("no signal")


def test_deferred_signal_comes_at_the_end() -> None:
    reached = False
    with pytest.raises(SignalReceivedError, match="SIGTERM"), signals_as_exceptions():
        with signals_deferred():
            os.kill(os.getpid(), signal.SIGTERM)
            assert signal.getsignal(signal.SIGTERM) != signal.SIG_IGN
            reached = True
        pytest.fail("the signal was lost")
    assert reached
