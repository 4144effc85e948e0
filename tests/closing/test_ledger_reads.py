"""Reads of the entries table: whole days over all shards and pages, ids, and every segment."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.closing.errors import MalformedItemError
from chalicelib.closing.ledger_reads import LedgerReads
from chalicelib.closing.ports import Page
from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.ledger.entries import Entry, entry_id, without_texts
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.storage.day_index import shard_of
from chalicelib.storage.dynamodb_items import IdempotencyRecord, key_item
from tests.fixtures.ledger_table import LedgerTable, answering
from tests.fixtures.night import YESTERDAY, sale
from tests.fixtures.projection import printed
from verification.kit.generators import NOON, item

OTHER_DAY, PAST = date(2026, 11, 2), date(2026, 11, 1)


def reads(table: LedgerTable) -> LedgerReads:
    return LedgerReads(table.client, table.name)


def key_record() -> IdempotencyRecord:
    fingerprint, name = Fingerprint("p", None), entry_id("padaria", "used")
    return IdempotencyRecord(name, "padaria", "erasure", fingerprint, None, "x")


def ids(entries: Iterable[Entry]) -> list[str]:
    return sorted(entry.entry_id for entry in entries)


def test_day_is_read_from_all_shards(ledger_table: LedgerTable) -> None:
    entries = [sale("padaria", f"{number}") for number in range(20)]
    others = sale("padaria", "other day", OTHER_DAY), sale("padaria-2", "other merchant")
    ledger_table.put(*map(item, [*entries, *others]), key_item(key_record()))
    assert ids(reads(ledger_table).day_entries("padaria", YESTERDAY)) == ids(entries)
    assert {shard_of(entry.entry_id) for entry in entries} == {0, 1, 2, 3}
    assert ledger_table.wire.calls.count("Query") == 4


def test_day_of_many_pages_is_read_completely(ledger_table: LedgerTable) -> None:
    first, second = sale("padaria", "1"), sale("padaria", "2")
    page = {"Items": [item(first)], "LastEvaluatedKey": {"entry_id": {"S": first.entry_id}}}
    empty: dict[str, Any] = {"Items": []}
    pages = (page, empty, empty, empty, {"Items": [item(second)]})
    ledger_table.wire.twist("Query", *map(answering, pages))
    assert ids(reads(ledger_table).day_entries("padaria", YESTERDAY)) == ids([first, second])


def test_merchants_without_entries_of_a_day(ledger_table: LedgerTable) -> None:
    sold = [sale("padaria", "1"), sale("kiosk", "1", OTHER_DAY), sale("kiosk-2", "1")]
    ledger_table.put(*map(item, sold), key_item(key_record()))
    names = ["padaria", "kiosk", "nobody"]
    assert reads(ledger_table).without_entries(names, YESTERDAY) == {"kiosk", "nobody"}
    assert ledger_table.wire.calls.count("Query") == 12
    assert {request["Limit"] for request in ledger_table.wire.requests} == {1}


def test_empty_page_before_the_last_proves_nothing(ledger_table: LedgerTable) -> None:
    page = {"Items": [], "LastEvaluatedKey": {"entry_id": {"S": "a" * 32}}}
    ledger_table.wire.twist("Query", answering(page))
    assert reads(ledger_table).without_entries(["padaria"], YESTERDAY) == set()


def test_entries_are_read_consistently_by_id(ledger_table: LedgerTable) -> None:
    entries = [sale("padaria", f"{number}") for number in range(120)]
    ledger_table.put(*map(item, entries), key_item(key_record()))
    result = reads(ledger_table).get_entries([*ids(entries), key_record().key_id, "a" * 32])
    assert sorted(result) == sorted(entries)
    requests = [request["RequestItems"]["entries"] for request in ledger_table.wire.requests]
    assert [request["ConsistentRead"] for request in requests] == [True, True]


def test_segments_partition_the_table(ledger_table: LedgerTable) -> None:
    entries = [sale("padaria", f"{number}") for number in range(40)]
    ledger_table.put(*map(item, entries), key_item(key_record()))
    pages = [reads(ledger_table).segment(number, 7, None) for number in range(7)]
    assert ids(entry for page in pages for entry in page.entries) == ids(entries)


def test_segment_continues_after_its_last_page(ledger_table: LedgerTable) -> None:
    entry = sale("padaria", "1")
    last = {"entry_id": {"S": entry.entry_id}}
    ledger_table.wire.twist("Scan", answering({"Items": [item(entry)], "LastEvaluatedKey": last}))
    page = reads(ledger_table).segment(3, 120, None)
    assert page.next_start == entry.entry_id
    reads(ledger_table).segment(3, 120, page.next_start)
    request = ledger_table.wire.requests[-1]
    assert (request["Segment"], request["TotalSegments"]) == (3, 120)
    assert request["ExclusiveStartKey"] == last


def test_newest_recorded_entry_of_a_day(ledger_table: LedgerTable) -> None:
    newest, earlier = sale("padaria", "1"), sale("p", "x", OTHER_DAY).recorded_at
    nonsense = item(sale("padaria", "nonsense")) | {"recorded_at": {"S": "yesterday"}}
    ledger_table.put(item(newest), item(sale("padaria", "2", recorded=earlier)), nonsense)
    a_second_later = newest.recorded_at + timedelta(seconds=1)

    def recorded(after: datetime, before: datetime) -> datetime | None:
        return reads(ledger_table).newest_recorded("padaria", YESTERDAY, after, before)

    assert recorded(earlier, newest.recorded_at) == earlier
    assert recorded(earlier, a_second_later) == newest.recorded_at
    assert recorded(a_second_later, a_second_later + timedelta(days=1)) is None


@pytest.mark.parametrize("attribute", ["amount_minor", "kind", "recorded_at"])
def test_malformed_item_fails_only_its_day(ledger_table: LedgerTable, attribute: str) -> None:
    sound, broken = sale("padaria", "2"), item(sale("padaria", "1"))
    del broken[attribute]
    ledger_table.put(item(sound), broken)
    assert reads(ledger_table).segment(0, 1, None) == Page([sound], None)
    if attribute != "kind":  # the day's index holds entries alone
        with pytest.raises(MalformedItemError, match=attribute):
            reads(ledger_table).day_entries("padaria", YESTERDAY)


def test_oldest_recorded_entry_of_a_day(
    ledger_table: LedgerTable, capsys: pytest.CaptureFixture[str]
) -> None:
    oldest, earlier = sale("padaria", "1"), sale("padaria", "2", OTHER_DAY)
    newer = sale("padaria", "3", recorded=oldest.recorded_at + timedelta(hours=1))
    broken = item(sale("padaria", "4", recorded=earlier.recorded_at))
    del broken["amount_minor"]
    nonsense = item(sale("padaria", "5", PAST)) | {"recorded_at": {"S": "yesterday"}}
    moved = item(earlier) | {"day_entry": {"S": f"{PAST}#{earlier.entry_id}"}}
    ledger_table.put(*map(item, (newer, oldest)), broken, nonsense, moved)
    recorded = reads(ledger_table).oldest_recorded
    assert recorded("padaria", YESTERDAY) == oldest.recorded_at
    assert recorded("padaria", PAST) is None
    logged = [line["entry_id"] for line in printed(capsys) if line["event"] == "entry_unreadable"]
    assert logged == [broken["entry_id"]["S"], nonsense["entry_id"]["S"]]


def test_impossible_days_are_not_listed(
    ledger_table: LedgerTable, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [sale("padaria", f"{n}") for n in range(5)]
    false_days = ("2026-02-31", "2026-1", "00", "2025-W01-1", "20251122")
    broken = [item(sale("padaria", f"false {day}")) for day in false_days]
    for day, each in zip(false_days, broken, strict=True):
        each["day_entry"] = {"S": f"{day}#{each['entry_id']['S']}"}
    ledger_table.put(*map(item, entries), *broken)
    assert reads(ledger_table).days_between("padaria", None, YESTERDAY) == [YESTERDAY]
    logged = [line["entry_id"] for line in printed(capsys) if line["event"] == "entry_unreadable"]
    assert sorted(logged) == sorted(each["entry_id"]["S"] for each in broken)


def test_days_with_entries_are_listed(ledger_table: LedgerTable) -> None:
    days = [date(2021, 11, 23), OTHER_DAY, YESTERDAY]
    entries = [sale("padaria", f"{day}{n}", day) for day in days for n in range(5)]
    ledger_table.put(*map(item, [*entries, sale("padaria-2", "a", date(2020, 1, 1))]))
    listed = reads(ledger_table).days_between
    assert listed("padaria", None, YESTERDAY) == days
    assert listed("padaria", OTHER_DAY, YESTERDAY) == [YESTERDAY]
    assert listed("padaria", None, OTHER_DAY) == days[:2]
    assert listed("padaria", YESTERDAY, OTHER_DAY) == listed("rival", None, YESTERDAY) == []


def test_table_without_entries_is_empty(ledger_table: LedgerTable) -> None:
    assert reads(ledger_table).is_empty()
    ledger_table.put(key_item(key_record()))
    assert reads(ledger_table).is_empty()
    ledger_table.put(item(sale("padaria", "1")))
    assert not reads(ledger_table).is_empty()


def test_moment_of_an_erasure_is_read(ledger_table: LedgerTable) -> None:
    repository = EntryRepository(ledger_table.client, ledger_table.name)
    first, second = sale("padaria", "1"), sale("padaria", "2")
    ledger_table.put(item(first), item(without_texts(second)))  # the second by an earlier release
    repository.erase_texts(first.entry_id, key_record(), NOON)
    erased = partial(reads(ledger_table).erased_since, [first.entry_id, second.entry_id])
    assert erased(NOON) == {first.entry_id}
    assert erased(NOON + timedelta(seconds=1)) == set()
