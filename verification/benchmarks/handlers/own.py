"""Livro Caixa's own application over the same instant stores."""

from typing import Any

from chalicelib.commands import wiring
from verification.benchmarks.handlers.work import INSTANT, READ_MODEL


def make() -> Any:
    """Return the application; the stores of this process are replaced for good."""
    import app
    from chalicelib.api import daily_balances

    # By name, because the types of what is replaced are narrower than what replaces it.
    wiring.override(INSTANT)
    setattr(daily_balances, "real", lambda: READ_MODEL)  # noqa: B010
    return app.app
