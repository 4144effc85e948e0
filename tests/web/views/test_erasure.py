"""Erasure over HTTP: texts go for good, everywhere, and nothing else changes."""

from typing import Any

import pytest

import app
from chalicelib.api.admission import READ, WRITE
from tests.web.asking import ApiClient
from tests.web.conftest import Deployed

SALE = {"type": "credit", "amount": "10.00", "description": "Maria", "metadata": {"cpf": "123"}}


@pytest.fixture
def sold(deployed: Deployed) -> dict[str, Any]:
    response = deployed.asker.post("/v1/entries", SALE, "sold")
    deployed.project()
    entry: dict[str, Any] = response.json
    return entry


def erase(asker: ApiClient, entry_id: str, key: str | None = "", body: Any = "") -> int:
    return asker.post(f"/v1/entries/{entry_id}/erasure", body, key).status


def test_an_erased_entry_has_no_texts_and_is_otherwise_as_before(
    deployed: Deployed, sold: dict[str, Any]
) -> None:
    assert erase(deployed.asker, sold["id"]) == 204
    shown = deployed.asker.get(f"/v1/entries/{sold['id']}").json
    assert shown == {**sold, "description": None, "metadata": {}}


def test_lists_and_searches_forget_the_texts_too(deployed: Deployed, sold: dict[str, Any]) -> None:
    erase(deployed.asker, sold["id"])
    (item,) = [one for one in deployed.table.items() if one["entry_id"]["S"] == sold["id"]]
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": {}, "NewImage": item}}
    app.projector({"Records": [record]}, None)
    (listed,) = deployed.asker.get("/v1/entries").json["items"]
    assert (listed["description"], listed["metadata"]) == (None, {})
    assert deployed.asker.get("/v1/entries?q=maria").json["items"] == []


def test_the_same_request_is_answered_alike_and_said_to_be_a_replay(
    deployed: Deployed, sold: dict[str, Any]
) -> None:
    path = f"/v1/entries/{sold['id']}/erasure"
    first, again, other = (deployed.asker.post(path, "", key) for key in ("e1", "e1", "e2"))
    assert [one.status for one in (first, again, other)] == [204, 204, 204]
    replayed = [one.headers.get("Idempotent-Replayed") for one in (first, again, other)]
    assert replayed == [None, "true", None]
    assert first.text == ""


def test_a_replay_of_the_entrys_own_post_tells_no_texts(
    deployed: Deployed, sold: dict[str, Any]
) -> None:
    erase(deployed.asker, sold["id"])
    again = deployed.asker.post("/v1/entries", SALE, "sold")
    assert (again.status, again.json["description"]) == (201, None)


@pytest.mark.parametrize("key", ["sold", None, "ü"])
def test_a_key_that_cannot_be_is_refused(
    deployed: Deployed, sold: dict[str, Any], key: str | None
) -> None:
    assert erase(deployed.asker, sold["id"], key) == (422 if key == "sold" else 400)
    assert deployed.asker.get(f"/v1/entries/{sold['id']}").json == sold


@pytest.mark.parametrize(("body", "status"), [({}, 204), ({"why": "LGPD"}, 422), ("[", 400)])
def test_a_body_is_not_needed_and_has_no_fields(
    deployed: Deployed, sold: dict[str, Any], body: Any, status: int
) -> None:
    assert erase(deployed.asker, sold["id"], body=body) == status


def test_another_merchants_entry_does_not_exist(deployed: Deployed, sold: dict[str, Any]) -> None:
    assert erase(ApiClient("rival"), sold["id"]) == 404
    assert erase(deployed.asker, "a" * 32) == 404
    assert deployed.asker.get(f"/v1/entries/{sold['id']}").json == sold


def test_who_may_not_close_erases_nothing(deployed: Deployed, sold: dict[str, Any]) -> None:
    operator = ApiClient(deployed.asker.merchant_id, scopes=(READ, WRITE))
    assert erase(operator, sold["id"]) == 403
    assert deployed.asker.get(f"/v1/entries/{sold['id']}").json == sold
