"""The responses of entries (lançamentos)."""

from typing import Annotated

from chalice.app import Request
from pydantic import Field
from typing_extensions import TypedDict

from chalicelib import observability
from chalicelib.api.endpoint import ResponseSpec
from chalicelib.api.fields import (
    AmountSchema,
    CurrencyCode,
    DaySchema,
    EntryIdSchema,
    InstantSchema,
    SlugSchema,
)
from chalicelib.api.http import Response, location
from chalicelib.api.problems import problem_type_of
from chalicelib.commands.record import RecordResult
from chalicelib.ledger.entries import Entry, EntryType
from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.money import format_amount


class EntryResponse(TypedDict):
    """An entry of the ledger. It is immutable, except that `reversed_by` is set once.

    Its category can be corrected, by a record beside it.
    """

    id: EntryIdSchema
    type: EntryType
    amount: AmountSchema
    currency: CurrencyCode
    account: SlugSchema
    occurred_at: InstantSchema
    day: DaySchema
    description: str | None
    category: Annotated[SlugSchema | None, Field(description="The current category.")]
    recorded_category: Annotated[
        SlugSchema | None, Field(description="The category with which it was recorded.")
    ]
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


RECORDED = ResponseSpec(
    201,
    EntryResponse,
    "Recorded, by this request or by an earlier identical one.",
    headers=("Location",),
)


def entry_response(entry: Entry, reversed_by: str | None = None) -> EntryResponse:
    """Return the response for an entry with its recorded category, as it was created.

    `reversed_by` is the id of its reversal.
    """
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
        "recorded_category": entry.category,
        "metadata": dict(entry.metadata),
        "recorded_at": format_instant(entry.recorded_at),
        "recorded_by": entry.recorded_by,
        "reverses": entry.reverses,
        "reversed_by": reversed_by,
    }


def corrected_response(
    entry: Entry, reversed_by: str | None, category: str | None
) -> EntryResponse:
    """Return the response for an entry with its current category."""
    response = entry_response(entry, reversed_by)
    response["category"] = category
    return response


def created(recorded: RecordResult, request: Request) -> Response:
    """Return the response to a request that recorded an entry, now or earlier, and count it."""
    outcome = "replayed" if recorded.replayed else "recorded"
    observability.annotate(entry_id=recorded.entry.entry_id, outcome=outcome)
    count(recorded)
    headers = {"Location": location(request, f"/v1/entries/{recorded.entry.entry_id}")}
    if recorded.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(201, entry_response(recorded.entry), headers)


def count(outcome: RecordResult | LivroCaixaError) -> None:
    """Count an entry by whether it was recorded, now or earlier, or by its error."""
    if isinstance(outcome, RecordResult):
        observability.count("EntriesReplayed" if outcome.replayed else "EntriesAccepted")
    else:
        is_internal = problem_type_of(type(outcome)).status >= 500
        observability.count("EntriesFailed" if is_internal else "EntriesRefused")
