"""Batches: every item is treated as a single POST of it."""

import json
from typing import Any

import pytest

from tests.api.conftest import Api, Deployed
from tests.fixtures.ledger_table import unreachable
from verification.kit.api_client import ApiClient, fresh_key

SALE = {"type": "credit", "amount": "150.75"}
PATH = "/v1/entries/batch"


@pytest.fixture
def operator(api: Api) -> ApiClient:
    return api.operator


def item(key: str | None = None, **more: Any) -> dict[str, Any]:
    return SALE | {"idempotency_key": fresh_key() if key is None else key} | more


def post(client: ApiClient, entries: Any, **more: Any) -> Any:
    return client.post(PATH, {"entries": entries, **more}, key=None)


def test_invalid_item_does_not_stop_others(operator: ApiClient) -> None:
    items = [item(), item(amount="x", type="y", extra=1), 7, item(), item("")]
    response = post(operator, items)
    assert response.status == 200
    results = response.json["results"]
    assert [result["status"] for result in results] == [201, 422, 422, 201, 422]
    assert [sorted(result) for result in results[:2]] == [
        ["entry", "status"],
        ["problem", "status"],
    ]
    problem = results[1]["problem"]
    assert sorted(error["field"] for error in problem["errors"]) == ["amount", "extra", "type"]
    assert problem["instance"] == f"{PATH}#/entries/1"
    assert problem["request_id"] == response.headers["x-request-id"]
    assert [error["field"] for error in results[4]["problem"]["errors"]] == ["idempotency_key"]
    recorded = results[3]["entry"]
    assert operator.get(f"/v1/entries/{recorded['id']}").json == recorded


def test_item_equals_a_single_post(operator: ApiClient) -> None:
    single_key, batch_key = fresh_key(), fresh_key()
    single = operator.post("/v1/entries", SALE, single_key).json
    results = post(operator, [item(single_key), item(batch_key), item(batch_key)]).json["results"]
    assert results[0]["entry"] == single
    assert results[1] == results[2]
    replay = operator.post("/v1/entries", SALE, batch_key)
    assert (replay.json, replay.headers["idempotent-replayed"]) == (results[1]["entry"], "true")


def test_reused_key_is_rejected_in_its_item(operator: ApiClient) -> None:
    key = fresh_key()
    operator.post("/v1/entries", SALE, key)
    results = post(operator, [item(key, amount="1.00"), item()]).json["results"]
    assert [result["status"] for result in results] == [422, 201]
    assert results[0]["problem"]["type"] == "urn:problem-type:livro-caixa:key-reused"


@pytest.mark.parametrize("entries", [None, [], [SALE] * 101, {}, "x", 7])
def test_batch_has_1_to_100_items(operator: ApiClient, entries: Any) -> None:
    response = post(operator, entries)
    assert response.is_problem(422)
    assert response.error_fields == ["entries"]


def test_batch_of_100_is_recorded(operator: ApiClient) -> None:
    items = [item() for _ in range(100)]
    assert post(operator, items, x=1).error_fields == ["x"]
    results = post(operator, items).json["results"]
    assert [result["status"] for result in results] == [201] * 100
    assert len({result["entry"]["id"] for result in results}) == 100


def test_each_item_is_counted(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    post(deployed.client, [item("a"), item("b"), item("a"), 7, 7, 7])
    line = json.loads(capsys.readouterr().out)
    assert (line["EntriesAccepted"], line["EntriesReplayed"], line["EntriesRefused"]) == (2, 1, 3)


def test_failed_item_can_be_sent_again(deployed: Deployed) -> None:
    items = [item(), item()]
    deployed.table.wire.twist("PutItem", unreachable)
    results = post(deployed.client, items).json["results"]
    assert sorted(result["status"] for result in results) == [201, 503]
    again = post(deployed.client, items).json["results"]
    assert [result["status"] for result in again] == [201, 201]
    assert len(deployed.table.items()) == 2
