"""Watch over a running laptop cloud until somebody ends it, and start fallen stores again."""

import threading
from collections.abc import Callable

from local.cloud import Cloud, Tell
from local.parent_process import Owner

SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_BEFORE_RESTART = 2.0  # long enough to see what the service does without the store


def watch(cloud: Cloud, owner: Owner | None, tell: Tell) -> int:
    """Return when the owner leaves (0) or the emulator falls (1); SignalReceivedError passes through."""
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
