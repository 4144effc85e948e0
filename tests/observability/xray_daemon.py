"""A stand-in for the X-Ray daemon: it listens on loopback and keeps the documents it is sent."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

HEADER = {"format": "json", "version": 1}
Document = dict[str, Any]


class XrayDaemon:
    """A UDP socket; what a process has sent before it ended lies in its buffer."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)

    @property
    def address(self) -> str:
        """Where it listens, as AWS_XRAY_DAEMON_ADDRESS says it."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def documents(self) -> list[Document]:
        """Return what was sent since the last call."""
        result: list[Document] = []
        while (datagram := self._next()) is not None:
            header, document = datagram.split("\n", 1)
            assert json.loads(header) == HEADER
            result.append(json.loads(document))
        return result

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def _next(self) -> str | None:
        try:
            return self._socket.recv(1 << 16).decode()
        except BlockingIOError:
            return None


@pytest.fixture
def xray_daemon() -> Iterator[XrayDaemon]:
    daemon = XrayDaemon()
    yield daemon
    daemon.close()


def below(document: Document) -> Iterator[Document]:
    """Return the parts inside of a document, at any depth."""
    for part in document.get("subsegments", []):
        yield part
        yield from below(part)
