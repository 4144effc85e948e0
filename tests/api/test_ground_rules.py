"""The ground rules of the contract: errors, keys, bodies, caching and tracing."""

import gzip
import json
from typing import Any

import pytest

from tests.api.conftest import Api
from verification.kit.api_client import ApiClient, Response, fresh_account, fresh_key

SALE = {"type": "credit", "amount": "1.00"}


def test_each_response_has_its_own_request_id(operator: ApiClient) -> None:
    paths = ["/health", "/v1/entries?limit=1", "/v1/entries?nonsense=1", "/v1/entries/x"]
    assert len({operator.get(path).headers["x-request-id"] for path in paths}) == 4


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/closings/2026-11-22/1", "/v1/import", "/docs/x", "/index.html"]
)
def test_unknown_path_is_not_found(http_api: Api, path: str) -> None:
    for token in (http_api.operator.token, "nonsense", None):
        response = ApiClient(http_api.transport, token).get(path)
        assert response.is_problem(404)
        assert response.json["request_id"] in response.json["instance"]
        assert response.headers["access-control-allow-origin"] == "*"
    assert http_api.operator.request("HEAD", path).status == 404


def test_head_is_get_without_its_body(api: Api) -> None:
    entry = api.operator.record(account=fresh_account())
    api.settle(entry)
    balance = f"/v1/daily-balances/{entry['day']}"
    for path in [
        *(
            "/health",
            "/health/ready",
            "/openapi.json",
            "/v1/entries/x",
            f"/v1/entries/{entry['id']}",
        ),
        *("/v1/entries?limit=1", f"/v1/entries?account={entry['account']}", "/v1/entries?limit=0"),
        *(balance, f"{balance}?currency=X", f"/v1/cash-flow?from={entry['day']}&to={entry['day']}"),
        *("/v1/closings/public-keys", "/v1/closings/2020-01-01", "/v1/consolidations/x"),
    ]:
        for client in (api.viewer, api.anonymous):
            got, head = client.get(path), client.request("HEAD", path)
            assert (head.status, head.text) == (got.status, ""), path
            for name in ("content-type", "etag", "link", "vary", "www-authenticate"):
                assert head.headers.get(name) == got.headers.get(name), (path, name)


@pytest.mark.parametrize("headers", [{"content_type": "application/json"}, {}])
def test_bytes_of_a_body_arrive_unchanged(operator: ApiClient, headers: dict[str, str]) -> None:
    def post(description: bytes) -> Response:
        body = b'{"type": "credit", "amount": "1.00", "description": "%s"}' % description
        sent = headers | {"idempotency_key": fresh_key()}
        return operator.request("POST", "/v1/entries", sent, body)

    response = post("Pão".encode("cp1252"))
    assert response.is_problem(400) and "not UTF-8 at byte 54" in response.json["detail"]
    recorded = post("Pão \ufffd".encode())
    assert (recorded.status, recorded.json["description"]) == (201, "Pão \ufffd")


def test_pages_of_any_origin_may_call(http_api: Api) -> None:
    for client in (http_api.viewer, http_api.anonymous):
        response = client.get("/v1/entries?limit=1")
        assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[" * 200_000, 400),
        (b'{"type": "credit", "amount": 1e400}', 422),
        (b'{"type": "credit", "amount": "1.00", "description": "\\ud800"}', 422),
        (b" " * 300 * 1024, 413),
    ],
)
def test_hostile_body_is_rejected(operator: ApiClient, body: bytes, status: int) -> None:
    assert operator.post("/v1/entries", body).is_problem(status)


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_other_media_types_are_rejected(operator: ApiClient, media_type: str) -> None:
    assert operator.post("/v1/entries", SALE, content_type=media_type).is_problem(415)


