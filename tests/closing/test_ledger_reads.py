"""The table as the night reads it: whole days over all shards and pages, ids, and every segment."""

from datetime import date
from typing import Any

import pytest

from chalicelib.closing.ledger_reads import LedgerReads
from chalicelib.ledger.entries import Entry, entry_id
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.storage.dynamodb_items import IdempotencyRecord, key_item, shard_of
from tests.fixtures.ledger_table import LedgerTable, answering
from tests.fixtures.night import YESTERDAY, sale
from verification.kit.generators import item

OTHER_DAY = date(2026, 11, 2)


def reads(table: LedgerTable) -> LedgerReads:
    return LedgerReads(table.client, table.name, pause=lambda _: None)


def put(table: LedgerTable, *entries: Entry) -> None:
    for entry in entries:
        table.client.put_item(TableName=table.name, Item=item(entry))


def put_key(table: LedgerTable, key: str) -> str:
    record = IdempotencyRecord(
        entry_id("padaria", key), "padaria", "erasure", Fingerprint("p", None), None, "x"
    )
    table.client.put_item(TableName=table.name, Item=key_item(record))
    return record.key_id


def test_a_day_is_read_from_all_shards_and_from_no_other_day_or_merchant(
    ledger_table: LedgerTable,
) -> None:
    mine = [sale("padaria", f"{number}") for number in range(20)]
    put(ledger_table, *mine, sale("padaria", "other day", OTHER_DAY), sale("padaria-2", "theirs"))
    put_key(ledger_table, "used")
    result = reads(ledger_table).day_entries("padaria", YESTERDAY)
    assert sorted(one.entry_id for one in result) == sorted(one.entry_id for one in mine)
    assert {shard_of(one.entry_id) for one in mine} == {0, 1, 2, 3}
    assert ledger_table.wire.calls.count("Query") == 4


def test_a_day_of_many_pages_is_read_to_its_end(ledger_table: LedgerTable) -> None:
    first, second = sale("padaria", "1"), sale("padaria", "2")
    last = {"entry_id": {"S": first.entry_id}}
    page = {"Items": [item(first)], "LastEvaluatedKey": last}
    empty: dict[str, Any] = {"Items": []}
    ledger_table.wire.twist("Query", *map(answering, (page, empty, empty, empty)))
    ledger_table.wire.twist("Query", answering({"Items": [item(second)]}))
    result = reads(ledger_table).day_entries("padaria", YESTERDAY)
    assert {one.entry_id for one in result} == {first.entry_id, second.entry_id}


def test_entries_are_read_by_id_and_keys_are_none(ledger_table: LedgerTable) -> None:
    mine = [sale("padaria", f"{number}") for number in range(120)]
    put(ledger_table, *mine)
    key_id = put_key(ledger_table, "used")
    result = reads(ledger_table).held([*(one.entry_id for one in mine), key_id, "a" * 32])
    assert {one.entry_id: one for one in result} == {one.entry_id: one for one in mine}
    query = [request for request in ledger_table.wire.requests if "RequestItems" in request]
    assert [one["RequestItems"]["entries"]["ConsistentRead"] for one in query] == [True, True]


def test_what_the_table_left_unread_is_asked_for_again(ledger_table: LedgerTable) -> None:
    one = sale("padaria", "1")
    put(ledger_table, one)
    unread = {"entries": {"Keys": [{"entry_id": {"S": one.entry_id}}], "ConsistentRead": True}}
    ledger_table.wire.twist("BatchGetItem", answering({"Responses": {}, "UnprocessedKeys": unread}))
    assert reads(ledger_table).held([one.entry_id]) == [one]
    left = answering({"Responses": {}, "UnprocessedKeys": unread})
    ledger_table.wire.twist("BatchGetItem", *[left] * 6)
    with pytest.raises(LedgerUnavailableError):
        reads(ledger_table).held([one.entry_id])


def test_the_segments_together_are_the_table_and_no_entry_is_in_two(
    ledger_table: LedgerTable,
) -> None:
    mine = [sale("padaria", f"{number}") for number in range(40)]
    put(ledger_table, *mine)
    put_key(ledger_table, "used")
    pages = [reads(ledger_table).segment(number, 7, None) for number in range(7)]
    result = [entry.entry_id for page in pages for entry in page.entries]
    assert sorted(result) == sorted(one.entry_id for one in mine)


def test_a_segment_goes_on_where_its_last_page_ended(ledger_table: LedgerTable) -> None:
    one = sale("padaria", "1")
    last = {"entry_id": {"S": one.entry_id}}
    ledger_table.wire.twist("Scan", answering({"Items": [item(one)], "LastEvaluatedKey": last}))
    page = reads(ledger_table).segment(3, 120, None)
    assert page.next_start == one.entry_id
    reads(ledger_table).segment(3, 120, page.next_start)
    request = ledger_table.wire.requests[-1]
    assert (request["Segment"], request["TotalSegments"], request["ExclusiveStartKey"]) == (
        3,
        120,
        last,
    )


def test_the_newest_entry_of_a_day_is_known_by_its_recording(ledger_table: LedgerTable) -> None:
    assert reads(ledger_table).newest_recorded("padaria", YESTERDAY) is None
    first, second = (
        sale("padaria", "1"),
        sale("padaria", "2", recorded=sale("p", "x", OTHER_DAY).recorded_at),
    )
    put(ledger_table, first, second)
    assert reads(ledger_table).newest_recorded("padaria", YESTERDAY) == first.recorded_at


def test_an_item_that_is_no_entry_stops_the_reading(ledger_table: LedgerTable) -> None:
    broken = item(sale("padaria", "1"))
    del broken["amount_minor"]
    ledger_table.client.put_item(TableName=ledger_table.name, Item=broken)
    with pytest.raises(KeyError, match="amount_minor"):
        reads(ledger_table).day_entries("padaria", YESTERDAY)
