"""Cash flow (fluxo de caixa), from the read model."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from chalicelib.api import etag
from chalicelib.api.auth import READ
from chalicelib.api.daily_balances import First, FreshnessResponse, Last, freshness_response
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import Currency, TotalSchema
from chalicelib.api.http import Response
from chalicelib.api.validation import RequestQuery
from chalicelib.commands.category_settings import categories
from chalicelib.commands.wiring import merchant_settings
from chalicelib.ledger.cash_flow import Grouping, Period
from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.errors import LedgerUnavailableError, ReadModelUnavailableError
from chalicelib.ledger.money import format_amount
from chalicelib.queries import cash_flow as queries
from chalicelib.queries import wiring


class CashFlowQuery(RequestQuery):
    """Days, and how to divide them."""

    first: First
    last: Last
    by: Period = "day"
    group: Grouping = "none"
    currency: Currency = DEFAULT_CURRENCY


class PeriodResponse(TypedDict):
    """Money in and out in a period, of one group or in total."""

    period: Annotated[
        str, Field(description="`2026-11-23`, `2026-W48` (ISO 8601 week) or `2026-11`.")
    ]
    group: str | None
    credits: TotalSchema
    debits: TotalSchema
    net: TotalSchema
    entries: int


class CashFlowResponse(TypedDict):
    """The periods that have entries, in order."""

    items: list[PeriodResponse]
    freshness: FreshnessResponse


@endpoint(
    scope=READ,
    query=CashFlowQuery,
    etag=True,
    responses=[ResponseSpec(200, CashFlowResponse, "The cash flow of each period.")],
    raises=[ReadModelUnavailableError, LedgerUnavailableError],
    description=(
        "`group=category` leaves out the categories that are registered with `transfer: true`. "
        f"Days that have more than {queries.MOST_ITEMS:,} items are refused with 400: request "
        "fewer days at once."
    ),
)
def cash_flow(request: ApiRequest[CashFlowQuery, None]) -> Response:
    """Read the cash flow of consecutive days."""
    query = request.query
    params = queries.CashFlowParams(
        merchant_id=request.principal.merchant_id,
        first=query.first,
        last=query.last,
        by=query.by,
        group=query.group,
        currency=query.currency,
        left_out=_transfers(request.principal.merchant_id, query.group),
    )
    items, freshness = queries.cash_flow(wiring.read_model(), params)
    body: CashFlowResponse = {
        "items": period_responses(items, query.currency),
        "freshness": freshness_response(freshness),
    }
    return etag.respond(request.http, body)


def _transfers(merchant_id: str, group: Grouping) -> frozenset[str]:
    """Return the categories of transfers, which only a cash flow by category leaves out.

    Raises LedgerUnavailableError rather than adding them to the flow.
    """
    if group != "category":
        return frozenset()
    registered = categories(merchant_settings(), merchant_id).values()
    return frozenset(category.slug for category in registered if category.transfer)


def period_responses(items: Iterable[queries.CashFlowItem], currency: str) -> list[PeriodResponse]:
    """Return the responses for the periods of a cash flow in one currency."""
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