@pytest.mark.parametrize("path", ["/v1/entries", f"/v1/entries/{'a' * 32}/erasure"])
@pytest.mark.parametrize("coding", ["gzip", "GZIP", "identity, br", "x"])
def test_encoded_body_is_rejected(api: Api, path: str, coding: str) -> None:
    plain = json.dumps(SALE).encode()
    for body in (plain, gzip.compress(plain)):
        response = api.accountant.post(path, body, content_encoding=coding)
        assert response.is_problem(415), response.text
        assert response.headers["accept-encoding"] == "identity"
    assert api.accountant.post("/v1/entries", SALE, content_encoding="Identity").status == 201


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("daily-balances/2026-02-30", "day"),
        ("daily-balances/today?currency=X", "currency day"),
        ("daily-balances/2026-11-22?account=A&currency=brl&after=x", "account after currency"),
        ("daily-balances/2026-11-22?account=a&account=a", "account"),
        ("daily-balances/2026-11-22?account=&q=1", "account q"),
        ("daily-balances", "from to"),
        ("daily-balances?from=2026-11-22", "to"),
        ("daily-balances?from=2026-11-22&to=2026-11-21&currency=X", "currency to"),
        ("daily-balances?from=2025-11-22&to=2026-11-23", "to"),
        ("cash-flow?from=2026-11-22&to=2026-11-22&by=year&group=x", "by group"),
        ("cash-flow?from=2026-01-02&to=2026-01-01&by=year", "by to"),
        ("cash-flow?from=2026-11-22&to=2026-11-22&account=main", "account"),
        ("closings/public_keys", "day"),
        ("closings/2026-11-22/0/leaves", "version"),
        ("closings/yesterday/x/leaves?limit=0&q=1", "day limit q version"),
        ("closings/2026-11-22/9999999999/leaves", "version"),
        ("closings/2026-11-22/proof", "entry"),
        ("closings/2026-11-22/proof?entry=x", "entry"),
        ("entries?from=2026-11-22&to=2026-11-21&q=%00&type=x&category=A", "category q to type"),
        *((f"entries?limit={limit}", "limit") for limit in ["0", "201", "-1", "1e2", "", "050"]),
        *((f"entries?limit={limit}", "limit") for limit in ["%D9%A3", "x"]),
    ],
)
def test_all_invalid_parameters_are_named(api: Api, path: str, fields: str) -> None:
    assert api.viewer.get(f"/v1/{path}").is_problem(400, *fields.split())


@pytest.mark.parametrize("key", [None, "a b", "a" * 256])
def test_post_needs_a_valid_key(operator: ApiClient, key: str | None) -> None:
    assert operator.post("/v1/entries?x=1", SALE, key).is_problem(400, "Idempotency-Key", "x")


def test_same_request_gets_the_original_response(operator: ApiClient) -> None:
    key, body = fresh_key().ljust(255, "~"), SALE | {"account": fresh_account()}
    first = operator.post("/v1/entries", body, key)
    operator.post(f"/v1/entries/{first.json['id']}/reversal", {"reason": "x"})
    for same in (body, json.dumps(dict(reversed(body.items())), indent=2).encode()):
        again = operator.post("/v1/entries", same, key)
        assert (again.status, again.json) == (201, first.json)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers["location"] == first.headers["location"]


@pytest.mark.parametrize(
    "other", [{"amount": "2.00"}, {"account": "main"}, {"account": None}, {"metadata": {}}]
)
def test_key_is_good_for_one_body(operator: ApiClient, other: dict[str, Any]) -> None:
    key = fresh_key()
    assert operator.post("/v1/entries", {"type": "credit"}, key).is_problem(422)  # uses no key
    assert operator.post("/v1/entries", SALE, key).status == 201
    response = operator.post("/v1/entries", SALE | other, key)
    assert response.is_problem(422, "Idempotency-Key")
    assert response.json["type"] == "urn:problem-type:livro-caixa:key-reused"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/entries/{id}",
        "/v1/entries?account={account}",
        "/v1/daily-balances/{day}?account={account}",
        "/v1/daily-balances?from={day}&to={day}&account={account}",
        "/v1/cash-flow?from={day}&to={day}",
    ],
)
def test_unchanged_read_is_not_sent_again(api: Api, path: str) -> None:
    entry = api.operator.record(account=fresh_account())
    api.settle(entry)
    tag = api.viewer.get(path.format(**entry)).headers["etag"]
    assert tag.startswith('W/"')
    for condition in (tag, f'"other", {tag[2:]}', "*"):
        again = api.viewer.get(path.format(**entry), if_none_match=condition)
        assert (again.status, again.text, again.headers["etag"]) == (304, "", tag)
    assert api.viewer.get(path.format(**entry), if_none_match='"other"').status == 200
