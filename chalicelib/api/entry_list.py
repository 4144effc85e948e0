"""The list of entries, from the read model, page by page."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from chalicelib.api import etag
from chalicelib.api.auth import READ
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.entry_responses import EntriesResponse, EntryResponse, corrected_response
from chalicelib.api.fields import (
    Account,
    Currency,
    Day,
    Flag,
    SearchText,
    Slug,
    after_first,
    reject,
)
from chalicelib.api.http import Response, query_parameters
from chalicelib.api.pagination import DEFAULT_LIMIT, Cursor, Limit, fitting, with_next_link
from chalicelib.api.validation import RequestQuery
from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.queries import wiring
from chalicelib.queries.day_ranges import check_order
from chalicelib.queries.entry_list import UNCATEGORIZED, EntryFilters, ListedEntry, page


def _without_category(uncategorized: bool, validated: ValidationInfo) -> bool:
    if uncategorized and validated.data.get("category") is not None:
        reject("must be false, or absent, with a category")
    return uncategorized


class EntriesQuery(RequestQuery):
    """Filters of entries, and a page."""

    first: Annotated[Day | None, Field(alias="from", description="The first day, inclusive.")] = (
        None
    )
    last: Annotated[
        Annotated[Day, AfterValidator(after_first(check_order))] | None,
        Field(alias="to", description="The last day, inclusive."),
    ] = None
    account: Account = None
    currency: Currency | None = None
    type: Literal["credit", "debit"] | None = None
    category: Slug | None = Field(None, description="The current category.")
    uncategorized: Annotated[
        Annotated[Flag, AfterValidator(_without_category)],
        Field(description="Only entries without a category; not together with `category`."),
    ] = False
    q: SearchText | None = Field(
        None, description="Text in the description, ignoring case and accents."
    )
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


@endpoint(
    scope=READ,
    query=EntriesQuery,
    etag=True,
    responses=[
        ResponseSpec(200, EntriesResponse, "A page, newest business day first.", headers=("Link",))
    ],
    raises=[ReadModelUnavailableError],
)
def list_entries(request: ApiRequest[EntriesQuery, None]) -> Response:
    """List entries."""
    query = request.query
    filters = EntryFilters(
        first=query.first,
        last=query.last,
        account=query.account,
        currency=query.currency,
        type=query.type,
        category=UNCATEGORIZED if query.uncategorized else query.category,
        q=query.q,
    )
    responses: list[EntryResponse] = []

    def fitting_responses(items: Sequence[ListedEntry]) -> int:
        responses.extend(
            corrected_response(item.entry, item.reversed_by, item.category) for item in items
        )
        return fitting(responses)

    result = page(
        wiring.read_model(),
        request.principal.merchant_id,
        filters,
        query.limit,
        query.cursor,
        fitting=fitting_responses,
    )
    body: EntriesResponse = {
        "items": responses[: len(result.items)],
        "next_cursor": result.next_cursor,
    }
    response = etag.respond(request.http, body)
    return with_next_link(response, query_parameters(request.http), result.next_cursor)
