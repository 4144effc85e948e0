"""Every route refuses whoever may not use it; the routes are those that the document lists."""

from typing import Any

import pytest

from tests.acceptance.consumer import Consumer, Reply
from tests.acceptance.tokens import FORBIDDEN, NOT_AUTHENTICATED, MadeUp
from tests.house.route_table import documented_scopes, without_names

SCOPES_ALONE = {"read": "close_alone", "write": "read_alone", "close": "read_alone"}


@pytest.fixture(scope="session")
def guarded() -> list[tuple[str, str, str]]:
    """Every method and path that needs a scope, and the scope, as README documents them."""
    routes = documented_scopes().items()
    return [(method, _concrete(path), scope) for (method, path), scope in routes if scope]


def ask(consumer: Consumer, method: str, path: str) -> Reply:
    return consumer.post(path, {}) if method == "POST" else consumer.ask(method, path)


def test_openapi_documents_routes_and_scopes(anybody: Consumer) -> None:
    paths: dict[str, Any] = anybody.get("/openapi.json").json["paths"]
    documented = {
        (method.upper(), without_names(path)): _scope(operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    assert documented == documented_scopes()


def test_nobody_comes_in_without_a_token(
    anybody: Consumer, guarded: list[tuple[str, str, str]]
) -> None:
    assert len(guarded) >= 8
    for method, path, _ in guarded:
        reply = ask(anybody, method, path)
        assert reply.is_problem(401), (method, path, reply.text)
        assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", NOT_AUTHENTICATED)
def test_a_bad_token_is_no_token(
    anybody: Consumer, refused: MadeUp, guarded: list[tuple[str, str, str]], name: str
) -> None:
    bearer = Consumer(anybody.base_url, refused[name])
    for method, path, _ in guarded:
        reply = ask(bearer, method, path)
        assert reply.is_problem(401), (method, path, reply.text)
        assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_token_without_a_merchant_reaches_nothing(
    anybody: Consumer, refused: MadeUp, guarded: list[tuple[str, str, str]], name: str
) -> None:
    bearer = Consumer(anybody.base_url, refused[name])
    for method, path, _ in guarded:
        assert ask(bearer, method, path).is_problem(403), (method, path)


def test_a_token_without_the_routes_own_scope_is_refused(
    anybody: Consumer, refused: MadeUp, guarded: list[tuple[str, str, str]]
) -> None:
    for method, path, scope in guarded:
        bearer = Consumer(anybody.base_url, refused[SCOPES_ALONE[scope]])
        reply = ask(bearer, method, path)
        assert reply.is_problem(403), (method, path)
        assert f"livro-caixa/{scope}" in reply.json["detail"]


def test_a_viewer_reads_and_records_nothing(viewer: Consumer) -> None:
    assert viewer.get("/v1/entries?limit=1").status == 200
    assert viewer.post("/v1/entries", {"type": "credit", "amount": "1.00"}).is_problem(403)


def test_another_merchants_entry_is_as_if_it_did_not_exist(
    operator: Consumer, rival: Consumer
) -> None:
    entry = operator.record()
    operator.wait_for(entry)
    path = f"/v1/entries/{entry['id']}"
    assert operator.get(path).status == 200
    theirs, nobodys = rival.get(path), rival.get(f"/v1/entries/{'a' * 32}")
    assert theirs.is_problem(404)
    assert theirs.json["detail"] == nobodys.json["detail"]
    assert rival.post(f"{path}/reversal", {"reason": "mine"}).is_problem(404)
    waited = rival.get(f"/v1/daily-balances/{entry['day']}?after={entry['id']}")
    assert waited.json["freshness"]["complete"] is False
    listed = rival.get(f"/v1/entries?account={entry['account']}&limit=200").json["items"]
    assert entry["id"] not in [item["id"] for item in listed]


def test_a_merchant_cannot_be_chosen_by_the_consumer(operator: Consumer) -> None:
    body = {"type": "credit", "amount": "1.00", "merchant_id": "rival"}
    assert operator.post("/v1/entries", body).faults == ["merchant_id"]
    assert operator.get("/v1/entries?merchant_id=rival").faults == ["merchant_id"]


def _concrete(path: str) -> str:
    # Scopes are checked before any parameter is read.
    return path.replace("{}", "a" * 32)


def _scope(operation: dict[str, Any]) -> str | None:
    if not operation["security"]:
        return None
    return str(operation["security"][0]["user-pool"][0]).removeprefix("livro-caixa/")
