"""Livro Caixa's own application over the same instant stores."""

from typing import Any

from chalicelib.commands import ports
from verification.benchmarks.handlers.work import INSTANT, READ_MODEL


def make() -> Any:
    """Return the application; the stores of this process are replaced for good."""
    import app
    from chalicelib.queries import wiring

    # By name, because the types of what is replaced are narrower than what replaces it.
    setattr(ports, "_real_ports", lambda: INSTANT)  # noqa: B010
    setattr(wiring, "read_model", lambda: READ_MODEL)  # noqa: B010
    return app.app
