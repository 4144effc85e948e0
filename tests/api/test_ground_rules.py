"""The ground rules of the contract: errors, keys, bodies, caching and tracing."""

import json
import re
from typing import Any

import pytest

from tests.api.conftest import Api
from verification.kit.api_client import ApiClient, fresh_account, fresh_key

SALE = {"type": "credit", "amount": "1.00"}
KIB = 1024


@pytest.fixture
def operator(api: Api) -> ApiClient:
    return api.operator


def test_each_response_has_its_own_request_id(operator: ApiClient) -> None:
    paths = ["/health", "/v1/entries?limit=1", "/v1/entries?nonsense=1", "/v1/entries/x"]
    ids = [operator.get(path).headers["x-request-id"] for path in paths]
    assert len(set(ids)) == len(paths)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/closings/2026-11-22/1", "/v1/imports", "/docs"])
def test_unknown_path_is_not_found(http_api: Api, path: str) -> None:
    response = http_api.operator.get(path)
    assert response.is_problem(404)
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_unknown_method_names_the_allowed(api: Api, method: str) -> None:
    for path, allowed in [("/v1/entries", {"GET", "POST"}), ("/health", {"GET"})]:
        response = api.anonymous.request(method, path)
        assert response.is_problem(405)
        assert set(re.split(", ?", response.headers["allow"])) == allowed | {"OPTIONS"}


def test_pages_of_any_origin_may_call(api: Api) -> None:
    origin = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    response = api.anonymous.request("OPTIONS", "/v1/entries", origin)
    assert response.status in (200, 204)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "idempotency-key" in response.headers["access-control-allow-headers"].lower()
    for read in (api.operator.get("/v1/entries?limit=1"), api.anonymous.get("/v1/entries")):
        assert read.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 422),
        (b'{"type": "credit", "amount": "1.00", "amount": "1.00"}', 400),
        (b'{"type": "credit", "amount": NaN}', 400),
        (b'{"type": "credit", "amount": Infinity}', 400),
        (b'{"type": "credit", "amount": 1e400}', 422),
        (b'{"type": "credit", "amount": "1e400"}', 422),
        ('{"type": "credit", "amount": "٣"}'.encode(), 422),
        (b"[" * 200_000, 400),
        (b'{"type": "credit", "amount": ' + b"9" * 200_000 + b"}", 400),
        (b'{"type": "credit", "amount": "1.00", "description": "\\ud800"}', 422),
        (b'{"type": "credit", "amount": "1.00", "description": "\\u0000"}', 422),
        (b" " * 300 * KIB, 413),
    ],
)
def test_hostile_body_is_rejected(operator: ApiClient, body: bytes, status: int) -> None:
    assert operator.post("/v1/entries", body).is_problem(status)


def test_body_has_at_most_256_kib(operator: ApiClient) -> None:
    body = json.dumps(SALE).encode()
    padded = body + b" " * (256 * KIB - len(body))
    assert operator.post("/v1/entries", padded).status == 201
    assert operator.post("/v1/entries", padded + b" ").is_problem(413)


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_other_media_types_are_rejected(operator: ApiClient, media_type: str) -> None:
    assert operator.post("/v1/entries", SALE, content_type=media_type).is_problem(415)


def test_all_errors_are_listed_at_once(operator: ApiClient) -> None:
    body = {"type": "gain", "amount": "1.5", "account": "A B", "occurred_at": "now", "note": 1}
    response = operator.post("/v1/entries", body)
    assert response.is_problem(422)
    assert response.error_fields == sorted(body)
    assert all(error["message"] for error in response.json["errors"])


@pytest.mark.parametrize("key", [None, "a b", "a" * 256])
def test_post_needs_a_valid_key(operator: ApiClient, key: str | None) -> None:
    response = operator.post("/v1/entries?x=1", SALE, key)
    assert response.is_problem(400)
    assert response.error_fields == ["Idempotency-Key", "x"]


def test_key_has_at_most_255_characters(operator: ApiClient) -> None:
    assert operator.post("/v1/entries", SALE, fresh_key().ljust(255, "~")).status == 201


def test_same_request_gets_the_original_response(operator: ApiClient) -> None:
    key, body = fresh_key(), SALE | {"account": fresh_account()}
    first = operator.post("/v1/entries", body, key)
    assert "idempotent-replayed" not in first.headers
    operator.post(f"/v1/entries/{first.json['id']}/reversal", {"reason": "x"})
    same = json.dumps(dict(reversed(body.items())), indent=2).encode()
    for again in (operator.post("/v1/entries", body, key), operator.post("/v1/entries", same, key)):
        assert (again.status, again.json) == (201, first.json)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers["location"] == first.headers["location"]


@pytest.mark.parametrize(
    "other", [{"amount": "2.00"}, {"account": "main"}, {"account": None}, {"metadata": {}}]
)
def test_key_is_good_for_one_body(operator: ApiClient, other: dict[str, Any]) -> None:
    key = fresh_key()
    assert operator.post("/v1/entries", SALE, key).status == 201
    response = operator.post("/v1/entries", SALE | other, key)
    assert response.is_problem(422)
    assert response.json["type"] == "urn:problem-type:livro-caixa:key-reused"
    assert response.error_fields == ["Idempotency-Key"]


def test_rejected_request_does_not_consume_key(operator: ApiClient) -> None:
    key = fresh_key()
    assert operator.post("/v1/entries", {"type": "credit"}, key).is_problem(422)
    assert operator.post("/v1/entries", SALE, key).status == 201


def test_keys_belong_to_a_merchant(api: Api) -> None:
    key = fresh_key()
    own = api.operator.post("/v1/entries", SALE, key)
    other = api.rival.post("/v1/entries", SALE | {"amount": "2.00"}, key)
    assert (own.status, other.status) == (201, 201)
    assert own.json["id"] != other.json["id"]


def test_read_entry_is_not_sent_again(operator: ApiClient) -> None:
    path = f"/v1/entries/{operator.record()['id']}"
    tag = operator.get(path).headers["etag"]
    assert tag.startswith('"')
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = operator.get(path, if_none_match=condition)
        assert (response.status, response.text, response.headers["etag"]) == (304, "", tag)
    assert operator.get(path, if_none_match='"other"').status == 200
    operator.post(f"{path}/reversal", {"reason": "x"})
    assert operator.get(path, if_none_match=tag).status == 200
