"""Ports on loopback."""

import socket

from local.ports import LOOPBACK, free_port, is_free


def test_free_preferred_port_is_used() -> None:
    port = free_port()
    assert LOOPBACK == "127.0.0.1"
    assert is_free(port)
    assert free_port(port) == port


def test_occupied_preferred_port_is_replaced() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert free_port(port) != port
