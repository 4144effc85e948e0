"""A fake of the DynamoDB table of entries, behind the client that the real repository calls.

It has items, conditional puts, transactions of two writes, and consistent reads by id. Its index
and scans lack some writes of the last seconds; pages and unprocessed keys are random. It accepts
exactly the requests that the code sends, and ends a scenario that sends another one.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from zlib import crc32

from botocore.exceptions import ClientError

from chalicelib.storage.dynamodb_items import Item
from verification.simulation.faults import FaultProxy, port
from verification.simulation.stores.aws_fakes import AwsFake, errors
from verification.simulation.stores.ledger_requests import (
    TABLE,
    TEXTS,
    UnknownRequestError,
    checked_absent,
    conditional_put,
    text_removal,
)

BEHIND_SECONDS = 20.0
FAILED = "ConditionalCheckFailed"
PROJECTED = "entry_id, kind, merchant_id"
MARKS = {"ProjectionExpression": "entry_id, import_id, outcome"}
_SHARD = "merchant_shard = :shard"
_RANGES: Mapping[str, Callable[[str, Mapping[str, str]], bool]] = {
    _SHARD: lambda _key, _values: True,
    f"{_SHARD} AND begins_with(day_entry, :day)": lambda key, values: key.startswith(
        values[":day"]
    ),
    f"{_SHARD} AND day_entry BETWEEN :low AND :high": lambda key, values: (
        values[":low"] <= key <= values[":high"]
    ),
}
"""The conditions of queries, and whether a sort key satisfies them."""
Written = Callable[[Item | None, Item], None]
Seconds = Callable[[], float]


class LedgerTable(AwsFake):
    """The client; `written` receives every change, with the item before it."""

    exceptions = errors(
        "ConditionalCheckFailedException",
        "TransactionCanceledException",
        "TransactionConflictException",
    )

    def __init__(self, proxy: FaultProxy, chance: random.Random, seconds: Seconds) -> None:
        super().__init__(proxy, chance)
        self._seconds = seconds
        self._log: list[Item] = []
        self._moments: list[float] = []
        self.items: dict[str, Item] = {}
        self.first_written: dict[str, float] = {}
        self.written: Written = lambda before, after: None

    @port("dynamodb.put", lambda **params: params)
    def put_item(self, **params: Any) -> dict[str, Any]:
        """Put an item unless its id is used, or over a reserved key that is still the same."""
        item, is_allowed = conditional_put(params)
        stored = self.items.get(item["entry_id"]["S"])
        if not is_allowed(stored):
            failure = _error(Item=stored)
            raise self.exceptions.ConditionalCheckFailedException(failure, "PutItem")
        self._write(item)
        return {}

    @port("dynamodb.transact", lambda *, TransactItems: TransactItems)  # noqa: N803
    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Write all items, or none if a condition does not hold."""
        writes = [self._write_of(TransactItem) for TransactItem in TransactItems]
        reasons = [reason for reason, _ in writes]
        if any(reason["Code"] != "None" for reason in reasons):
            failure = _error(CancellationReasons=reasons)
            raise self.exceptions.TransactionCanceledException(failure, "TransactWriteItems")
        for _, item in writes:
            if item is not None:
                self._write(item)
        return {}

    @port("dynamodb.batch_get", lambda *, RequestItems: RequestItems)  # noqa: N803
    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Read items by id; keys may be left for the next call."""
        request = RequestItems[TABLE]
        keys = request["Keys"]
        is_eventual = request == {"Keys": keys, "ProjectionExpression": PROJECTED}
        whole, marks = ({"Keys": keys, "ConsistentRead": True, **more} for more in ({}, MARKS))
        if not is_eventual and request not in (whole, marks):
            raise UnknownRequestError(RequestItems)
        upto = len(keys)
        if upto > 1 and self._is_troubled(0.05):
            upto = self._chance.randrange(1, upto)
        wanted = [key["entry_id"]["S"] for key in keys[:upto]]
        result = self._eventually_consistent(wanted) if is_eventual else self._consistent(wanted)
        items = [item for item in result if item]
        if request == marks:
            items = [_projected(item, MARKS["ProjectionExpression"]) for item in items]
        response: dict[str, Any] = {"Responses": {TABLE: items}}
        if keys[upto:]:
            response["UnprocessedKeys"] = {TABLE: {**request, "Keys": keys[upto:]}}
        return response

    @port("dynamodb.query", lambda **params: params)
    def query(self, **params: Any) -> dict[str, Any]:
        """Return a page of one shard of a merchant in the index, as it was some seconds ago."""
        values = {name: value["S"] for name, value in params["ExpressionAttributeValues"].items()}
        shard = {"S": values[":shard"]}
        is_in_range = _RANGES.get(params["KeyConditionExpression"])
        if params["IndexName"] != "by-merchant-day" or is_in_range is None:
            raise UnknownRequestError(params)
        shown = [
            item
            for item in self._shown()
            if item.get("merchant_shard") == shard and is_in_range(item["day_entry"]["S"], values)
        ]
        return self._page(shown, "day_entry", params.get("ExclusiveStartKey"), params.get("Limit"))

    @port("dynamodb.scan", lambda **params: params)
    def scan(self, **params: Any) -> dict[str, Any]:
        """Return a page of a segment of the table, as it was some seconds ago."""
        number, of = params.get("Segment", 0), params.get("TotalSegments", 1)
        items = self._shown()
        shown = [item for item in items if segment_of(item["entry_id"]["S"], of) == number]
        start = params.get("ExclusiveStartKey")
        return self._page(shown, "entry_id", start, params.get("Limit"))

    def _consistent(self, entry_ids: list[str]) -> list[Item | None]:
        # Each read is consistent, but they do not all happen at the same time.
        if self.is_calm or self._chance.random() < 0.7:
            return [self.items.get(entry_id) for entry_id in entry_ids]
        order = self._chance.sample(entry_ids, len(entry_ids))
        result: dict[str, Item | None] = {}
        for entry_id in order:
            result[entry_id] = self.items.get(entry_id)
            self._proxy.pause()
        return [result[entry_id] for entry_id in entry_ids]

    def _eventually_consistent(self, entry_ids: list[str]) -> list[Item | None]:
        shown = {item["entry_id"]["S"]: item for item in self._shown()}
        known = [shown[entry_id] for entry_id in entry_ids if entry_id in shown]
        return [_projected(item, PROJECTED) for item in known]

    def _shown(self) -> Iterable[Item]:
        whole = len(self._log)
        oldest = bisect_right(self._moments, self._seconds() - BEHIND_SECONDS)
        upto = self._chance.randint(oldest, whole) if self._is_troubled(0.8) else whole
        if upto == whole:
            return self.items.values()
        return {item["entry_id"]["S"]: item for item in self._log[:upto]}.values()

    def _page(
        self, shown: list[Item], order: str, start: Mapping[str, Any] | None, limit: int | None
    ) -> dict[str, Any]:
        rest = sorted(shown, key=lambda item: str(item[order]["S"]))
        if start is not None:
            rest = [item for item in rest if item[order]["S"] > start[order]["S"]]
        size = limit or (len(rest) if self.is_calm else self._chance.choice((2, 7, 1000)))
        if len(rest) <= size:
            return {"Items": rest}
        last_key = {name: rest[size - 1][name] for name in {"entry_id", order}}
        return {"Items": rest[:size], "LastEvaluatedKey": last_key}

    def _write(self, item: Item) -> None:
        entry_id = item["entry_id"]["S"]
        before = self.items.get(entry_id)
        self.items[entry_id] = item
        self._log.append(item)
        self._moments.append(self._seconds())
        self.first_written.setdefault(entry_id, self._seconds())
        self.written(before, item)

    def _write_of(self, write: Mapping[str, Any]) -> tuple[dict[str, Any], Item | None]:
        """Return why a write of a transaction is not possible ("None" if it is), and its item."""
        if "ConditionCheck" in write:
            stored = self.items.get(checked_absent(write["ConditionCheck"]))
            return {"Code": FAILED, "Item": stored} if stored else {"Code": "None"}, None
        if "Put" in write:
            item, is_allowed = conditional_put(write["Put"])
            stored = self.items.get(item["entry_id"]["S"])
            return {"Code": "None"} if is_allowed(stored) else {
                "Code": FAILED,
                "Item": stored,
            }, item
        stored = self.items.get(text_removal(write["Update"]))
        bare = {name: value for name, value in (stored or {}).items() if name not in TEXTS}
        bare["erased_at"] = write["Update"]["ExpressionAttributeValues"][":now"]
        return {"Code": "None" if stored else FAILED}, bare

    def _fault(self, is_done: bool) -> Exception:
        if is_done or self._chance.random() < 0.5:
            return super()._fault(is_done)
        return ClientError(_error("ThrottlingException"), "PutItem")


def _error(code: str = FAILED, **more: Any) -> Any:
    return {"Error": {"Code": code}, **more}


@lru_cache(10_000)
def segment_of(entry_id: str, of: int) -> int:
    """Return the segment of a parallel scan that contains an id."""
    return crc32(entry_id.encode()) % of


def _projected(item: Item, names: str) -> Item:
    return {name: item[name] for name in names.split(", ") if name in item}
