"""DynamoDB's table of entries in memory, behind the client that the real repository calls.

Items, conditional puts, transactions of two writes, consistent reads by id; an index and scans that
are behind by what was written in the last seconds; pages and unread keys as chance has it. It knows
exactly the requests that the code sends, and ends a story that sends another one.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from zlib import crc32

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from chalicelib.storage.dynamodb_items import Item
from verification.simulation.fault_proxy import Wire

TABLE = "entries"
TEXTS = ("description", "metadata", "text_salt", "request_text_digest")
BEHIND_SECONDS = 20.0
GLANCED_AT = "entry_id, kind, merchant_id"
Written = Callable[[Item | None, Item], None]
Seconds = Callable[[], float]


class UnknownRequestError(BaseException):
    """The code sent a request that the memory does not know; it must learn it first."""


class ConditionalCheckFailedException(ClientError):
    """As botocore has it."""


class TransactionCanceledException(ClientError):
    """As botocore has it."""


class TransactionConflictException(ClientError):
    """As botocore has it."""


class LedgerTable:
    """The client; `written` is told of every change, with the item before it."""

    exceptions = SimpleNamespace(
        ConditionalCheckFailedException=ConditionalCheckFailedException,
        TransactionCanceledException=TransactionCanceledException,
        TransactionConflictException=TransactionConflictException,
    )

    def __init__(self, wire: Wire, chance: random.Random, seconds: Seconds) -> None:
        self._wire = wire
        self._chance = chance
        self._seconds = seconds
        self._log: list[Item] = []
        self._moments: list[float] = []
        self.items: dict[str, Item] = {}
        self.written: Written = lambda before, after: None
        self.is_calm = False

    def put_item(self, **asked: Any) -> dict[str, Any]:
        """Put an item unless its id is taken."""
        item = _conditional_put(asked)

        def effect() -> dict[str, Any]:
            there = self.items.get(item["entry_id"]["S"])
            if there is not None:
                raise ConditionalCheckFailedException(_refusal(Item=there), "PutItem")
            self._write(item)
            return {}

        return self._wire.call("dynamodb.put", asked, effect, self._fault)

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Write two items, or none where a condition does not hold."""
        writes = [self._write_of(TransactItem) for TransactItem in TransactItems]

        def effect() -> dict[str, Any]:
            reasons = [reason for check, _ in writes for reason in [check()]]
            if any(reason["Code"] != "None" for reason in reasons):
                result = _refusal(CancellationReasons=reasons)
                raise TransactionCanceledException(result, "TransactWriteItems")
            for _, write in writes:
                write()
            return {}

        return self._wire.call("dynamodb.transact", TransactItems, effect, self._fault)

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Read items by id, consistently or at a glance; keys may be left for the next call."""
        request = RequestItems[TABLE]
        keys = request["Keys"]
        is_glance = request == {"Keys": keys, "ProjectionExpression": GLANCED_AT}
        if not is_glance and request != {"Keys": keys, "ConsistentRead": True}:
            raise UnknownRequestError(RequestItems)

        def effect() -> dict[str, Any]:
            upto = len(keys)
            if upto > 1 and not self.is_calm and self._chance.random() < 0.05:
                upto = self._chance.randrange(1, upto)
            wanted = [key["entry_id"]["S"] for key in keys[:upto]]
            result = self._glanced_at(wanted) if is_glance else self._found(wanted)
            answer: dict[str, Any] = {"Responses": {TABLE: [one for one in result if one]}}
            if keys[upto:]:
                answer["UnprocessedKeys"] = {TABLE: {**request, "Keys": keys[upto:]}}
            return answer

        return self._wire.call("dynamodb.batch_get", RequestItems, effect, self._fault)

    def query(self, **asked: Any) -> dict[str, Any]:
        """Return a page of one shard of a merchant in the index, as it was a moment ago."""
        if asked["IndexName"] != "by-merchant-day":
            raise UnknownRequestError(asked)
        values = {name: one["S"] for name, one in asked["ExpressionAttributeValues"].items()}
        limit = asked.get("Limit")

        def effect() -> dict[str, Any]:
            shown = [
                item
                for item in self._shown()
                if item.get("merchant_shard", {}).get("S") == values[":shard"]
                and item["day_entry"]["S"].startswith(values.get(":day", ""))
            ]
            return self._page(shown, "day_entry", asked.get("ExclusiveStartKey"), limit)

        return self._wire.call("dynamodb.query", asked, effect, self._fault)

    def scan(self, **asked: Any) -> dict[str, Any]:
        """Return a page of a segment of the table, as it was a moment ago."""
        number, of = asked["Segment"], asked["TotalSegments"]

        def effect() -> dict[str, Any]:
            shown = [one for one in self._shown() if segment_of(one["entry_id"]["S"], of) == number]
            return self._page(shown, "entry_id", asked.get("ExclusiveStartKey"), None)

        return self._wire.call("dynamodb.scan", asked, effect, self._fault)

    def _found(self, entry_ids: list[str]) -> list[Item | None]:
        # Each item is as it is now, and now is not the same moment for all of them.
        if self.is_calm or self._chance.random() < 0.7:
            return [self.items.get(one) for one in entry_ids]
        order = self._chance.sample(entry_ids, len(entry_ids))
        result: dict[str, Item | None] = {}
        for entry_id in order:
            result[entry_id] = self.items.get(entry_id)
            self._wire.pause()
        return [result[one] for one in entry_ids]

    def _glanced_at(self, entry_ids: list[str]) -> list[Item | None]:
        shown = {item["entry_id"]["S"]: item for item in self._shown()}
        known = [shown[one] for one in entry_ids if one in shown]
        return [{name: item[name] for name in GLANCED_AT.split(", ")} for item in known]

    def _shown(self) -> Iterable[Item]:
        whole = len(self._log)
        oldest = bisect_right(self._moments, self._seconds() - BEHIND_SECONDS)
        is_behind = not self.is_calm and self._chance.random() < 0.8
        upto = self._chance.randint(oldest, whole) if is_behind else whole
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
        last = rest[size - 1]
        return {
            "Items": rest[:size],
            "LastEvaluatedKey": {name: last[name] for name in {"entry_id", order}},
        }

    def _write(self, item: Item) -> None:
        entry_id = item["entry_id"]["S"]
        before = self.items.get(entry_id)
        self.items[entry_id] = item
        self._log.append(item)
        self._moments.append(self._seconds())
        self.written(before, item)

    def _write_of(
        self, one: Mapping[str, Any]
    ) -> tuple[Callable[[], dict[str, Any]], Callable[[], None]]:
        if "Put" in one:
            item = _conditional_put(one["Put"])
            return lambda: self._absent(item), lambda: self._write(item)
        entry_id = _text_removal(one["Update"])
        return lambda: self._present(entry_id), lambda: self._remove_texts(entry_id)

    def _absent(self, item: Item) -> dict[str, Any]:
        there = self.items.get(item["entry_id"]["S"])
        return {"Code": "ConditionalCheckFailed", "Item": there} if there else {"Code": "None"}

    def _present(self, entry_id: str) -> dict[str, Any]:
        return {"Code": "None" if entry_id in self.items else "ConditionalCheckFailed"}

    def _remove_texts(self, entry_id: str) -> None:
        left = self.items[entry_id].items()
        self._write({name: one for name, one in left if name not in TEXTS})

    def _fault(self, is_done: bool) -> Exception:
        if is_done:
            return ReadTimeoutError(endpoint_url="https://ledger")
        if self._chance.random() < 0.5:
            return EndpointConnectionError(endpoint_url="https://ledger")
        return ClientError(_refusal("ThrottlingException"), "PutItem")


def _refusal(code: str = "Refused", **more: Any) -> Any:
    return {"Error": {"Code": code}, **more}


@lru_cache(10_000)
def segment_of(entry_id: str, of: int) -> int:
    """Return the segment of a parallel scan that an id falls into."""
    return crc32(entry_id.encode()) % of


def _conditional_put(asked: Mapping[str, Any]) -> Item:
    expected = {
        "TableName": TABLE,
        "Item": asked["Item"],
        "ConditionExpression": "attribute_not_exists(entry_id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if asked != expected:
        raise UnknownRequestError(asked)
    return dict(asked["Item"])


def _text_removal(asked: Mapping[str, Any]) -> str:
    expected = {
        "TableName": TABLE,
        "Key": asked["Key"],
        "UpdateExpression": f"REMOVE {', '.join(TEXTS)}",
        "ConditionExpression": "attribute_exists(entry_id)",
    }
    if asked != expected:
        raise UnknownRequestError(asked)
    return str(asked["Key"]["entry_id"]["S"])
