"""Read the whole table, one merchant, and single ids, from an emulated table."""

import json
from itertools import chain
from typing import Any

import pytest

from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.storage.dynamodb_items import IdempotencyRecord, Item, key_item
from tests.fixtures.ledger_table import LedgerTable
from verification.kit.generators import entries, item


@pytest.fixture
def filled(ledger_table: LedgerTable) -> LedgerTable:
    """A table with 120 entries of two merchants, where one name begins with the other."""
    ledger_table.put(*map(item, entries(17, 120, ["padaria", "padaria-2"])))
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
    return sorted(row["entry_id"]["S"] for row in items)


def test_all_pages_of_a_scan_are_read(filled: LedgerTable) -> None:
    for client in (filled.client, _SmallPages(filled.client)):
        assert _ids(_all(LedgerReads(client, filled.name))) == _ids(filled.items())


def test_a_merchant_is_read_from_the_index(filled: LedgerTable) -> None:
    result = _all(_reads(filled), "padaria")
    assert set(filled.wire.calls) == {"Query"}
    wanted = [row for row in filled.items() if row["merchant_id"]["S"] == "padaria"]
    assert _ids(result) == _ids(wanted)
    assert all(row in wanted for row in result)
    by_small_pages = _all(LedgerReads(_SmallPages(filled.client), filled.name), "padaria")
    assert _ids(by_small_pages) == _ids(wanted)


def test_ids_are_read_consistently_by_hundreds(filled: LedgerTable) -> None:
    wanted = _ids(filled.items())
    filled.wire.requests.clear()
    assert _ids(_reads(filled).held([*wanted, "z" * 32])) == wanted
    requests = [request["RequestItems"]["entries"] for request in filled.wire.requests]
    assert [len(request["Keys"]) for request in requests] == [100, 21]
    assert all(request["ConsistentRead"] for request in requests)


def test_owners_are_read_at_half_price(filled: LedgerTable) -> None:
    key = IdempotencyRecord(
        "k" * 32, "padaria", "reversal", Fingerprint("plain", None), None, "made"
    )
    rows = {row["entry_id"]["S"]: row for row in filled.items()}
    filled.put(key_item(key))
    result = _reads(filled).owners([*rows, "z" * 32, key.key_id])
    assert result == {name: row["merchant_id"]["S"] for name, row in rows.items()}
    requests = [request["RequestItems"]["entries"] for request in filled.wire.requests]
    assert sorted(len(request["Keys"]) for request in requests) == [22, 100]
    assert not any("ConsistentRead" in request for request in requests)


class _SmallPages:
    """A client whose responses hold at most seven items."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def scan(self, **request: Any) -> Any:
        return self._client.scan(**request, Limit=7)

    def query(self, **request: Any) -> Any:
        return self._client.query(**request, Limit=7)
