"""Wires between the functions and their stores that break or slow down when they are told to."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from local.ports import LOOPBACK

Cut = Literal["before", "after"]


class Wire:
    """Passes bytes both ways to a store; every connection of every process goes through it.

    A cut "before" ends a connection before the store sees what is sent, "after" once the store has
    answered and nobody has heard it: for a statement, before and after its COMMIT.
    """

    def __init__(self, store: int) -> None:
        self._store = store
        self._listener = socket.create_server((LOOPBACK, 0))
        self._lock = threading.Lock()
        self._armed: tuple[Cut, int] | None = None
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self.delays = 0
        self.delay_seconds = 0.0
        threading.Thread(target=self._serve, daemon=True).start()

    def arm(self, cut: Cut, passing: int) -> None:
        """Cut once, after letting `passing` messages of that direction pass."""
        with self._lock:
            self._armed = (cut, passing)

    @property
    def is_armed(self) -> bool:
        """Whether there is something left to cut."""
        with self._lock:
            return self._armed is not None

    def disarm(self) -> bool:
        """Cut no more; say whether there was nothing left to cut."""
        with self._lock:
            left, self._armed = self._armed, None
        return left is None

    def close(self) -> None:
        """Accept no more connections."""
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection((LOOPBACK, self._store))
        except OSError:  # the store is down: so is the wire
            near.close()
            return
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._carry, args=(near, far, "before"), daemon=True).start()
        self._carry(far, near, "after")

    def _carry(self, source: socket.socket, target: socket.socket, cut: Cut) -> None:
        with suppress(OSError):
            while piece := source.recv(1 << 20):
                if self._is_cut(cut):
                    break
                if self.delay_seconds and cut == "before":
                    time.sleep(self.delay_seconds)
                    with self._lock:
                        self.delays += 1
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _is_cut(self, cut: Cut) -> bool:
        with self._lock:
            if self._armed is None or self._armed[0] != cut:
                return False
            _, passing = self._armed
            self._armed = (cut, passing - 1) if passing else None
            self.cuts += not passing
            return not passing


@contextmanager
def wire(store: int) -> Iterator[Wire]:
    """Open a wire to a store's port, and close it at the end."""
    opened = Wire(store)
    try:
        yield opened
    finally:
        opened.close()
