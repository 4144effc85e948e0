"""Entries as they are answered.

A page is 200 of them, so answers are made as they are; the models say what they look like, for the
document, and a test holds one against the other.
"""

from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.api.models.problem import Problem
from chalicelib.api.models.rules import (
    AmountShape,
    CurrencyCode,
    DayShape,
    EntryIdShape,
    InstantShape,
    SlugShape,
)
from chalicelib.ledger.entries import Entry, EntryType
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.money import format_amount


class EntryAnswer(BaseModel, defer_build=True):
    """An entry of the ledger; it never changes, but `reversed_by` may come to be known."""

    entry_id: EntryIdShape = Field(alias="id")
    type: EntryType
    amount: AmountShape
    currency: CurrencyCode
    account: SlugShape
    occurred_at: InstantShape
    day: DayShape
    description: str | None
    category: SlugShape | None
    metadata: dict[str, str]
    recorded_at: InstantShape
    recorded_by: str = Field(description="The subject of the token that recorded it.")
    reverses: EntryIdShape | None
    reversed_by: EntryIdShape | None


class EntriesAnswer(BaseModel, defer_build=True):
    """A page of entries, newest business day first."""

    items: list[EntryAnswer]
    next_cursor: str | None = Field(description="What to ask for next; null at the end.")


class RecordedItem(BaseModel, defer_build=True):
    """An item of a batch that was recorded, now or by the same request before."""

    status: Literal[201] = 201
    entry: EntryAnswer


class RefusedItem(BaseModel, defer_build=True):
    """An item of a batch that was refused, and why; it stops no other, and uses no key up."""

    status: Literal[422, 503]
    problem: Problem


class BatchAnswer(BaseModel, defer_build=True):
    """The outcome of every item, in the order sent, as if each had been sent alone."""

    results: list[RecordedItem | RefusedItem]


def entry_json(entry: Entry, reversed_by: str | None = None) -> dict[str, Any]:
    """Return an entry as the contract shows it; `reversed_by` is the id of its reversal."""
    return {
        "id": entry.entry_id,
        "type": entry.type,
        "amount": format_amount(entry.amount_minor, entry.currency),
        "currency": entry.currency,
        "account": entry.account,
        "occurred_at": entry.occurred_at,
        "day": entry.day.isoformat(),
        "description": entry.description,
        "category": entry.category,
        "metadata": dict(entry.metadata),
        "recorded_at": format_instant(entry.recorded_at),
        "recorded_by": entry.recorded_by,
        "reverses": entry.reverses,
        "reversed_by": reversed_by,
    }
