"""The ledger's table as a rebuild reads it: all by a scan, a merchant by the index, or by id."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from chalicelib.ledger.entries import correction_id_of
from chalicelib.projection.authoritative_entries import LedgerCursor
from chalicelib.storage.batch_get import CONSISTENT_READ, chunks, read_all
from chalicelib.storage.day_index import MERCHANT_DAY_INDEX, SHARDS, merchant_shard
from chalicelib.storage.dynamodb_items import Item

Result = TypeVar("Result")
_ENTRY = {"S": "entry"}
SEGMENTS = 64
"""The number of segments of a scan; another number needs another format of checkpoints."""
AT_ONCE = 4
"""The number of pages that are read in parallel; a page has up to 1 MB."""


def segments_of(part: int, parts: int) -> LedgerCursor:
    """Return the beginning of one of several parts of the ledger, which together are all of it."""
    return {str(number): None for number in range(part, SEGMENTS, parts)}


class LedgerReads:
    """The entries table of a deployment; no operation writes.

    Up to `workers` requests run in parallel (1: one after the other, in the caller's thread).
    """

    def __init__(
        self,
        client: Any,
        table: str,
        sleep: Callable[[float], None] = time.sleep,
        workers: int = AT_ONCE,
    ) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep
        self._workers = workers

    def pages(
        self, merchant_id: str | None, cursor: LedgerCursor | None
    ) -> tuple[list[list[Item]], LedgerCursor | None]:
        """Return the next pages of items of a merchant, or of all (None), and where to continue.

        The cursor None is the beginning and the end. A merchant's items are read from the index,
        all items by a parallel scan; both are eventually consistent.
        """
        parts = _scans() if merchant_id is None else _queries(merchant_id)
        operation = self._client.scan if merchant_id is None else self._client.query
        unfinished = dict.fromkeys(map(str, range(len(parts)))) if cursor is None else cursor

        def read(part: str) -> Any:
            start = {"ExclusiveStartKey": unfinished[part]} if unfinished[part] else {}
            return operation(TableName=self._table, **parts[int(part)], **start)

        now, later = list(unfinished)[:AT_ONCE], list(unfinished)[AT_ONCE:]
        responses = self._in_parallel(read, now)
        further = {
            part: response["LastEvaluatedKey"]
            for part, response in zip(now, responses, strict=True)
            if "LastEvaluatedKey" in response
        } | {part: unfinished[part] for part in later}
        return [response["Items"] for response in responses if response["Items"]], further or None

    def owners(self, entry_ids: Sequence[str]) -> dict[str, str]:
        """Return the merchant of each of these entries that the table holds, or held recently.

        The reads are eventually consistent, which costs half as much as those of held().
        """
        batches = self._in_parallel(self._read_owners, list(chunks(entry_ids)))
        return {
            item["entry_id"]["S"]: item["merchant_id"]["S"]
            for items in batches
            for item in items
            if "merchant_id" in item and item.get("kind", _ENTRY) == _ENTRY
        }

    def corrected(self, entry_ids: Sequence[str]) -> set[str]:
        """Return those of these entries whose category was corrected, or was a moment ago."""
        by_id = {correction_id_of(entry_id): entry_id for entry_id in entry_ids}
        batches = self._in_parallel(self._read_owners, list(chunks(list(by_id))))
        return {by_id[item["entry_id"]["S"]] for items in batches for item in items}

    def held(self, entry_ids: Sequence[str]) -> list[Item]:
        """Return the items of these ids as they are now, by consistent reads."""
        return [item for chunk in chunks(entry_ids) for item in self._read(chunk)]

    def _read_owners(self, entry_ids: Sequence[str]) -> list[Item]:
        return self._read(entry_ids, {"ProjectionExpression": "entry_id, kind, merchant_id"})

    def _read(
        self, entry_ids: Sequence[str], options: Mapping[str, Any] = CONSISTENT_READ
    ) -> list[Item]:
        return read_all(self._client, self._table, entry_ids, self._sleep, options)

    def _in_parallel(self, read: Callable[[Any], Result], arguments: Sequence[Any]) -> list[Result]:
        if self._workers == 1:
            return list(map(read, arguments))
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(read, arguments))


def _scans() -> list[dict[str, Any]]:
    return [{"Segment": number, "TotalSegments": SEGMENTS} for number in range(SEGMENTS)]


def _queries(merchant_id: str) -> list[dict[str, Any]]:
    return [
        {
            "IndexName": MERCHANT_DAY_INDEX,
            "KeyConditionExpression": "merchant_shard = :shard",
            "ExpressionAttributeValues": {":shard": {"S": merchant_shard(merchant_id, shard)}},
        }
        for shard in range(SHARDS)
    ]
