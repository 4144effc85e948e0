"""README's routes and scopes are those of the application, and the application enforces them."""

import pytest

import app
from chalicelib.api.openapi.document import operations_of
from tests.house.route_table import documented_scopes, without_names
from verification.kit.api_client import ApiClient, in_process, unverified_token

SERVICE_SCOPES = ("livro-caixa/read", "livro-caixa/write", "livro-caixa/close")
# Web pages and their assets: routes of the application, but not of the contract.
PAGES = dict.fromkeys([("GET", "/"), ("GET", "/docs"), ("GET", "/assets/{}")], None)
GUARDED = [(*route, scope) for route, scope in documented_scopes().items() if scope]


def test_readme_lists_every_route_with_its_scope() -> None:
    declared = {
        (operation.method, without_names(operation.path)): _short(operation.endpoint.scope)
        for operation in operations_of(app.app.routes)
    }
    assert documented_scopes() == declared | PAGES
    served = {(m, without_names(path)) for path, routes in app.app.routes.items() for m in routes}
    assert set(PAGES) <= served


def test_every_writing_route_needs_more_than_read() -> None:
    assert [route for *route, scope in GUARDED if route[0] != "GET" and scope == "read"] == []


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED)
def test_other_scopes_do_not_open_route(method: str, path: str, scope: str) -> None:
    others = tuple(
        service_scope for service_scope in SERVICE_SCOPES if service_scope != f"livro-caixa/{scope}"
    )
    client = ApiClient(in_process(app.app), unverified_token(scopes=others))
    response = client.request(method, path.replace("{}", "2026-11-23"), body=b"{}")
    assert response.status == 403
    assert f"livro-caixa/{scope}" in response.json["detail"]


def _short(scope: str | None) -> str | None:
    return scope.removeprefix("livro-caixa/") if scope else None
