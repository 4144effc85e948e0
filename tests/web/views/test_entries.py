"""Entries over HTTP, from the gateway's event to the ledger's table and back."""

import json
from typing import Any

import pytest

from tests.fixtures.ledger_table import unreachable
from tests.web.asking import Asker
from tests.web.conftest import Deployed

SALE = {"type": "credit", "amount": "150.75"}
YESTERDAY = "2026-11-22T23:30:00.5-03:00"


@pytest.fixture
def asker(deployed: Deployed) -> Asker:
    return deployed.asker


def test_an_entry_is_answered_as_the_contract_shows_it(asker: Asker) -> None:
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
    told = asker.post("/v1/entries", sent)
    assert told.status == 201
    assert told.headers["Location"] == f"/v1/entries/{told.json['id']}"
    assert "Idempotent-Replayed" not in told.headers
    assert told.json == sent | {
        "id": told.json["id"],
        "day": "2026-11-22",
        "description": "Venda balcão",
        "recorded_at": told.json["recorded_at"],
        "recorded_by": "joana",
        "reverses": None,
        "reversed_by": None,
    }
    assert list(told.json)[:3] == ["id", "type", "amount"]


def test_what_is_left_out_or_null_has_its_default(asker: Asker) -> None:
    nulls = dict.fromkeys(["currency", "account", "occurred_at", "description", "metadata"])
    for body in (SALE, SALE | nulls, SALE | {"metadata": {"order": None}}):
        told = asker.post("/v1/entries", body).json
        assert (told["currency"], told["account"]) == ("BRL", "main")
        assert (told["description"], told["category"], told["metadata"]) == (None, None, {})
        assert told["occurred_at"].endswith("-03:00")
        assert told["day"] == told["occurred_at"][:10]


def test_the_same_request_is_answered_as_at_first_and_says_so(asker: Asker) -> None:
    first = asker.post("/v1/entries", SALE, "k")
    again = asker.post("/v1/entries", '{ "amount": "150.75",\n "type": "credit" }', "k")
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]


@pytest.mark.parametrize("other", [{"amount": "1.00"}, {"account": "main"}, {"account": None}])
def test_a_key_for_another_body_is_refused(asker: Asker, other: dict[str, Any]) -> None:
    asker.post("/v1/entries", SALE, "k")
    told = asker.post("/v1/entries", SALE | other, "k")
    assert (told.status, told.json["type"]) == (422, "urn:problem-type:livro-caixa:key-reused")
    assert told.faults == ["Idempotency-Key"]


def test_a_refused_request_uses_no_key_up(asker: Asker) -> None:
    assert asker.post("/v1/entries", {"type": "credit"}, "k").status == 422
    assert asker.post("/v1/entries", SALE, "k").status == 201


def test_a_key_belongs_to_a_merchant(asker: Asker) -> None:
    ours = asker.post("/v1/entries", SALE, "k")
    theirs = Asker("rival").post("/v1/entries", SALE | {"amount": "1.00"}, "k")
    assert (ours.status, theirs.status) == (201, 201)
    assert ours.json["id"] != theirs.json["id"]


@pytest.mark.parametrize("key", [None, "a b", "ç", "a" * 256])
def test_a_key_that_is_missing_or_none_is_a_fault_of_the_header(asker: Asker, key: Any) -> None:
    told = asker.post("/v1/entries?x=1", SALE, key)
    assert (told.status, told.faults) == (400, ["Idempotency-Key", "x"])


def test_a_reversal_undoes_an_entry_and_both_know_it(asker: Asker) -> None:
    entry = asker.post("/v1/entries", SALE | {"occurred_at": YESTERDAY}).json
    path = f"/v1/entries/{entry['id']}"
    told = asker.post(f"{path}/reversal", {"reason": "Devolvido"}, "r")
    assert told.status == 201
    assert told.headers["Location"] == f"/v1/entries/{told.json['id']}"
    undone = {name: told.json[name] for name in ("type", "amount", "description", "reverses")}
    assert undone == {
        "type": "debit",
        "amount": "150.75",
        "description": "Devolvido",
        "reverses": entry["id"],
    }
    assert asker.get(path).json == entry | {"reversed_by": told.json["id"]}
    again = asker.post(f"{path}/reversal", {"reason": "Devolvido"}, "r")
    assert (again.json, again.headers["Idempotent-Replayed"]) == (told.json, "true")


