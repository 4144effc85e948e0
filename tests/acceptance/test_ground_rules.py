"""The contract's ground rules: errors, keys, bodies, caching, traces."""

import json
import re
from typing import Any

import pytest

from tests.acceptance.consumer import Consumer, fresh_account, fresh_key

SALE = {"type": "credit", "amount": "1.00"}
KIB = 1024


def test_every_answer_carries_a_request_id_of_its_own(operator: Consumer) -> None:
    paths = ["/health", "/v1/entries?limit=1", "/v1/entries?nonsense=1", "/v1/nowhere"]
    ids = [operator.get(path).headers["x-request-id"] for path in paths]
    assert len(set(ids)) == len(paths)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/closings/2026-11-22/1", "/v1/imports", "/docs"])
def test_a_path_that_is_not_there_is_not_found(operator: Consumer, path: str) -> None:
    assert operator.get(path).is_problem(404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_a_path_has_not_is_told_which_it_has(anybody: Consumer, method: str) -> None:
    for path, allowed in [("/v1/entries", {"GET", "POST"}), ("/health", {"GET"})]:
        reply = anybody.ask(method, path)
        assert reply.is_problem(405)
        assert set(re.split(", ?", reply.headers["allow"])) == allowed | {"OPTIONS"}


def test_a_page_of_any_origin_may_ask(anybody: Consumer, operator: Consumer) -> None:
    request = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    reply = anybody.ask("OPTIONS", "/v1/entries", request)
    assert reply.status in (200, 204)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "idempotency-key" in reply.headers["access-control-allow-headers"].lower()
    for answered in (operator.get("/v1/entries?limit=1"), anybody.get("/v1/entries")):
        assert answered.headers["access-control-allow-origin"] == "*"


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
def test_a_hostile_body_gets_a_clean_refusal(operator: Consumer, body: bytes, status: int) -> None:
    assert operator.post("/v1/entries", body).is_problem(status)


def test_a_body_of_256_kib_is_taken(operator: Consumer) -> None:
    body = json.dumps(SALE).encode()
    padded = body + b" " * (256 * KIB - len(body))
    assert operator.post("/v1/entries", padded).status == 201
    assert operator.post("/v1/entries", padded + b" ").is_problem(413)


@pytest.mark.parametrize("said", ["text/plain", "application/x-www-form-urlencoded", "text/csv"])
def test_a_body_of_another_type_is_refused(operator: Consumer, said: str) -> None:
    assert operator.post("/v1/entries", SALE, content_type=said).is_problem(415)


def test_all_faults_are_named_at_once(operator: Consumer) -> None:
    body = {"type": "gain", "amount": "1.5", "account": "A B", "occurred_at": "now", "note": 1}
    reply = operator.post("/v1/entries", body)
    assert reply.is_problem(422)
    assert reply.faults == sorted(body)
    assert all(fault["message"] for fault in reply.json["errors"])


@pytest.mark.parametrize("key", [None, "a b", "a" * 256])
def test_a_post_needs_a_key(operator: Consumer, key: str | None) -> None:
    reply = operator.post("/v1/entries", SALE, key)
    assert reply.is_problem(400)
    assert reply.faults == ["Idempotency-Key"]


def test_a_key_of_255_characters_is_good(operator: Consumer) -> None:
    assert operator.post("/v1/entries", SALE, fresh_key().ljust(255, "~")).status == 201


def test_the_same_request_gets_the_first_answer_for_ever(operator: Consumer) -> None:
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
    "other", [{"amount": "2.00"}, {"currency": "BRL"}, {"description": "x"}, {"metadata": {}}]
)
def test_a_key_stands_for_one_body(operator: Consumer, other: dict[str, Any]) -> None:
    key = fresh_key()
    assert operator.post("/v1/entries", SALE, key).status == 201
    assert operator.post("/v1/entries", SALE | other, key).is_problem(422)


def test_a_refused_request_uses_no_key_up(operator: Consumer) -> None:
    key = fresh_key()
    assert operator.post("/v1/entries", {"type": "credit"}, key).is_problem(422)
    assert operator.post("/v1/entries", SALE, key).status == 201


def test_keys_belong_to_a_merchant(operator: Consumer, rival: Consumer) -> None:
    key = fresh_key()
    ours = operator.post("/v1/entries", SALE, key)
    theirs = rival.post("/v1/entries", SALE | {"amount": "2.00"}, key)
    assert (ours.status, theirs.status) == (201, 201)


def test_what_was_read_is_not_sent_again(operator: Consumer) -> None:
    entry = operator.record()
    path = f"/v1/entries/{entry['id']}"
    tag = operator.get(path).headers["etag"]
    assert tag.startswith('"')
    for said in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        reply = operator.get(path, if_none_match=said)
        assert (reply.status, reply.text, reply.headers["etag"]) == (304, "", tag)
    assert operator.get(path, if_none_match='"other"').status == 200
    operator.post(f"{path}/reversal", {"reason": "x"})
    assert operator.get(path, if_none_match=tag).status == 200
