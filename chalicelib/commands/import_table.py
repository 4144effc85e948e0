"""The table of imports: JSON values of merchants by name, each with a version.

It is beside the ledger, whose items never change. Imports are kept for ever: an undo is available
for as long as the entries are.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.commands.dynamodb_retry import (
    Pause,
    TransactionConflictError,
    retrying_on_conflict,
    translating_errors,
)
from chalicelib.storage.stored_value import StoredValue

_WRITES_TOGETHER = 25
"""The most writes of one BatchWriteItem request."""


class ImportTable:
    """Values over a low-level DynamoDB client, which threads may share.

    Each operation raises LedgerUnavailableError when the table does not respond.
    """

    def __init__(self, client: Any, table: str, pause: Pause = time.sleep) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def get(self, merchant_id: str, name: str) -> StoredValue | None:
        """Return a value, read consistently."""
        key = _key(merchant_id, name)
        with translating_errors():
            response = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _stored(response["Item"]) if "Item" in response else None

    def insert(self, merchant_id: str, name: str, value: Any) -> bool:
        """Store a value as version 0, unless the name exists; return whether it did.

        A put that the client repeated, because its first response was lost, meets its own value.
        """
        return self._put(merchant_id, name, value, 0, "attribute_not_exists(#name)", {})

    def replace(self, merchant_id: str, name: str, value: Any, version: int) -> bool:
        """Store a value in place of this version of it; return whether that was still stored."""
        condition = "version = :version"
        values = {":version": {"N": str(version)}}
        return self._put(merchant_id, name, value, version + 1, condition, values)

    def put(self, merchant_id: str, values: Mapping[str, Any]) -> None:
        """Store values in place of any others."""
        items = [_item(merchant_id, name, value, 0) for name, value in values.items()]
        self._write([{"PutRequest": {"Item": item}} for item in items])

    def delete(self, merchant_id: str, names: Sequence[str]) -> None:
        """Delete values; those that are absent stay so."""
        keys = [_key(merchant_id, name) for name in dict.fromkeys(names)]
        self._write([{"DeleteRequest": {"Key": key}} for key in keys])

    def between(
        self,
        merchant_id: str,
        first: str,
        last: str,
        limit: int | None = None,
        descending: bool = False,
    ) -> list[StoredValue]:
        """Return the values with names from `first` to `last`, in order of their names."""
        result: list[StoredValue] = []
        with translating_errors():
            for page in self._pages(merchant_id, first, last, limit, descending):
                result += map(_stored, page)
                if limit is not None and len(result) >= limit:
                    return result[:limit]
        return result

    def _pages(
        self, merchant_id: str, first: str, last: str, limit: int | None, descending: bool
    ) -> Iterator[list[dict[str, Any]]]:
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "merchant_id = :merchant AND #name BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#name": "name"},
            "ExpressionAttributeValues": {
                ":merchant": {"S": merchant_id},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            "ScanIndexForward": not descending,
            "ConsistentRead": True,
        }
        if limit is not None:
            query["Limit"] = limit
        for page in self._client.get_paginator("query").paginate(**query):
            yield page["Items"]

    def _put(
        self,
        merchant_id: str,
        name: str,
        value: Any,
        version: int,
        condition: str,
        values: dict[str, Any],
    ) -> bool:
        item = _item(merchant_id, name, value, version)
        put = {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if values:
            put["ExpressionAttributeValues"] = values
        if "#name" in condition:
            put["ExpressionAttributeNames"] = {"#name": "name"}
        with translating_errors():
            try:
                self._client.put_item(**put)
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return bool(error.response.get("Item") == item)
        return True

    def _write(self, writes: list[dict[str, Any]]) -> None:
        unwritten = list(writes)

        def write_rest() -> None:
            together = unwritten[:_WRITES_TOGETHER]
            response = self._client.batch_write_item(RequestItems={self._table: together})
            left = response.get("UnprocessedItems", {}).get(self._table, [])
            unwritten[: len(together)] = left
            if left:
                raise TransactionConflictError

        with translating_errors():
            while unwritten:
                retrying_on_conflict(write_rest, self._pause)


def _key(merchant_id: str, name: str) -> dict[str, Any]:
    return {"merchant_id": {"S": merchant_id}, "name": {"S": name}}


def _item(merchant_id: str, name: str, value: Any, version: int) -> dict[str, Any]:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    number = {"N": str(version)}
    return {**_key(merchant_id, name), "value": {"S": text}, "version": number}


def _stored(item: Mapping[str, Any]) -> StoredValue:
    return StoredValue(item["name"]["S"], json.loads(item["value"]["S"]), int(item["version"]["N"]))