def test_an_entry_is_reversed_once_and_a_reversal_never(asker: Asker) -> None:
    entry = asker.post("/v1/entries", SALE).json
    path = f"/v1/entries/{entry['id']}/reversal"
    reversal = asker.post(path, {"reason": "x"}).json
    second = asker.post(path, {"reason": "x"})
    of_it = asker.post(f"/v1/entries/{reversal['id']}/reversal", {"reason": "x"})
    assert (second.status, of_it.status) == (409, 409)
    assert second.json["type"] == "urn:problem-type:livro-caixa:already-reversed"
    assert of_it.json["type"] == "urn:problem-type:livro-caixa:reversal-of-reversal"


def test_keys_are_one_space_for_entries_and_reversals(asker: Asker) -> None:
    entry = asker.post("/v1/entries", SALE, "e").json
    path = f"/v1/entries/{entry['id']}/reversal"
    assert asker.post(path, {"reason": "x"}, "e").status == 422
    assert asker.post(path, {"reason": "x"}, "r").status == 201
    assert asker.post("/v1/entries", SALE, "r").status == 422


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"reason": "  "}, {"reason": "a" * 201}])
def test_a_reversal_needs_a_reason(asker: Asker, body: Any) -> None:
    entry = asker.post("/v1/entries", SALE).json
    told = asker.post(f"/v1/entries/{entry['id']}/reversal", body)
    assert (told.status, told.faults) == (422, ["reason"])


@pytest.mark.parametrize("entry_id", ["a" * 32, "nothing", "%2e%2e", "A" * 32, "batch2"])
def test_what_is_no_entry_is_not_found(asker: Asker, entry_id: str) -> None:
    assert asker.get(f"/v1/entries/{entry_id}").status == 404
    assert asker.post(f"/v1/entries/{entry_id}/reversal", {"reason": "x"}).status == 404


def test_another_merchants_entry_is_as_if_it_did_not_exist(asker: Asker) -> None:
    entry = asker.post("/v1/entries", SALE).json
    told = Asker("rival").get(f"/v1/entries/{entry['id']}")
    nowhere = Asker("rival").get(f"/v1/entries/{'a' * 32}")
    assert told.status == 404
    assert told.json["detail"] == nowhere.json["detail"]
    reversal = f"/v1/entries/{entry['id']}/reversal"
    assert Asker("rival").post(reversal, {"reason": "x"}).status == 404


def test_an_entry_that_was_read_is_not_sent_again(asker: Asker) -> None:
    entry = asker.post("/v1/entries", SALE).json
    path = f"/v1/entries/{entry['id']}"
    first = asker.get(path)
    again = asker.get(path, if_none_match=first.headers["ETag"])
    assert (again.status, again.text) == (304, "")
    assert again.headers["ETag"] == first.headers["ETag"]
    asker.post(f"{path}/reversal", {"reason": "x"})
    assert asker.get(path, if_none_match=first.headers["ETag"]).status == 200


def test_a_part_of_a_path_may_be_percent_encoded(asker: Asker) -> None:
    entry = asker.post("/v1/entries", SALE).json
    encoded = "".join(f"%{ord(character):02X}" for character in entry["id"])
    assert asker.get(f"/v1/entries/{encoded}").json == entry


def test_an_unreachable_ledger_is_told_and_worth_another_try(deployed: Deployed) -> None:
    deployed.table.wire.twist("PutItem", unreachable)
    told = deployed.asker.post("/v1/entries", SALE, "k")
    assert (told.status, told.headers["Retry-After"]) == (503, "1")
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


def test_a_query_or_a_type_that_the_route_has_not_is_refused(asker: Asker) -> None:
    entry = asker.post("/v1/entries", SALE).json
    for path in ("/v1/entries?dry_run=1", f"/v1/entries/{entry['id']}/reversal?x=1&x=2"):
        assert asker.post(path, SALE).status == 400
    assert asker.get(f"/v1/entries/{entry['id']}?x=").faults == ["x"]
    assert asker.post("/v1/entries", SALE, **{"Content_Type": "text/plain"}).status == 415
