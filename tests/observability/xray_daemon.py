"""A fake X-Ray daemon, which listens on loopback and returns the documents that it received."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

HEADER = {"format": "json", "version": 1}
Document = dict[str, Any]


class XrayDaemon:
    """A UDP socket, whose buffer holds what an ended process has sent."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)

    @property
    def address(self) -> str:
        """Its address, in the form of AWS_XRAY_DAEMON_ADDRESS."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def documents(self) -> list[Document]:
        """Return the documents received since the last call."""
        documents: list[Document] = []
        while (datagram := self._next()) is not None:
            header, document = datagram.split("\n", 1)
            assert json.loads(header) == HEADER
            documents.append(json.loads(document))
        return documents

    def close(self) -> None:
        """Close the socket."""
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
    """Return the subsegments of a document, at any depth."""
    for part in document.get("subsegments", []):
        yield part
        yield from below(part)
