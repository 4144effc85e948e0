"""Entries as columns, each one PostgreSQL array literal: the fastest way to hand over a batch."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC

from chalicelib.ledger.searching import searchable
from chalicelib.projection.changes import Change


def columns(changes: Sequence[Change]) -> dict[str, str]:
    """Return the array literal of each column of `entries`, by the statement's placeholder."""
    entries = [change.entry for change in changes]
    descriptions = [entry.description for entry in entries]
    return {
        "entry_ids": _plain(entry.entry_id for entry in entries),
        "merchants": _plain(entry.merchant_id for entry in entries),
        "entry_types": _plain(entry.type for entry in entries),
        "amounts": _plain(str(entry.amount_minor) for entry in entries),
        "currencies": _plain(entry.currency for entry in entries),
        "accounts": _plain(entry.account for entry in entries),
        "days": _plain(entry.day.isoformat() for entry in entries),
        "occurred_texts": _plain(entry.occurred_at for entry in entries),
        "occurred_instants": _plain(
            change.occurred.astimezone(UTC).isoformat() for change in changes
        ),
        "recorded_instants": _plain(
            entry.recorded_at.astimezone(UTC).isoformat() for entry in entries
        ),
        "recorders": _quoted(entry.recorded_by for entry in entries),
        "categories": _quoted(entry.category for entry in entries),
        "descriptions": _quoted(descriptions),
        "search_texts": _quoted(text and searchable(text) for text in descriptions),
        "metadata_texts": _quoted(
            json.dumps(dict(entry.metadata)) if entry.metadata else "{}" for entry in entries
        ),
        "reversed_ids": _quoted(entry.reverses for entry in entries),
        "text_digests": _plain(entry.text_digest for entry in entries),
        "content_digests": _plain(change.digest for change in changes),
    }


def texts(values: Iterable[str | None]) -> str:
    """Return the array literal of texts of any kind, None standing for null."""
    return _quoted(values)


def _plain(values: Iterable[str]) -> str:
    # For values whose shape is known to hold neither a quote nor a backslash.
    joined = '","'.join(values)
    return f'{{"{joined}"}}' if joined else "{}"


def _quoted(values: Iterable[str | None]) -> str:
    return "{" + ",".join(_element(value) for value in values) + "}"


def _element(value: str | None) -> str:
    if value is None:
        return "NULL"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
