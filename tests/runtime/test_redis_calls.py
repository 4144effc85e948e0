"""Redis responds slowly, or with what is no reply of Redis: callers continue soon."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.runtime.redis_calls import RedisCalls

if TYPE_CHECKING:
    import redis

BYTE_SECONDS = 0.015
Connect = Callable[[Any], "redis.Redis"]
SLOW = b"*1\r\n$200\r\n" + b"x" * 200 + b"\r\n"


@contextmanager
def responding(*pieces: bytes) -> Iterator[Any]:
    """Listen on a port; after the handshake of Redis each request gets these pieces, slowly."""

    def serve(connection: socket.socket) -> None:
        with suppress(OSError):
            while request := connection.recv(1 << 20):
                if b"HELLO" in request:
                    connection.sendall(b"%1\r\n$5\r\nproto\r\n:3\r\n")
                elif b"CLIENT" in request:
                    connection.sendall(b"+OK\r\n")
                else:
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(BYTE_SECONDS)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield SimpleNamespace(host="127.0.0.1", port=listener.getsockname()[1])


def test_slow_bytes_open_the_circuit(
    fast_redis_to: Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = RedisCalls("test", window=60.0)
    with responding(*(SLOW[at : at + 1] for at in range(len(SLOW)))) as server:
        client = fast_redis_to(server)
        client.connection_pool.get_connection()  # connecting is not measured
        started = time.monotonic()
        for _ in range(10):
            assert calls.call(lambda: client.mget(["a"])) is None
        assert time.monotonic() - started < 2.0  # all bytes of one reply take 3 s
    assert capsys.readouterr().out.count('"cache": "TimeoutError"') == 1


def test_reply_in_few_pieces_is_complete(fast_redis_to: Connect) -> None:
    calls = RedisCalls("test", window=60.0)
    with responding(b"*1\r\n$2\r", b"\nok\r\n") as server:
        client = fast_redis_to(server)
        for _ in range(5):
            assert calls.call(lambda: client.mget(["a"])) == ["ok"]


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize(
    "reply",
    [
        *(b"*1\r\n$xyz\r\n", b"?\r\n", b"\r\n", b"*x\r\n", b"HTTP/1.1 400\r\n", b":seven\r\n"),
        *(b"$99999999999\r\nx", b"*99999999999\r\n:1\r\n", b"*1\r\n" * 5000),
    ],
)
def test_malformed_reply_opens_the_circuit(
    fast_redis_to: Connect, capsys: pytest.CaptureFixture[str], reply: bytes
) -> None:
    calls = RedisCalls("test", window=60.0)
    with responding(reply) as server:
        client = fast_redis_to(server)
        responses: list[Any] = [calls.call(partial(client.get, "a")) for _ in range(3)]
    assert responses == [None, None, None]
    assert capsys.readouterr().out.count('"event": "metric"') == 1
