"""The request body of an entry (lançamento)."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo, WrapValidator

from chalicelib.api.fields import (
    AmountSchema,
    Currency,
    Description,
    Instant,
    MetadataKey,
    MetadataValue,
    Slug,
    reject,
    rule,
)
from chalicelib.api.validation import RequestBody
from chalicelib.ledger import text
from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.entries import EntryDraft, EntryType
from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.money import parse_amount
from chalicelib.ledger.record import check_recordable
from chalicelib.ledger.text import DEFAULT_ACCOUNT
from chalicelib.runtime import settings

# One currency per number of decimal places, to tell a malformed amount from a wrong currency.
_CURRENCY_PER_DIGITS = ("JPY", "BRL", "BHD", "CLF")


def _amount(sent: Any, seen: ValidationInfo) -> int:
    if not isinstance(sent, str):
        reject('must be a string, such as "150.75"')
    if "currency" in seen.data:
        currency = seen.data["currency"]
        return rule(lambda text: parse_amount(text, currency))(sent)
    if not any(_is_amount(sent, currency) for currency in _CURRENCY_PER_DIGITS):
        reject('must be a plain decimal string above zero, such as "150.75"')
    return 0  # the body is invalid already, because of its currency


def _is_amount(text: str, currency: str) -> bool:
    try:
        parse_amount(text, currency)
    except ValidationError:
        return False
    return True


def _instant(text: str) -> datetime | None:
    try:
        return parse_instant(text)
    except ValidationError:
        return None


def _pairs(sent: Any, read: Any) -> dict[str, str]:
    if not isinstance(sent, dict):
        reject("must be a JSON object of strings")
    present = {key: value for key, value in sent.items() if value is not None}
    if len(present) > text.METADATA_PAIRS:
        reject(f"must have at most {text.METADATA_PAIRS} pairs")
    pairs: dict[str, str] = read(present)
    if len(pairs) < len(present):
        reject("has keys that are equal once trimmed and in normal form C")
    return pairs


Amount = Annotated[int, PlainValidator(_amount, json_schema_input_type=AmountSchema)]
Metadata = Annotated[
    dict[MetadataKey, MetadataValue],
    WrapValidator(_pairs),
    Field(json_schema_extra={"maxProperties": text.METADATA_PAIRS}),
]


class EntryBody(RequestBody):
    """An entry to record: money in (`credit`) or out (`debit`)."""

    type: EntryType
    # Before the amount, whose decimal places depend on the currency.
    currency: Currency = DEFAULT_CURRENCY
    amount: Amount
    account: Slug = DEFAULT_ACCOUNT
    occurred_at: Instant | None = Field(
        None,
        description="At most 5 minutes in the future and 5 years in the past; now if absent.",
    )
    description: Description | None = None
    category: Slug | None = None
    metadata: Metadata = Field(default_factory=dict)

    def draft(self) -> EntryDraft:
        """Return the ledger's draft of the entry."""
        return EntryDraft(
            type=self.type,
            amount_minor=self.amount,
            currency=self.currency,
            account=self.account,
            occurred_at=self.occurred_at,
            description=self.description,
            category=self.category,
            metadata=self.metadata,
        )

    @classmethod
    def further_errors(cls, sent: Any) -> list[FieldError]:
        """Return the errors of `occurred_at` and `currency` against the clock, beside other errors.

        A body with no other error passes, because the request may replay one that was in time; the
        ledger checks the clock after it has looked for the key.
        """
        if not isinstance(sent, dict):
            return []
        occurred_at, currency, now = (
            sent.get("occurred_at"),
            sent.get("currency"),
            datetime.now(UTC),
        )
        occurred = _instant(occurred_at) if isinstance(occurred_at, str) else None
        known = currency if isinstance(currency, str) else DEFAULT_CURRENCY
        try:
            check_recordable(occurred or now, known, now, settings.current().business_zone)
        except ValidationError as error:
            return list(error.field_errors)
        return []
