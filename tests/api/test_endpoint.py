"""How any endpoint is served: its routes, its common headers, its errors and its log line."""

import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from chalice.app import Request
from chalice.test import Client

import app
from chalicelib.api.auth import READ
from chalicelib.api.endpoint import ApiRequest, endpoint
from chalicelib.api.http import Response
from chalicelib.api.openapi.document import operations_of
from tests.api.requests import http_request, proxy_event
from verification.kit.api_client import ApiClient, in_process, unverified_token

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
OPERATIONS = list(operations_of(app.app.routes))
PATHS = list(dict.fromkeys(operation.path for operation in OPERATIONS))
# One process for all: separate ones would cost much more, and share only the application.
ANONYMOUS = ApiClient(in_process(app.app), None)
KNOWN = ApiClient(in_process(app.app), unverified_token())


def concrete(path: str) -> str:
    return path.replace("{entry_id}", "a" * 32).replace("{day}", "2026-11-23")


def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[dict[str, Any]]:
    yield from (json.loads(line) for line in capsys.readouterr().out.splitlines())


def test_every_method_of_every_path_has_a_route() -> None:
    assert set(app.app.routes) == set(PATHS)
    assert all(set(methods) == METHODS for methods in app.app.routes.values())


def test_routes_with_a_scope_have_the_authorizer() -> None:
    for operation in OPERATIONS:
        authorizer = app.app.routes[operation.path][operation.method].authorizer
        assert (authorizer is not None) == (operation.endpoint.scope is not None), operation
        if authorizer:
            assert authorizer.name == "user-pool"
            assert authorizer.scopes == [
                "livro-caixa/read", "livro-caixa/write", "livro-caixa/close",
            ]  # fmt: skip


def test_each_view_calls_the_endpoint_of_its_name() -> None:
    served = {(operation.path, operation.method) for operation in OPERATIONS}
    declared = {
        (path, method)
        for path, methods in app.app.routes.items()
        for method, route in methods.items()
        if route.view_name != "other_methods"
    }
    assert served == declared
    for operation in OPERATIONS:
        view = app.app.routes[operation.path][operation.method].view_function
        assert operation.endpoint.name in view.__code__.co_names


@pytest.mark.parametrize("path", PATHS)
def test_other_methods_get_405_with_allow(path: str) -> None:
    own = [operation.method for operation in OPERATIONS if operation.path == path]
    for method in METHODS - {*own, "OPTIONS"}:
        response = ANONYMOUS.request(method, concrete(path))
        assert response.is_problem(405), (method, path)
        assert response.headers["allow"] == ", ".join([*own, "OPTIONS"])


@pytest.mark.parametrize("path", PATHS)
def test_preflight_allows_any_page(path: str) -> None:
    response = ANONYMOUS.request("OPTIONS", concrete(path), {"Origin": "https://example.org"})
    assert (response.status, response.text) == (204, "")
    assert response.headers["access-control-allow-headers"] == (
        "Authorization, Content-Type, Idempotency-Key, If-None-Match"
    )
    assert response.headers["access-control-max-age"] == "7200"
    own = [operation.method for operation in OPERATIONS if operation.path == path]
    assert response.headers["access-control-allow-methods"] == ", ".join([*own, "OPTIONS"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("OPTIONS", "/health", 204),
        ("GET", "/v1/entries", 401),
        ("PUT", "/v1/entries", 405),
    ],
)
def test_every_response_has_the_common_headers(method: str, path: str, status: int) -> None:
    response = ANONYMOUS.request(method, path)
    assert response.status == status
    common = {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": (
            "ETag, Idempotent-Replayed, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id"
        ),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    assert common.items() <= response.headers.items()


def test_chalice_test_client_serves_the_application() -> None:
    with Client(app.app) as client:
        response = client.http.get("/health")
    assert (response.status_code, response.json_body) == (200, {"status": "ok"})


def test_response_names_the_request_of_the_gateway() -> None:
    served = app.app(proxy_event("GET", "/health", "/health"), None)
    assert served["headers"]["X-Request-Id"] == "request-1"


def test_each_request_is_one_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    response = KNOWN.get("/v1/entries/nothing?x=1")
    (line,) = logged(capsys)
    assert line["event"] == "request_answered"
    assert line["request_id"] == response.headers["x-request-id"]
    assert (line["route"], line["status"]) == ("GET /v1/entries/{entry_id}", 400)
    assert "padaria" not in str(line)
    assert len(line["merchant"]) == 12


def test_unexpected_error_is_logged_without_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @endpoint(scope=None, responses=[])
    def broken(_request: ApiRequest[None, None]) -> Response:
        raise ZeroDivisionError("CPF 123.456.789-09")

    served = broken(http_request("GET", "/health", "/health")).to_dict()
    printed = capsys.readouterr().out
    assert served["statusCode"] == 500
    assert json.loads(served["body"])["request_id"] in printed
    assert "ZeroDivisionError" in printed
    assert "test_endpoint.py" in printed
    assert "123.456" not in printed + served["body"]


def test_body_without_json_is_an_internal_error(capsys: pytest.CaptureFixture[str]) -> None:
    @endpoint(scope=None, responses=[])
    def unencodable(_request: ApiRequest[None, None]) -> Response:
        return Response(200, {"money": Decimal("150.75")})

    served = unencodable(http_request("GET", "/health", "/health")).to_dict()
    assert (served["statusCode"], json.loads(served["body"])["status"]) == (500, 500)
    assert served["headers"]["Content-Type"] == "application/problem+json"
    failed, answered = logged(capsys)
    assert (failed["event"], failed["errors"]) == ("request_failed", ["builtins.TypeError"])
    assert (answered["status"], answered["outcome"]) == (500, "TypeError")


def test_endpoint_without_a_scope_has_no_principal() -> None:
    request = ApiRequest(http_request(), None, None, {}, "", None)
    with pytest.raises(RuntimeError, match="no principal"):
        _ = request.principal


def test_path_parameters_are_decoded_and_parsed() -> None:
    seen: dict[str, object] = {}

    @endpoint(scope=READ, responses=[])
    def view(_request: ApiRequest[None, None], **parsed: object) -> Response:
        seen.update(parsed)
        return Response(204)

    claims = {"sub": "joana", "token_use": "access", "scope": READ, "merchant_id": "padaria"}
    request: Request = http_request(claims=claims)
    assert view(request, entry_id="%61%2Fb", version="12").status_code == 204
    assert seen == {"entry_id": "a/b", "version": 12}
    assert view(request, day="2026-02-30", version="0").status_code == 400


def test_concurrent_requests_stay_apart() -> None:
    fields: dict[int, list[str]] = {}

    def ask(number: int) -> None:
        fields[number] = ANONYMOUS.get(f"/health?n{number}=1").error_fields

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fields == {number: [f"n{number}"] for number in range(50)}
