"""Ports on loopback."""

import socket

from local.ports import LOOPBACK, free_port, is_free


def test_only_this_machine_reaches_the_loopback() -> None:
    assert LOOPBACK == "127.0.0.1"


def test_the_wished_port_is_kept_while_nobody_listens_there() -> None:
    port = free_port()
    assert is_free(port)
    assert free_port(port) == port


def test_another_port_is_given_while_somebody_listens_there() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert free_port(port) != port
