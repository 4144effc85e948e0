"""Daily balances and cash flow as they are answered.

A year of days is 366 of them, so answers are made as they are; the models say what they look like,
for the document, and a test holds one against the other.
"""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.api.models.rules import CurrencyCode, DayShape, InstantShape, SlugShape, TotalShape
from chalicelib.ledger.balances import DailyBalance
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.money import format_amount
from chalicelib.queries.cash_flow import CashFlowItem
from chalicelib.queries.freshness import Freshness


class FreshnessAnswer(BaseModel, defer_build=True):
    """How new the read model is."""

    as_of: InstantShape | None = Field(
        description="When the newest entry of this merchant that it contains was recorded."
    )
    complete: bool | None = Field(
        description="Whether the entry named by `after` is in; null without `after`."
    )


class BalanceAnswer(BaseModel, defer_build=True):
    """A business day: closing = opening + credits - debits."""

    day: DayShape
    account: SlugShape | None = Field(description="Null for all accounts together.")
    currency: CurrencyCode
    opening: TotalShape
    credits: TotalShape
    debits: TotalShape
    closing: TotalShape
    entries: int
    status: Literal["open", "closed", "restated"]
    version: int | None = Field(description="The number of the day's newest closing.")


class DailyBalanceAnswer(BalanceAnswer):
    """A business day's consolidated balance (saldo diário consolidado)."""

    freshness: FreshnessAnswer


class DailyBalancesAnswer(BaseModel, defer_build=True):
    """Every day asked for, gaps included."""

    items: list[BalanceAnswer]
    freshness: FreshnessAnswer


class PeriodAnswer(BaseModel, defer_build=True):
    """What came in and went out in a period, of a group or of all."""

    period: str = Field(description="`2026-11-23`, `2026-W48` (ISO 8601 week) or `2026-11`.")
    group: str | None
    credits: TotalShape
    debits: TotalShape
    net: TotalShape
    entries: int


class CashFlowAnswer(BaseModel, defer_build=True):
    """The periods with entries, in order."""

    items: list[PeriodAnswer]
    freshness: FreshnessAnswer


def balance_json(balance: DailyBalance, account: str | None, currency: str) -> dict[str, Any]:
    """Return one day of one currency; `account` None stands for all together."""
    credits_minor, debits_minor, entries = balance.totals
    return {
        "day": balance.day.isoformat(),
        "account": account,
        "currency": currency,
        "opening": format_amount(balance.opening_minor, currency),
        "credits": format_amount(credits_minor, currency),
        "debits": format_amount(debits_minor, currency),
        "closing": format_amount(balance.closing_minor, currency),
        "entries": entries,
        "status": balance.day_status.status,
        "version": balance.day_status.version,
    }


def cash_flow_json(items: Iterable[CashFlowItem], currency: str) -> list[dict[str, Any]]:
    """Return the periods of a cash flow in one currency."""
    return [
        {
            "period": item.period,
            "group": item.group,
            "credits": format_amount(item.totals.credits_minor, currency),
            "debits": format_amount(item.totals.debits_minor, currency),
            "net": format_amount(item.totals.net_minor, currency),
            "entries": item.totals.entries,
        }
        for item in items
    ]


def freshness_json(freshness: Freshness) -> dict[str, Any]:
    """Return how new an answer is."""
    as_of = format_instant(freshness.as_of) if freshness.as_of else None
    return {"as_of": as_of, "complete": freshness.complete}
