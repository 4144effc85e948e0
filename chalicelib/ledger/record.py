"""Make an entry of a draft: its business day, its moments and the digest of its texts.

Which entries may be recorded depends on the clock as well; replays and reversals are always valid.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.ledger.currencies import check_not_withdrawn
from chalicelib.ledger.days import business_day
from chalicelib.ledger.entries import Entry, EntryDraft, text_digest
from chalicelib.ledger.instants import check_window, format_instant, parse_instant, to_milliseconds


@dataclass(frozen=True, slots=True)
class RecordingContext:
    """Who sent an entry and when, and what the ledger adds to it.

    `now` is the aware moment of receipt, `zone` the business time zone, `salt` fresh random text,
    `origin` the trace header of the request.
    """

    merchant_id: str
    recorded_by: str
    now: datetime
    zone: ZoneInfo
    salt: str
    origin: str | None = None


def check_recordable(occurred: datetime, currency: str, now: datetime, zone: ZoneInfo) -> None:
    """Raise ValidationError unless an entry of this moment and currency may be recorded now.

    The moment must be in the clock's window, and the currency not withdrawn by its business day.
    """
    check_window(occurred, now)
    check_not_withdrawn(currency, business_day(occurred, zone))


def make_entry(
    draft: EntryDraft, context: RecordingContext, entry_id: str, reverses: str | None = None
) -> Entry:
    """Return the entry of a draft; without `occurred_at` it occurred at the moment of receipt."""
    recorded_at = to_milliseconds(context.now)
    occurred_at = draft.occurred_at or format_instant(recorded_at, context.zone)
    return Entry(
        entry_id=entry_id,
        merchant_id=context.merchant_id,
        type=draft.type,
        amount_minor=draft.amount_minor,
        currency=draft.currency,
        account=draft.account,
        day=business_day(parse_instant(occurred_at), context.zone),
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        recorded_by=context.recorded_by,
        text_salt=context.salt,
        text_digest=text_digest(context.salt, draft.description, draft.metadata),
        description=draft.description,
        category=draft.category,
        metadata=draft.metadata,
        reverses=reverses,
        origin=context.origin,
    )
