"""Batch reads over the emulated table: unprocessed keys are requested again."""

from typing import Any

import pytest

from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.storage.batch_get import chunks, read_all, read_once
from tests.fixtures.ledger_table import LedgerTable, answering
from verification.kit.generators import entries, item


@pytest.fixture
def wanted(ledger_table: LedgerTable) -> list[str]:
    """The ids of five entries that the table holds."""
    recorded = entries(19, 5, ["padaria"])
    ledger_table.put(*map(item, recorded))
    return sorted(entry.entry_id for entry in recorded)


def _unread(entry_ids: list[str]) -> dict[str, Any]:
    keys = [{"entry_id": {"S": entry_id}} for entry_id in entry_ids]
    return {"Responses": {}, "UnprocessedKeys": {"entries": {"Keys": keys}}}


def _ids(items: list[Any]) -> list[str]:
    return sorted(record["entry_id"]["S"] for record in items)


def test_unread_ids_are_requested_again(ledger_table: LedgerTable, wanted: list[str]) -> None:
    paused: list[float] = []
    ledger_table.wire.twist("BatchGetItem", answering(_unread(wanted[2:])))
    result = read_all(ledger_table.client, ledger_table.name, wanted, paused.append)
    assert _ids(result) == wanted[2:]
    requests = [request["RequestItems"]["entries"] for request in ledger_table.wire.requests]
    assert [len(request["Keys"]) for request in requests] == [5, 3]
    assert all(request["ConsistentRead"] for request in requests)
    assert len(paused) == 1


def test_one_request_returns_the_unread_ids(ledger_table: LedgerTable, wanted: list[str]) -> None:
    items, unread = read_once(ledger_table.client, ledger_table.name, [*wanted, "z" * 32])
    assert (_ids(items), unread) == (wanted, [])
    ledger_table.wire.twist("BatchGetItem", answering(_unread(wanted[2:])))
    assert read_once(ledger_table.client, ledger_table.name, wanted) == ([], wanted[2:])


def test_lasting_unread_ids_are_an_error(ledger_table: LedgerTable, wanted: list[str]) -> None:
    paused: list[float] = []
    ledger_table.wire.twist("BatchGetItem", *[answering(_unread(wanted))] * 20)
    with pytest.raises(LedgerUnavailableError, match="0 of 5 entries"):
        read_all(ledger_table.client, ledger_table.name, wanted, paused.append)
    assert 1 < sum(paused) < 5


def test_chunks_have_a_hundred_ids() -> None:
    ids = [f"{number}" for number in range(201)]
    assert [len(chunk) for chunk in chunks(ids)] == [100, 100, 1]
    assert list(chunks([])) == []
