"""From draft to entry: sent values are stored, missing ones are set at the moment of context."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from chalicelib.ledger.days import business_day
from chalicelib.ledger.entries import EntryDraft, text_digest
from chalicelib.ledger.instants import parse_instant, to_milliseconds
from chalicelib.ledger.record import RecordingContext, make_entry
from verification.kit.strategies import SAO_PAULO, drafts, receipts

CONTEXT = RecordingContext(
    "padaria", "joana", datetime(2026, 11, 24, 2, 30, 0, 999999, UTC), SAO_PAULO, "salt", "trace"
)


@given(drafts, receipts)
def test_entry_has_the_fields_of_the_draft(draft: EntryDraft, context: RecordingContext) -> None:
    entry = make_entry(draft, context, "a" * 32)
    sent = {name: value for name, value in asdict(draft).items() if name != "occurred_at"}
    assert {name: getattr(entry, name) for name in sent} == sent
    assert draft.occurred_at in (None, entry.occurred_at)
    assert entry.text_salt == context.salt
    assert entry.text_digest == text_digest(context.salt, draft.description, draft.metadata)


@given(drafts, receipts)
def test_day_and_moments_agree(draft: EntryDraft, context: RecordingContext) -> None:
    entry = make_entry(draft, context, "a" * 32)
    assert entry.recorded_at == to_milliseconds(context.now)
    assert entry.day == business_day(parse_instant(entry.occurred_at), context.zone)
    if draft.occurred_at is None:
        assert parse_instant(entry.occurred_at) == entry.recorded_at


@pytest.mark.parametrize(
    ("zone", "sent", "occurred_at", "day"),
    [
        ("America/Sao_Paulo", None, "2026-11-23T23:30:00.999-03:00", 23),
        ("Asia/Tokyo", None, "2026-11-24T11:30:00.999+09:00", 24),
        ("America/Sao_Paulo", "2026-11-24T11:30:00+09:00", "2026-11-24T11:30:00+09:00", 23),
        ("America/Sao_Paulo", "2026-11-24T00:00:00-03:00", "2026-11-24T00:00:00-03:00", 24),
    ],
)
def test_business_zone_decides_the_day(
    zone: str, sent: str | None, occurred_at: str, day: int
) -> None:
    context = replace(CONTEXT, zone=ZoneInfo(zone))
    entry = make_entry(EntryDraft("credit", 100, occurred_at=sent), context, "a" * 32)
    assert (entry.occurred_at, entry.day) == (occurred_at, date(2026, 11, day))


def test_reversal_names_the_reversed_entry() -> None:
    entry = make_entry(EntryDraft("debit", 100), CONTEXT, "a" * 32, reverses="b" * 32)
    assert (entry.reverses, entry.origin, entry.recorded_by) == ("b" * 32, "trace", "joana")
