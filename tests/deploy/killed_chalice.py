"""Chalice as the deployment runs it, which may end after one of its changes: see kill_points.py."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.client import BaseClient

from deploy import reproducible_chalice

# The variable with the name of a file, in which the number of permitted changes is counted down.
COUNTER = "CHANGES_LEFT"
_READING = ("Describe", "Get", "Head", "List", "Query", "Scan", "Validate")
_KILLED = 137


def counted(counter: Path, end: Callable[[], None]) -> Callable[..., Any]:
    """Return a call of AWS that counts down, and ends the process after the last change.

    A number of 0 is no limit.
    """
    deliver = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        response = deliver(client, operation, parameters)
        left = int(counter.read_text())
        if left > 0 and not operation.startswith(_READING):
            counter.write_text(str(left - 1))
            if left == 1:
                end()
        return response

    return call


def main() -> None:
    """Run Chalice with the arguments of the command line."""
    call = counted(Path(os.environ[COUNTER]), lambda: os._exit(_KILLED))
    BaseClient._make_api_call = call  # type: ignore[attr-defined]
    reproducible_chalice.main()


if __name__ == "__main__":
    main()
