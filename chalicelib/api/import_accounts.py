"""Which account of the book an account number in bank files is."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from chalicelib.api import etag
from chalicelib.api.auth import READ, WRITE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import AccountNumber, Slug, SlugSchema
from chalicelib.api.http import Response
from chalicelib.api.problems import PreconditionFailedError
from chalicelib.api.validation import RequestBody
from chalicelib.commands import import_settings
from chalicelib.commands.wiring import merchant_settings
from chalicelib.ledger.errors import LedgerUnavailableError, ValidationError


class AccountsBody(RequestBody):
    """All accounts, by their numbers as previews show them."""

    accounts: Annotated[
        dict[AccountNumber, Slug],
        Field(max_length=import_settings.MOST_ACCOUNTS, examples=[{"00012-3": "bb"}]),
    ]


class AccountsResponse(TypedDict):
    """All accounts, by their numbers in files."""

    accounts: dict[str, SlugSchema]


@endpoint(
    scope=READ,
    etag=True,
    responses=[ResponseSpec(200, AccountsResponse, "All accounts.")],
    raises=[LedgerUnavailableError],
)
def get_import_accounts(request: ApiRequest[None, None]) -> Response:
    """Read which account of the book each number in files is."""
    accounts = import_settings.accounts(merchant_settings(), request.principal.merchant_id)
    return etag.respond(request.http, _body(accounts))


@endpoint(
    scope=WRITE,
    body=AccountsBody,
    responses=[
        ResponseSpec(200, AccountsResponse, "Set, now or earlier.", headers=("ETag",)),
    ],
    raises=[ValidationError, PreconditionFailedError, LedgerUnavailableError],
    description=(
        "Always the whole map. Send If-Match with the ETag of the map that you changed: if it was "
        "changed since, the response is 412, and nothing is stored."
    ),
)
def put_import_accounts(request: ApiRequest[None, AccountsBody]) -> Response:
    """Set which account of the book each number in files is."""

    def check(stored: Mapping[str, str]) -> None:
        if not etag.is_unchanged(request.http, etag.etag_of(_body(stored))):
            raise PreconditionFailedError(
                "The accounts have changed in between; read them again, and change what you read."
            )

    new = request.body.accounts
    import_settings.put_accounts(merchant_settings(), request.principal.merchant_id, new, check)
    return Response(200, _body(new), {"ETag": etag.etag_of(_body(new))})


def _body(accounts: Mapping[str, str]) -> AccountsResponse:
    return {"accounts": dict(accounts)}
