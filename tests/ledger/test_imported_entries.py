"""The drafts of a bank file's rows, and the reversals of an undo."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from chalicelib.ledger.entries import EntryDraft, entry_id
from chalicelib.ledger.imported_entries import (
    ImportedRow,
    imported_draft,
    imported_entry_id,
    undo_reversal,
)
from chalicelib.ledger.record import RecordingContext, make_entry

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
ROW = ImportedRow(
    "bb",
    "BRL",
    date(2026, 10, 2),
    None,
    -12050,
    "COMPRA COM CARTÃO",
    category="fees",
    bank_id="20261002112050",
)


def test_row_becomes_an_entry_at_noon() -> None:
    assert imported_draft(ROW, "i1", NOW, ZONE) == EntryDraft(
        type="debit",
        amount_minor=12050,
        currency="BRL",
        account="bb",
        occurred_at="2026-10-02T12:00:00.000-03:00",
        description="COMPRA COM CARTÃO",
        category="fees",
        metadata={"import": "i1", "bank_id": "20261002112050"},
    )


@pytest.mark.parametrize(
    ("day", "occurred_at", "expected"),
    [
        (date(2026, 11, 23), None, "2026-11-23T10:30:00.000-03:00"),
        (date(2026, 11, 22), None, "2026-11-22T12:00:00.000-03:00"),
        (
            date(2026, 11, 23),
            datetime(2026, 11, 23, 23, 0, tzinfo=ZONE),
            "2026-11-23T10:30:00.000-03:00",
        ),
        (
            date(2026, 11, 22),
            datetime(2026, 11, 22, 9, 12, tzinfo=ZONE),
            "2026-11-22T09:12:00.000-03:00",
        ),
        (
            date(2026, 11, 21),
            datetime(2026, 11, 22, 1, 5, 9, tzinfo=timezone(timedelta(0))),
            "2026-11-22T01:05:09.000Z",
        ),
    ],
)
def test_moment_is_the_files_or_noon(
    day: date, occurred_at: datetime | None, expected: str
) -> None:
    draft = imported_draft(replace(ROW, day=day, occurred_at=occurred_at), "i1", NOW, ZONE)
    assert draft.occurred_at == expected
    assert make_entry(draft, context(), "a" * 32).day == day


def test_texts_are_cut_and_optional() -> None:
    draft = imported_draft(
        replace(ROW, amount_minor=1, description="é" * 300, bank_id="7" * 255, foreign="USD 10"),
        "i1",
        NOW,
        ZONE,
    )
    assert (draft.type, draft.amount_minor, draft.description) == ("credit", 1, "é" * 200)
    assert draft.metadata == {"import": "i1", "bank_id": "7" * 200, "foreign": "USD 10"}
    assert imported_draft(replace(ROW, description=""), "i1", NOW, ZONE).description is None
    last = imported_draft(replace(ROW, instalment="3/10", bank_id=None), "i1", NOW, ZONE)
    assert last.metadata == {"import": "i1", "instalment": "3/10"}


def test_ids_of_rows_are_no_clients_ids() -> None:
    identity = "x" * 43
    ids = [imported_entry_id("padaria", identity, 1), imported_entry_id("padaria", identity, 2)]
    ids += [imported_entry_id("rival", identity, 1), entry_id("padaria", identity)]
    assert len(set(ids)) == 4
    assert ids[0] == "6uu5mothrz2jhjyyaxlu2eed3abk6b74"


def test_undo_reverses_on_the_entrys_day() -> None:
    entry = make_entry(imported_draft(ROW, "i1", NOW, ZONE), context(), "a" * 32)
    # Another business time zone, in which this moment belongs to another day.
    later = replace(context(), zone=ZoneInfo("Pacific/Kiritimati"), now=NOW + timedelta(days=3000))
    reversal = undo_reversal(entry, "Arquivo errado", later)
    assert (reversal.type, reversal.amount_minor, reversal.account) == ("credit", 12050, "bb")
    assert (reversal.day, reversal.occurred_at) == (entry.day, entry.occurred_at)
    assert (reversal.description, reversal.reverses) == ("Arquivo errado", "a" * 32)
    assert (reversal.category, reversal.metadata) == ("fees", {})
    assert reversal.recorded_at == NOW + timedelta(days=3000)


def context() -> RecordingContext:
    return RecordingContext("padaria", "joana", NOW, ZONE, "salt-00000000000000000")
