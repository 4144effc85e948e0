"""From draft to entry: sent values are stored, missing ones are set at the moment of context."""

from dataclasses import replace
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
    for name in ("type", "amount_minor", "currency", "account", "description", "category"):
        assert getattr(entry, name) == getattr(draft, name)
    assert entry.metadata == draft.metadata
    assert draft.occurred_at in (None, entry.occurred_at)


@given(drafts, receipts)
def test_day_and_moments_agree(draft: EntryDraft, context: RecordingContext) -> None:
    entry = make_entry(draft, context, "a" * 32)
    assert entry.recorded_at == to_milliseconds(context.now)
    assert entry.day == business_day(parse_instant(entry.occurred_at), context.zone)
    if draft.occurred_at is None:
        assert parse_instant(entry.occurred_at) == entry.recorded_at


@given(drafts, receipts)
def test_text_digest_uses_the_salt(draft: EntryDraft, context: RecordingContext) -> None:
    entry = make_entry(draft, context, "a" * 32)
    assert entry.text_salt == context.salt
    assert entry.text_digest == text_digest(context.salt, draft.description, draft.metadata)


def test_late_evening_is_the_same_day() -> None:
    entry = make_entry(EntryDraft("credit", 100), CONTEXT, "a" * 32)
    assert entry.occurred_at == "2026-11-23T23:30:00.999-03:00"
    assert entry.day == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("occurred_at", "day"),
    [
        ("2026-11-24T02:30:00Z", date(2026, 11, 23)),
        ("2026-11-23T23:30:00-03:00", date(2026, 11, 23)),
        ("2026-11-24T11:30:00+09:00", date(2026, 11, 23)),
        ("2026-11-24T00:00:00-03:00", date(2026, 11, 24)),
        ("2018-11-04T00:30:00-02:00", date(2018, 11, 3)),
        ("2018-11-04T01:00:00-02:00", date(2018, 11, 4)),
    ],
)
def test_moment_has_its_day_in_the_business_zone(occurred_at: str, day: date) -> None:
    entry = make_entry(EntryDraft("credit", 100, occurred_at=occurred_at), CONTEXT, "a" * 32)
    assert (entry.occurred_at, entry.day) == (occurred_at, day)


def test_another_business_zone_has_other_days() -> None:
    tokyo = replace(CONTEXT, zone=ZoneInfo("Asia/Tokyo"))
    entry = make_entry(EntryDraft("credit", 100), tokyo, "a" * 32)
    assert (entry.occurred_at, entry.day) == ("2026-11-24T11:30:00.999+09:00", date(2026, 11, 24))


def test_reversal_names_the_reversed_entry() -> None:
    entry = make_entry(EntryDraft("debit", 100), CONTEXT, "a" * 32, reverses="b" * 32)
    assert (entry.reverses, entry.origin, entry.recorded_by) == ("b" * 32, "trace", "joana")
