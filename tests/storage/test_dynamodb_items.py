"""Items of the table: they are read as they were written, and broken items are errors."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.ledger.entries import content_digest, entry_id, without_texts
from chalicelib.ledger.idempotency import Fingerprint, OriginalRequest, fingerprint
from chalicelib.storage.day_index import merchant_shard, shard_of
from chalicelib.storage.dynamodb_items import (
    IdempotencyRecord,
    StoredEntry,
    entry_item,
    erased_entry,
    is_entry,
    key_item,
    stored_entry,
    stored_item,
)
from verification.kit.strategies import bodies, entries, keys, slugs

fingerprints = bodies.map(lambda body: fingerprint(OriginalRequest("entry", body), "salt"))
imports = st.none() | st.just("import-1")
stored_entries = st.builds(StoredEntry, entries(), fingerprints, imports, imports)


@given(stored_entries)
def test_entry_is_read_as_written(stored: StoredEntry) -> None:
    item, entry = entry_item(stored), stored.entry
    assert is_entry(item)
    assert stored_item(item) == stored
    assert entry_item(stored_entry(item)) == item
    shards = {merchant_shard(entry.merchant_id, shard) for shard in range(4)}
    assert item["merchant_shard"]["S"] in shards
    assert item["day_entry"]["S"] == f"{entry.day.isoformat()}#{entry.entry_id}"


@given(stored_entries)
def test_erased_entry_keeps_its_digest(stored: StoredEntry) -> None:
    erased = replace(stored, entry=without_texts(stored.entry))
    plain = replace(stored.fingerprint, texts=None)
    assert erased_entry(stored) == replace(erased, fingerprint=plain)
    item = entry_item(erased)
    assert not {"description", "metadata", "text_salt"} & set(item)
    assert stored_entry(item) == erased
    assert content_digest(stored_entry(item).entry) == content_digest(stored.entry)


@given(stored_entries)
def test_item_is_dynamodb_json(stored: StoredEntry) -> None:
    for name, value in entry_item(stored).items():
        ((kind, content),) = value.items()
        assert kind == {"amount_minor": "N", "metadata": "M"}.get(name, "S")
        inner = content.values() if kind == "M" else [{"S": content}]
        assert all(list(text) == ["S"] and isinstance(text["S"], str) for text in inner)


def test_shards_are_used_evenly() -> None:
    shards = [shard_of(entry_id("padaria", f"k{turn}")) for turn in range(4000)]
    assert all(800 < shards.count(shard) < 1200 for shard in range(4))


@given(slugs, keys, fingerprints, st.none() | st.just("salt"))
def test_idempotency_record_is_read_as_written(
    merchant: str, key: str, request: Fingerprint, salt: str | None
) -> None:
    request = request if salt else replace(request, texts=None)
    key_id = entry_id(merchant, key)
    record = IdempotencyRecord(key_id, merchant, "reversal", request, salt, "b" * 32)
    started_at = datetime(2026, 11, 23, 15, 0, 0, 123000, tzinfo=UTC)
    of_closing = replace(record, nonce="n", started_at=started_at, summary="{}")
    of_import = replace(record, import_id="import-1")
    for written in (record, of_closing, replace(of_closing, is_free=True), of_import):
        item = key_item(written)
        assert not is_entry(item)
        assert stored_item(item) == written
    assert not {"merchant_shard", "day_entry"} & set(item)


BROKEN: list[tuple[str, dict[str, Any] | None]] = [
    *((name, None) for name in ("entry_id", "merchant_id", "type", "amount_minor", "currency")),
    *((name, None) for name in ("account", "day", "occurred_at", "recorded_at", "recorded_by")),
    *(("text_digest", None), ("request_digest", None), ("metadata", {"M": {"a": {"N": "1"}}})),
    *(("amount_minor", {"N": "ten"}), ("amount_minor", {"S": "10"}), ("account", {"N": "1"})),
    *(("day", {"S": "2026-02-30"}), ("recorded_at", {"S": "yesterday"})),
]


@pytest.mark.parametrize(("name", "value"), BROKEN)
@settings(max_examples=5)
@given(stored=stored_entries)
def test_broken_item_is_refused(
    name: str, value: dict[str, Any] | None, stored: StoredEntry
) -> None:
    item = entry_item(stored)
    item = {**item, name: value} if value else {key: item[key] for key in item if key != name}
    with pytest.raises((KeyError, ValueError)):
        stored_entry(item)
