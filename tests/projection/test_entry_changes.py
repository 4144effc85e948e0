"""What an item of the table means for the read model, and which ones mean nothing."""

from datetime import datetime
from typing import Any

import pytest

from chalicelib.ledger.entries import content_digest
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.projection.entry_changes import UnprojectableRecordError, change_of_item
from chalicelib.storage.dynamodb_items import IdempotencyRecord, key_item
from verification.kit.generators import entries, entry, item

ENTRY = entry("padaria", "a", description="Venda balcão", category="sales")
OTHER_ID = "b" * 32


def test_an_entry_comes_through_whole() -> None:
    for one in entries(3, 50, ["padaria"]):
        change = change_of_item(item(one))
        assert change is not None
        assert change.entry == one
        assert change.digest == content_digest(one)
        assert change.occurred == datetime.fromisoformat(one.occurred_at)


def test_a_used_key_changes_nothing() -> None:
    record = IdempotencyRecord(
        OTHER_ID, "padaria", "reversal", Fingerprint("plain", None), None, "x"
    )
    assert change_of_item(key_item(record)) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"kind": {"S": "closing"}},
        {"kind": {"N": "1"}},
        {"kind": None},
        {"entry_id": {"S": "short"}},
        {"entry_id": {"S": OTHER_ID.upper()}},
        {"merchant_id": {"S": "Padaria"}},
        {"type": {"S": "gift"}},
        {"amount_minor": {"N": "0"}},
        {"amount_minor": {"N": "-5"}},
        {"amount_minor": {"N": "1.5"}},
        {"amount_minor": {"N": "1E+1000000"}},
        {"amount_minor": {"N": "1" * 16}},
        {"amount_minor": {"N": "9" * 5000}},
        {"amount_minor": {"S": "12"}},
        {"currency": {"S": "XXX"}},
        {"account": {"S": 'a"b'}},
        {"category": {"S": ""}},
        {"day": {"S": "2026-02-30"}},
        {"occurred_at": {"S": "yesterday"}},
        {"occurred_at": {"S": "2026-11-23T12:00:00"}},
        {"recorded_at": {"S": "2026-11-23T12:00:00"}},
        {"recorded_by": {"S": "nul\0"}},
        {"recorded_by": {"S": 7}},
        {"description": {"S": "half \ud800"}},
        {"description": {"S": ["no", "text"]}},
        {"metadata": {"M": {"a": {"N": "1"}}}},
        {"metadata": {"M": {"a": {"S": "\0"}}}},
        {"metadata": {"L": []}},
        {"reverses": {"S": "nothing"}},
        {"text_digest": {"NULL": True}},
    ],
)
def test_an_item_that_no_ledger_writes_is_poison(broken: dict[str, Any]) -> None:
    with pytest.raises(UnprojectableRecordError):
        change_of_item(item(ENTRY) | broken)


@pytest.mark.parametrize("name", ["kind", "entry_id", "amount_minor", "day", "text_digest"])
def test_an_item_that_lacks_something_is_poison(name: str) -> None:
    image = item(ENTRY)
    del image[name]
    with pytest.raises(UnprojectableRecordError):
        change_of_item(image)


def test_poison_is_told_without_its_values() -> None:
    with pytest.raises(UnprojectableRecordError) as result:
        change_of_item(item(ENTRY) | {"description": {"S": "CPF 111.444.777-35\0"}})
    assert "111" not in str(result.value)
    assert result.value.__cause__ is None
