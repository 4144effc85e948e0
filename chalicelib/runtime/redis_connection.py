"""A connection of redis-py on which a whole call has a time limit.

redis-py's `socket_timeout` limits each read of the socket, so that a server whose bytes come one by
one can make a call last for seconds.
"""

import time
from typing import Any

from redis import Connection


class LimitedConnection(Connection):
    """Gives a call `socket_timeout` seconds, from the first byte sent to the last one read.

    TCP, TLS and the handshake of Redis, which authenticates by IAM, have `socket_connect_timeout`
    seconds each. To be inherited with a connection of redis-py.
    """

    def connect(self) -> None:
        """Connect unless connected; the pool calls this at the start of each call."""
        super().connect()  # type: ignore[no-untyped-call]
        if isinstance(self._sock, _LimitedSocket) and self.socket_timeout is not None:
            self._sock.restart(self.socket_timeout)

    def _connect(self) -> Any:
        connected = super()._connect()  # type: ignore[no-untyped-call]
        limit = self.socket_connect_timeout
        return connected if limit is None else _LimitedSocket(connected, limit)


class _LimitedSocket:
    """A socket whose sends and reads since `restart` take at most `limit` seconds together."""

    def __init__(self, connected: Any, limit: float) -> None:
        self._socket = connected
        self._limit = limit
        self._end: float | None = None

    def restart(self, limit: float) -> None:
        self._limit, self._end = limit, None

    def sendall(self, content: bytes) -> None:
        if self._end is None:
            self._end = time.monotonic() + self._limit
        self._set_timeout()
        self._socket.sendall(content)

    def recv(self, size: int) -> bytes:
        if self._socket.gettimeout() != 0:  # else the pool looks whether anything is left unread
            self._set_timeout()
        received: bytes = self._socket.recv(size)
        return received

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def _set_timeout(self) -> None:
        left = self._limit if self._end is None else self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the call to Redis took more than {self._limit} s")
        self._socket.settimeout(left)
