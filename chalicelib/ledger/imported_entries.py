"""Entries of bank files (importação de extrato): their ids, their drafts, and their reversals.

A row's identity is the idempotency key of its entry, in a domain of ids that no client's key can
reach. After an undo the same row may be recorded again: under the next generation of its identity.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from chalicelib.ledger.entries import (
    Entry,
    EntryDraft,
    digest_id,
    reversal_draft,
    reversal_id_of,
)
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.record import RecordingContext, make_entry
from chalicelib.ledger.text import DESCRIPTION_LENGTH, METADATA_VALUE_LENGTH

NOON = time(12)


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What a row of a bank file says of its entry; `amount_minor` is signed, money out negative.

    `account` is a slug, `occurred_at` is None where the file has no time. The texts have no control
    characters, and may be longer than those of an entry.
    """

    account: str
    currency: str
    day: date
    occurred_at: datetime | None
    amount_minor: int
    description: str
    category: str | None = None
    bank_id: str | None = None
    instalment: str | None = None
    foreign: str | None = None


def imported_entry_id(merchant_id: str, identity: str, generation: int) -> str:
    """Return the id of the entry of a row's identity in its generation, from 1."""
    return digest_id("livro-caixa/imported-entry/1", merchant_id, identity, str(generation))


def claim_id(claimed_entry_id: str) -> str:
    """Return the id under which it is stored that a row has claimed an entry."""
    return digest_id("livro-caixa/claim/1", claimed_entry_id)


def undo_begun_id(merchant_id: str, import_id: str) -> str:
    """Return the id under which it is stored that the undo of an import has begun."""
    return digest_id("livro-caixa/undo-begun/1", merchant_id, import_id)


def undo_finished_id(merchant_id: str, import_id: str) -> str:
    """Return the id under which it is stored that the undo of an import has finished."""
    return digest_id("livro-caixa/undo-finished/1", merchant_id, import_id)


def imported_draft(row: ImportedRow, import_id: str, now: datetime, zone: ZoneInfo) -> EntryDraft:
    """Return the draft of a row that is recorded at `now`; texts are cut to an entry's limits.

    A row without a time occurred at noon of its day in the business time zone. A row of today never
    occurred later than now, whatever the bank's clock says.
    """
    occurred = row.occurred_at or datetime.combine(row.day, NOON, zone)
    if occurred > now:
        occurred = now.astimezone(zone)
    texts = {
        "import": import_id,
        "bank_id": row.bank_id,
        "instalment": row.instalment,
        "foreign": row.foreign,
    }
    return EntryDraft(
        type="credit" if row.amount_minor > 0 else "debit",
        amount_minor=abs(row.amount_minor),
        currency=row.currency,
        account=row.account,
        occurred_at=format_instant(occurred, occurred.tzinfo or zone),
        description=_cut(row.description, DESCRIPTION_LENGTH) or None,
        category=row.category,
        metadata={name: _cut(text, METADATA_VALUE_LENGTH) for name, text in texts.items() if text},
    )


def undo_reversal(original: Entry, reason: str, context: RecordingContext) -> Entry:
    """Return the reversal of an entry by the undo of its import: on the entry's own day."""
    entry = make_entry(
        reversal_draft(original, reason, original.occurred_at),
        context,
        reversal_id_of(original.entry_id),
        reverses=original.entry_id,
    )
    # The day is copied, too: a deployment may have changed its business time zone since.
    return entry._replace(day=original.day)


def _cut(text: str, longest: int) -> str:
    return text[:longest].strip()
