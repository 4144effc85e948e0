"""Items of the table: what is written is read back, and a broken one is never read as good."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.ledger.entries import content_digest, entry_id, without_texts
from chalicelib.ledger.idempotency import Fingerprint, OriginalRequest, fingerprint
from chalicelib.storage.dynamodb_items import (
    IdempotencyRecord,
    StoredEntry,
    entry_item,
    is_entry,
    key_item,
    key_record,
    merchant_shard,
    shard_of,
    stored_entry,
)
from verification.kit.strategies import bodies, entries, keys, slugs

fingerprints = bodies.map(lambda body: fingerprint(OriginalRequest("entry", body), "salt"))
stored_entries = st.builds(StoredEntry, entries(), fingerprints)


@given(stored_entries)
def test_an_entry_is_read_back_as_it_was_written(stored: StoredEntry) -> None:
    item = entry_item(stored)
    assert is_entry(item)
    assert stored_entry(item) == stored
    assert entry_item(stored_entry(item)) == item


@given(stored_entries)
def test_an_erased_entry_is_read_back_with_the_same_digest(stored: StoredEntry) -> None:
    erased = replace(stored, entry=without_texts(stored.entry))
    item = entry_item(erased)
    assert not {"description", "metadata", "text_salt"} & set(item)
    assert stored_entry(item) == erased
    assert content_digest(stored_entry(item).entry) == content_digest(stored.entry)


@given(stored_entries)
def test_an_item_is_dynamodb_json_all_through(stored: StoredEntry) -> None:
    for name, value in entry_item(stored).items():
        ((kind, content),) = value.items()
        assert kind == {"amount_minor": "N", "metadata": "M"}.get(name, "S")
        inner = content.values() if kind == "M" else [{"S": content}]
        assert all(list(one) == ["S"] and isinstance(one["S"], str) for one in inner)


@given(stored_entries)
def test_the_index_finds_an_entry_by_merchant_and_day(stored: StoredEntry) -> None:
    item, entry = entry_item(stored), stored.entry
    assert item["merchant_shard"]["S"] in {
        merchant_shard(entry.merchant_id, shard) for shard in range(4)
    }
    assert item["day_entry"]["S"] == f"{entry.day.isoformat()}#{entry.entry_id}"


def test_shards_are_used_evenly() -> None:
    shards = [shard_of(entry_id("padaria", f"k{turn}")) for turn in range(4000)]
    assert all(800 < shards.count(shard) < 1200 for shard in range(4))


@given(slugs, keys, fingerprints, st.none() | st.just("salt"))
def test_a_used_key_is_read_back_and_stands_in_no_index(
    merchant: str, key: str, request: Fingerprint, salt: str | None
) -> None:
    kept = request if salt else replace(request, texts=None)
    used = IdempotencyRecord(entry_id(merchant, key), merchant, "reversal", kept, salt, "b" * 32)
    item = key_item(used)
    assert not is_entry(item)
    assert key_record(item) == used
    assert not {"merchant_shard", "day_entry"} & set(item)


MISSING_AT_READING = [
    *("entry_id", "merchant_id", "type", "amount_minor", "currency", "account", "day"),
    *("occurred_at", "recorded_at", "recorded_by", "text_digest", "request_digest"),
]


@pytest.mark.parametrize("missing", MISSING_AT_READING)
@settings(max_examples=5)
@given(stored=stored_entries)
def test_an_item_without_what_an_entry_needs_is_not_read(missing: str, stored: StoredEntry) -> None:
    item = entry_item(stored)
    del item[missing]
    with pytest.raises(KeyError):
        stored_entry(item)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount_minor", {"N": "ten"}),
        ("amount_minor", {"S": "10"}),
        ("day", {"S": "2026-02-30"}),
        ("recorded_at", {"S": "yesterday"}),
        ("account", {"N": "1"}),
        ("metadata", {"M": {"a": {"N": "1"}}}),
    ],
)
@settings(max_examples=5)
@given(stored=stored_entries)
def test_an_item_with_a_broken_value_is_not_read(
    name: str, value: dict[str, Any], stored: StoredEntry
) -> None:
    with pytest.raises((KeyError, ValueError)):
        stored_entry({**entry_item(stored), name: value})
