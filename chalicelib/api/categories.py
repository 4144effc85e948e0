"""Registered categories: how statements show a category, and whether its money only moves."""

from typing import Annotated

from pydantic import Field, PlainValidator
from typing_extensions import TypedDict

from chalicelib.api.auth import READ, WRITE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import SlugSchema, rule
from chalicelib.api.http import Response
from chalicelib.api.setting_list import Listed, SettingListQuery, respond_with_page
from chalicelib.api.validation import RequestBody
from chalicelib.commands import category_settings
from chalicelib.commands.wiring import merchant_settings
from chalicelib.ledger.categories import (
    CODE_LENGTH,
    MOST_CATEGORIES,
    NAME_LENGTH,
    Category,
    parse_accounting_code,
    parse_category_name,
)
from chalicelib.ledger.errors import LedgerUnavailableError, ValidationError

_Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH, examples=["Vendas"])]
_Code = Annotated[str, Field(min_length=1, max_length=CODE_LENGTH, examples=["3.1.01"])]
_AccountingCode = Annotated[
    str, PlainValidator(rule(parse_accounting_code), json_schema_input_type=_Code)
]


class CategoryBody(RequestBody):
    """How a category is shown."""

    name: Annotated[
        str, PlainValidator(rule(parse_category_name), json_schema_input_type=_Name)
    ] = Field(description="What statements (CSV, XLSX, PDF) show in place of the slug.")
    accounting_code: _AccountingCode | None = Field(
        None, description="Its account in the merchant's chart of accounts."
    )
    transfer: Annotated[bool, Field(strict=True)] = Field(
        False,
        description="Whether its money only moves, as in transfers between the merchant's own "
        "accounts and card bills. Cash flow with `group=category` leaves such categories out.",
    )


class CategoryResponse(TypedDict):
    """A registered category."""

    slug: SlugSchema
    name: _Name
    accounting_code: _Code | None
    transfer: bool


class CategoriesResponse(TypedDict):
    """A page of registered categories."""

    items: list[CategoryResponse]
    next_cursor: str | None


@endpoint(
    scope=WRITE,
    body=CategoryBody,
    responses=[ResponseSpec(200, CategoryResponse, "Registered, now or earlier.")],
    raises=[ValidationError, LedgerUnavailableError],
    description="A category can be used without being registered. A merchant registers at most "
    f"{MOST_CATEGORIES}.",
)
def put_category(request: ApiRequest[None, CategoryBody], slug: str) -> Response:
    """Register a category, in place of what was registered before."""
    body = request.body
    category = Category(slug, body.name, body.accounting_code, body.transfer)
    merchant_id = request.principal.merchant_id
    category_settings.put_category(merchant_settings(), merchant_id, category)
    return Response(200, _response(category))


@endpoint(
    scope=READ,
    query=SettingListQuery,
    etag=True,
    responses=[ResponseSpec(200, CategoriesResponse, "A page, by slug.", headers=("Link",))],
    raises=[LedgerUnavailableError],
)
def list_categories(request: ApiRequest[SettingListQuery, None]) -> Response:
    """List registered categories."""
    merchant_id = request.principal.merchant_id
    stored = merchant_settings().setting(merchant_id, category_settings.CATEGORIES)
    listed = [
        Listed((category.slug,), _response(category))
        for category in category_settings.categories_of(stored)
    ]
    return respond_with_page(request, category_settings.CATEGORIES, stored, listed)


def _response(category: Category) -> CategoryResponse:
    return {
        "slug": category.slug,
        "name": category.name,
        "accounting_code": category.accounting_code,
        "transfer": category.transfer,
    }
