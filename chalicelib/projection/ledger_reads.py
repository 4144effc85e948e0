"""The ledger's table as a rebuild reads it: whole in segments, one merchant by the index, by id."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from chalicelib.projection.authoritative_entries import Place
from chalicelib.storage.batch_get import CONSISTENT_READ, chunks, read_all
from chalicelib.storage.dynamodb_items import MERCHANT_DAY_INDEX, SHARDS, Item, merchant_shard

Answer = TypeVar("Answer")
SEGMENTS = 4
"""Into how many parts a scan is divided: another number needs another form of positions."""


class LedgerReads:
    """The entries table of a deployment; no operation writes.

    Up to `workers` requests go side by side (1: in order, in the caller's thread).
    """

    def __init__(
        self,
        client: Any,
        table: str,
        sleep: Callable[[float], None] = time.sleep,
        workers: int = SEGMENTS,
    ) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep
        self._workers = workers

    def pages(
        self, merchant_id: str | None, place: Place | None
    ) -> tuple[list[list[Item]], Place | None]:
        """Return the next pages of a merchant's items, or (None) of all, and where they go on.

        Place None is the beginning and the end. A merchant's come by the index, all by a parallel
        scan; either may be a moment behind.
        """
        parts = _scans() if merchant_id is None else _queries(merchant_id)
        operation = self._client.scan if merchant_id is None else self._client.query
        left = dict.fromkeys(map(str, range(len(parts)))) if place is None else place

        def ask(part: str) -> Any:
            start = {"ExclusiveStartKey": left[part]} if left[part] else {}
            return operation(TableName=self._table, **parts[int(part)], **start)

        answers = self._side_by_side(ask, list(left))
        further = {
            part: answer["LastEvaluatedKey"]
            for part, answer in zip(left, answers, strict=True)
            if "LastEvaluatedKey" in answer
        }
        return [answer["Items"] for answer in answers if answer["Items"]], further or None

    def owners(self, entry_ids: Sequence[str]) -> dict[str, str]:
        """Return the merchants of those of these entries that the table holds or held lately.

        The reads may be a moment behind, and cost half of those of held().
        """
        result = self._side_by_side(self._glance, list(chunks(entry_ids)))
        return {
            item["entry_id"]["S"]: item["merchant_id"]["S"]
            for items in result
            for item in items
            if "merchant_id" in item and item.get("kind") != {"S": "key"}
        }

    def held(self, entry_ids: Sequence[str]) -> list[Item]:
        """Return the items of these ids as they are now, by consistent reads."""
        return [item for some in chunks(entry_ids) for item in self._read(some)]

    def _glance(self, entry_ids: Sequence[str]) -> list[Item]:
        return self._read(entry_ids, {"ProjectionExpression": "entry_id, kind, merchant_id"})

    def _read(
        self, entry_ids: Sequence[str], how: Mapping[str, Any] = CONSISTENT_READ
    ) -> list[Item]:
        return read_all(self._client, self._table, entry_ids, self._sleep, how)

    def _side_by_side(self, ask: Callable[[Any], Answer], asked: Sequence[Any]) -> list[Answer]:
        if self._workers == 1:
            return list(map(ask, asked))
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(ask, asked))


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
