"""Every route rejects a request that may not use it; README says which scope each route needs."""

import pytest

from tests.api.conftest import Api
from tests.api.tokens import FORBIDDEN, NOT_AUTHENTICATED, Tokens
from tests.house.route_table import documented_scopes
from verification.kit.api_client import ApiClient

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


def test_roles_limit_what_a_user_does(api: Api) -> None:
    entry = api.operator.record(description="Maria")
    path, sale = f"/v1/entries/{entry['id']}", {"type": "credit", "amount": "1.00"}
    for client in (api.viewer, api.operator):
        assert client.get(path).json == entry
        assert client.get(f"/v1/consolidations/2020-01-31-{'a' * 32}").is_problem(403)
        assert client.post("/v1/closings", {"day": "2020-01-31"}).is_problem(403)
        assert client.post(f"{path}/erasure", {}).is_problem(403)
    batch = {"entries": [sale | {"idempotency_key": "k"}]}
    for route, body in (("", sale), ("/batch", batch), (f"/{entry['id']}/reversal", {})):
        assert api.viewer.post(f"/v1/entries{route}", body).is_problem(403)
    assert api.operator.get(path).json == entry


def test_consumer_cannot_choose_the_merchant(api: Api) -> None:
    body = {"type": "credit", "amount": "1.00", "merchant_id": "rival"}
    assert api.operator.post("/v1/entries", body).is_problem(422, "merchant_id")
    assert api.operator.get("/v1/entries?merchant_id=rival").is_problem(400, "merchant_id")
