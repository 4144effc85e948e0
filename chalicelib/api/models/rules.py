"""The ledger's rules as types of models: each rule is said in the ledger, and here only named.

What pydantic cannot read out of them, their shape for the OpenAPI document, stands beside each.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import Field, PlainValidator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from chalicelib.api.request_headers import KEY_PATTERN, KEY_RULE, is_key
from chalicelib.ledger import currencies, text
from chalicelib.ledger.currencies import parse_currency
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.entries import is_entry_id
from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.text import clean_text, parse_slug

T = TypeVar("T")

VISIBLE_SHAPE = "^[^\\x00-\\x1f\\x7f-\\x9f]*$"


def ruled(parse: Callable[[str], T]) -> Callable[[Any], T]:
    """Return a validator of strings by a rule of the ledger, which refuses in the rule's words."""

    def judge(sent: Any) -> T:
        if not isinstance(sent, str):
            refuse("must be a string")
        try:
            return parse(sent)
        except ValidationError as refusal:
            refuse(refusal.faults[0].message)

    return judge


def refuse(message: str) -> NoReturn:
    """Refuse the value that pydantic is judging, with a message of our own."""
    raise PydanticCustomError("rule", "{message}", {"message": message})


def _entry_id(text: str) -> str:
    if not is_entry_id(text):
        refuse("must be the id of an entry, 32 characters of a-z and 2-7")
    return text


def _instant(text: str) -> str:
    parse_instant(text)
    return text


def _key(text: str) -> str:
    if not is_key(text):
        refuse(KEY_RULE)
    return text


def _cleaned(longest: int, shortest: int = 0) -> PlainValidator:
    shape = Annotated[
        str, Field(pattern=VISIBLE_SHAPE, min_length=shortest or None, max_length=longest)
    ]
    clean = ruled(lambda text: clean_text(text, "", longest, shortest))
    return PlainValidator(clean, json_schema_input_type=shape)


def _shape(pattern: str, example: str, description: str | None = None) -> Any:
    return Field(pattern=pattern, examples=[example], description=description)


SlugShape = Annotated[str, _shape(f"^{text.SLUG_PATTERN}$", "main")]
# A type of its own, so that the document lists the codes once and refers to them.
CurrencyCode = TypeAliasType(
    "CurrencyCode",
    Annotated[str, Field(json_schema_extra={"enum": [*sorted(currencies.MINOR_DIGITS)]})],
)
DayShape = Annotated[str, Field(json_schema_extra={"format": "date"}, examples=["2026-11-23"])]
InstantShape = Annotated[
    str,
    Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-23T14:05:00-03:00"]),
]
AmountShape = Annotated[
    str,
    _shape(
        r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,14})?$",
        "150.75",
        description="A decimal string with exactly the digits of its currency (ISO 4217).",
    ),
]
TotalShape = Annotated[str, _shape(r"^-?(0|[1-9][0-9]*)(\.[0-9]{1,14})?$", "-12.00")]
KeyShape = Annotated[str, _shape(f"^{KEY_PATTERN}$", "sale-2026-11-23-0042")]
EntryIdShape = Annotated[str, _shape("^[a-z2-7]{32}$", "mfrggzdfmztwq2lknnwg23tpobyxe43u")]


Slug = Annotated[
    str, PlainValidator(ruled(lambda text: parse_slug(text, "")), json_schema_input_type=SlugShape)
]
Currency = Annotated[
    str, PlainValidator(ruled(parse_currency), json_schema_input_type=CurrencyCode)
]
Day = Annotated[date, PlainValidator(ruled(parse_day), json_schema_input_type=DayShape)]
EntryId = Annotated[str, PlainValidator(_entry_id, json_schema_input_type=EntryIdShape)]
Instant = Annotated[str, PlainValidator(ruled(_instant), json_schema_input_type=InstantShape)]
Key = Annotated[str, PlainValidator(ruled(_key), json_schema_input_type=KeyShape)]
Description = Annotated[str, _cleaned(text.DESCRIPTION_LENGTH)]
Reason = Annotated[str, _cleaned(text.DESCRIPTION_LENGTH, shortest=1)]
SearchText = Annotated[str, _cleaned(text.DESCRIPTION_LENGTH, shortest=1)]
MetadataKey = Annotated[str, _cleaned(text.METADATA_KEY_LENGTH, shortest=1)]
MetadataValue = Annotated[str, _cleaned(text.METADATA_VALUE_LENGTH)]
