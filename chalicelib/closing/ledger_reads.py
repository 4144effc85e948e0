"""Read the entries table: a day by the index, entries by id, segments by scans."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from chalicelib import observability
from chalicelib.closing.errors import MalformedItemError
from chalicelib.closing.ports import Page
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.entries import Entry, correction_id_of
from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.instants import parse_instant
from chalicelib.storage.batch_get import chunks, read_all
from chalicelib.storage.category_items import is_correction, item_correction
from chalicelib.storage.day_index import MERCHANT_DAY_INDEX, SHARDS, merchant_shard
from chalicelib.storage.dynamodb_items import ERASED_AT, Item, is_entry, item_entry

Sent = TypeVar("Sent")
Read = TypeVar("Read")
_SAMPLE = 250
_QUERIES_AT_ONCE = 16
"""As many as the client has connections."""
_MALFORMED = (KeyError, TypeError, ValueError)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_BETWEEN = "merchant_shard = :shard AND day_entry BETWEEN :low AND :high"


class LedgerReads:
    """The reads of a deployment's table; `pause` takes seconds.

    Up to `workers` queries of a day run at the same time (1: in order, in the caller's thread).
    """

    def __init__(
        self,
        client: Any,
        table: str,
        pause: Callable[[float], None] = time.sleep,
        workers: int = SHARDS,
    ) -> None:
        self._client = client
        self._table = table
        self._pause = pause
        self._workers = workers

    def day_entries(self, merchant_id: str, day: date) -> list[Entry]:
        """Return a day's entries by the index: one query per shard and page."""
        return [_entry(item) for item in self._day_items(merchant_id, day)]

    def oldest_recorded(self, merchant_id: str, day: date) -> datetime | None:
        """Return when the oldest of a day's entries was recorded, by the index; None without any.

        Items that cannot be read, or are of another day, are passed over; the first are logged.
        """
        entries = filter(None, map(_readable_entry, self._day_items(merchant_id, day)))
        mine = (entry for entry in entries if (entry.merchant_id, entry.day) == (merchant_id, day))
        return min((entry.recorded_at for entry in mine), default=None)

    def without_entries(self, merchants: Sequence[str], day: date) -> set[str]:
        """Return those of these merchants that have no entry of a day in the index."""

        def has_entries(query: tuple[str, dict[str, Any]]) -> set[str]:
            page = self._query({**query[1], "Limit": 1, "ProjectionExpression": "entry_id"})
            return {query[0]} if page["Items"] or "LastEvaluatedKey" in page else set()

        queries = [(merchant, query) for merchant in merchants for query in _queries(merchant, day)]
        return set(merchants).difference(*self._each(has_entries, queries, _QUERIES_AT_ONCE))

    def is_empty(self) -> bool:
        """Return whether the table holds no entry."""
        page = self.segment(0, 1, None)
        while not page.entries and page.next_start is not None:
            page = self.segment(0, 1, page.next_start)
        return not page.entries

    def days_between(self, merchant_id: str, after: date | None, until: date) -> list[date]:
        """Return the days after `after` (None: all) up to `until` with entries in the index.

        Items whose key has no day are logged and passed over.
        """
        days: set[date] = set()
        for shard in range(SHARDS):
            day = after
            while (
                day := self._next_day(merchant_shard(merchant_id, shard), day, until)
            ) is not None:
                days.add(day)
        return sorted(days)

    def newest_recorded(
        self, merchant_id: str, day: date, after: datetime, before: datetime
    ) -> datetime | None:
        """Return the last time between two moments at which an entry of a day was recorded, if any.

        Of a large day, only 1,000 entries are read. Malformed items are left out; reading the whole
        day reports them.
        """
        moments: list[datetime] = []
        for query in _queries(merchant_id, day):
            page = self._query({**query, "Limit": _SAMPLE, "ProjectionExpression": "recorded_at"})
            moments += filter(None, map(_recorded_at, page["Items"]))
        return max((moment for moment in moments if after <= moment < before), default=None)

    def get_entries(self, entry_ids: Sequence[str]) -> list[Entry]:
        """Return those of these entries that exist, by consistent reads."""
        return [_entry(item) for item in self._consistent_items(entry_ids) if is_entry(item)]

    def corrections(self, entry_ids: Sequence[str]) -> list[CategoryCorrection]:
        """Return the corrections of these entries' categories, by consistent reads."""
        ids = [correction_id_of(entry_id) for entry_id in entry_ids]
        return _corrections(self._consistent_items(ids))

    def erased_since(self, entry_ids: Sequence[str], since: datetime) -> set[str]:
        """Return those of these entries whose texts were erased since, by consistent reads."""
        items = self._consistent_items(entry_ids)
        return {item["entry_id"]["S"] for item in items if _erased_at(item) >= since}

    def segment(self, number: int, of: int, start: str | None) -> Page:
        """Return a page of a segment, of up to 1 MB; items that cannot be read are logged."""
        request: dict[str, Any] = {"Segment": number, "TotalSegments": of}
        if start is not None:
            request["ExclusiveStartKey"] = {"entry_id": {"S": start}}
        page = self._client.scan(TableName=self._table, **request)
        entries = filter(None, map(_readable_entry, page["Items"]))
        last = page.get("LastEvaluatedKey")
        next_start = last["entry_id"]["S"] if last else None
        return Page(list(entries), next_start, tuple(_corrections(page["Items"])))

    def _consistent_items(self, ids: Sequence[str]) -> Iterator[Item]:
        for chunk in chunks(ids):
            yield from read_all(self._client, self._table, chunk, self._pause)

    def _day_items(self, merchant_id: str, day: date) -> list[Item]:
        queries = _queries(merchant_id, day)
        shards = self._each(lambda query: list(self._pages(query)), queries, self._workers)
        return [item for items in shards for item in items]

    def _each(
        self, read: Callable[[Sent], Read], queries: Sequence[Sent], at_once: int
    ) -> list[Read]:
        if self._workers == 1:
            return [read(query) for query in queries]
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(read, queries))

    def _next_day(self, shard: str, after: date | None, until: date) -> date | None:
        # Ids consist of a-z and 2-7, so every entry of a day is below "<day>#~".
        low, high = f"{after}#~" if after else "0", f"{until}#~"
        while low < high:
            request = {
                "KeyConditionExpression": _BETWEEN,
                "ExpressionAttributeValues": {
                    ":shard": {"S": shard},
                    ":low": {"S": low},
                    ":high": {"S": high},
                },
                "ProjectionExpression": "entry_id, day_entry",
                "Limit": 1,
            }
            items = self._query(request)["Items"]
            day = _day_of(items[0]) if items else None
            if day is not None or not items:
                return day
            low = f"{items[0]['day_entry']['S']}!"  # after this item
        return None

    def _pages(self, query: dict[str, Any]) -> Iterator[Item]:
        while True:
            page = self._query(query)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            query = {**query, "ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _query(self, query: dict[str, Any]) -> Any:
        return self._client.query(TableName=self._table, IndexName=MERCHANT_DAY_INDEX, **query)


def _entry(item: Item) -> Entry:
    try:
        return item_entry(item)
    except _MALFORMED as error:
        raise MalformedItemError(
            f"The item {item['entry_id']['S']} must be a complete entry: {error!r}."
        ) from error


def _readable_entry(item: Item) -> Entry | None:
    try:
        return item_entry(item) if is_entry(item) else None
    except _MALFORMED as error:
        _report_unreadable(item, repr(error))
        return None


def _corrections(items: Iterable[Item]) -> list[CategoryCorrection]:
    corrections = []
    for item in items:
        try:
            corrections += [item_correction(item)] if is_correction(item) else []
        except _MALFORMED as error:
            _report_unreadable(item, repr(error))
    return corrections


def _day_of(item: Item) -> date | None:
    text = item["day_entry"]["S"].partition("#")[0]
    try:
        return parse_day(text)
    except ValidationError as error:
        _report_unreadable(item, error.detail)
        return None


def _report_unreadable(item: Item, reason: str) -> None:
    observability.log("entry_unreadable", entry_id=item["entry_id"]["S"], reason=reason)
    observability.count("EntriesUnreadable")


def _recorded_at(item: Item) -> datetime | None:
    try:
        return parse_instant(item["recorded_at"]["S"])
    except (KeyError, ValidationError):
        return None


def _erased_at(item: Item) -> datetime:
    # Erasures by earlier releases have no moment; they were long ago.
    return datetime.fromisoformat(item[ERASED_AT]["S"]) if ERASED_AT in item else _LONG_AGO


def _queries(merchant_id: str, day: date) -> list[dict[str, Any]]:
    return [
        {
            "KeyConditionExpression": "merchant_shard = :shard AND begins_with(day_entry, :day)",
            "ExpressionAttributeValues": {
                ":shard": {"S": merchant_shard(merchant_id, shard)},
                ":day": {"S": f"{day.isoformat()}#"},
            },
        }
        for shard in range(SHARDS)
    ]
