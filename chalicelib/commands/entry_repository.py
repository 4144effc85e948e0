"""The ledger over DynamoDB (commands.ports.Ledger): conditional puts, transactions, reads by id."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.commands.dynamodb_retry import (
    CONFLICT_CODES,
    THROTTLING_CODES,
    Pause,
    TransactionConflictError,
    retrying_on_conflict,
    translating_errors,
)
from chalicelib.commands.ports import Collision
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.instants import format_instant
from chalicelib.storage.batch_get import CONSISTENT_READ, read_once
from chalicelib.storage.category_items import correction_item
from chalicelib.storage.dynamodb_items import (
    ERASED_AT,
    IMPORT_MARKS,
    TEXT_ATTRIBUTES,
    IdempotencyRecord,
    ImportMark,
    Item,
    StoredEntry,
    StoredItem,
    entry_item,
    import_mark,
    key_item,
    stored_item,
)

_IS_ABSENT = "attribute_not_exists(entry_id)"


class EntryRepository:
    """The ledger's operations over a low-level DynamoDB client, which threads may share.

    Each raises LedgerUnavailableError when the table is unreachable, throttled or in conflict for
    too long. `pause` waits for seconds between tries.
    """

    def __init__(self, client: Any, table: str, pause: Pause = time.sleep) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def insert(self, stored: StoredEntry) -> StoredItem | None:
        """Write an entry unless its id exists; return the existing item, or None if it is new.

        One conditional put and no read: an item of up to 1,024 bytes costs 2 write units, table and
        index together.
        """
        return self._put(entry_item(stored))

    def insert_reversal(self, stored: StoredEntry, record: IdempotencyRecord) -> Collision | None:
        """Write a reversal and its idempotency record, or neither; return what prevented it."""
        items = (entry_item(stored), key_item(record))
        existing = self._transact([{"Put": self._put_if_absent(item)} for item in items])
        return Collision(*existing) if existing else None

    def insert_key(self, record: IdempotencyRecord) -> StoredItem | None:
        """Write an idempotency record unless its id exists; return the existing item."""
        return self._put(key_item(record))

    def replace_key(self, record: IdempotencyRecord, old: IdempotencyRecord) -> StoredItem | None:
        """Write an idempotency record over one whose run is not confirmed, if it is still the same.

        Return the item that was found instead: the new one where a lost response was retried.
        """
        values = {":nonce": {"S": str(old.nonce)}}
        condition = "nonce = :nonce AND attribute_not_exists(started_at) AND "
        if old.summary is None:
            condition += "attribute_not_exists(summary)"
        else:
            condition += "summary = :summary"
            values[":summary"] = {"S": old.summary}
        return self._put(
            key_item(record), ConditionExpression=condition, ExpressionAttributeValues=values
        )

    def erase_texts(
        self, entry_id: str, record: IdempotencyRecord, erased_at: datetime
    ) -> StoredItem | None:
        """Remove an existing entry's texts and salt and write the idempotency record, or neither.

        Return the item that already existed under the record's id.
        """
        removal = {
            "TableName": self._table,
            "Key": {"entry_id": {"S": entry_id}},
            "UpdateExpression": f"SET {ERASED_AT} = :now REMOVE {', '.join(TEXT_ATTRIBUTES)}",
            "ExpressionAttributeValues": {":now": {"S": format_instant(erased_at)}},
            "ConditionExpression": "attribute_exists(entry_id)",
        }
        put = self._put_if_absent(key_item(record))
        existing = self._transact([{"Update": removal}, {"Put": put}])
        return existing[1] if existing else None

    def put_correction(
        self, correction: CategoryCorrection, former: CategoryCorrection | None
    ) -> StoredItem | None:
        """Write a correction in place of the former one, if that is still the newest.

        Return the item that was found instead.
        """
        item = correction_item(correction)
        if former is None:
            return self._put(item)
        return self._put(
            item,
            ConditionExpression="#number = :number",
            ExpressionAttributeNames={"#number": "number"},  # a reserved word
            ExpressionAttributeValues={":number": {"N": str(former.number)}},
        )

    def read(self, entry_ids: Sequence[str]) -> Mapping[str, StoredItem]:
        """Return the items of up to 100 ids that exist, by one consistent batch read."""
        items = self._read(entry_ids, CONSISTENT_READ)
        return {item["entry_id"]["S"]: stored_item(item) for item in items}

    def import_marks(self, entry_ids: Sequence[str]) -> Mapping[str, ImportMark]:
        """Return which imports wrote the items of up to 100 ids that exist, read consistently."""
        items = self._read(entry_ids, {**CONSISTENT_READ, "ProjectionExpression": IMPORT_MARKS})
        return {item["entry_id"]["S"]: import_mark(item) for item in items}

    def insert_unless(self, entries: Sequence[StoredEntry], unless: str) -> bool | None:
        """Write up to 99 entries unless one of their ids exists, all or none; return whether.

        None means that an item with the id `unless` exists, so that nothing may be written.
        """
        puts = [{"Put": self._put_if_absent(entry_item(stored))} for stored in entries]
        existing = self._transact([self._check_absent(unless), *puts])
        if existing is None:
            return True
        return None if existing[0] else False

    def insert_claim(
        self, row: IdempotencyRecord, claim: IdempotencyRecord, released: str | None, unless: str
    ) -> bool:
        """Write the record of a row and its claim of an entry, or neither; return whether.

        Neither may exist, nor an item with the id `unless`; only an earlier claim may, by the
        import `released`.
        """
        put = self._put_if_absent(key_item(claim))
        if released is not None:
            put["ConditionExpression"] = f"{_IS_ABSENT} OR import_id = :released"
            put["ExpressionAttributeValues"] = {":released": {"S": released}}
        row_put = self._put_if_absent(key_item(row))
        writes = [self._check_absent(unless), {"Put": row_put}, {"Put": put}]
        return self._transact(writes) is None

    def _read(self, entry_ids: Sequence[str], options: Mapping[str, Any]) -> list[Item]:
        unread = list(dict.fromkeys(entry_ids))
        result: list[Item] = []

        def read_rest() -> None:
            items, unread[:] = read_once(self._client, self._table, unread, options)
            result.extend(items)
            if unread:
                raise TransactionConflictError

        with translating_errors():
            retrying_on_conflict(read_rest, self._pause)
        return result

    def _put(self, item: Item, **condition: Any) -> StoredItem | None:
        def put() -> StoredItem | None:
            try:
                self._client.put_item(**{**self._put_if_absent(item), **condition})
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return stored_item(error.response["Item"])
            except self._client.exceptions.TransactionConflictException as error:
                raise TransactionConflictError from error
            return None

        with translating_errors():
            return retrying_on_conflict(put, self._pause)

    def _check_absent(self, item_id: str) -> dict[str, Any]:
        check = {
            "TableName": self._table,
            "Key": {"entry_id": {"S": item_id}},
            "ConditionExpression": _IS_ABSENT,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return {"ConditionCheck": check}

    def _put_if_absent(self, item: Item) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": _IS_ABSENT,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _transact(self, writes: Sequence[dict[str, Any]]) -> list[StoredItem | None] | None:
        """Do all writes or none; return the item that existed before each where one existed."""

        def transact() -> list[StoredItem | None] | None:
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = error.response["CancellationReasons"]
                codes = {reason.get("Code") for reason in reasons}
                if codes & (CONFLICT_CODES | THROTTLING_CODES):
                    raise TransactionConflictError from error
                if "ConditionalCheckFailed" not in codes:
                    raise
                items = [reason.get("Item") for reason in reasons]
                return [stored_item(item) if item else None for item in items]
            return None

        with translating_errors():
            return retrying_on_conflict(transact, self._pause)
