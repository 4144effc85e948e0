"""What a stream record or an item of the table changes, and which ones are rejected."""

from datetime import datetime
from typing import Any

import pytest

from chalicelib.ledger.entries import Entry, content_digest, without_texts
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.projection.category_changes import UnprojectableRecordError
from chalicelib.projection.entry_changes import (
    EntryChange,
    change_of,
    change_of_item,
    entry_id_of,
    event_id,
)
from chalicelib.storage.dynamodb_items import IdempotencyRecord, key_item
from verification.kit.generators import entries, erased, inserted, item, removed
from verification.kit.generators import entry as make_entry

ENTRY = make_entry("padaria", "a", description="Venda balcão", category="sales")
OTHER_ID = "b" * 32


def test_an_item_becomes_its_whole_entry() -> None:
    for entry in entries(3, 50, ["padaria"]):
        change = change_of_item(item(entry))
        assert isinstance(change, EntryChange)
        assert change.entry == entry
        assert change.digest == content_digest(entry)
        assert change.occurred == datetime.fromisoformat(entry.occurred_at)


def test_an_idempotency_record_changes_nothing() -> None:
    record = IdempotencyRecord(
        OTHER_ID, "padaria", "reversal", Fingerprint("plain", None), None, "x"
    )
    assert change_of_item(key_item(record)) is None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("kind", [{"S": "closing"}, {"N": "1"}, None]),
        ("entry_id", [{"S": "short"}, {"S": OTHER_ID.upper()}]),
        ("merchant_id", [{"S": "Padaria"}]),
        ("type", [{"S": "gift"}]),
        ("amount_minor", [{"N": "0"}, {"N": "-5"}, {"N": "1.5"}, {"N": "1E+1000000"}]),
        ("amount_minor", [{"N": "1" * 16}, {"N": "9" * 5000}, {"S": "12"}]),
        ("currency", [{"S": "XXX"}]),
        ("account", [{"S": 'a"b'}]),
        ("category", [{"S": ""}]),
        ("day", [{"S": "2026-02-30"}]),
        ("occurred_at", [{"S": "yesterday"}, {"S": "2026-11-23T12:00:00"}]),
        ("recorded_at", [{"S": "2026-11-23T12:00:00"}]),
        ("recorded_by", [{"S": "nul\0"}, {"S": 7}]),
        ("description", [{"S": "half \ud800"}, {"S": ["no", "text"]}]),
        ("metadata", [{"M": {"a": {"N": "1"}}}, {"M": {"a": {"S": "\0"}}}, {"L": []}]),
        ("reverses", [{"S": "nothing"}]),
        ("text_digest", [{"NULL": True}]),
    ],
)
def test_an_invalid_value_cannot_be_projected(name: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(UnprojectableRecordError):
            change_of_item(item(ENTRY) | {name: value})


@pytest.mark.parametrize("name", ["kind", "entry_id", "amount_minor", "day", "text_digest"])
def test_a_missing_attribute_cannot_be_projected(name: str) -> None:
    image = item(ENTRY)
    del image[name]
    with pytest.raises(UnprojectableRecordError):
        change_of_item(image)


def test_the_error_contains_no_values() -> None:
    with pytest.raises(UnprojectableRecordError) as raised:
        change_of_item(item(ENTRY) | {"description": {"S": "CPF 111.444.777-35\0"}})
    assert "111" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("record", "entry", "is_erasure"),
    [
        (inserted(ENTRY), ENTRY, False),
        (inserted(ENTRY) | {"eventName": "MODIFY"}, ENTRY, False),
        (erased(ENTRY), without_texts(ENTRY), True),
    ],
)
def test_a_modification_without_texts_is_an_erasure(
    record: dict[str, Any], entry: Entry, is_erasure: bool
) -> None:
    change = change_of(record)
    assert isinstance(change, EntryChange)
    assert (change.entry, change.erased) == (entry, is_erasure)


@pytest.mark.parametrize(
    "record",
    [
        removed(ENTRY),
        {},
        {"eventName": "INSERT"},
        {"eventName": "INSERT", "dynamodb": None},
        {"eventName": "INSERT", "dynamodb": {}},
        {"eventName": "INSERT", "dynamodb": {"NewImage": {}}},
        {"eventName": "INSERT", "dynamodb": {"NewImage": None}},
        {"eventName": "TRUNCATE", "dynamodb": {}},
        *([], None, "INSERT"),
    ],
)
def test_a_malformed_record_cannot_be_projected(record: Any) -> None:
    with pytest.raises(UnprojectableRecordError):
        change_of(record)
    assert entry_id_of(record) in (None, ENTRY.entry_id)


def test_a_record_has_an_event_id() -> None:
    assert event_id(inserted(ENTRY)) == f"INSERT-{ENTRY.entry_id}-0"
    malformed: list[Any] = [{}, {"eventID": ""}, {"eventID": 7}, None]
    assert [event_id(record) for record in malformed] == [None] * 4
