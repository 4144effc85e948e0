"""Serve the REST routes alone by `chalice local`, straight from the work tree, for quick work."""

import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from local.managed_process import Order, start_guarded
from local.packaging import STAGE
from local.parent_process import Owner
from local.paths import PROJECT
from local.ports import LOOPBACK, free_port

USUAL_PORT = 8000
SECONDS_BETWEEN_LOOKS = 0.5
SOURCES = ("app.py", "chalicelib/**/*.py", "chalicelib/**/*.sql", ".chalice/config.json")


def serve_routes(
    variables: Mapping[str, str], owner: Owner | None, tell: Callable[[str], None]
) -> int:
    """Serve until the owner leaves, again after each change of the code; answer the exit code.

    `variables` are the deployed functions' own, so that both see the same stores and user pool.
    """
    port = free_port(USUAL_PORT)
    order = _order(port, variables)
    tell(f"The routes alone, by chalice local: http://{LOOPBACK}:{port}")
    server, served = start_guarded(order), _changes()
    pause = threading.Event()
    try:
        while not (owner and owner.is_leaving()):
            pause.wait(SECONDS_BETWEEN_LOOKS)
            if served != (now := _changes()):
                tell("The code has changed; chalice local starts again.")
                server.stop()
                server, served = start_guarded(order), now
        return 0
    finally:
        server.stop()


def _order(port: int, variables: Mapping[str, str]) -> Order:
    return Order(
        command=[sys.executable, "-m", "local.chalice_local", LOOPBACK, str(port), STAGE],
        log="",
        folder=str(PROJECT),
        # So that whoever reads its words through a pipe or a file gets them at once.
        environment=dict(os.environ) | dict(variables) | {"PYTHONUNBUFFERED": "1"},
    )


def _changes() -> dict[Path, float]:
    """Answer when each source file was last changed."""
    result = [path for pattern in SOURCES for path in PROJECT.glob(pattern)]
    return {path: path.stat().st_mtime for path in result if path.exists()}
