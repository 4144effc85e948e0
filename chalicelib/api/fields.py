"""The types of fields in requests and responses, from the ledger's rules.

Each rule is defined in the ledger. A type `X` validates by its rule; `XSchema` only describes
the field in the OpenAPI document, because pydantic cannot derive a schema from a validator.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import Field, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from chalicelib.api.request_headers import KEY_PATTERN, KEY_RULE, is_key
from chalicelib.ledger import currencies, text
from chalicelib.ledger.account_numbers import ACCOUNT_NUMBER_LENGTH
from chalicelib.ledger.currencies import parse_currency
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.entries import is_entry_id
from chalicelib.ledger.errors import InvalidQueryError, ValidationError
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.text import clean_text, parse_slug

T = TypeVar("T")

# White space around a text may contain line breaks, because it is trimmed.
VISIBLE_PATTERN = "^[\\s\\x1c-\\x1f\\x85]*[^\\x00-\\x1f\\x7f-\\x9f]*[\\s\\x1c-\\x1f\\x85]*$"


def rule(parse: Callable[[str], T]) -> Callable[[Any], T]:
    """Return a validator of strings that applies a rule of the ledger, with the rule's message."""

    def validate(sent: Any) -> T:
        if not isinstance(sent, str):
            reject("must be a string")
        try:
            return parse(sent)
        except ValidationError as error:
            reject(error.field_errors[0].message)

    return validate


def after_first(check: Callable[[date, date], None]) -> Callable[[date, ValidationInfo], date]:
    """Return a validator of a last day by a rule of queries for the field `first` and that day."""

    def validate(last: date, validated: ValidationInfo) -> date:
        first = validated.data.get("first")
        try:
            if first is not None:
                check(first, last)
        except InvalidQueryError as error:
            reject(error.field_errors[0].message)
        return last

    return validate


def reject(message: str) -> NoReturn:
    """Reject the value that pydantic is validating, with this message."""
    raise PydanticCustomError("rule", "{message}", {"message": message})


def _entry_id(text: str) -> str:
    if not is_entry_id(text):
        reject("must be the id of an entry, 32 characters of a-z and 2-7")
    return text


def _instant(text: str) -> str:
    parse_instant(text)
    return text


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        reject('must be "true" or "false"')
    return text == "true"


def _key(text: str) -> str:
    if not is_key(text):
        reject(KEY_RULE)
    return text


def _clean(max_length: int, min_length: int = 0) -> PlainValidator:
    schema = Annotated[
        str, Field(pattern=VISIBLE_PATTERN, min_length=min_length or None, max_length=max_length)
    ]
    validate = rule(lambda text: clean_text(text, "", max_length, min_length))
    return PlainValidator(validate, json_schema_input_type=schema)


def _text(pattern: str, example: str, description: str | None = None) -> Any:
    return Field(pattern=pattern, examples=[example], description=description)


SlugSchema = Annotated[str, _text(f"^{text.SLUG_PATTERN}$", "main")]
NameSchema = Annotated[str, _text(f"^{text.NAME_IN_PATH_PATTERN}$", "energy-bill")]
# A named type, so that the document lists the codes once and refers to the list.
CurrencyCode = TypeAliasType(
    "CurrencyCode",
    Annotated[
        str,
        Field(
            description="ISO 4217. New entries have a withdrawn currency only for days up to the "
            f"end of its last month: {', '.join(map(' '.join, currencies.WITHDRAWN.items()))}.",
            json_schema_extra={"enum": [*sorted(currencies.MINOR_DIGITS)]},
        ),
    ],
)
DaySchema = Annotated[str, Field(json_schema_extra={"format": "date"}, examples=["2026-11-23"])]
InstantSchema = Annotated[
    str,
    Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-23T14:05:00-03:00"]),
]
AmountSchema = Annotated[
    str,
    _text(
        r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,14})?$",
        "150.75",
        description="A decimal string with exactly the digits of its currency (ISO 4217).",
    ),
]
TotalSchema = Annotated[str, _text(r"^-?(0|[1-9][0-9]*)(\.[0-9]{1,14})?$", "-12.00")]
KeySchema = Annotated[str, _text(f"^{KEY_PATTERN}$", "sale-2026-11-23-0042")]
EntryIdSchema = Annotated[str, _text("^[a-z2-7]{32}$", "mfrggzdfmztwq2lknnwg23tpobyxe43u")]


Slug = Annotated[
    str, PlainValidator(rule(lambda text: parse_slug(text, "")), json_schema_input_type=SlugSchema)
]
Currency = Annotated[str, PlainValidator(rule(parse_currency), json_schema_input_type=CurrencyCode)]
Day = Annotated[date, PlainValidator(rule(parse_day), json_schema_input_type=DaySchema)]
EntryId = Annotated[str, PlainValidator(rule(_entry_id), json_schema_input_type=EntryIdSchema)]
Instant = Annotated[str, PlainValidator(rule(_instant), json_schema_input_type=InstantSchema)]
Key = Annotated[str, PlainValidator(rule(_key), json_schema_input_type=KeySchema)]
Description = Annotated[str, _clean(text.DESCRIPTION_LENGTH)]
Reason = Annotated[str, _clean(text.DESCRIPTION_LENGTH, min_length=1)]
ColumnText = Annotated[str, _clean(100, min_length=1)]
AccountNumber = Annotated[str, _clean(ACCOUNT_NUMBER_LENGTH, min_length=1)]
SearchText = Annotated[str, _clean(text.DESCRIPTION_LENGTH, min_length=1)]
MetadataKey = Annotated[str, _clean(text.METADATA_KEY_LENGTH, min_length=1)]
MetadataValue = Annotated[str, _clean(text.METADATA_VALUE_LENGTH)]
Flag = Annotated[bool, PlainValidator(rule(_flag), json_schema_input_type=bool)]
Account = Annotated[Slug | None, Field(description="One account; all accounts combined if absent.")]
