"""The Chalice application: how API Gateway and `chalice local` reach the operations."""

import copy
import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, CognitoUserPoolAuthorizer, Response, RouteEntry

from chalicelib.web.admission import SCOPES
from chalicelib.web.exchange import Answer, WebRequest, read_event
from chalicelib.web.operations import METHODS, Operation, allowed_methods
from chalicelib.web.problems import failure_answer
from chalicelib.web.serving import serve, serve_stray

if TYPE_CHECKING:
    from chalicelib.web.views.view import View

AUTHORIZER = "user-pool"
_DEEPEST_STRAY = 40
# Chalice keeps the request on the application object, where concurrent calls overwrite it.
_CURRENT: ContextVar[WebRequest] = ContextVar("livro-caixa-request")


class CashBook(Chalice):  # type: ignore[misc]
    """A Chalice application whose every answer is the service's own, problems included."""

    def __init__(self, user_pool_arn: str) -> None:
        self._routes: dict[str, dict[str, RouteEntry]] = {}
        self._local_routes: dict[str, dict[str, RouteEntry]] | None = None
        self.operations: list[Operation] = []
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
            self._register(operation)
            return find_view

        return declare

    def refuse_other_methods(self) -> None:
        """Let the gateway hand in the methods that no operation takes, to be told so (405)."""
        for path in dict.fromkeys(operation.path for operation in self.operations):
            own = allowed_methods(self.operations, path)
            others = [method for method in METHODS if method not in own or method == "OPTIONS"]
            self.route(path, methods=others, content_types=[], name="other_methods")(self._stray)

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer one proxy event of the gateway, in the service's own words in every case."""
        request = read_event(event, context)
        if request.method not in allowed_methods(self.operations, request.route):
            return _as_event(serve_stray(self.operations, request))
        token = _CURRENT.set(request)
        try:
            answered: dict[str, Any] = super().__call__(event, context)
        finally:
            _CURRENT.reset(token)
        # What lacks the mark of every answer is Chalice's own refusal of something that we made.
        marked = "X-Request-Id" in answered["headers"]
        return answered if marked else _as_event(failure_answer(request))

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

    def _register(self, operation: Operation) -> None:
        def answered(**_path_parameters: str) -> Response:
            return _response(serve(operation, _CURRENT.get()))

        answered.__name__ = operation.name
        answered.__doc__ = operation.summary
        self.route(
            operation.path,
            methods=[operation.method],
            authorizer=self._authorizer if operation.scope else None,
            content_types=[],  # Chalice's own 415 is no problem+json; views judge the type
        )(answered)

    def _stray(self, **_path_parameters: str) -> Response:
        return _response(serve_stray(self.operations, _CURRENT.get()))


def _as_event(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = _response(answer).to_dict()
    return told


def _response(answer: Answer) -> Response:
    body = ""
    headers = dict(answer.headers)
    if answer.body is not None:
        body = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
        headers["Content-Type"] = answer.media_type
    return Response(body, headers, answer.status)


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
