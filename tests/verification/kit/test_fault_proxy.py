"""The fault proxy passes all bytes until a planned cut, before a request or after its response."""

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from verification.kit.fault_proxy import FaultProxy, fault_proxy


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while message := self.request.recv(100):
            received.append(message)
            self.request.sendall(message)


received: list[bytes] = []


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    received.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with fault_proxy(server.server_address[1]) as opened:
            yield opened
        server.shutdown()


def exchange(proxy: FaultProxy, *messages: bytes) -> list[bytes]:
    """Send messages on one connection; return the responses, b"" for a lost one."""
    responses = []
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as connection:
        for message in messages:
            try:
                connection.sendall(message)
                responses.append(connection.recv(100))
            except ConnectionError:
                responses.append(b"")
    return responses


def test_a_cut_before_hides_the_request(proxy: FaultProxy) -> None:
    proxy.cut("before", passing=1)
    assert exchange(proxy, b"one", b"two") == [b"one", b""]
    assert received == [b"one"]
    assert proxy.disarm()


def test_planned_cuts_happen_in_order(proxy: FaultProxy) -> None:
    proxy.cut("after", "before")
    responses = [exchange(proxy, word) for word in (b"one", b"two", b"three")]
    assert responses == [[b""], [b""], [b"three"]]
    assert received == [b"one", b"three"]
    assert (proxy.is_armed, proxy.cuts) == (False, 2)


def test_a_cancelled_cut_does_not_happen(proxy: FaultProxy) -> None:
    proxy.cut("before")
    assert proxy.is_armed
    assert not proxy.disarm()
    assert exchange(proxy, b"one") == [b"one"]


def test_delayed_messages_are_counted(proxy: FaultProxy) -> None:
    proxy.delay_seconds = 0.01
    assert proxy.delays == 0
    assert exchange(proxy, b"one") == [b"one"]
    assert proxy.delays == 1
