"""The responses of statements (extratos) as JSON."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from chalicelib.api.daily_balances import FreshnessResponse, freshness_response
from chalicelib.api.fields import (
    AmountSchema,
    CurrencyCode,
    DaySchema,
    EntryIdSchema,
    InstantSchema,
    SlugSchema,
    TotalSchema,
)
from chalicelib.ledger.entries import EntryType
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.money import format_amount
from chalicelib.ledger.statement import Statement, StatementDay, StatementEntry
from chalicelib.queries.freshness import Freshness


class StatementDayResponse(TypedDict):
    """A day's balance, and the root of its newest closing."""

    day: DaySchema
    opening: TotalSchema
    credits: TotalSchema
    debits: TotalSchema
    closing: TotalSchema
    status: Literal["open", "closed", "restated"]
    version: int | None
    root: Annotated[str | None, Field(description="Null for a day that was never closed.")]


class StatementEntryResponse(TypedDict):
    """An entry without its metadata, and the running balance after it."""

    id: EntryIdSchema
    type: EntryType
    amount: AmountSchema
    currency: CurrencyCode
    account: SlugSchema
    occurred_at: InstantSchema
    day: DaySchema
    description: str | None
    category: SlugSchema | None
    recorded_category: SlugSchema | None
    recorded_at: InstantSchema
    recorded_by: str
    reverses: EntryIdSchema | None
    reversed_by: EntryIdSchema | None
    balance: TotalSchema


_From = TypedDict("_From", {"from": DaySchema})  # a keyword of Python cannot be a class's field


class StatementResponse(_From):
    """The entries and balances of consecutive days: closing = opening + credits - debits."""

    to: DaySchema
    account: Annotated[SlugSchema | None, Field(description="Null for all accounts combined.")]
    currency: CurrencyCode
    opening: TotalSchema
    credits: TotalSchema
    debits: TotalSchema
    closing: TotalSchema
    days: list[StatementDayResponse]
    entries: list[StatementEntryResponse]
    freshness: FreshnessResponse


def statement_response(content: Statement) -> StatementResponse:
    """Return the JSON value of a statement."""

    def money(amount_minor: int) -> str:
        return format_amount(amount_minor, content.currency)

    totals = content.totals
    return {
        "from": content.first.isoformat(),
        "to": content.last.isoformat(),
        "account": content.account,
        "currency": content.currency,
        "opening": money(content.opening_minor),
        "credits": money(totals.credits_minor),
        "debits": money(totals.debits_minor),
        "closing": money(content.closing_minor),
        "days": [_day(day, content.currency) for day in content.days],
        "entries": [_entry(line) for line in content.entries],
        "freshness": freshness_response(Freshness(content.as_of)),
    }


def _day(day: StatementDay, currency: str) -> StatementDayResponse:
    balance, seal = day
    return {
        "day": balance.day.isoformat(),
        "opening": format_amount(balance.opening_minor, currency),
        "credits": format_amount(balance.totals.credits_minor, currency),
        "debits": format_amount(balance.totals.debits_minor, currency),
        "closing": format_amount(balance.closing_minor, currency),
        "status": balance.day_status.status,
        "version": balance.day_status.version,
        "root": seal.root if seal else None,
    }


def _entry(line: StatementEntry) -> StatementEntryResponse:
    entry = line.entry
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
        "recorded_category": line.recorded_category,
        "recorded_at": format_instant(entry.recorded_at),
        "recorded_by": entry.recorded_by,
        "reverses": entry.reverses,
        "reversed_by": line.reversed_by,
        "balance": format_amount(line.balance_minor, entry.currency),
    }
