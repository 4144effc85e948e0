"""Serve only the REST routes, by `chalice local` from the work tree, for quick changes."""

import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from local.packaging import STAGE
from local.paths import PROJECT
from local.ports import LOOPBACK, free_port
from local.processes import ParentProcess, ProcessSpec, start_process

PREFERRED_PORT = 8000
SECONDS_BETWEEN_CHECKS = 0.5
SOURCES = (
    *("app.py", "chalicelib/**/*.py", "chalicelib/**/*.sql", ".chalice/config.json"),
    *(f"chalicelib/pages/**/*.{ending}" for ending in ("html", "js", "css", "svg")),
)


def serve_routes(
    variables: Mapping[str, str], parent: ParentProcess | None, report: Callable[[str], None]
) -> int:
    """Serve until the parent ends, and restart after each change of the code; return the exit code.

    `variables` are those of the deployed functions, so both use the same stores and user pool.
    """
    port = free_port(PREFERRED_PORT)
    spec = _spec(port, variables)
    report(f"Only the REST routes, by chalice local: http://{LOOPBACK}:{port}")
    server, served = start_process(spec), _modification_times()
    pause = threading.Event()
    try:
        while not (parent and parent.is_ending()):
            pause.wait(SECONDS_BETWEEN_CHECKS)
            if served != (now := _modification_times()):
                report("The code has changed; restarting chalice local.")
                server.stop()
                server, served = start_process(spec), now
        return 0
    finally:
        server.stop()


def _spec(port: int, variables: Mapping[str, str]) -> ProcessSpec:
    return ProcessSpec(
        command=[sys.executable, "-m", "local.chalice_local", LOOPBACK, str(port), STAGE],
        log="",
        folder=str(PROJECT),
        # Unbuffered, so its output reaches a pipe or a file at once.
        environment=dict(os.environ) | dict(variables) | {"PYTHONUNBUFFERED": "1"},
    )


def _modification_times() -> dict[Path, float]:
    """Return when each source file was last changed."""
    sources = [path for pattern in SOURCES for path in PROJECT.glob(pattern)]
    return {path: path.stat().st_mtime for path in sources if path.exists()}
