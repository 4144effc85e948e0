"""Entries over HTTP, from the gateway's event to the ledger's table and back."""

import json
from typing import Any

import pytest

from tests.fixtures.ledger_table import unreachable
from tests.web.asking import ApiClient
from tests.web.conftest import Deployed

SALE = {"type": "credit", "amount": "150.75"}
YESTERDAY = "2026-11-22T23:30:00.5-03:00"


@pytest.fixture
def asker(deployed: Deployed) -> ApiClient:
    return deployed.asker


def test_an_entry_is_answered_as_the_contract_shows_it(asker: ApiClient) -> None:
    sent = {
        "type": "credit",
        "amount": "150.75",
        "currency": "BRL",
        "account": "main",
        "occurred_at": YESTERDAY,
        "description": "  Venda balca\u0303o ",
        "category": "sales",
        "metadata": {"order": "A-17"},
    }
    response = asker.post("/v1/entries", sent)
    assert response.status == 201
    assert response.headers["Location"] == f"/v1/entries/{response.json['id']}"
    assert "Idempotent-Replayed" not in response.headers
    assert response.json == sent | {
        "id": response.json["id"],
        "day": "2026-11-22",
        "description": "Venda balcão",
        "recorded_at": response.json["recorded_at"],
        "recorded_by": "joana",
        "reverses": None,
        "reversed_by": None,
    }
    assert list(response.json)[:3] == ["id", "type", "amount"]


def test_what_is_left_out_or_null_has_its_default(asker: ApiClient) -> None:
    nulls = dict.fromkeys(["currency", "account", "occurred_at", "description", "metadata"])
    for body in (SALE, SALE | nulls, SALE | {"metadata": {"order": None}}):
        response = asker.post("/v1/entries", body).json
        assert (response["currency"], response["account"]) == ("BRL", "main")
        assert (response["description"], response["category"], response["metadata"]) == (
            None,
            None,
            {},
        )
        assert response["occurred_at"].endswith("-03:00")
        assert response["day"] == response["occurred_at"][:10]


def test_the_same_request_is_answered_as_at_first_and_says_so(asker: ApiClient) -> None:
    first = asker.post("/v1/entries", SALE, "k")
    again = asker.post("/v1/entries", '{ "amount": "150.75",\n "type": "credit" }', "k")
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]


@pytest.mark.parametrize("other", [{"amount": "1.00"}, {"account": "main"}, {"account": None}])
def test_a_key_for_another_body_is_refused(asker: ApiClient, other: dict[str, Any]) -> None:
    asker.post("/v1/entries", SALE, "k")
    response = asker.post("/v1/entries", SALE | other, "k")
    assert (response.status, response.json["type"]) == (
        422,
        "urn:problem-type:livro-caixa:key-reused",
    )
    assert response.faults == ["Idempotency-Key"]


def test_a_refused_request_uses_no_key_up(asker: ApiClient) -> None:
    assert asker.post("/v1/entries", {"type": "credit"}, "k").status == 422
    assert asker.post("/v1/entries", SALE, "k").status == 201


def test_a_key_belongs_to_a_merchant(asker: ApiClient) -> None:
    ours = asker.post("/v1/entries", SALE, "k")
    theirs = ApiClient("rival").post("/v1/entries", SALE | {"amount": "1.00"}, "k")
    assert (ours.status, theirs.status) == (201, 201)
    assert ours.json["id"] != theirs.json["id"]


@pytest.mark.parametrize("key", [None, "a b", "ç", "a" * 256])
def test_a_key_that_is_missing_or_none_is_a_fault_of_the_header(asker: ApiClient, key: Any) -> None:
    response = asker.post("/v1/entries?x=1", SALE, key)
    assert (response.status, response.faults) == (400, ["Idempotency-Key", "x"])


def test_a_reversal_undoes_an_entry_and_both_know_it(asker: ApiClient) -> None:
    entry = asker.post("/v1/entries", SALE | {"occurred_at": YESTERDAY}).json
    path = f"/v1/entries/{entry['id']}"
    response = asker.post(f"{path}/reversal", {"reason": "Devolvido"}, "r")
    assert response.status == 201
    assert response.headers["Location"] == f"/v1/entries/{response.json['id']}"
    undone = {name: response.json[name] for name in ("type", "amount", "description", "reverses")}
    assert undone == {
        "type": "debit",
        "amount": "150.75",
        "description": "Devolvido",
        "reverses": entry["id"],
    }
    assert asker.get(path).json == entry | {"reversed_by": response.json["id"]}
    again = asker.post(f"{path}/reversal", {"reason": "Devolvido"}, "r")
    assert (again.json, again.headers["Idempotent-Replayed"]) == (response.json, "true")


