"""How any endpoint is served: its routes, its common headers, its errors and its log line."""

import inspect
import json
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from chalice.app import Chalice
from chalice.app import Response as ChaliceResponse

import app
import chalicelib.api
from chalicelib.api.endpoint import ApiRequest, endpoint
from chalicelib.api.http import Response
from chalicelib.api.openapi.document import Operation, operations_of
from chalicelib.api.served import served_by
from chalicelib.observability import json_log
from tests.api.requests import http_request, proxy_event
from tests.fixtures.projection import printed
from tests.fixtures.threads import crowd
from verification.kit.api_client import ApiClient, in_process, unverified_token
from verification.kit.api_client import Response as Received

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
OPERATIONS = list(operations_of(app.app.routes))
PATHS = list(dict.fromkeys(operation.path for operation in OPERATIONS))
COMMON_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "Content-Disposition, ETag, Idempotent-Replayed, Link, Location, Retry-After, "
        "WWW-Authenticate, X-Request-Id"
    ),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}
# One process for all: separate ones would cost much more, and share only the application.
ANONYMOUS = ApiClient(in_process(app.app), None)


# What a browser loads is not in the OpenAPI document.
PAGES = {(path, method) for path in ("/", "/docs", "/assets/{file}") for method in ("GET", "HEAD")}


def concrete(path: str) -> str:
    return path.replace("{entry_id}", "a" * 32).replace("{day}", "2026-11-23")


def methods_of(operation: Operation) -> list[str]:
    return ["GET", "HEAD"] if operation.method == "GET" else [operation.method]


def allowed_methods(path: str) -> list[str]:
    operations = [operation for operation in OPERATIONS if operation.path == path]
    return [*(method for operation in operations for method in methods_of(operation)), "OPTIONS"]


def test_each_view_calls_the_endpoint_of_its_name() -> None:
    assert all(set(methods) == METHODS for methods in app.app.routes.values())
    declared = {
        (path, method)
        for path, methods in app.app.routes.items()
        for method, route in methods.items()
        if route.view_name != "other_methods"
    }
    allowed = {(path, method) for path in PATHS for method in allowed_methods(path)}
    assert declared == (allowed - {(path, "OPTIONS") for path in PATHS}) | PAGES
    for operation in OPERATIONS:
        view = app.app.routes[operation.path][operation.method].view_function
        assert operation.endpoint.name in inspect.unwrap(view).__code__.co_names


def test_routes_with_a_scope_have_the_authorizer() -> None:
    scopes = ["livro-caixa/read", "livro-caixa/write", "livro-caixa/close"]
    for operation in OPERATIONS:
        for method in methods_of(operation):
            authorizer = app.app.routes[operation.path][method].authorizer
            named = (authorizer.name, authorizer.scopes) if authorizer else None
            assert named == (("user-pool", scopes) if operation.endpoint.scope else None), operation


def test_only_public_reads_and_preflights_need_no_token() -> None:
    """Any other method would let strangers occupy the function, if only to answer 405."""
    public = {operation.path for operation in OPERATIONS if operation.endpoint.scope is None}
    free = {
        (path, method)
        for path, methods in app.app.routes.items()
        for method, route in methods.items()
        if route.authorizer is None
    }
    preflights = {(path, "OPTIONS") for path in app.app.routes}
    reads = {(path, method) for path in public for method in ("GET", "HEAD")}
    assert free - preflights - PAGES == reads


@pytest.mark.parametrize("path", PATHS)
def test_other_methods_get_405_with_allow(operator: ApiClient, path: str) -> None:
    allowed = allowed_methods(path)
    for method in METHODS - set(allowed):
        response = operator.request(method, concrete(path))
        assert response.status == 405, (method, path)
        assert response.text == "" if method == "HEAD" else response.is_problem(405)
        assert response.headers["allow"] == ", ".join(allowed)


@pytest.mark.parametrize("path", PATHS)
def test_preflight_allows_any_page(anonymous: ApiClient, path: str) -> None:
    response = anonymous.request("OPTIONS", concrete(path), {"Origin": "https://example.org"})
    assert (response.status, response.text) == (204, "")
    expected = {
        "access-control-allow-headers": (
            "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
        ),
        "access-control-allow-methods": ", ".join(allowed_methods(path)),
        "access-control-max-age": "7200",
    }
    assert expected.items() <= response.headers.items()


