"""A TCP proxy before a store that cuts or delays connections on demand."""

import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Cut = Literal["before", "after"]
LOOPBACK = "127.0.0.1"


class FaultProxy:
    """Passes bytes both ways between clients and a store at a host and port.

    A cut "before" ends a connection before the store receives a message; "after" once the store
    has answered, so that its effect remains and its response is lost: for a SQL statement, before
    and after its COMMIT. `cuts` counts the cuts that happened, `delays` the delayed messages.
    """

    def __init__(self, port: int, host: str = LOOPBACK) -> None:
        self._target = (host, port)
        self._listener = socket.create_server((LOOPBACK, 0))
        self._lock = threading.Lock()
        self._planned: deque[tuple[Cut, int]] = deque()
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self.delays = 0
        self.delay_seconds = 0.0
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, *cuts: Cut, passing: int = 0) -> None:
        """Plan cuts in this order; `passing` messages in its direction pass before the first."""
        with self._lock:
            self._planned.extend((cut, passing if n == 0 else 0) for n, cut in enumerate(cuts))

    @property
    def is_armed(self) -> bool:
        """Whether a planned cut has not happened yet."""
        with self._lock:
            return bool(self._planned)

    def disarm(self) -> bool:
        """Cancel all planned cuts; return whether all had happened."""
        with self._lock:
            had_happened = not self._planned
            self._planned.clear()
        return had_happened

    def close(self) -> None:
        """Accept no more connections."""
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        try:
            store = socket.create_connection(self._target)
        except OSError:  # the store is down, and so is this proxy
            client.close()
            return
        for end in (client, store):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._carry, args=(client, store, "before"), daemon=True).start()
        self._carry(store, client, "after")

    def _carry(self, source: socket.socket, target: socket.socket, direction: Cut) -> None:
        with suppress(OSError):
            while piece := source.recv(1 << 20):
                if self._is_cut(direction):
                    break
                if self.delay_seconds and direction == "before":
                    time.sleep(self.delay_seconds)
                    with self._lock:
                        self.delays += 1
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _is_cut(self, direction: Cut) -> bool:
        with self._lock:
            if not self._planned or self._planned[0][0] != direction:
                return False
            cut, passing = self._planned.popleft()
            if passing:
                self._planned.appendleft((cut, passing - 1))
                return False
            self.cuts += 1
            return True


@contextmanager
def fault_proxy(port: int, host: str = LOOPBACK) -> Iterator[FaultProxy]:
    """Open a proxy before a store, and close it at the end."""
    proxy = FaultProxy(port, host)
    try:
        yield proxy
    finally:
        proxy.close()
