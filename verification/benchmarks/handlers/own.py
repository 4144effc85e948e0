"""Livro Caixa's own application over the same instant stores."""

from typing import Any

from chalicelib.commands import wiring as commands_wiring
from chalicelib.queries import wiring as queries_wiring
from verification.benchmarks.handlers.work import INSTANT, READ_MODEL


def make() -> Any:
    """Return the application; the stores of this process are replaced for good."""
    import app

    commands_wiring.override(INSTANT)
    # By name, because the type of what is replaced is narrower than what replaces it.
    setattr(queries_wiring, "read_model", lambda: READ_MODEL)  # noqa: B010
    return app.app
