"""Who the merchant is, as the terms of its cash book (livro caixa) name it."""

from typing import Annotated

from pydantic import Field, PlainValidator
from typing_extensions import TypedDict

from chalicelib.api import etag
from chalicelib.api.auth import CLOSE, READ
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import rule
from chalicelib.api.http import Response
from chalicelib.api.validation import RequestBody
from chalicelib.commands import wiring
from chalicelib.ledger.errors import LedgerUnavailableError, NotFoundError, ValidationError
from chalicelib.ledger.merchants import (
    NAME_LENGTH,
    STATES,
    TOWN_LENGTH,
    Merchant,
    parse_document,
    parse_name,
    parse_state,
    parse_town,
)

_Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH, examples=["Padaria São João"])]
_Document = Annotated[
    str,
    Field(
        description="A CPF or CNPJ, with or without punctuation and spaces; a CNPJ may have "
        "letters, in capitals or not.",
        examples=["12.ABC.345/01DE-35"],
    ),
]
_Town = Annotated[str, Field(min_length=1, max_length=TOWN_LENGTH, examples=["Campinas"])]
_State = Annotated[str, Field(json_schema_extra={"enum": [*STATES.split()]})]


class MerchantBody(RequestBody):
    """Who the merchant is."""

    name: Annotated[str, PlainValidator(rule(parse_name), json_schema_input_type=_Name)]
    document: Annotated[str, PlainValidator(rule(parse_document), json_schema_input_type=_Document)]
    town: Annotated[str, PlainValidator(rule(parse_town), json_schema_input_type=_Town)]
    state: Annotated[str, PlainValidator(rule(parse_state), json_schema_input_type=_State)]


class MerchantResponse(TypedDict):
    """Who the merchant is; `document` is without punctuation."""

    name: _Name
    document: _Document
    town: _Town
    state: _State


@endpoint(
    scope=READ,
    etag=True,
    responses=[ResponseSpec(200, MerchantResponse, "Who the merchant is.")],
    raises=[NotFoundError, LedgerUnavailableError],
)
def get_merchant(request: ApiRequest[None, None]) -> Response:
    """Read who the merchant is."""
    profile = wiring.merchant_settings().profile(request.principal.merchant_id)
    if profile is None:
        raise NotFoundError("The merchant's name is not set yet; PUT /v1/merchant sets it.")
    return etag.respond(request.http, _response(profile))


@endpoint(
    scope=CLOSE,
    body=MerchantBody,
    responses=[ResponseSpec(200, MerchantResponse, "Set, now or earlier.")],
    raises=[ValidationError, LedgerUnavailableError],
)
def put_merchant(request: ApiRequest[None, MerchantBody]) -> Response:
    """Set who the merchant is."""
    body = request.body
    profile = Merchant(body.name, body.document, body.town, body.state)
    wiring.merchant_settings().put_profile(request.principal.merchant_id, profile)
    return Response(200, _response(profile))


def _response(profile: Merchant) -> MerchantResponse:
    return {
        "name": profile.name,
        "document": profile.document,
        "town": profile.town,
        "state": profile.state,
    }
