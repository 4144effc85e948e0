"""The route table's rows: what app.py declares, and what serves and documents it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from chalicelib.api.views.view import View

# All that API Gateway's REST APIs know; a path refuses those that are not its own.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class Operation(NamedTuple):
    """One method of one path: the scope it demands (None: no token), and where its view is.

    `find_view` imports the view when it is first needed, because its models are slow to import.
    """

    name: str
    method: str
    path: str
    scope: str | None
    summary: str
    find_view: "Callable[[], View[Any, Any]]"


def allowed_methods(operations: Sequence[Operation], path: str) -> list[str]:
    """Return the methods that a path takes, OPTIONS last; none for a path that does not exist."""
    own = [operation.method for operation in operations if operation.path == path]
    return [*own, "OPTIONS"] if own else []
