"""How CSV files are read: presets of banks, and mappings of columns that merchants store."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, PlainValidator, model_validator
from typing_extensions import TypedDict

from chalicelib.api import etag
from chalicelib.api.auth import READ, WRITE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import ColumnText, Currency, CurrencyCode, NameSchema, reject
from chalicelib.api.http import Response
from chalicelib.api.setting_list import Listed, SettingListQuery, respond_with_page
from chalicelib.api.validation import RequestBody
from chalicelib.bank_files.csv_layout import ColumnMapping
from chalicelib.bank_files.presets import PRESETS
from chalicelib.commands import import_settings
from chalicelib.commands.merchant_settings import Setting
from chalicelib.commands.wiring import merchant_settings
from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.errors import LedgerUnavailableError, NotFoundError, ValidationError


def _exactly_bool(sent: Any) -> bool:
    if not isinstance(sent, bool):
        reject("must be true or false")
    return sent


class SignBody(RequestBody):
    """A column that says whether a row is money out."""

    column: ColumnText
    debit: Annotated[list[ColumnText], Field(min_length=1, max_length=10)] = Field(
        description="The column's values for money out."
    )


class MappingBody(RequestBody):
    """Which columns of a CSV file mean what; names ignore case and accents."""

    day: ColumnText
    description: Annotated[list[ColumnText], Field(min_length=1, max_length=10)]
    amount: ColumnText | None = Field(None, description="Signed, or with `sign`.")
    credit: ColumnText | None = None
    debit: ColumnText | None = None
    sign: SignBody | None = None
    id: ColumnText | None = None
    balance: ColumnText | None = None
    decimal: Literal[",", "."] | None = Field(None, description="Null: as in most of the file.")
    dates: Literal["day-first", "month-first"] | None = Field(
        None, description="Null: the day is first; rows of a file that shows otherwise are refused."
    )
    skip: Annotated[
        dict[ColumnText, Annotated[list[ColumnText], Field(min_length=1, max_length=10)]],
        Field(max_length=5),
    ] = Field(default_factory=dict, description="Values by column; such rows are refused.")
    turn_signs: Annotated[bool, PlainValidator(_exactly_bool, json_schema_input_type=bool)] = Field(
        False, description="For card files, in which a purchase is positive."
    )
    currency: Currency = DEFAULT_CURRENCY

    @model_validator(mode="after")
    def _has_one_amount(self) -> "MappingBody":
        pair = self.credit is not None and self.debit is not None
        alone = self.credit is None and self.debit is None
        if not (alone if self.amount is not None else pair):
            reject("must have either amount, or credit and debit")
        if self.sign is not None and self.amount is None:
            reject("must have sign only with amount")
        return self


class SignResponse(TypedDict):
    """A column that says whether a row is money out."""

    column: str
    debit: list[str]


class MappingResponse(TypedDict):
    """Which columns of a CSV file mean what."""

    name: NameSchema
    day: str
    description: list[str]
    amount: str | None
    credit: str | None
    debit: str | None
    sign: SignResponse | None
    id: str | None
    balance: str | None
    decimal: Literal[",", "."] | None
    dates: Literal["day-first", "month-first"] | None
    skip: dict[str, list[str]]
    turn_signs: bool
    currency: CurrencyCode


class MappingsResponse(TypedDict):
    """A page of mappings, by name."""

    items: list[MappingResponse]
    next_cursor: str | None


class PresetResponse(TypedDict):
    """A bank's layout that is known, and a header with one invented row of it."""

    name: str
    title: str
    sample: str


class PresetsResponse(TypedDict):
    """A page of presets, by name."""

    items: list[PresetResponse]
    next_cursor: NotRequired[str | None]


@endpoint(
    scope=READ,
    query=SettingListQuery,
    etag=True,
    responses=[ResponseSpec(200, PresetsResponse, "A page, by name.", headers=("Link",))],
)
def list_import_presets(request: ApiRequest[SettingListQuery, None]) -> Response:
    """List the known layouts of banks' CSV files."""
    presets = {name: make() for name, make in sorted(PRESETS.items())}
    listed = [
        Listed((name,), {"name": name, "title": preset.title, "sample": preset.sample})
        for name, preset in presets.items()
    ]
    # The same for everybody, so their cursors need no secret.
    return respond_with_page(request, "import-presets", Setting(None, 0, ""), listed)


@endpoint(
    scope=WRITE,
    body=MappingBody,
    responses=[ResponseSpec(200, MappingResponse, "Set, now or earlier.")],
    raises=[ValidationError, LedgerUnavailableError],
)
def put_import_mapping(request: ApiRequest[None, MappingBody], name: str) -> Response:
    """Set a mapping, in place of an earlier one of that name."""
    value = request.body.model_dump()
    import_settings.put_mapping(merchant_settings(), request.principal.merchant_id, name, value)
    return Response(200, {"name": name, **value})


@endpoint(
    scope=READ,
    etag=True,
    responses=[ResponseSpec(200, MappingResponse, "The mapping.")],
    raises=[NotFoundError, LedgerUnavailableError],
)
def get_import_mapping(request: ApiRequest[None, None], name: str) -> Response:
    """Get a mapping."""
    value = _mappings(request.principal.merchant_id).get(name)
    if value is None:
        raise NotFoundError("There is no mapping of this name.")
    return etag.respond(request.http, {"name": name, **value})


@endpoint(
    scope=WRITE,
    responses=[ResponseSpec(204, None, "Deleted, now or earlier.")],
    raises=[LedgerUnavailableError],
)
def delete_import_mapping(request: ApiRequest[None, None], name: str) -> Response:
    """Delete a mapping, if it exists."""
    import_settings.delete_mapping(merchant_settings(), request.principal.merchant_id, name)
    return Response(204)


@endpoint(
    scope=READ,
    query=SettingListQuery,
    etag=True,
    responses=[ResponseSpec(200, MappingsResponse, "A page, by name.", headers=("Link",))],
    raises=[LedgerUnavailableError],
)
def list_import_mappings(request: ApiRequest[SettingListQuery, None]) -> Response:
    """List mappings, by name."""
    stored = merchant_settings().setting(request.principal.merchant_id, import_settings.MAPPINGS)
    listed = [
        Listed((name,), {"name": name, **value})
        for name, value in import_settings.mappings_of(stored).items()
    ]
    return respond_with_page(request, import_settings.MAPPINGS, stored, listed)


def column_mapping(merchant_id: str, name: str) -> ColumnMapping | None:
    """Return a stored mapping as files are read by it; None without one of that name."""
    value = _mappings(merchant_id).get(name)
    if value is None:
        return None
    sign = value["sign"] or {"column": None, "debit": ()}
    return ColumnMapping(
        day=value["day"],
        description=tuple(value["description"]),
        amount=value["amount"],
        credit=value["credit"],
        debit=value["debit"],
        sign_column=sign["column"],
        debit_signs=tuple(sign["debit"]),
        bank_id=value["id"],
        balance=value["balance"],
        decimal=value["decimal"],
        dates=value["dates"],
        skip=tuple((column, tuple(values)) for column, values in value["skip"].items()),
        turn_signs=value["turn_signs"],
        currency=value["currency"],
    )


def _mappings(merchant_id: str) -> dict[str, Any]:
    stored = merchant_settings().setting(merchant_id, import_settings.MAPPINGS)
    return import_settings.mappings_of(stored)
