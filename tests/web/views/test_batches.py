"""Batches: every item as if it had been sent alone."""

import json
from typing import Any

import pytest

from tests.fixtures.ledger_table import unreachable
from tests.web.asking import Asker
from tests.web.conftest import Deployed

SALE = {"type": "credit", "amount": "150.75"}
PATH = "/v1/entries/batch"


@pytest.fixture
def asker(deployed: Deployed) -> Asker:
    return deployed.asker


def item(key: Any, **more: Any) -> dict[str, Any]:
    return SALE | {"idempotency_key": key} | more


def test_one_faulty_entry_stops_no_other(asker: Asker) -> None:
    items = [item("a"), item("b", amount="x", type="y", extra=1), 7, item("c"), item("")]
    told = asker.post(PATH, {"entries": items}, key=None)
    assert told.status == 200
    results = told.json["results"]
    assert [result["status"] for result in results] == [201, 422, 422, 201, 422]
    assert [sorted(result) for result in results[:2]] == [
        ["entry", "status"],
        ["problem", "status"],
    ]
    problem = results[1]["problem"]
    assert sorted(fault["field"] for fault in problem["errors"]) == ["amount", "extra", "type"]
    assert problem["instance"] == f"{PATH}#/entries/1"
    assert problem["request_id"] == told.headers["X-Request-Id"]
    assert [fault["field"] for fault in results[4]["problem"]["errors"]] == ["idempotency_key"]
    path = f"/v1/entries/{results[3]['entry']['id']}"
    assert asker.get(path).json == results[3]["entry"]


def test_an_item_is_the_same_request_as_a_single_post(asker: Asker) -> None:
    alone = asker.post("/v1/entries", SALE, "k").json
    twice = asker.post(PATH, {"entries": [item("k"), item("n"), item("n")]}, key=None).json
    assert twice["results"][0]["entry"] == alone
    assert twice["results"][1] == twice["results"][2]
    single = asker.post("/v1/entries", SALE, "n")
    assert (single.json, single.headers["Idempotent-Replayed"]) == (
        twice["results"][1]["entry"],
        "true",
    )


def test_a_key_of_another_body_is_refused_in_its_item(asker: Asker) -> None:
    asker.post("/v1/entries", SALE, "k")
    told = asker.post(PATH, {"entries": [item("k", amount="1.00"), item("l")]}, key=None).json
    assert [result["status"] for result in told["results"]] == [422, 201]
    assert told["results"][0]["problem"]["type"].endswith(":key-reused")


def test_an_item_that_the_ledger_did_not_take_can_be_sent_again(deployed: Deployed) -> None:
    deployed.table.wire.twist("PutItem", unreachable)
    told = deployed.asker.post(PATH, {"entries": [item("a"), item("b")]}, key=None).json
    assert sorted(result["status"] for result in told["results"]) == [201, 503]
    again = deployed.asker.post(PATH, {"entries": [item("a"), item("b")]}, key=None).json
    assert [result["status"] for result in again["results"]] == [201, 201]


@pytest.mark.parametrize("entries", [None, [], [item("k")] * 101, {}, "x", 7])
def test_a_batch_has_1_to_100_entries(asker: Asker, entries: Any) -> None:
    told = asker.post(PATH, {"entries": entries}, key=None)
    assert (told.status, told.faults) == (422, ["entries"])


def test_each_items_outcome_is_counted(asker: Asker, capsys: pytest.CaptureFixture[str]) -> None:
    asker.post(PATH, {"entries": [item("a"), item("b"), item("a"), 7, 7, 7]}, key=None)
    line = json.loads(capsys.readouterr().out)
    assert (line["EntriesAccepted"], line["EntriesReplayed"], line["EntriesRefused"]) == (2, 1, 3)


def test_a_batch_of_100_is_recorded(deployed: Deployed) -> None:
    items = [item(f"k{number}") for number in range(100)]
    told = deployed.asker.post(PATH, {"entries": items, "x": 1}, key=None)
    assert (told.status, told.faults) == (422, ["x"])
    results = deployed.asker.post(PATH, {"entries": items}, key=None).json["results"]
    assert {result["status"] for result in results} == {201}
    assert len({result["entry"]["id"] for result in results}) == len(deployed.table.items()) == 100
