"""Records of the DynamoDB stream, as Lambda hands them in, and what each asks of the read model."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.projection.entry_changes import (
    EntryChange,
    UnprojectableRecordError,
    change_of_item,
)

Record = Mapping[str, Any]


def change_of(record: Record) -> EntryChange | None:
    """Return the change that a record asks for, None when it asks for none.

    INSERT is a new entry. MODIFY can only be an erasure, which leaves an entry without texts and
    salt; it holds the whole entry, so it also stands in for an INSERT that never came. The ledger
    never deletes, so a REMOVE raises UnprojectableRecordError, as does whatever has not the shape of a record.
    """
    try:
        kind, images = record["eventName"], record["dynamodb"]
        if kind == "REMOVE":
            raise UnprojectableRecordError("an item was deleted, which the ledger never does")
        if kind not in ("INSERT", "MODIFY"):
            raise UnprojectableRecordError("the record is of no known kind")
        item = images["NewImage"]
    except (KeyError, TypeError, AttributeError):
        raise UnprojectableRecordError("the record has not the shape of a stream record") from None
    change = change_of_item(item)
    if change is None or kind == "INSERT":
        return change
    return replace(change, erased=change.entry.text_salt is None)


def event_id(record: Record) -> str | None:
    """Return the id by which a redelivered record is known again, None when it has none."""
    result = record.get("eventID") if isinstance(record, Mapping) else None
    return result if isinstance(result, str) and result else None


def name_of(record: Record) -> str | None:
    """Return the id of the item that a record is about, for logs, None when it tells none."""
    try:
        result = record["dynamodb"]["Keys"]["entry_id"]["S"]
    except (KeyError, TypeError):
        return None
    return result if isinstance(result, str) else None
