"""The entries' table in DynamoDB: insert once, with its key or alone, erase texts, read by id."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.commands.dynamodb_retry import (
    CONTENDED,
    THROTTLED,
    Pause,
    TransactionConflictError,
    retrying_on_conflict,
    translating_errors,
)
from chalicelib.storage.dynamodb_items import (
    TEXT_ATTRIBUTES,
    IdempotencyRecord,
    Item,
    StoredEntry,
    entry_item,
    is_entry,
    key_item,
    key_record,
    stored_entry,
)

StoredItem = StoredEntry | IdempotencyRecord


@dataclass(frozen=True, slots=True)
class Collision:
    """What stood where a reversal and its key were to be put; nothing was written."""

    reversal: StoredItem | None
    key: StoredItem | None


class EntryRepository:
    """The ledger's operations over a low-level DynamoDB client; threads share it.

    Each raises LedgerUnavailableError when the table is out of reach, throttled or contended too
    long. `pause` waits for seconds between tries.
    """

    def __init__(self, client: Any, table: str, pause: Pause = time.sleep) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def insert(self, stored: StoredEntry) -> StoredItem | None:
        """Put an entry unless its id is taken; return what was there already, None if it is new.

        One conditional put, no read: 2 write units, table and index together, up to 1,024 bytes.
        """
        item = entry_item(stored)
        with translating_errors():
            return retrying_on_conflict(lambda: self._put(item), self._pause)

    def insert_reversal(self, stored: StoredEntry, used_key: IdempotencyRecord) -> Collision | None:
        """Put a reversal and the record of its key, both or none; return what stood in the way."""
        writes = [{"Put": self._put_if_absent(i)} for i in (entry_item(stored), key_item(used_key))]
        with translating_errors():
            there = retrying_on_conflict(lambda: self._transact(writes), self._pause)
        return Collision(*there) if there else None

    def insert_key(self, used_key: IdempotencyRecord) -> StoredItem | None:
        """Put the record of a key unless its id is taken; return what was there already."""
        item = key_item(used_key)
        with translating_errors():
            return retrying_on_conflict(lambda: self._put(item), self._pause)

    def erase_texts(self, entry_id: str, used_key: IdempotencyRecord) -> StoredItem | None:
        """Remove an entry's texts and their salt and put the record of the key, both or none.

        Return what stood under the key already; the entry must be there.
        """
        writes = [self._removal(entry_id), {"Put": self._put_if_absent(key_item(used_key))}]
        with translating_errors():
            there = retrying_on_conflict(lambda: self._transact(writes), self._pause)
        return there[1] if there else None

    def read(self, entry_ids: Sequence[str]) -> Mapping[str, StoredItem]:
        """Return what stands under each of up to 100 ids, by one consistent batch read.

        What is absent is left out.
        """
        wanted = list(dict.fromkeys(entry_ids))
        result: dict[str, StoredItem] = {}
        with translating_errors():
            retrying_on_conflict(lambda: self._read_rest(wanted, result), self._pause)
        return result

    def _put(self, item: Item) -> StoredItem | None:
        try:
            self._client.put_item(**self._put_if_absent(item))
        except self._client.exceptions.ConditionalCheckFailedException as refusal:
            return _kept(refusal.response["Item"])
        except self._client.exceptions.TransactionConflictException as refusal:
            raise TransactionConflictError from refusal
        return None

    def _put_if_absent(self, item: Item) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(entry_id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _removal(self, entry_id: str) -> dict[str, Any]:
        update = {
            "TableName": self._table,
            "Key": {"entry_id": {"S": entry_id}},
            "UpdateExpression": f"REMOVE {', '.join(TEXT_ATTRIBUTES)}",
            "ConditionExpression": "attribute_exists(entry_id)",
        }
        return {"Update": update}

    def _transact(self, writes: Sequence[dict[str, Any]]) -> list[StoredItem | None] | None:
        try:
            self._client.transact_write_items(TransactItems=writes)
        except self._client.exceptions.TransactionCanceledException as refusal:
            reasons = refusal.response["CancellationReasons"]
            codes = {reason.get("Code") for reason in reasons}
            if codes & (CONTENDED | THROTTLED):
                raise TransactionConflictError from refusal
            if "ConditionalCheckFailed" not in codes:
                raise
            return [_kept(one["Item"]) if one.get("Item") else None for one in reasons]
        return None

    def _read_rest(self, wanted: list[str], found: dict[str, StoredItem]) -> None:
        from chalicelib.storage.batch_get import read_once

        items, wanted[:] = read_once(self._client, self._table, wanted)
        for item in items:
            found[item["entry_id"]["S"]] = _kept(item)
        if wanted:
            raise TransactionConflictError


def _kept(item: Mapping[str, Any]) -> StoredItem:
    return stored_entry(item) if is_entry(item) else key_record(item)