def test_an_entry_is_reversed_once_and_a_reversal_never(asker: ApiClient) -> None:
    entry = asker.post("/v1/entries", SALE).json
    path = f"/v1/entries/{entry['id']}/reversal"
    reversal = asker.post(path, {"reason": "x"}).json
    second = asker.post(path, {"reason": "x"})
    of_it = asker.post(f"/v1/entries/{reversal['id']}/reversal", {"reason": "x"})
    assert (second.status, of_it.status) == (409, 409)
    assert second.json["type"] == "urn:problem-type:livro-caixa:already-reversed"
    assert of_it.json["type"] == "urn:problem-type:livro-caixa:reversal-of-reversal"


def test_keys_are_one_space_for_entries_and_reversals(asker: ApiClient) -> None:
    entry = asker.post("/v1/entries", SALE, "e").json
    path = f"/v1/entries/{entry['id']}/reversal"
    assert asker.post(path, {"reason": "x"}, "e").status == 422
    assert asker.post(path, {"reason": "x"}, "r").status == 201
    assert asker.post("/v1/entries", SALE, "r").status == 422


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"reason": "  "}, {"reason": "a" * 201}])
def test_a_reversal_needs_a_reason(asker: ApiClient, body: Any) -> None:
    entry = asker.post("/v1/entries", SALE).json
    response = asker.post(f"/v1/entries/{entry['id']}/reversal", body)
    assert (response.status, response.faults) == (422, ["reason"])


@pytest.mark.parametrize("entry_id", ["a" * 32, "nothing", "%2e%2e", "A" * 32, "batch2"])
def test_what_is_no_entry_is_not_found(asker: ApiClient, entry_id: str) -> None:
    assert asker.get(f"/v1/entries/{entry_id}").status == 404
    assert asker.post(f"/v1/entries/{entry_id}/reversal", {"reason": "x"}).status == 404


def test_another_merchants_entry_is_as_if_it_did_not_exist(asker: ApiClient) -> None:
    entry = asker.post("/v1/entries", SALE).json
    response = ApiClient("rival").get(f"/v1/entries/{entry['id']}")
    nowhere = ApiClient("rival").get(f"/v1/entries/{'a' * 32}")
    assert response.status == 404
    assert response.json["detail"] == nowhere.json["detail"]
    reversal = f"/v1/entries/{entry['id']}/reversal"
    assert ApiClient("rival").post(reversal, {"reason": "x"}).status == 404


def test_an_entry_that_was_read_is_not_sent_again(asker: ApiClient) -> None:
    entry = asker.post("/v1/entries", SALE).json
    path = f"/v1/entries/{entry['id']}"
    first = asker.get(path)
    again = asker.get(path, if_none_match=first.headers["ETag"])
    assert (again.status, again.text) == (304, "")
    assert again.headers["ETag"] == first.headers["ETag"]
    asker.post(f"{path}/reversal", {"reason": "x"})
    assert asker.get(path, if_none_match=first.headers["ETag"]).status == 200


def test_a_part_of_a_path_may_be_percent_encoded(asker: ApiClient) -> None:
    entry = asker.post("/v1/entries", SALE).json
    encoded = "".join(f"%{ord(character):02X}" for character in entry["id"])
    assert asker.get(f"/v1/entries/{encoded}").json == entry


def test_an_unreachable_ledger_is_told_and_worth_another_try(deployed: Deployed) -> None:
    deployed.table.wire.twist("PutItem", unreachable)
    response = deployed.asker.post("/v1/entries", SALE, "k")
    assert (response.status, response.headers["Retry-After"]) == (503, "1")
    assert deployed.asker.post("/v1/entries", SALE, "k").status == 201


def test_each_outcome_is_counted(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    for body, key in [(SALE, "k"), (SALE, "k"), ({}, "l")]:
        deployed.asker.post("/v1/entries", body, key)
    deployed.table.wire.twist("PutItem", unreachable)
    deployed.asker.post("/v1/entries", SALE, "m")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answered = [line for line in lines if line["event"] == "request_answered"]
    assert [{name for name in line if name.startswith("Entries")} for line in answered] == [
        {"EntriesAccepted"},
        {"EntriesReplayed"},
        {"EntriesRefused"},
        {"EntriesFailed"},
    ]


def test_a_query_or_a_type_that_the_route_has_not_is_refused(asker: ApiClient) -> None:
    entry = asker.post("/v1/entries", SALE).json
    for path in ("/v1/entries?dry_run=1", f"/v1/entries/{entry['id']}/reversal?x=1&x=2"):
        assert asker.post(path, SALE).status == 400
    assert asker.get(f"/v1/entries/{entry['id']}?x=").faults == ["x"]
    assert asker.post("/v1/entries", SALE, **{"Content_Type": "text/plain"}).status == 415