@pytest.mark.parametrize("path", ["/health", "/v1/entries"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PUT"])
def test_every_response_has_the_common_headers(method: str, path: str) -> None:
    assert COMMON_HEADERS.items() <= ANONYMOUS.request(method, path).headers.items()


def test_response_names_the_request_of_the_gateway() -> None:
    served = app.app(proxy_event("GET", "/health", "/health"), None)
    assert served["headers"]["X-Request-Id"] == "request-1"
    assert json.loads(served["body"]) == {"status": "ok"}


def test_each_request_is_one_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    known = ApiClient(ANONYMOUS.transport, unverified_token())
    response = known.get("/v1/entries/nothing?x=1")
    (line,) = printed(capsys)
    assert line["event"] == "request_answered"
    assert line["request_id"] == response.headers["x-request-id"]
    assert (line["route"], line["status"]) == ("GET /v1/entries/{entry_id}", 400)
    assert "padaria" not in str(line)
    assert len(line["merchant"]) == 12


def served(view: Callable[[], Any]) -> Received:
    """Return the response of an application whose only view is this one."""
    application = Chalice("small")
    application.route("/health", methods=["GET"], content_types=[])(served_by(application)(view))
    return ApiClient(in_process(application), None).get("/health")


def serve_endpoint(view: Any) -> Received:
    """Return the response of an endpoint that this view serves."""
    declared = endpoint(scope=None, responses=[])(view)
    return served(lambda: declared(http_request("GET", "/health", "/health")))


def assert_is_internal_error(response: Received) -> None:
    assert response.is_problem(500)
    assert COMMON_HEADERS.items() <= response.headers.items()


def assert_is_logged(response: Received, written: str, error: str) -> None:
    assert_is_internal_error(response)
    failed, answered = map(json.loads, written.splitlines())
    assert (failed["event"], failed["errors"]) == ("request_failed", [f"builtins.{error}"])
    known = {"event": "request_answered", "status": 500, "route": "GET /health", "outcome": error}
    assert known.items() <= answered.items()
    assert response.json["request_id"] == failed["request_id"] == answered["request_id"]


def test_failed_import_of_a_view_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(chalicelib.api, "service", raising=False)
    monkeypatch.setitem(sys.modules, "chalicelib.api.service", None)
    response, written = ANONYMOUS.get("/health"), capsys.readouterr()
    assert_is_logged(response, written.out, "ModuleNotFoundError")
    assert "service" not in written.err


def test_logged_latency_includes_the_views_imports(capsys: pytest.CaptureFixture[str]) -> None:
    def slow() -> ChaliceResponse:
        time.sleep(0.05)  # as an import may
        return ChaliceResponse("")

    assert served(slow).status == 200
    (line,) = printed(capsys)
    assert line["latency_ms"] >= 50


def test_failed_log_line_is_an_internal_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_event: str, _fields: Any) -> None:
        raise OSError("CPF 123.456.789-09")

    monkeypatch.setattr(json_log, "write", fail)
    assert_is_internal_error(ANONYMOUS.get("/health"))
    assert "123.456" not in capsys.readouterr().err


def test_unexpected_error_is_logged_without_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(_request: ApiRequest[None, None]) -> Response:
        raise ZeroDivisionError("CPF 123.456.789-09")

    response, written = serve_endpoint(broken), capsys.readouterr().out
    assert_is_logged(response, written, "ZeroDivisionError")
    assert "test_endpoint.py" in written
    assert "123.456" not in written + response.text


def test_body_without_json_is_an_internal_error(capsys: pytest.CaptureFixture[str]) -> None:
    def unencodable(_request: ApiRequest[None, None]) -> Response:
        return Response(200, {"money": Decimal("150.75")})

    assert_is_logged(serve_endpoint(unencodable), capsys.readouterr().out, "TypeError")


def test_endpoint_without_a_scope_has_no_principal() -> None:
    with pytest.raises(RuntimeError, match="no principal"):
        _ = ApiRequest(http_request(), None, None, {}, "", None).principal


def test_concurrent_requests_stay_apart() -> None:
    fields = crowd(50, lambda number: ANONYMOUS.get(f"/health?n{number}=1").error_fields)
    assert fields == [[f"n{number}"] for number in range(50)]
