"""Batches: every item is treated as a single POST of it."""

from typing import Any

import pytest

from tests.api.conftest import Deployed
from tests.fixtures.ledger_table import refusing, unreachable
from tests.fixtures.projection import printed
from verification.kit.api_client import ApiClient, Response, fresh_key

SALE = {"type": "credit", "amount": "150.75"}
PATH = "/v1/entries/batch"


def item(key: str | None = None, **more: Any) -> dict[str, Any]:
    return SALE | {"idempotency_key": fresh_key() if key is None else key} | more


def post(client: ApiClient, entries: Any, **more: Any) -> Response:
    return client.post(PATH, {"entries": entries, **more}, key=None)


def statuses(response: Response) -> list[int]:
    return [result["status"] for result in response.json["results"]]


def test_invalid_item_does_not_stop_others(operator: ApiClient) -> None:
    response = post(operator, [item(), item(amount="x", type="y", extra=1), 7, item(), item("")])
    results = response.json["results"]
    assert (response.status, statuses(response)) == (200, [201, 422, 422, 201, 422])
    assert [set(result) - {"status"} for result in results[:2]] == [{"entry"}, {"problem"}]
    problem = results[1]["problem"]
    assert sorted(error["field"] for error in problem["errors"]) == ["amount", "extra", "type"]
    assert problem["instance"] == f"{PATH}#/entries/1"
    assert problem["request_id"] == response.headers["x-request-id"]
    assert [error["field"] for error in results[4]["problem"]["errors"]] == ["idempotency_key"]
    recorded = results[3]["entry"]
    assert operator.get(f"/v1/entries/{recorded['id']}").json == recorded


def test_item_equals_a_single_post(operator: ApiClient) -> None:
    single_key, key = fresh_key(), fresh_key()
    single = operator.post("/v1/entries", SALE, single_key).json
    sent = [item(single_key), item(key), item(key), item(single_key, amount="1.00")]
    response = post(operator, sent)
    results = response.json["results"]
    assert (statuses(response), results[0]["entry"]) == ([201, 201, 201, 422], single)
    assert results[1] == results[2]
    assert results[3]["problem"]["type"] == "urn:problem-type:livro-caixa:key-reused"
    replay = operator.post("/v1/entries", SALE, key)
    assert (replay.json, replay.headers["idempotent-replayed"]) == (results[1]["entry"], "true")


@pytest.mark.parametrize("entries", [None, [], [SALE] * 101, {}, "x", 7])
def test_batch_has_1_to_100_items(operator: ApiClient, entries: Any) -> None:
    assert post(operator, entries, x=1).is_problem(422, "entries", "x")


def test_each_item_is_counted(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    post(deployed.client, [item("a"), item("b"), item("a"), 7, 7, 7])
    (line,) = printed(capsys)
    assert (line["EntriesAccepted"], line["EntriesReplayed"], line["EntriesRefused"]) == (2, 1, 3)


def test_fault_of_one_item_stops_no_other(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    items, refused = [item() for _ in range(60)], refusing("AccessDeniedException")
    deployed.table.wire.twist("PutItem", *[lambda deliver: deliver()] * 2, refused)
    response = post(deployed.client, items)
    assert (response.status, sorted(statuses(response))) == (200, [201] * 59 + [500])
    assert len(deployed.table.items()) == 59
    problem = response.json["results"][statuses(response).index(500)]["problem"]
    assert problem["detail"].startswith("Internal error; no entry is half recorded.")
    failed, answered = printed(capsys)
    assert (failed["event"], failed["request_id"]) == ("batch_item_failed", problem["request_id"])
    assert failed["errors"] == ["botocore.exceptions.ClientError AccessDeniedException"]
    assert (answered["EntriesAccepted"], answered["EntriesFailed"]) == (59, 1)
    assert statuses(post(deployed.client, items)) == [201] * 60


def test_failed_item_can_be_sent_again(deployed: Deployed) -> None:
    items = [item(), item()]
    deployed.table.wire.twist("PutItem", unreachable)
    assert sorted(statuses(post(deployed.client, items))) == [201, 503]
    assert statuses(post(deployed.client, items)) == [201, 201]
    assert len(deployed.table.items()) == 2
