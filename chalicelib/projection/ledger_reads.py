"""The ledger's table as a rebuild reads it: whole in segments, one merchant by the index, by id."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.entry_items import MERCHANT_DAY_INDEX, SHARDS, Item, merchant_shard

SEGMENTS = 4
KEYS_AT_ONCE = 100
_TRIES = 8


class LedgerDoesNotKeepUp(Exception):
    """The table went on leaving keys unread; the rebuild can be run again."""


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

    def everything(self) -> Iterator[list[Item]]:
        """Yield all items, page by page, by a parallel scan; newly written ones may be missing."""
        scans = [{"Segment": n, "TotalSegments": SEGMENTS} for n in range(SEGMENTS)]
        return self._side_by_side(self._client.scan, scans)

    def of_merchant(self, merchant_id: str) -> Iterator[list[Item]]:
        """Yield a merchant's entries, page by page, by the index, which may be a moment behind."""
        queries = [
            {
                "IndexName": MERCHANT_DAY_INDEX,
                "KeyConditionExpression": "merchant_shard = :shard",
                "ExpressionAttributeValues": {":shard": {"S": merchant_shard(merchant_id, shard)}},
            }
            for shard in range(SHARDS)
        ]
        return self._side_by_side(self._client.query, queries)

    def held(self, entry_ids: Sequence[str]) -> list[Item]:
        """Return the items of these ids as they are now, by consistent reads."""
        found: list[Item] = []
        for start in range(0, len(entry_ids), KEYS_AT_ONCE):
            found += self._batch(entry_ids[start : start + KEYS_AT_ONCE])
        return found

    def _side_by_side(
        self, operation: Callable[..., Any], requests: Sequence[dict[str, Any]]
    ) -> Iterator[list[Item]]:
        def ask(request: dict[str, Any]) -> Any:
            return operation(TableName=self._table, **request)

        left = list(requests)
        with ThreadPoolExecutor(self._workers) as pool:
            ask_all = pool.map if self._workers > 1 else map
            while left:
                answers = list(ask_all(ask, left))
                yield from (answer["Items"] for answer in answers if answer["Items"])
                left = [
                    {**request, "ExclusiveStartKey": answer["LastEvaluatedKey"]}
                    for request, answer in zip(left, answers, strict=True)
                    if "LastEvaluatedKey" in answer
                ]

    def _batch(self, entry_ids: Sequence[str]) -> list[Item]:
        keys = [{"entry_id": {"S": entry_id}} for entry_id in entry_ids]
        asked: Any = {self._table: {"Keys": keys, "ConsistentRead": True}}
        found: list[Item] = []
        for attempt in range(_TRIES):
            answer = self._client.batch_get_item(RequestItems=asked)
            found += answer["Responses"].get(self._table, [])
            asked = answer.get("UnprocessedKeys")
            if not asked:
                return found
            self._sleep(0.05 * 2**attempt)
        raise LedgerDoesNotKeepUp(f"{len(found)} of {len(entry_ids)} entries could be read.")
