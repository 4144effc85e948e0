"""What each kind of stream record asks for."""

from typing import Any

import pytest

from chalicelib.ledger.entries import without_texts
from chalicelib.projection.entry_changes import UnprojectableRecordError
from chalicelib.projection.stream_records import change_of, event_id, name_of
from verification.kit.generators import entry, erased, inserted, removed

ENTRY = entry("padaria", "a", description="Venda balcão")


def test_an_insert_asks_for_the_entry() -> None:
    change = change_of(inserted(ENTRY))
    assert change is not None
    assert (change.entry, change.erased) == (ENTRY, False)


def test_a_modification_without_texts_asks_to_erase_them() -> None:
    change = change_of(erased(ENTRY))
    assert change is not None
    assert (change.entry, change.erased) == (without_texts(ENTRY), True)


def test_a_modification_that_keeps_the_texts_erases_nothing() -> None:
    change = change_of(inserted(ENTRY) | {"eventName": "MODIFY"})
    assert change is not None
    assert not change.erased


@pytest.mark.parametrize(
    "record",
    [
        removed(ENTRY),
        {},
        {"eventName": "INSERT"},
        {"eventName": "INSERT", "dynamodb": {}},
        {"eventName": "INSERT", "dynamodb": {"NewImage": {}}},
        {"eventName": "INSERT", "dynamodb": {"NewImage": None}},
        {"eventName": "INSERT", "dynamodb": None},
        {"eventName": "TRUNCATE", "dynamodb": {}},
        [],
        None,
        "INSERT",
    ],
)
def test_a_record_that_asks_for_nothing_possible_is_poison(record: Any) -> None:
    with pytest.raises(UnprojectableRecordError):
        change_of(record)
    assert name_of(record) in (None, ENTRY.entry_id)


def test_a_record_is_known_again_by_its_event_id() -> None:
    assert event_id(inserted(ENTRY)) == f"INSERT-{ENTRY.entry_id}-0"


@pytest.mark.parametrize("record", [{}, {"eventID": ""}, {"eventID": 7}, None])
def test_a_record_without_an_event_id_is_never_known_again(record: Any) -> None:
    assert event_id(record) is None
