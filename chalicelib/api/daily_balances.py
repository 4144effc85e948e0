"""Daily balances (saldo diário consolidado), from the read model."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from chalicelib.api import etag
from chalicelib.api.auth import READ
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import (
    Account,
    Currency,
    CurrencyCode,
    Day,
    DaySchema,
    EntryId,
    InstantSchema,
    SlugSchema,
    TotalSchema,
    after_first,
)
from chalicelib.api.http import Response
from chalicelib.api.validation import RequestQuery
from chalicelib.ledger.balances import DailyBalance
from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.errors import (
    LedgerUnavailableError,
    ReadModelUnavailableError,
)
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.money import format_amount
from chalicelib.queries import wiring
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.day_ranges import LONGEST_DAYS, check_range
from chalicelib.queries.freshness import Freshness

After = Annotated[
    EntryId | None,
    Field(description="Wait up to 2 seconds until the read model contains this entry."),
]
First = Annotated[Day, Field(alias="from", description="The first day, inclusive.")]
Last = Annotated[
    Day,
    AfterValidator(after_first(check_range)),
    Field(alias="to", description=f"The last day, inclusive; at most {LONGEST_DAYS} days in all."),
]


class DayQuery(RequestQuery):
    """Which balance of a day."""

    account: Account = None
    currency: Currency = DEFAULT_CURRENCY
    after: After = None


class DaysQuery(RequestQuery):
    """Which balances of consecutive days."""

    first: First
    last: Last
    account: Account = None
    currency: Currency = DEFAULT_CURRENCY
    after: After = None


class FreshnessResponse(TypedDict):
    """How recent the read model is."""

    as_of: Annotated[
        InstantSchema | None,
        Field(description="`recorded_at` of the merchant's newest entry in the read model."),
    ]
    complete: Annotated[
        bool | None,
        Field(description="Whether the entry in `after` is included; null without `after`."),
    ]


class BalanceResponse(TypedDict):
    """The balance of a business day: closing = opening + credits - debits."""

    day: DaySchema
    account: Annotated[SlugSchema | None, Field(description="Null for all accounts combined.")]
    currency: CurrencyCode
    opening: TotalSchema
    credits: TotalSchema
    debits: TotalSchema
    closing: TotalSchema
    entries: int
    status: Literal["open", "closed", "restated"]
    version: Annotated[int | None, Field(description="The number of the day's latest closing.")]


class DailyBalanceResponse(BalanceResponse):
    """The consolidated balance of a business day (saldo diário consolidado)."""

    freshness: FreshnessResponse


class DailyBalancesResponse(TypedDict):
    """Every day of the range, days without entries included."""

    items: list[BalanceResponse]
    freshness: FreshnessResponse


@endpoint(
    scope=READ,
    query=DayQuery,
    etag=True,
    responses=[ResponseSpec(200, DailyBalanceResponse, "The balance of the day.")],
    raises=[ReadModelUnavailableError],
)
def daily_balance(request: ApiRequest[DayQuery, None], day: date) -> Response:
    """Read the balance of a day."""
    (balance,), freshness = _balances(request, day, day)
    shown = balance_response(balance, request.query.account, request.query.currency)
    body: DailyBalanceResponse = {**shown, "freshness": freshness_response(freshness)}
    return etag.respond(request.http, body, conditional=request.query.after is None)


@endpoint(
    scope=READ,
    query=DaysQuery,
    etag=True,
    responses=[
        ResponseSpec(
            200, DailyBalancesResponse, "The balance of each day, days without entries included."
        )
    ],
    raises=[ReadModelUnavailableError],
)
def daily_balances(request: ApiRequest[DaysQuery, None]) -> Response:
    """Read the balances of consecutive days."""
    query = request.query
    result, freshness = _balances(request, query.first, query.last)
    body: DailyBalancesResponse = {
        "items": [balance_response(balance, query.account, query.currency) for balance in result],
        "freshness": freshness_response(freshness),
    }
    # A client that waits for an entry needs `complete`, which a 304 does not carry.
    return etag.respond(request.http, body, conditional=query.after is None)


def balance_response(balance: DailyBalance, account: str | None, currency: str) -> BalanceResponse:
    """Return the response for one day in one currency; `account` None: all accounts combined."""
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


def freshness_response(freshness: Freshness) -> FreshnessResponse:
    """Return the response's part that says how recent the read model is."""
    as_of = format_instant(freshness.as_of) if freshness.as_of else None
    return {"as_of": as_of, "complete": freshness.complete}


def _balances(
    request: ApiRequest[DayQuery, None] | ApiRequest[DaysQuery, None], first: date, last: date
) -> tuple[list[DailyBalance], Freshness]:
    params = request.query
    query = BalanceQuery(
        merchant_id=request.principal.merchant_id,
        first=first,
        last=last,
        account=params.account,
        currency=params.currency,
        after=params.after,
    )
    if query.after is None:
        return balances(wiring.read_model(), query)
    # Imported only for requests that wait: the first request has enough to import.
    from chalicelib.queries.wait_limiter import balances_after

    return balances_after(
        wiring.read_model(), query, lambda: _recorded_at(query), wiring.wait_limiter()
    )


def _recorded_at(query: BalanceQuery) -> datetime | None:
    # A wait for an entry that the ledger does not have would only occupy the function.
    from chalicelib.commands.get_entry import get_entry
    from chalicelib.commands.wiring import ports

    try:
        return get_entry(ports(), query.merchant_id, query.after or "").entry.recorded_at
    except LedgerUnavailableError:
        return None
