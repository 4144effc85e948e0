"""Reading the ledger's table whole, one merchant, and by id, over the emulated table."""

import json
from itertools import chain
from typing import Any

import pytest

from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.storage.dynamodb_items import IdempotencyRecord, Item, key_item
from tests.fixtures.ledger_table import LedgerTable, answering
from verification.kit.generators import entries, item


@pytest.fixture
def filled(ledger_table: LedgerTable) -> LedgerTable:
    """A table with 120 entries of two merchants, one's name beginning with the other's."""
    for entry in entries(17, 120, ["padaria", "padaria-2"]):
        ledger_table.client.put_item(TableName=ledger_table.name, Item=item(entry))
    ledger_table.wire.calls.clear()
    ledger_table.wire.requests.clear()
    return ledger_table


def _reads(table: LedgerTable) -> LedgerReads:
    return LedgerReads(table.client, table.name, sleep=lambda seconds: None)


def _all(reads: LedgerReads, merchant: str | None = None) -> list[Item]:
    pages, place = reads.pages(merchant, None)
    while place is not None:
        further, place = reads.pages(merchant, json.loads(json.dumps(place)))
        pages += further
    return [*chain(*pages)]


def _ids(items: Any) -> list[str]:
    return sorted(one["entry_id"]["S"] for one in items)


def test_everything_is_every_item_once(filled: LedgerTable) -> None:
    assert _ids(_all(_reads(filled))) == _ids(filled.items())


def test_a_merchants_entries_come_from_the_index_alone(filled: LedgerTable) -> None:
    result = _all(_reads(filled), "padaria")
    wanted = [one for one in filled.items() if one["merchant_id"]["S"] == "padaria"]
    assert set(filled.wire.calls[:4]) == {"Query"}
    assert _ids(result) == _ids(wanted)
    assert all(one in wanted for one in result)


def test_pages_are_followed_to_their_end(filled: LedgerTable) -> None:
    reads = LedgerReads(_SmallPages(filled.client), filled.name)
    assert _ids(_all(reads)) == _ids(filled.items())
    wanted = [one for one in filled.items() if one["merchant_id"]["S"] == "padaria"]
    assert _ids(_all(reads, "padaria")) == _ids(wanted)


def test_items_are_read_by_id_consistently_a_hundred_at_a_time(filled: LedgerTable) -> None:
    wanted = _ids(filled.items())
    filled.wire.requests.clear()
    assert _ids(_reads(filled).held([*wanted, "z" * 32])) == wanted
    query = [request["RequestItems"]["entries"] for request in filled.wire.requests]
    assert [len(one["Keys"]) for one in query] == [100, 21]
    assert all(one["ConsistentRead"] for one in query)


def test_owners_are_the_merchants_of_entries_read_at_half_the_price(filled: LedgerTable) -> None:
    key = IdempotencyRecord(
        "k" * 32, "padaria", "reversal", Fingerprint("plain", None), None, "made"
    )
    filled.client.put_item(TableName=filled.name, Item=key_item(key))
    entries_there = {one["entry_id"]["S"]: one for one in filled.items() if "day" in one}
    filled.wire.requests.clear()
    result = _reads(filled).owners([*entries_there, "z" * 32, key.key_id])
    assert result == {name: one["merchant_id"]["S"] for name, one in entries_there.items()}
    query = [request["RequestItems"]["entries"] for request in filled.wire.requests]
    assert sorted(len(one["Keys"]) for one in query) == [22, 100]
    assert not any("ConsistentRead" in one for one in query)


def test_keys_left_unread_are_asked_for_again(filled: LedgerTable) -> None:
    wanted = _ids(filled.items())[:5]
    keys = [{"entry_id": {"S": one}} for one in wanted]
    unread = {"entries": {"Keys": keys, "ConsistentRead": True}}
    filled.wire.twist("BatchGetItem", answering({"Responses": {}, "UnprocessedKeys": unread}))
    assert _ids(_reads(filled).held(wanted)) == wanted


def test_a_table_that_leaves_keys_unread_for_ever_raises(filled: LedgerTable) -> None:
    unread = {"entries": {"Keys": [{"entry_id": {"S": "z" * 32}}], "ConsistentRead": True}}
    never = answering({"Responses": {}, "UnprocessedKeys": unread})
    filled.wire.twist("BatchGetItem", *[never] * 20)
    with pytest.raises(LedgerUnavailableError, match="0 of 1"):
        _reads(filled).held(["z" * 32])


class _SmallPages:
    """A client whose answers hold seven items at most."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def scan(self, **request: Any) -> Any:
        return self._client.scan(**request, Limit=7)

    def query(self, **request: Any) -> Any:
        return self._client.query(**request, Limit=7)
