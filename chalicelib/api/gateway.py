"""The Chalice application: how API Gateway and `chalice local` reach the operations."""

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, CognitoUserPoolAuthorizer, RouteEntry

from chalicelib.api.admission import SCOPES
from chalicelib.api.exchange import read_event
from chalicelib.api.operations import METHODS, Operation, allowed_methods
from chalicelib.api.serving import serve, serve_failed, serve_stray

if TYPE_CHECKING:
    from chalicelib.api.views.view import View

AUTHORIZER = "user-pool"
_DEEPEST_STRAY = 40


class CashBook(Chalice):  # type: ignore[misc]
    """A Chalice application that finds the operation of a request without Chalice's dispatcher.

    Chalice's part is the table of routes, from which the gateway is made, and every other event.
    Its dispatcher keeps the request on the application object, where concurrent calls overwrite it,
    refuses in words that are no problem+json, and would be a third of what a read costs.
    """

    def __init__(self, user_pool_arn: str) -> None:
        self._routes: dict[str, dict[str, RouteEntry]] = {}
        self._local_routes: dict[str, dict[str, RouteEntry]] | None = None
        self.operations: list[Operation] = []
        self._by_route: dict[tuple[str, str], Operation] = {}
        # One authorizer with all scopes: the gateway turns away who has none (401), and the
        # application who lacks the route's own (403).
        pool = CognitoUserPoolAuthorizer(AUTHORIZER, provider_arns=[user_pool_arn])
        self._authorizer = pool.with_scopes(list(SCOPES))
        super().__init__(app_name="livro-caixa", configure_logs=False)

    def operation(
        self, method: str, path: str, scope: str | None
    ) -> "Callable[[Callable[[], View[Any, Any]]], Callable[[], View[Any, Any]]]":
        """Declare an operation; the decorated function imports and returns its view.

        `scope` is the one that the token must have; None lets anybody in.
        """

        def declare(find_view: "Callable[[], View[Any, Any]]") -> "Callable[[], View[Any, Any]]":
            summary = (find_view.__doc__ or "").strip()
            operation = Operation(find_view.__name__, method, path, scope, summary, find_view)
            self.operations.append(operation)
            self._by_route[method, path] = operation
            authorizer = self._authorizer if scope else None
            # Chalice's own 415 is no problem+json; views judge the type.
            self.route(path, methods=[method], authorizer=authorizer, content_types=[])(find_view)
            return find_view

        return declare

    def refuse_other_methods(self) -> None:
        """Let the gateway hand in the methods that no operation takes, to be told so (405)."""
        for path in dict.fromkeys(operation.path for operation in self.operations):
            own = allowed_methods(self.operations, path)
            others = [method for method in METHODS if method not in own or method == "OPTIONS"]
            self.route(path, methods=others, content_types=[], name="other_methods")(_never_called)

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer one proxy event of the gateway, in the service's own words in every case."""
        request = read_event(event, context)
        operation = self._by_route.get((request.method, request.route))
        try:
            return serve(operation, request) if operation else serve_stray(self.operations, request)
        except Exception as failure:
            return serve_failed(failure, request)

    @property
    def routes(self) -> dict[str, dict[str, RouteEntry]]:
        """Chalice's table of routes; under `chalice local` with what the gateway does elsewhere."""
        # Chalice swaps the class of the application when it serves it by itself.
        if type(self).__module__ != "chalice.local":
            return self._routes
        if self._local_routes is None:
            self._local_routes = _without_gateway(self._routes)
        return self._local_routes

    @routes.setter
    def routes(self, table: dict[str, dict[str, RouteEntry]]) -> None:
        self._routes = table


def _never_called() -> None:
    # Stands in the table of routes alone. A docstring would be published for each method.
    raise NotImplementedError("serve_stray() answers these methods.")


def _without_gateway(table: dict[str, dict[str, RouteEntry]]) -> dict[str, dict[str, RouteEntry]]:
    """Return the routes for Chalice's own server: no authorizer, and paths for all that stray.

    Its imitation of the authorizer believes any claim and breaks on a token that is none; the
    application proves tokens there itself. Unknown paths it would answer without the application.
    """
    local = {
        path: {method: _without_authorizer(entry) for method, entry in methods.items()}
        for path, methods in table.items()
    }
    for depth in range(1, _DEEPEST_STRAY):
        parts = "".join(f"/{{part{number}}}" for number in range(depth))
        local.setdefault(parts, {"OPTIONS": None})
    return local


def _without_authorizer(entry: RouteEntry) -> RouteEntry:
    open_entry = copy.copy(entry)
    open_entry.authorizer = None
    return open_entry
