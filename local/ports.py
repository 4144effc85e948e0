"""Loopback ports: a free one, or the one used before if it still is free."""

import socket

LOOPBACK = "127.0.0.1"


def free_port(wished: int | None = None) -> int:
    """Answer `wished` if nothing listens there, else a port that the system gives."""
    if wished is not None and is_free(wished):
        return wished
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Say whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
