"""README's routes and scopes are those of the application, and the application enforces them."""

import pytest

import app
from tests.house.route_table import documented_scopes, without_names
from tests.web.asking import ApiClient

SERVICE_SCOPES = ("livro-caixa/read", "livro-caixa/write", "livro-caixa/close")
GUARDED = [(*route, scope) for route, scope in documented_scopes().items() if scope]


def test_readme_lists_every_route_with_its_scope() -> None:
    declared = {
        (operation.method, without_names(operation.path)): operation.scope
        and operation.scope.removeprefix("livro-caixa/")
        for operation in app.app.operations
    }
    assert documented_scopes() == declared


def test_every_writing_route_needs_more_than_read() -> None:
    assert [route for *route, scope in GUARDED if route[0] != "GET" and scope == "read"] == []


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED)
def test_other_scopes_do_not_open_route(method: str, path: str, scope: str) -> None:
    others = tuple(
        service_scope for service_scope in SERVICE_SCOPES if service_scope != f"livro-caixa/{scope}"
    )
    refused = ApiClient(scopes=others).ask(method, path.replace("{}", "2026-11-23"), {}, "{}")
    assert refused.status == 403
    assert f"livro-caixa/{scope}" in refused.json["detail"]
