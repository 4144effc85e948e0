"""Serve the REST routes alone by `chalice local`, straight from the work tree, for quick work."""

import os
import threading
from collections.abc import Callable, Mapping

from local.guarded import Order, start_guarded
from local.owner import Owner
from local.packaging import CHALICE, STAGE
from local.places import PROJECT
from local.ports import LOOPBACK, free_port

USUAL_PORT = 8000


def serve_routes(
    variables: Mapping[str, str], owner: Owner | None, tell: Callable[[str], None]
) -> int:
    """Serve until the owner leaves or `chalice local` ends; answer the exit code.

    `variables` are the deployed functions' own, so that both see the same stores and user pool.
    """
    port = free_port(USUAL_PORT)
    place = ["--host", LOOPBACK, "--port", str(port), "--stage", STAGE]
    server = start_guarded(
        Order(
            command=[str(CHALICE), "local", *place],
            log="",
            folder=str(PROJECT),
            environment=dict(os.environ) | dict(variables),
        )
    )
    tell(f"The routes alone, by chalice local: http://{LOOPBACK}:{port}")
    pause = threading.Event()
    try:
        while server.running() and not (owner and owner.is_leaving()):
            pause.wait(0.25)
        return server.guardian.poll() or 0
    finally:
        server.stop()
