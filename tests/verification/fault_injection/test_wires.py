"""A wire passes all bytes until it is told to break, before a request or after its answer."""

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from verification.fault_injection.fault_proxy import Wire, wire


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while said := self.request.recv(100):
            heard.append(said)
            self.request.sendall(said)


heard: list[bytes] = []


@pytest.fixture
def opened() -> Iterator[Wire]:
    heard.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with wire(server.server_address[1]) as ready:
            yield ready
        server.shutdown()


def ask(connection: socket.socket, word: bytes) -> bytes:
    try:
        connection.sendall(word)
        return connection.recv(100)
    except ConnectionError:
        return b""


def test_bytes_pass_both_ways(opened: Wire) -> None:
    with socket.create_connection(("127.0.0.1", opened.port), timeout=5) as connection:
        assert ask(connection, b"one") == b"one"
        assert ask(connection, b"two") == b"two"


def test_a_cut_before_hides_the_request_from_the_store(opened: Wire) -> None:
    with socket.create_connection(("127.0.0.1", opened.port), timeout=5) as connection:
        opened.arm("before", passing=1)
        assert ask(connection, b"one") == b"one"
        assert ask(connection, b"two") == b""
    assert heard == [b"one"]
    assert opened.disarm() and opened.cuts == 1


def test_a_cut_after_hides_the_answer_of_what_was_done(opened: Wire) -> None:
    with socket.create_connection(("127.0.0.1", opened.port), timeout=5) as connection:
        opened.arm("after", passing=0)
        assert ask(connection, b"one") == b""
    assert heard == [b"one"]
    with socket.create_connection(("127.0.0.1", opened.port), timeout=5) as connection:
        assert ask(connection, b"two") == b"two"


def test_what_was_not_cut_is_told(opened: Wire) -> None:
    opened.arm("before", passing=0)
    assert not opened.disarm()


def test_a_wire_that_slows_nothing_down_says_so(opened: Wire) -> None:
    opened.delay_seconds = 0.01
    assert opened.delays == 0
    with socket.create_connection(("127.0.0.1", opened.port), timeout=5) as connection:
        assert ask(connection, b"one") == b"one"
    assert opened.delays == 1
