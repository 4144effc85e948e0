"""Corrections of an entry's category, in a record beside the entry."""

from chalicelib import observability
from chalicelib.api.auth import WRITE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.entry_responses import EntryResponse, corrected_response
from chalicelib.api.fields import Slug
from chalicelib.api.http import Response
from chalicelib.api.validation import RequestBody
from chalicelib.commands import correct_category as command
from chalicelib.commands.wiring import ports
from chalicelib.ledger.errors import LedgerUnavailableError, NotFoundError


class CategoryCorrectionBody(RequestBody):
    """The category that an entry now has."""

    category: Slug | None = None


@endpoint(
    scope=WRITE,
    body=CategoryCorrectionBody,
    responses=[
        ResponseSpec(200, EntryResponse, "The entry with its category, set now or earlier.")
    ],
    raises=[NotFoundError, LedgerUnavailableError],
    description=(
        "An absent `category`, or null, removes the category. The correction is stored beside the "
        "entry: closings, the status of days and replays of the entry's request do not change."
    ),
)
def correct_category(request: ApiRequest[None, CategoryCorrectionBody], entry_id: str) -> Response:
    """Correct the category of an entry."""
    category = request.body.category
    result = command.correct_category(ports(), request.principal, entry_id, category)
    observability.annotate(entry_id=entry_id)
    body = corrected_response(result.entry, result.reversed_by, result.category)
    return Response(200, body)
