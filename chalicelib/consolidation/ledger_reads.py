"""The entries table as the night reads it: a day by the index, entries by id, segments by scans."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

from chalicelib.consolidation.ports import Page
from chalicelib.entry_items import (
    MERCHANT_DAY_INDEX,
    SHARDS,
    Item,
    is_entry,
    item_entry,
    merchant_shard,
)
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import LedgerUnavailable

KEYS_AT_ONCE = 100
_SAMPLE = 250
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class LedgerReads:
    """The reads of a deployment's table; no operation writes. `pause` waits for seconds.

    Up to `workers` queries of a day go side by side (1: in order, in the caller's thread).
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
        """Return a day's entries by the index: one query a shard, and one more each full page."""
        with ThreadPoolExecutor(self._workers) as pool:
            ask_all = pool.map if self._workers > 1 else map
            found = ask_all(lambda asked: list(self._pages(asked)), _queries(merchant_id, day))
            return [item_entry(item) for items in found for item in items]

    def newest_recorded(self, merchant_id: str, day: date) -> datetime | None:
        """Return when the newest of up to 1,000 entries of a day was recorded."""
        moments: list[datetime] = []
        for asked in _queries(merchant_id, day):
            answer = self._query({**asked, "Limit": _SAMPLE, "ProjectionExpression": "recorded_at"})
            moments += [
                datetime.fromisoformat(item["recorded_at"]["S"]) for item in answer["Items"]
            ]
        return max(moments, default=None)

    def held(self, entry_ids: Sequence[str]) -> list[Entry]:
        """Return those of these entries that the table holds now."""
        found: list[Entry] = []
        for start in range(0, len(entry_ids), KEYS_AT_ONCE):
            items = self._batch(entry_ids[start : start + KEYS_AT_ONCE])
            found += [item_entry(item) for item in items if is_entry(item)]
        return found

    def segment(self, number: int, of: int, start: str | None) -> Page:
        """Return a page of a segment, up to 1 MB of it."""
        asked: dict[str, Any] = {"Segment": number, "TotalSegments": of}
        if start is not None:
            asked["ExclusiveStartKey"] = {"entry_id": {"S": start}}
        answer = self._client.scan(TableName=self._table, **asked)
        entries = [item_entry(item) for item in answer["Items"] if is_entry(item)]
        last = answer.get("LastEvaluatedKey")
        return Page(entries, last["entry_id"]["S"] if last else None)

    def _pages(self, asked: dict[str, Any]) -> Iterator[Item]:
        while True:
            answer = self._query(asked)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            asked = {**asked, "ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _query(self, asked: dict[str, Any]) -> Any:
        return self._client.query(TableName=self._table, IndexName=MERCHANT_DAY_INDEX, **asked)

    def _batch(self, entry_ids: Sequence[str]) -> list[Item]:
        keys = [{"entry_id": {"S": entry_id}} for entry_id in entry_ids]
        asked: Any = {self._table: {"Keys": keys, "ConsistentRead": True}}
        found: list[Item] = []
        for seconds in _PAUSES:
            answer = self._client.batch_get_item(RequestItems=asked)
            found += answer["Responses"].get(self._table, [])
            asked = answer.get("UnprocessedKeys")
            if not asked:
                return found
            self._pause(seconds)
        raise LedgerUnavailable(f"The ledger gave {len(found)} of {len(entry_ids)} entries.")


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
