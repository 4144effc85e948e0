"""Erasure: texts are removed for good, everywhere, and nothing else changes."""

from typing import Any

import pytest

import app
from tests.api.conftest import Api, Deployed
from verification.kit.api_client import fresh_key

SALE = {"type": "credit", "amount": "10.00", "description": "Maria", "metadata": {"cpf": "123"}}


@pytest.fixture
def sold(api: Api) -> dict[str, Any]:
    """An entry with texts, in the read model; `key` is the key that recorded it."""
    key = fresh_key()
    entry: dict[str, Any] = api.operator.post("/v1/entries", SALE, key).json
    api.settle(entry)
    return entry | {"key": key}


def erase(api: Api, entry_id: str, key: str | None = "", body: Any = b"") -> int:
    return api.accountant.post(f"/v1/entries/{entry_id}/erasure", body, key).status


def stored(sold: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sold.items() if name != "key"}


def test_erased_entry_only_loses_its_texts(api: Api, sold: dict[str, Any]) -> None:
    assert erase(api, sold["id"]) == 204
    entry = api.viewer.get(f"/v1/entries/{sold['id']}").json
    assert entry == {**stored(sold), "description": None, "metadata": {}}


def test_repeated_erasure_is_marked_as_replay(api: Api, sold: dict[str, Any]) -> None:
    path, key = f"/v1/entries/{sold['id']}/erasure", fresh_key()
    first, again = (api.accountant.post(path, b"", key) for _ in range(2))
    other = api.accountant.post(path, b"")
    assert [response.status for response in (first, again, other)] == [204, 204, 204]
    replayed = [r.headers.get("idempotent-replayed") for r in (first, again, other)]
    assert replayed == [None, "true", None]
    assert first.text == ""


def test_replayed_post_has_no_erased_texts(api: Api, sold: dict[str, Any]) -> None:
    erase(api, sold["id"])
    again = api.operator.post("/v1/entries", SALE, sold["key"])
    assert (again.status, again.json["description"]) == (201, None)


@pytest.mark.parametrize(("key", "status"), [("own", 422), (None, 400), ("a b", 400)])
def test_invalid_key_erases_nothing(
    api: Api, sold: dict[str, Any], key: str | None, status: int
) -> None:
    assert erase(api, sold["id"], sold["key"] if key == "own" else key) == status
    assert api.viewer.get(f"/v1/entries/{sold['id']}").json == stored(sold)


@pytest.mark.parametrize(("body", "status"), [({}, 204), ({"why": "LGPD"}, 422), (b"[", 400)])
def test_body_is_optional_and_empty(api: Api, sold: dict[str, Any], body: Any, status: int) -> None:
    assert erase(api, sold["id"], body=body) == status


def test_foreign_entry_is_not_found(api: Api, sold: dict[str, Any]) -> None:
    assert api.rival.post(f"/v1/entries/{sold['id']}/erasure", b"").is_problem(404)
    assert erase(api, "a" * 32) == 404
    assert api.viewer.get(f"/v1/entries/{sold['id']}").json == stored(sold)


def test_lists_and_searches_lose_the_texts(deployed: Deployed) -> None:
    entry = deployed.client.post("/v1/entries", SALE).json
    deployed.project()
    deployed.client.post(f"/v1/entries/{entry['id']}/erasure", b"")
    (item,) = [item for item in deployed.table.items() if item["entry_id"]["S"] == entry["id"]]
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": {}, "NewImage": item}}
    app.projector({"Records": [record]}, None)
    (listed,) = deployed.client.get("/v1/entries").json["items"]
    assert (listed["description"], listed["metadata"]) == (None, {})
    assert deployed.client.get("/v1/entries?q=maria").json["items"] == []
