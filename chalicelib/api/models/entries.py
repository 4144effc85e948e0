"""Entries (lançamentos) as they are sent: one, many, and the reversal of one."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo, WrapValidator

from chalicelib.api.models.bodies import SentBody
from chalicelib.api.models.rules import (
    AmountShape,
    Currency,
    Description,
    Instant,
    Key,
    MetadataKey,
    MetadataValue,
    Reason,
    Slug,
    refuse,
    ruled,
)
from chalicelib.ledger import text
from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.entries import EntryDraft, EntryType
from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.ledger.instants import check_window, parse_instant
from chalicelib.ledger.money import parse_amount
from chalicelib.ledger.text import DEFAULT_ACCOUNT

BATCH_LIMIT = 100
# One currency of each number of digits: what none of them takes is no amount at all.
_OF_EACH_KIND = ("JPY", "BRL", "BHD", "CLF")


def _amount(sent: Any, seen: ValidationInfo) -> int:
    if not isinstance(sent, str):
        refuse('must be a string, such as "150.75"')
    if "currency" in seen.data:
        currency = seen.data["currency"]
        return ruled(lambda text: parse_amount(text, currency))(sent)
    if not any(_is_amount(sent, currency) for currency in _OF_EACH_KIND):
        refuse('must be a plain decimal string above zero, such as "150.75"')
    return 0  # the currency is at fault, and with it the whole body


def _is_amount(text: str, currency: str) -> bool:
    try:
        parse_amount(text, currency)
    except ValidationError:
        return False
    return True


def _readable(text: str) -> datetime | None:
    try:
        return parse_instant(text)
    except ValidationError:
        return None


def _pairs(sent: Any, read: Any) -> dict[str, str]:
    if not isinstance(sent, dict):
        refuse("must be a JSON object of strings")
    kept = {key: value for key, value in sent.items() if value is not None}
    if len(kept) > text.METADATA_PAIRS:
        refuse(f"must have {text.METADATA_PAIRS} pairs at most")
    pairs: dict[str, str] = read(kept)
    if len(pairs) < len(kept):
        refuse("has keys that are one and the same once trimmed and in normal form C")
    return pairs


Amount = Annotated[int, PlainValidator(_amount, json_schema_input_type=AmountShape)]
Metadata = Annotated[
    dict[MetadataKey, MetadataValue],
    WrapValidator(_pairs),
    Field(json_schema_extra={"maxProperties": text.METADATA_PAIRS}),
]


class EntryBody(SentBody):
    """An entry to be recorded: money in (`credit`) or out (`debit`)."""

    type: EntryType
    # Above the amount, which is judged by the digits of its currency.
    currency: Currency = DEFAULT_CURRENCY
    amount: Amount
    account: Slug = DEFAULT_ACCOUNT
    occurred_at: Instant | None = Field(
        None, description="At most 5 minutes ahead and 5 years back; now where absent."
    )
    description: Description | None = None
    category: Slug | None = None
    metadata: Metadata = Field(default_factory=dict)

    def draft(self) -> EntryDraft:
        """Return the entry in the ledger's words."""
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
    def further_faults(cls, sent: Any) -> list[FieldError]:
        """Return what the clock has against the body; alone, it is for the ledger to judge.

        A request that only the clock refuses may be the replay of one that came in time.
        """
        occurred_at = sent.get("occurred_at") if isinstance(sent, dict) else None
        try:
            if isinstance(occurred_at, str) and (instant := _readable(occurred_at)):
                check_window(instant, datetime.now(UTC))
        except ValidationError as refusal:
            return list(refusal.faults)
        return []


class BatchItem(EntryBody):
    """An entry of a batch, with the key that it would have alone."""

    idempotency_key: Key


def _items(sent: Any) -> list[Any]:
    if not isinstance(sent, list) or not 1 <= len(sent) <= BATCH_LIMIT:
        refuse(f"must be a JSON array of 1 to {BATCH_LIMIT} entries")
    return sent


Items = Annotated[
    list[Any],
    PlainValidator(
        _items,
        json_schema_input_type=Annotated[
            list[BatchItem], Field(min_length=1, max_length=BATCH_LIMIT)
        ],
    ),
]


class BatchBody(SentBody):
    """Up to 100 entries; each is judged by itself, so a faulty one stops no other."""

    entries: Items


class ReversalBody(SentBody):
    """Why an entry is reversed: the description of the new entry."""

    reason: Reason
