"""The responses of entries (lançamentos)."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chalicelib.api.endpoint import Default
from chalicelib.api.fields import (
    AmountSchema,
    CurrencyCode,
    DaySchema,
    EntryIdSchema,
    InstantSchema,
    SlugSchema,
)
from chalicelib.api.problem_schema import Problem
from chalicelib.ledger.entries import Entry, EntryType
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.money import format_amount


class EntryResponse(TypedDict):
    """An entry of the ledger; it is immutable, except that `reversed_by` is set once."""

    id: EntryIdSchema
    type: EntryType
    amount: AmountSchema
    currency: CurrencyCode
    account: SlugSchema
    occurred_at: InstantSchema
    day: DaySchema
    description: str | None
    category: SlugSchema | None
    metadata: dict[str, str]
    recorded_at: InstantSchema
    recorded_by: Annotated[str, Field(description="The subject of the token that recorded it.")]
    reverses: EntryIdSchema | None
    reversed_by: EntryIdSchema | None


class EntriesResponse(TypedDict):
    """A page of entries, newest business day first."""

    items: list[EntryResponse]
    next_cursor: Annotated[
        str | None, Field(description="The `cursor` of the next page; null on the last page.")
    ]


class RecordedItem(TypedDict):
    """An item of a batch that was recorded, by this request or by an earlier identical one."""

    status: NotRequired[Annotated[Literal[201], Default(201)]]
    entry: EntryResponse


class RejectedItem(TypedDict):
    """An item of a batch that was not recorded, and why; its key can still be used."""

    status: Literal[422, 500, 503]
    problem: Problem


class BatchResponse(TypedDict):
    """The result of each item, in request order, as for a single POST of the item."""

    results: list[RecordedItem | RejectedItem]


def entry_response(entry: Entry, reversed_by: str | None = None) -> EntryResponse:
    """Return the response for an entry; `reversed_by` is the id of its reversal."""
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
