"""Watch over a running laptop cloud until somebody ends it, and start fallen stores again."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from local.cloud import Cloud, Tell
from local.owner import Owner

SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_BEFORE_RESTART = 2.0  # long enough to see what the service does without the store


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


def watch(cloud: Cloud, owner: Owner | None, tell: Tell) -> int:
    """Return when the owner leaves (0) or the emulator falls (1); Interrupted passes through."""
    pause = threading.Event()
    while owner is None or not owner.is_leaving():
        pause.wait(SECONDS_BETWEEN_LOOKS)
        if not cloud.emulator.server.running():
            tell("The AWS emulator has ended by itself; what was recorded since the start is lost.")
            tell(cloud.emulator.server.log_tail())
            return 1
        stores = cloud.stores
        if not stores.postgres.server.running():
            _start_again("PostgreSQL", stores.restart_postgres, pause, tell)
            cloud.publish()
        if not stores.valkey.server.running():
            _start_again("Valkey", stores.restart_valkey, pause, tell)
            cloud.publish()
    return 0


def _start_again(
    name: str, restart: Callable[[], None], pause: threading.Event, tell: Tell
) -> None:
    tell(f"{name} has ended; it is started again in {SECONDS_BEFORE_RESTART:.0f} s.")
    pause.wait(SECONDS_BEFORE_RESTART)
    restart()
    tell(f"{name} is back.")
