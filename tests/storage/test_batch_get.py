"""Items by their ids, over the emulated table: what is left unread is asked for again."""

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
    for one in recorded:
        ledger_table.client.put_item(TableName=ledger_table.name, Item=item(one))
    ledger_table.wire.requests.clear()
    return sorted(one.entry_id for one in recorded)


def _unread(entry_ids: list[str]) -> dict[str, Any]:
    keys = [{"entry_id": {"S": one}} for one in entry_ids]
    return {"Responses": {}, "UnprocessedKeys": {"entries": {"Keys": keys}}}


def _ids(items: list[Any]) -> list[str]:
    return sorted(one["entry_id"]["S"] for one in items)


def test_one_request_tells_what_it_left_unread(
    ledger_table: LedgerTable, wanted: list[str]
) -> None:
    items, left = read_once(ledger_table.client, ledger_table.name, [*wanted, "z" * 32])
    assert (_ids(items), left) == (wanted, [])
    ledger_table.wire.twist("BatchGetItem", answering(_unread(wanted[2:])))
    assert read_once(ledger_table.client, ledger_table.name, wanted) == ([], wanted[2:])


def test_what_was_left_unread_is_asked_for_again_in_the_same_way(
    ledger_table: LedgerTable, wanted: list[str]
) -> None:
    paused: list[float] = []
    ledger_table.wire.twist("BatchGetItem", answering(_unread(wanted[2:])))
    result = read_all(ledger_table.client, ledger_table.name, wanted, paused.append)
    assert _ids(result) == wanted[2:]
    query = [request["RequestItems"]["entries"] for request in ledger_table.wire.requests]
    assert [len(one["Keys"]) for one in query] == [5, 3]
    assert all(one["ConsistentRead"] for one in query)
    assert len(paused) == 1


def test_keys_that_stay_unread_are_given_up_after_seconds(
    ledger_table: LedgerTable, wanted: list[str]
) -> None:
    paused: list[float] = []
    ledger_table.wire.twist("BatchGetItem", *[answering(_unread(wanted))] * 20)
    with pytest.raises(LedgerUnavailableError, match="0 of 5 entries"):
        read_all(ledger_table.client, ledger_table.name, wanted, paused.append)
    assert 1 < sum(paused) < 5


def test_ids_come_a_hundred_at_once() -> None:
    ids = [f"{number}" for number in range(201)]
    assert [len(some) for some in chunks(ids)] == [100, 100, 1]
    assert list(chunks([])) == []
