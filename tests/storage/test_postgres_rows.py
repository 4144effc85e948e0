"""A row of the read model as JSON is the entry that was written."""

import json
from typing import Any

import pytest

from chalicelib.ledger.entries import Entry
from chalicelib.storage.postgres_rows import row_entry
from verification.kit.generators import entries


def _row(entry: Entry) -> dict[str, Any]:
    """Return an entry's columns as they come out of JSON."""
    days = {"day": entry.day.isoformat(), "recorded_at": entry.recorded_at.isoformat()}
    row = {**entry._asdict(), **days, "metadata": dict(entry.metadata)}
    result: dict[str, Any] = json.loads(json.dumps(row))
    return {name: value for name, value in result.items() if name not in ("text_salt", "origin")}


def test_row_is_the_entry() -> None:
    for entry in entries(47, 30, ["padaria"]):
        assert row_entry(_row(entry)) == entry._replace(text_salt=None, origin=None)


def test_columns_outside_the_leaf_are_optional() -> None:
    entry = entries(48, 1, ["padaria"])[0]
    row = _row(entry)
    for name in ("recorded_by", "description", "category", "metadata"):
        del row[name]
    bare = entry._replace(text_salt=None, origin=None, description=None, category=None)
    assert row_entry(row) == bare._replace(recorded_by="", metadata={})


@pytest.mark.parametrize("name", ["merchant_id", "amount_minor", "recorded_at", "text_digest"])
def test_columns_of_the_leaf_are_required(name: str) -> None:
    row = _row(entries(49, 1, ["padaria"])[0])
    del row[name]
    with pytest.raises(KeyError, match=name):
        row_entry(row)
