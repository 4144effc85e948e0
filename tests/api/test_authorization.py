"""Every route rejects a request that may not use it; README says which scope each route needs."""

import pytest

from tests.api.conftest import Api
from tests.api.tokens import FORBIDDEN, NOT_AUTHENTICATED, Tokens
from tests.house.route_table import documented_scopes
from verification.kit.api_client import ApiClient

WITH_ANOTHER_SCOPE = {"read": "close_alone", "write": "read_alone", "close": "read_alone"}
# Scopes are checked before any parameter is read.
GUARDED = [
    (method, path.replace("{}", "a" * 32), scope)
    for (method, path), scope in documented_scopes().items()
    if scope
]


def check_every_route_rejects(client: ApiClient, status: int) -> None:
    for method, path, _ in GUARDED:
        response = client.request(method, path)
        assert response.is_problem(status), (method, path, response.text)
        challenge = "Bearer" if status == 401 else None
        assert response.headers.get("www-authenticate") == challenge


def test_missing_token_is_unauthorized_everywhere(api: Api) -> None:
    assert len(GUARDED) >= 8
    check_every_route_rejects(api.anonymous, 401)


@pytest.mark.parametrize("name", [*NOT_AUTHENTICATED, *FORBIDDEN])
def test_invalid_token_is_unauthorized_everywhere(
    http_api: Api, rejected_tokens: Tokens, name: str
) -> None:
    client = ApiClient(http_api.transport, rejected_tokens[name])
    check_every_route_rejects(client, 403 if name in FORBIDDEN else 401)


def test_token_with_another_scope_is_forbidden(http_api: Api, rejected_tokens: Tokens) -> None:
    for method, path, scope in GUARDED:
        client = ApiClient(http_api.transport, rejected_tokens[WITH_ANOTHER_SCOPE[scope]])
        response = client.request(method, path)
        assert response.is_problem(403), (method, path)
        assert f"livro-caixa/{scope}" in response.json["detail"]


def test_viewer_reads_and_records_nothing(api: Api) -> None:
    assert api.viewer.get("/v1/entries?limit=1").status == 200
    entry = {"type": "credit", "amount": "1.00"}
    assert api.viewer.post("/v1/entries", entry).is_problem(403)
    batch = {"entries": [entry | {"idempotency_key": "k"}]}
    assert api.viewer.post("/v1/entries/batch", batch, key=None).is_problem(403)
    path = f"/v1/entries/{api.operator.record()['id']}"
    assert api.viewer.post(f"{path}/reversal", {"reason": "x"}).is_problem(403)
    assert api.operator.get(path).json["reversed_by"] is None


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_accountants_close_and_erase(api: Api, role: str) -> None:
    client: ApiClient = getattr(api, role)
    assert client.post("/v1/closings", {"day": "2020-01-31"}).is_problem(403)
    assert client.get(f"/v1/consolidations/2020-01-31-{'a' * 32}").is_problem(403)
    path = f"/v1/entries/{api.operator.record(description='Maria')['id']}"
    assert client.post(f"{path}/erasure", {}).is_problem(403)
    assert api.operator.get(path).json["description"] == "Maria"


def test_consumer_cannot_choose_the_merchant(api: Api) -> None:
    body = {"type": "credit", "amount": "1.00", "merchant_id": "rival"}
    assert api.operator.post("/v1/entries", body).is_problem(422, "merchant_id")
    assert api.operator.get("/v1/entries?merchant_id=rival").is_problem(400, "merchant_id")
